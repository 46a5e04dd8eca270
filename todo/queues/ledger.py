"""Keeps account of a run while it goes on: counts, and hands each record on to whoever wants it, in one order.

Several threads note what they saw. Memory does not grow, but for what a verdict needs, when one is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import BinaryIO

from todo.queues.records import Deleted, Received, ReceivedNothing, Record, Sent, to_line
from todo.queues.tally import Tally

TALLY_MAX = 1_000_000
"""Messages that a live verdict is made from, of about 200 octets each. Longer runs are judged from their log."""

Show = Callable[[Sequence[Received], Sequence[str]], None]


class Ledger:
    """The account of one run."""

    def __init__(self, *, log: BinaryIO | None = None, tally: Tally | None = None, show: Show | None = None) -> None:
        """`log` gets each record as a line of JSON, `tally` each record, `show` what was
        received, with its bodies."""
        self._log = log
        self._tally = tally
        self._show = show
        self._lock = Lock()
        self._is_closed = False
        self.sent = 0
        self.received = 0
        self.redelivered = 0
        """Deliveries that the queue itself does not count as the first."""
        self.deleted = 0
        self.empty = 0
        self.is_cut = False
        """The tally was full: it holds the first part of the run."""

    def note(self, records: Sequence[Record], bodies: Sequence[str] = ()) -> bool:
        """Take records in, with the bodies of the received ones. False once the account is closed: nothing counts
        then, and whoever received something must not delete it."""
        with self._lock:
            if self._is_closed:
                return False
            for record in records:
                self._count(record)
            if self._show and bodies:
                self._show([record for record in records if isinstance(record, Received)], bodies)
            for record in records:
                if self._log:
                    self._log.write(to_line(record))
                if self._tally and not self.is_cut:
                    self._tally.add(record)
            self.is_cut = bool(self._tally) and self.sent + self.received >= TALLY_MAX
            if self._log:
                self._log.flush()
            return True

    def close(self) -> None:
        """Take nothing in any more."""
        with self._lock:
            self._is_closed = True

    def _count(self, record: Record) -> None:
        match record:
            case Sent():
                self.sent += 1
            case Received():
                self.received += 1
                self.redelivered += record.receive_count > 1
            case Deleted():
                self.deleted += 1
            case ReceivedNothing():
                self.empty += 1
            case _:
                pass
