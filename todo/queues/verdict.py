"""What is to be said of a run, in figures, from the records of it alone. Words, plots and pages are made elsewhere."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from math import isfinite
from operator import not_
from typing import Literal
from urllib.parse import urlsplit

from todo.errors import BadInput
from todo.queues import prices
from todo.queues.book import DELETED, RECEIVED, Book
from todo.queues.deliveries import deliveries_of, orders_of
from todo.queues.order import Order
from todo.queues.pictures import Arrivals, Latency, arrivals_of, latency_of
from todo.queues.records import Began, Record
from todo.queues.resends import resends_of
from todo.queues.tally import Tally

Service = Literal["aws", "emulator", "unknown"]

_OWN_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_WORST = 5


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """A message group, and how its messages arrived."""

    name: str
    order: Order


@dataclass(frozen=True, slots=True)
class QueueVerdict:
    """The figures of one queue."""

    name: str
    is_fifo: bool
    content_based_deduplication: bool
    service: Service
    endpoint: str | None
    """The address of the service that isn't AWS's own, without keys; None for AWS, or when nobody told."""
    holds_sender: bool
    holds_receiver: bool
    """Whether the records tell what was sent, and what arrived. Without, 0 means that nobody knows."""
    senders: int
    receivers: int
    """Clients that sent and that received; of a sender that is only told of by its messages, too."""
    sent: int
    """Sends that the queue took, copies made on purpose counted."""
    received: int
    """Deliveries, repeated ones counted."""
    messages: int
    """Messages that arrived at least once."""
    deletions: int
    """Deletes, one for each delivery, repeated ones counted."""
    deleted: int
    """Messages that arrived and were deleted at least once."""
    undeleted: int
    """Messages that arrived and were not deleted; they come again."""
    missing: int | None
    """Messages that were sent and never arrived, without those dropped on purpose; None when the records don't hold
    both sides."""
    moved: int
    """Messages sent to this queue that arrived from another one alone, such as its dead-letter queue."""
    gaps: int
    """Numbers below the highest of their run that never arrived."""
    duplicates_by_message_id: int
    duplicates_by_sequence: int
    redeliveries: int
    after_deletion: int
    resends: int
    """Sends of what had been sent before, on purpose or by a second run."""
    dropped: int
    """Resends that deduplication dropped."""
    arrived_copies: int
    order: Order
    """Of each sender's run, taken together."""
    groups: int
    groups_in_order: int
    worst_groups: tuple[GroupOrder, ...]
    """Those out of order, the worst first, five at most."""
    empty_receives: int
    latency: Latency | None
    arrivals: Arrivals | None
    sent_per_second: float | None
    received_per_second: float | None
    """Messages, each once: a redelivery comes long after the rest."""
    requests: int | None
    """What AWS counts; None when no run told."""
    cost: float | None
    """Dollars at list price in us-east-1, without the free tier."""
    visibility_seconds: float
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of all queues that records told of, in the order of their first one; there may be none."""

    queues: tuple[QueueVerdict, ...]


def judge(records: Iterable[Record]) -> Verdict:
    """The verdict on records, in any order. They are read once and not kept. Raises `BadInput` for one that is none."""
    tally = Tally()
    for record in records:
        try:
            tally.add(record)
        except (TypeError, ValueError, OverflowError):
            raise BadInput(f"This is not a record of the queue laboratory: {record!r:.200}", field="log") from None
    return verdict_of(tally)


def verdict_of(tally: Tally) -> Verdict:
    """The verdict on what was tallied so far; more can be added afterwards."""
    return Verdict(tuple(_queue(book, tally) for book in tally.books.values()))


def _queue(book: Book, tally: Tally) -> QueueVerdict:
    is_fifo = book.name.endswith(".fifo") or any(began.is_fifo for began in book.began)
    deliveries = deliveries_of(book)
    orders = orders_of(book, deliveries)
    resends = resends_of(book, is_fifo=is_fifo)
    received = _rows(book, RECEIVED)
    deleted = _rows(book, RECEIVED | DELETED)
    moved = _moved(book, resends.missing, tally) if resends.missing and len(tally.books) > 1 else 0
    holds_sender = bool(book.sends)
    holds_receiver = bool(book.arrival_row or book.empty_receives)
    groups = [GroupOrder(name, order) for name, order in orders.by_group.items() if name is not None]
    out_of_order = [group for group in groups if not group.order.is_kept]
    out_of_order.sort(key=lambda group: (-group.order.inversions, group.name))
    requests = sum(ended.requests for ended in book.ended) if book.ended else None
    service, endpoint = _service(book.began)
    return QueueVerdict(
        name=book.name,
        is_fifo=is_fifo,
        content_based_deduplication=any(began.content_based_deduplication for began in book.began),
        service=service,
        endpoint=endpoint,
        holds_sender=holds_sender,
        holds_receiver=holds_receiver,
        senders=len({line.sender for line in book.lines if line.sender is not None}),
        receivers=len(set(book.arrival_client)),
        sent=book.sends,
        received=len(book.arrival_row),
        messages=received,
        deletions=book.deletions,
        deleted=deleted,
        undeleted=received - deleted,
        missing=len(resends.missing) - moved if holds_sender and holds_receiver else None,
        moved=moved,
        gaps=orders.gaps,
        duplicates_by_message_id=deliveries.duplicates,
        duplicates_by_sequence=orders.duplicates,
        redeliveries=deliveries.redeliveries,
        after_deletion=deliveries.after_deletion,
        resends=resends.sent,
        dropped=resends.dropped,
        arrived_copies=resends.arrived,
        order=orders.overall,
        groups=len(groups),
        groups_in_order=len(groups) - len(out_of_order),
        worst_groups=tuple(out_of_order[:_WORST]),
        empty_receives=book.empty_receives,
        latency=latency_of(book, deliveries),
        arrivals=arrivals_of(book, deliveries),
        sent_per_second=_rate(array("d", filter(isfinite, book.sent_at))),
        received_per_second=_rate(array("d", compress(deliveries.times, map(not_, deliveries.again)))),
        requests=requests,
        cost=None if requests is None else prices.cost(requests, is_fifo=is_fifo),
        visibility_seconds=max(book.visibility_seconds, default=30),
        interrupted=any(ended.interrupted for ended in book.ended),
    )


def _rows(book: Book, flags: int) -> int:
    """How many messages have all of these flags."""
    return book.flags.translate(bytes(value & flags == flags for value in range(256))).count(1)


def _moved(book: Book, missing: tuple[int, ...], tally: Tally) -> int:
    """How many of these messages arrived from another queue: a message keeps its id when it is moved."""
    keys = list(book.rows)  # in the order of their rows
    others = [other for other in tally.books.values() if other is not book]
    found = ((other, other.rows.get(keys[row])) for row in missing for other in others)
    return sum(row is not None and bool(other.flags[row] & RECEIVED) for other, row in found)


def _service(began: Iterable[Began]) -> tuple[Service, str | None]:
    """Who served, and at which address if it wasn't AWS. One that isn't counts for all."""
    service: Service = "unknown"
    for record in began:
        if record.endpoint is None:
            service = "aws"
            continue
        parts = urlsplit(record.endpoint)
        host = parts.hostname or record.endpoint
        if host.endswith(_OWN_HOSTS):
            service = "aws"
        else:  # the address may hold keys, as Celery's do
            return "emulator", f"{parts.scheme or 'http'}://{parts.netloc.rpartition('@')[2] or host}"
    return service, None


def _rate(times: Sequence[float]) -> float | None:
    """How many a second; None when there is no second one, or all were at once."""
    seconds = max(times) - min(times) if len(times) > 1 else 0.0
    return len(times) / seconds if seconds else None
