"""What a queue was asked for and held, over time: counts and levels by the second and by the minute. Pure.

Bounded: ten minutes of seconds and six hours of minutes are kept, whatever happens. Times are seconds since 1970.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

COUNTS = ("sent", "received", "deleted", "empty_receives")
LEVELS = ("available", "in_flight", "delayed", "oldest_seconds")
SECONDS_KEPT = 600
MINUTES_KEPT = 360


class Series:
    """One step's figures, the newest last; steps in which nothing was noted are filled in when the next one begins."""

    def __init__(self, step: int, kept: int, now: float) -> None:
        self._step = step
        self._kept = kept
        self._columns: dict[str, deque[int | None]] = {name: deque(maxlen=kept) for name in (*COUNTS, *LEVELS)}
        self._last = int(now) // step - 1
        self._forward(now)

    def count(self, name: str, number: int, now: float) -> None:
        """Add to a count."""
        self._forward(now)
        self._columns[name][-1] = (self._columns[name][-1] or 0) + number

    def note(self, levels: Mapping[str, int], now: float) -> None:
        """Note levels; of those within one step the highest is kept."""
        self._forward(now)
        for name, level in levels.items():
            self._columns[name][-1] = max(level, self._columns[name][-1] or 0)

    def as_json(self, now: float) -> dict[str, Any]:
        """The shape that `todo.lab.server` documents."""
        self._forward(now)
        columns = {name: list(values) for name, values in self._columns.items()}
        length = len(columns[COUNTS[0]])
        return {"step_seconds": self._step, "from": (self._last - length + 1) * self._step, **columns}

    def _forward(self, now: float) -> None:
        current = int(now) // self._step
        # A clock that was set back goes on filling the last step.
        for _ in range(min(current - self._last, self._kept)):
            for name, values in self._columns.items():
                values.append(0 if name in COUNTS else None)
        self._last = max(self._last, current)


class Figures:
    """One queue's. The clock is the server's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        now = clock()
        self._seconds = Series(1, SECONDS_KEPT, now)
        self._minutes = Series(60, MINUTES_KEPT, now)
        self._totals = dict.fromkeys(COUNTS, 0)

    def count(self, name: str, number: int = 1) -> None:
        """Add to one of `COUNTS`."""
        now = self._clock()
        self._totals[name] += number
        self._seconds.count(name, number, now)
        self._minutes.count(name, number, now)

    def note(self, levels: Mapping[str, int]) -> None:
        """Note the levels of now, by the names in `LEVELS`."""
        now = self._clock()
        self._seconds.note(levels, now)
        self._minutes.note(levels, now)

    def as_json(self) -> dict[str, Any]:
        """Everything, as the server tells it."""
        now = self._clock()
        return {
            "now": now,
            "totals": dict(self._totals),
            "seconds": self._seconds.as_json(now),
            "minutes": self._minutes.as_json(now),
        }
