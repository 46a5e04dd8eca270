"""The queue console: which queue services there are to look at, each asked within a bounded time.

Refuses to know how any of them is asked; and imports none of their clients, which a web server that nobody looks at
queues with does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TypeVar

import structlog

from todo.config import Settings
from todo.errors import Forbidden, NotFound, QueueUnavailable, TodoError
from todo.queues.asking import Deadline, answer_of, answers_of
from todo.queues.brokers import BrokerUrl, FilesBroker, RedisBroker
from todo.queues.cards import About, Card, Details, Figures, Letters, Move, Source
from todo.queues.rabbitmq import RabbitBroker
from todo.queues.sqs import SqsSource

T = TypeVar("T")

BOUND_SECONDS = 1.8
"""For everything that is asked for one answer; with the rest of a request it stays below 2 s."""
ASKED_AT_ONCE = 8
"""Requests of a process that wait for queue services at the same time; others need threads."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Overview:
    """A source with its queues, or with what is the matter with it."""

    source: str
    about: About
    cards: list[Card]
    trouble: str | None


class Console:
    """What there is to look at. Keeps the clients of the services between requests; safe between threads."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Asks nobody yet."""
        self.is_writable = settings.QUEUES_WRITABLE
        is_sqs = settings.broker_url.startswith("sqs:")
        leads_there = any(environment.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"))
        self._sources: list[Source] = []
        if is_sqs or leads_there or settings.QUEUES_SQS:
            self._sources.append(SqsSource(settings.broker_url if is_sqs else None, environment))
        if (broker := _broker_of(settings)) is not None:
            self._sources.append(broker)
        self._room = BoundedSemaphore(ASKED_AT_ONCE)

    def overview(self) -> list[Overview]:
        """Every source with its queues."""
        with _Place(self._room):
            deadline = Deadline(BOUND_SECONDS)
            # The list of a source is made a little earlier than it is needed: half a list is better than none.
            early = Deadline(BOUND_SECONDS * 0.85)
            works = [lambda source=source: source.cards(early) for source in self._sources]
            found = answers_of(works, deadline)
        return [_overview(source, answer) for source, answer in zip(self._sources, found, strict=True)]

    def card(self, source: str, name: str) -> Details:
        """One queue."""
        return self._ask(source, lambda found: found.card(name))

    def figures(self, source: str, name: str, span_seconds: int) -> Figures:
        """One queue over time."""
        return self._ask(source, lambda found: found.figures(name, span_seconds))

    def letters(self, source: str, name: str, limit: int) -> Letters:
        """Messages of a dead-letter queue, which stay there."""
        return self._ask(source, lambda found: found.letters(name, limit))

    def redrive(self, source: str, name: str, *, to: str | None, per_second: int | None) -> Move:
        """Begin to move a dead-letter queue's messages."""
        if not self.is_writable:
            raise Forbidden("This console only looks: QUEUES_WRITABLE=true lets it move messages")
        return self._ask(source, lambda found: found.redrive(name, to=to, per_second=per_second))

    def last_move(self, source: str, name: str) -> Move:
        """How far the last redrive of a dead-letter queue is."""
        return self._ask(source, lambda found: found.last_move(name))

    def close(self) -> None:
        """Let go of connections."""
        for source in self._sources:
            source.close()

    def _ask(self, name: str, question: Callable[[Source], T]) -> T:
        source = next((each for each in self._sources if each.name == name), None)
        if source is None:
            raise NotFound(f"There is no source {name[:64]!a} here", field="source")
        with _Place(self._room):
            return answer_of(lambda: question(source), Deadline(BOUND_SECONDS), source.slow())


class _Place:
    """One of the places for those who wait, taken without waiting for it."""

    def __init__(self, room: BoundedSemaphore) -> None:
        self._room = room

    def __enter__(self) -> None:
        if not self._room.acquire(blocking=False):
            raise QueueUnavailable("Too many look at the queues at once: ask again soon", is_passing=True)

    def __exit__(self, *_: object) -> None:
        self._room.release()


def _overview(source: Source, answer: list[Card] | BaseException | None) -> Overview:
    about = source.about()
    if isinstance(answer, list):
        return Overview(source.name, about, answer, None)
    if isinstance(answer, BaseException) and not isinstance(answer, TodoError):
        _log.error("queues_not_listed", source=source.name, error=f"{type(answer).__name__}: {answer}"[:300])
        return Overview(source.name, about, [], f"{about.address} could not be asked ({type(answer).__name__})")
    return Overview(source.name, about, [], source.slow() if answer is None else str(answer))


def _broker_of(settings: Settings) -> Source | None:
    """The product's broker; None when that is SQS, or within each process."""
    url, queue = settings.broker_url, settings.CELERY_DEFAULT_QUEUE
    scheme = url.partition("://")[0]
    if scheme in ("redis", "rediss"):
        return RedisBroker(queue, BrokerUrl(url, 6379))
    if scheme in ("amqp", "amqps", "pyamqp"):
        return RabbitBroker(queue, BrokerUrl(url, 5671 if scheme == "amqps" else 5672))
    if scheme == "filesystem":
        return FilesBroker(queue, settings.data_dir / "broker")
    return None
