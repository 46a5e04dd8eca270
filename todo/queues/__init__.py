"""The queue laboratory: sends and receives messages, keeps a record of what happened, and says what it shows."""
