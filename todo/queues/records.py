"""What happened to messages, as facts in the past tense, and as lines of JSON that can be kept and read again. Pure.

Times are seconds since 1970 on the clock of whoever made the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import orjson

from todo.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sent:
    """The queue took a message."""

    kind: ClassVar[str] = "sent"

    at: float
    """When the queue had answered."""
    client: str
    queue: str
    sequence: int
    """The message's number within its client's run, from 0; the order in which they were handed over."""
    message_id: str
    group: str | None = None
    copy: int = 0
    """0 for the message, from 1 on for the times that it was sent again on purpose."""
    deduplication: str | None = None
    """What a FIFO queue knows it again by: the id it was sent with, or the digest of its body."""
    run: str | None = None
    """Which of the client's runs: numbers begin anew in each."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message was handed to a consumer."""

    kind: ClassVar[str] = "received"

    at: float
    client: str
    """Who received it."""
    queue: str
    message_id: str
    sender: str | None
    """The client that sent it, None when it does not say."""
    sequence: int | None
    """Its number within its sender's run, None when it does not say."""
    group: str | None = None
    copy: int = 0
    receive_count: int = 1
    """How often it was handed out so far, as the queue counts."""
    sent_at: float | None = None
    """When the queue says it was sent; on the queue's clock."""
    consumer: int = 0
    """Which of the client's consumers."""
    run: str | None = None
    """Its sender's run, None when it does not say."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A consumer deleted a message, after it was done with it."""

    kind: ClassVar[str] = "deleted"

    at: float
    client: str
    queue: str
    message_id: str
    consumer: int = 0


@dataclass(frozen=True, slots=True)
class ReceivedNothing:
    """A consumer asked, and there was nothing."""

    kind: ClassVar[str] = "received_nothing"

    at: float
    client: str
    queue: str
    consumer: int = 0


@dataclass(frozen=True, slots=True)
class Began:
    """A run began: what a verdict has to know of the queue."""

    kind: ClassVar[str] = "began"

    at: float
    client: str
    queue: str
    is_fifo: bool
    endpoint: str | None
    """The address of the service; None for AWS's own."""
    content_based_deduplication: bool = False
    visibility_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Ended:
    """A run ended, and how many requests it made, which is what AWS counts."""

    kind: ClassVar[str] = "ended"

    at: float
    client: str
    queue: str
    requests: int
    interrupted: bool = False


Record = Began | Sent | Received | Deleted | ReceivedNothing | Ended

KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in (Began, Sent, Received, Deleted, ReceivedNothing, Ended)}


def to_line(record: Record) -> bytes:
    """The record as one line of JSON, with its line feed."""
    return orjson.dumps({"event": record.kind, **asdict(record)}, option=orjson.OPT_APPEND_NEWLINE)


def from_lines(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records in lines of JSON; empty lines are passed over. Raises `BadInput` with the line's number."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            content = orjson.loads(line)
            yield KINDS[content.pop("event")](**content)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise BadInput(f"Line {number} is not a record of the queue laboratory", field="log") from None
