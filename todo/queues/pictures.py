"""What plots show of a book: so many dots and slices of time at most, however many messages there were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from todo.queues.book import SENT, Book
from todo.queues.deliveries import Deliveries, series_of

COLUMNS, ROWS = 256, 128
"""Dots are told apart as finely as this: more than a terminal can, and few enough for a page."""

EXACT = 2_000
"""So many deliveries are shown one by one."""

SERIES = 6
SLICES = 96
ALONE = 200
"""So many messages are a slice each."""
BEHIND_SECONDS = 1.0
"""So early before being sent may a message seem to arrive until clocks are to blame: sends are noted when answered."""


class Dot(NamedTuple):
    """A delivery, or several in the same place."""

    arrival: int
    """Its number in the order of arrival, from 0, over all senders."""
    sequence: int
    series: int
    again: bool
    """It was not its message's first."""


class Slice(NamedTuple):
    """Latencies of the messages that arrived in a stretch of time; in seconds."""

    at: float
    """Its middle, from the first arrival on."""
    middle: float
    p95: float
    highest: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the queue's taking a message to its first delivery."""

    p50: float
    p95: float
    p99: float
    highest: float
    behind: int
    """Messages that seem to have arrived over a second before they were sent: clocks differ."""
    slices: tuple[Slice, ...]
    seconds: float
    """From the first arrival to the last."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Arrival against sequence."""

    dots: tuple[Dot, ...]
    series: tuple[str, ...]
    """What the dots' series are called; one empty text when there is nothing to tell apart."""
    arrivals: int
    """How many there were."""
    highest: int
    """The highest sequence number."""


def arrivals_of(book: Book, deliveries: Deliveries) -> Arrivals | None:
    """None when no message that arrived tells its number."""
    highest = max(map(book.sequence.__getitem__, deliveries.rows), default=-1)
    if highest < 0:
        return None
    names, series = series_of(book, deliveries, at_most=SERIES)
    count = len(deliveries.rows)
    step = 1 if count <= EXACT else -(-count // COLUMNS)
    height = 1 if count <= EXACT else -(-(highest + 1) // ROWS)
    dots: list[Dot] = []
    for start in range(0, count, step):
        rows, again = deliveries.rows[start : start + step], deliveries.again[start : start + step]
        places = {
            (book.sequence[row] // height, series[book.line[row]], repeated)
            for row, repeated in zip(rows, again, strict=True)
        }
        middle = start + (len(rows) - 1) // 2
        dots += (
            Dot(middle, min(place * height + height // 2, highest), number, bool(repeated))
            for place, number, repeated in sorted(places)
            if place >= 0
        )
    return Arrivals(tuple(dots), names if len(names) > 1 else ("",), count, highest)


def latency_of(book: Book, deliveries: Deliveries) -> Latency | None:
    """None when no message that arrived tells when it was sent.

    By the sender's clock if its record is there, which most often is the receiver's clock too; or else by the queue's.
    """
    times: list[float] = []
    values: list[float] = []
    flags, sent_at, queue_sent_at = book.flags, book.sent_at, book.queue_sent_at
    for row, at, again in zip(deliveries.rows, deliveries.times, deliveries.again, strict=True):
        value = at - (sent_at[row] if flags[row] & SENT else queue_sent_at[row])
        if value == value and not again:  # not a number: nobody told
            times.append(at)
            values.append(value)
    if not values:
        return None
    behind = sum(value < -BEHIND_SECONDS for value in values) if min(values) < -BEHIND_SECONDS else 0
    slices = _slices(times, values)
    values.sort()
    p50, p95, p99 = (max(_percentile(values, part), 0.0) for part in (50, 95, 99))
    return Latency(p50, p95, p99, max(values[-1], 0.0), behind, slices, times[-1] - times[0])


def _slices(times: Sequence[float], values: list[float]) -> tuple[Slice, ...]:
    """Sorts the values within each slice, where they are: what is left for their owner to sort is in runs."""
    start, width = times[0], (times[-1] - times[0]) / SLICES
    if len(values) <= ALONE:
        alone = zip(times, (max(value, 0.0) for value in values), strict=True)
        return tuple(Slice(at - start, value, value, value) for at, value in alone)
    slices = []
    first = 0
    for number in range(SLICES if width else 1):
        end = bisect_left(times, start + (number + 1) * width, first) if number < SLICES - 1 and width else len(times)
        if end == first:
            continue
        part = sorted(values[first:end])
        values[first:end] = part
        p50, p95 = (max(_percentile(part, share), 0.0) for share in (50, 95))
        slices.append(Slice((number + 0.5) * width, p50, p95, max(part[-1], 0.0)))
        first = end
    return tuple(slices)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """By nearest rank: the least value that so many in a hundred do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]
