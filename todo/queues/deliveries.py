"""In which order messages were handed out, and which of them more than once. Reads a book, and no clock."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import le

from todo.queues.book import COPY, Book, Line
from todo.queues.order import Order, all_of, order_of

SLACK_SECONDS = 1.0
"""How much earlier than the visibility timeout says a redelivery may be noted: the queue counts from handing a message
out, we from having it. Never more than half the timeout."""


@dataclass(slots=True)
class Deliveries:
    """A queue's deliveries in the order of their times; those of the same time as they were noted."""

    rows: Sequence[int]
    """The message of each."""
    times: Sequence[float]
    again: bytearray
    """1 for each that wasn't its message's first."""
    redeliveries: int = 0
    """The message came again after its visibility timeout ran out, and the queue counted that."""
    duplicates: int = 0
    """The same MessageId came again in another way: too early, or uncounted."""
    after_deletion: int = 0
    """How many of both came after the message had been deleted."""


@dataclass(slots=True)
class Orders:
    """The order of messages that tell their numbers, without copies made on purpose."""

    overall: Order = field(default_factory=Order)
    """Of each run of each sender, taken together."""
    by_group: dict[str | None, Order] = field(default_factory=dict)
    duplicates: int = 0
    """Messages with the number of another one of the same run: sent once, and under two MessageIds."""
    gaps: int = 0
    """Numbers below a run's highest that never came."""


def deliveries_of(book: Book) -> Deliveries:
    """All deliveries, in order; repeated ones judged against the one before."""
    times: Sequence[float] = book.arrival_at
    rows: Sequence[int] = book.arrival_row
    places: Sequence[int] = range(len(rows))
    if not all(map(le, times, islice(times, 1, None))):  # several clients' logs, one after the other
        places = sorted(places, key=times.__getitem__)
        rows, times = array("i", map(rows.__getitem__, places)), array("d", map(times.__getitem__, places))
    deliveries = Deliveries(rows, times, bytearray(len(rows)))
    if len(set(rows)) < len(rows):
        _judge_repeated(book, deliveries, places)
    return deliveries


def _judge_repeated(book: Book, deliveries: Deliveries, places: Sequence[int]) -> None:
    latest = array("i", [-1]) * len(book.rows)
    for index, row in enumerate(deliveries.rows):
        before = latest[row]
        latest[row] = index
        if before < 0:
            continue
        deliveries.again[index] = 1
        at, place, place_before = deliveries.times[index], places[index], places[before]
        visible_after = book.visibility_seconds[book.arrival_client[place_before]]
        waited = at - deliveries.times[before] >= visible_after - min(SLACK_SECONDS, visible_after / 2)
        counted = book.receive_counts.get(place, 1) > book.receive_counts.get(place_before, 1)
        if waited and counted:
            deliveries.redeliveries += 1
        else:
            deliveries.duplicates += 1
        deliveries.after_deletion += book.deleted_at[row] < at


def orders_of(book: Book, deliveries: Deliveries) -> Orders:
    """The order of first deliveries, in each run and in each group of each run."""
    by_line: dict[Line, list[int]] = {}
    by_run: dict[Line, list[int]] = {}
    appends = {}
    for row, again in zip(deliveries.rows, deliveries.again, strict=True):
        sequence = book.sequence[row]
        if again or sequence < 0 or book.flags[row] & COPY:
            continue
        number = book.line[row]
        if number not in appends:
            line = book.lines[number]
            if line.run is None:  # nobody told of its sending; if its sender told of others, it is of that run
                line = line._replace(run=book.last_run(line.sender))
            run = by_run.setdefault(line._replace(group=None), [])
            appends[number] = (run.append, by_line.setdefault(line, []).append)
        to_run, to_line = appends[number]
        to_run(sequence)
        to_line(sequence)
    return _orders(by_run, by_line)


def _orders(by_run: dict[Line, list[int]], by_line: dict[Line, list[int]]) -> Orders:
    orders = Orders()
    found: dict[Line, Order] = {}
    for run, sequences in by_run.items():
        own = _first_of_each(sequences)
        orders.duplicates += len(sequences) - len(own)
        orders.gaps += max(own) + 1 - len(own)
        found[run] = order_of(own)
    orders.overall = all_of(found.values())
    groups: dict[str | None, list[Order]] = {}
    for line, sequences in by_line.items():
        run = line._replace(group=None)
        is_all = len(sequences) == len(by_run[run])
        groups.setdefault(line.group, []).append(found[run] if is_all else order_of(_first_of_each(sequences)))
    orders.by_group = {group: all_of(parts) for group, parts in groups.items()}
    return orders


def _first_of_each(sequences: list[int]) -> list[int]:
    """The numbers without those that were there before."""
    return list(dict.fromkeys(sequences)) if len(set(sequences)) < len(sequences) else sequences


def series_of(book: Book, deliveries: Deliveries, *, at_most: int) -> tuple[tuple[str, ...], list[int]]:
    """What the plot tells apart, senders if there are several, or else groups; and the series of each of the book's
    lines. The names are at most so many, the most frequent ones; the rest is the last."""
    counts = Counter(map(book.line.__getitem__, deliveries.rows))
    lines = [book.lines[number] for number in counts]
    by_sender = len({line.sender for line in lines}) > 1

    def name_of(line: Line) -> str:
        return (line.sender if by_sender else line.group) or "unnamed"

    sizes: Counter[str] = Counter()
    for number, count in counts.items():
        sizes[name_of(book.lines[number])] += count
    shown = [name for name, _ in sizes.most_common(at_most if len(sizes) <= at_most else at_most - 1)]
    shown.sort(key=_natural)
    numbers = {name: number for number, name in enumerate(shown)}
    names = tuple(shown) if len(shown) == len(sizes) else (*shown, f"{len(sizes) - len(shown)} others")
    return names, [numbers.get(name_of(line), len(names) - 1) for line in book.lines]


def _natural(name: str) -> tuple[str, int, str]:
    """`Client 2` before `Client 10`."""
    head = name.rstrip("0123456789")
    tail = name[len(head) :]
    return head, int(tail[:18] or 0) if tail.isascii() else 0, name
