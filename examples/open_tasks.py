"""The count that all consumers keep: right whatever comes twice, late, or after a crash."""

import signal
import sqlite3

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a consumer at any moment; what it has kept is whole


class OpenTasks:
    """How many tasks are open, by what their newest events say; and how far was read. Both in one SQLite file."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("CREATE TABLE IF NOT EXISTS tasks (name TEXT PRIMARY KEY, sequence TEXT, open INTEGER)")
        self.db.execute("CREATE TABLE IF NOT EXISTS positions (place TEXT PRIMARY KEY, position)")
        self.count = None

    def take(self, event, place=None, position=None):
        """Heed an event, and remember the position after it, in one commit; print the count when it is another."""
        with self.db:
            if event["type"].startswith("todo."):
                is_open = event["type"] != "todo.deleted" and not event["data"]["todo"]["completed"]
                # An event tells the whole task: whoever knows the newest needs none before. `sequence` grows.
                self.db.execute(
                    "INSERT INTO tasks VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
                    " SET sequence = excluded.sequence, open = excluded.open WHERE excluded.sequence > sequence",
                    (f"{event['source']} {event['subject']}", event["sequence"], is_open),
                )
            if place is not None:
                self.db.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (place, position))
        [count] = self.db.execute("SELECT count(*) FROM tasks WHERE open").fetchone()
        if count != self.count:
            self.count = count
            print(count, flush=True)

    def position(self, place, otherwise):
        """Where to read on."""
        found = self.db.execute("SELECT position FROM positions WHERE place = ?", (place,)).fetchone()
        return found[0] if found else otherwise
