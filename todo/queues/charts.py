"""What is drawn of a verdict, wherever it is drawn: points between 0 and 1, axes with their ticks, names."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import NamedTuple

from todo.queues.pictures import Arrivals, Latency
from todo.queues.verdict import QueueVerdict
from todo.queues.wording import duration

_SPREAD = 30
"""With a highest latency of so many times the middle one the scale is logarithmic, or the rest lay on the floor."""
_SHORTEST = 0.0001


class Point(NamedTuple):
    """Where a dot is, from left to right and from bottom to top."""

    x: float
    y: float
    series: int
    again: bool = False


class Tick(NamedTuple):
    """A number at an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot."""

    title: str
    x_title: str
    points: tuple[Point, ...]
    series: tuple[str, ...]
    """Their names; one empty text when there is nothing to tell apart."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]

    @property
    def has_repeated(self) -> bool:
        """Some of its points are repeated deliveries."""
        return any(point.again for point in self.points)


def charts(queue: QueueVerdict) -> list[Chart]:
    """The plots that there is something to draw in."""
    found = []
    if queue.arrivals is not None:
        found.append(_arrivals(queue.arrivals))
    if queue.latency is not None and queue.latency.seconds:
        found.append(_latency(queue.latency))
    return found


def _arrivals(arrivals: Arrivals) -> Chart:
    last, highest = max(arrivals.arrivals - 1, 1), max(arrivals.highest, 1)
    points = (
        Point(dot.arrival / last, dot.sequence / highest, dot.series, dot.again)
        for dot in sorted(arrivals.dots, key=lambda dot: dot.again)  # repeated ones on top
    )
    return Chart(
        "Sequence number of each delivery",
        "order of arrival",
        tuple(points),
        arrivals.series,
        tuple(Tick(number / last, f"{number:,}") for number in _round_numbers(last)),
        tuple(Tick(number / highest, f"{number:,}") for number in _round_numbers(highest)),
    )


def _latency(latency: Latency) -> Chart:
    highest = max(latency.highest, _SHORTEST)
    is_wide = highest > _SPREAD * max(latency.p50, _SHORTEST)
    lowest = max(min(part.middle for part in latency.slices), _SHORTEST) if is_wide else 0.0
    bottom = 10.0 ** floor(log10(lowest)) if is_wide else 0.0

    def place(seconds: float) -> float:
        if is_wide:
            return (log10(max(seconds, bottom)) - log10(bottom)) / (log10(highest) - log10(bottom))
        return seconds / highest

    series: tuple[str, ...] = ("p50", "p95", "highest")
    if all(part.middle == part.highest for part in latency.slices):
        series = ("",)
    points = [
        Point(part.at / latency.seconds, place(seconds), number)
        for part in latency.slices
        for number, seconds in enumerate((part.middle, part.p95, part.highest)[: len(series)])
    ]
    if is_wide:
        powers = range(floor(log10(bottom) + 0.5), floor(log10(highest)) + 1)
        ticks = [Tick(place(10.0**power), duration(10.0**power)) for power in powers]
    else:
        ticks = [Tick(seconds / highest, duration(seconds)) for seconds in _round_steps(highest)]
    return Chart(
        "Latency" + (", logarithmic" if is_wide else ""),
        "time since the first arrival",
        tuple(sorted(points, key=lambda point: -point.series)),
        series,
        tuple(Tick(seconds / latency.seconds, duration(seconds)) for seconds in _round_steps(latency.seconds)),
        tuple(ticks),
    )


def _round_numbers(highest: int) -> list[int]:
    return sorted({int(number) for number in _round_steps(highest) if number == int(number)})


def _round_steps(highest: float) -> list[float]:
    """From 0 on, in steps of 1, 2 or 5 times a power of ten; three to six of them."""
    power = 10.0 ** floor(log10(highest / 3))
    step = next(factor * power for factor in (5, 2, 1) if highest / (factor * power) >= 2)
    # Multiplied by the number of the step, not added up, and rounded: 0.3 is no 0.30000000000000004.
    return [float(f"{number * step:.12g}") for number in range(floor(highest / step + 1e-9) + 1)]
