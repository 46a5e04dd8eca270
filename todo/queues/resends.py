"""Which messages of a book never arrived, and which of those because a queue dropped them on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from todo.queues.book import COPY, RECEIVED, SENT, Book

DEDUPLICATION_SECONDS = 300
"""How long a FIFO queue knows a message again (SQS Developer Guide, "Exactly-once processing")."""


@dataclass(slots=True)
class Resends:
    """What became of messages that were sent again, and of those that did not arrive."""

    sent: int = 0
    """Sends of what had been sent before."""
    dropped: int = 0
    """Those that a FIFO queue took and dropped."""
    arrived: int = 0
    """Copies that arrived as messages of their own."""
    missing: tuple[int, ...] = ()
    """Rows of messages that were sent, not dropped, and never received here."""


def resends_of(book: Book, *, is_fifo: bool) -> Resends:
    """Only FIFO queues drop. Without any delivery on record the answered MessageIds alone tell."""
    waiting = _never_received(book)
    resends = Resends(sent=book.copies, missing=tuple(waiting))
    resends.arrived = _marks(book, lambda flags: bool(flags & COPY and flags & RECEIVED)).count(1)
    if not is_fifo:
        return resends
    dropped = _dropped(book, waiting) if book.arrival_row else set()
    resends.dropped = book.answered_again + len(dropped)
    not_copies = book.answered_again - book.answered_again_copies
    resends.sent += not_copies + sum(not book.flags[row] & COPY for row in dropped)
    resends.missing = tuple(row for row in waiting if row not in dropped)
    return resends


def _never_received(book: Book) -> list[int]:
    marks = _marks(book, lambda flags: bool(flags & SENT and not flags & RECEIVED))
    rows, row = [], marks.find(1)
    while row >= 0:
        rows.append(row)
        row = marks.find(1, row + 1)
    return rows


def _marks(book: Book, test: Callable[[int], bool]) -> bytearray:
    """1 for each row whose flags pass. A row costs no call of Python."""
    return book.flags.translate(bytes(test(flags) for flags in range(256)))


def _dropped(book: Book, waiting: list[int]) -> set[int]:
    """Those that are like a message sent before, within the time that the queue remembers."""
    keys = {_key(book, row) for row in waiting}
    unheard = set(waiting)
    likes: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for row in range(len(book.rows)):
        if book.flags[row] & SENT and (key := _key(book, row)) in keys:
            likes.setdefault(key, []).append((book.sent_at[row], row))
    dropped: set[int] = set()
    for like in likes.values():
        # Those of one batch have the same time, and the one that arrived is the one that was taken.
        like.sort(key=lambda sent: (sent[0], sent[1] in unheard))
        taken_at = None
        for at, row in like:
            if taken_at is not None and at - taken_at <= DEDUPLICATION_SECONDS and row in unheard:
                dropped.add(row)
            else:
                taken_at = at
    return dropped


def _key(book: Book, row: int) -> tuple[int, int]:
    """What a queue knows a message again by, or, when that isn't told, its number within its run."""
    known = book.deduplication[row]
    return (-1, known) if known else (book.line[row], book.sequence[row])
