"""What the console shows, in the same shapes for every kind of queue service. None is what a service doesn't know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from todo.queues.asking import Deadline

Origin = Literal["CloudWatch", "laboratory"]
COUNTS = ("sent", "received", "deleted", "empty_receives")
LEVELS = ("available", "in_flight", "delayed", "oldest_seconds")
SPANS = (600, 21_600)
"""Seconds back from now that figures can be had for."""


@dataclass(frozen=True)
class Card:
    """A queue in a table of queues."""

    name: str
    type: str | None = None
    created_at: datetime | None = None
    available: int | None = None
    in_flight: int | None = None
    delayed: int | None = None
    encryption: str | None = None
    content_based_deduplication: bool | None = None
    dead_letter_queue: str | None = None
    receives_max: int | None = None
    dead_letters_of: list[str] = field(default_factory=list)
    """Names of the queues whose dead letters come here."""


@dataclass(frozen=True)
class Details(Card):
    """All of one queue."""

    url: str | None = None
    arn: str | None = None
    policy: dict[str, Any] | None = None
    visibility_seconds: int | None = None
    retention_seconds: int | None = None
    delay_seconds: int | None = None
    wait_seconds: int | None = None
    bytes_max: int | None = None
    consumers: int | None = None


@dataclass(frozen=True)
class Figures:
    """A queue over time; each column has a number, or None, for each step, the oldest first."""

    origin: Origin | None
    step_seconds: int
    start: int
    """When the first step began, seconds since 1970."""
    columns: dict[str, list[float | None]]


@dataclass(frozen=True)
class Letter:
    """A message of a dead-letter queue."""

    message_id: str
    sent_at: datetime | None
    receives: int
    group: str | None
    body: str
    is_cut: bool
    attributes: dict[str, str]
    source_queue: str | None


@dataclass(frozen=True)
class Letters:
    """Messages of a dead-letter queue."""

    messages: list[Letter]
    is_all: bool
    note: str | None


@dataclass(frozen=True)
class Move:
    """How far the last redrive of a dead-letter queue is."""

    status: str
    moved: int
    total: int | None
    reason: str | None


@dataclass(frozen=True)
class About:
    """Where the queues of a source are."""

    kind: Literal["SQS", "Redis", "RabbitMQ", "files"]
    address: str
    """Without anything secret."""
    region: str | None = None
    is_emulator: bool = False


class Source(Protocol):
    """A queue service. Its methods raise `TodoError`, and may take as long as the service does, but for `about`."""

    name: str

    def about(self) -> About:
        """Where it is; asks nobody."""

    def slow(self) -> str:
        """What to say when its answer takes too long."""

    def cards(self, deadline: Deadline) -> list[Card]:
        """The queues by name; past the deadline they are named without being asked."""

    def card(self, name: str) -> Details:
        """One queue."""

    def figures(self, name: str, span_seconds: int) -> Figures:
        """One queue over time."""

    def letters(self, name: str, limit: int) -> Letters:
        """Messages of a dead-letter queue, which stay there."""

    def redrive(self, name: str, *, to: str | None, per_second: int | None) -> Move:
        """Begin to move a dead-letter queue's messages to where they came from, or to the queue `to`."""

    def last_move(self, name: str) -> Move:
        """How far the last redrive is."""

    def close(self) -> None:
        """Let go of connections; the next question makes new ones."""


def no_figures() -> Figures:
    """Those of a queue that nobody watches."""
    return Figures(None, 1, 0, {name: [] for name in (*COUNTS, *LEVELS)})
