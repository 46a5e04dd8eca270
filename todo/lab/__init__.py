"""The queue laboratory's own SQS and SNS, on this machine alone, and a guided tour of what queues do."""
