"""A worker's own clock: sweeps at an interval, and comes back to a list when its time has come. Knows no database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

_log = structlog.get_logger(__name__)


class Sweeper:
    """A thread that calls `sweep()` every `interval_seconds`, and `visit(list_id)` when a list's time has come.

    What is noted here is lost with the process; the sweep finds such a list by its staleness.
    """

    def __init__(
        self, name: str, *, sweep: Callable[[], None], visit: Callable[[int], None], interval_seconds: float
    ) -> None:
        self._name = name
        self._sweep = sweep
        self._visit = visit
        self._interval = interval_seconds
        self._due: dict[int, float] = {}  # list id -> time.monotonic() at which to visit it
        self._changed = threading.Condition()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; does nothing when begun already."""
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._stopped = False
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; a sweep or visit that runs is not waited for."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def visit_in(self, list_id: int, seconds: float) -> None:
        """Call `visit(list_id)` after so many seconds; earlier when it was asked for earlier already."""
        due = time.monotonic() + seconds
        self.start()  # a pool of processes imports this module in each child, where nobody has started it
        with self._changed:
            self._due[list_id] = min(due, self._due.get(list_id, due))
            self._changed.notify()

    def _run(self) -> None:
        next_sweep = time.monotonic()
        while True:
            with self._changed:
                now = time.monotonic()
                wake = min([next_sweep, *self._due.values()])
                if wake > now and not self._stopped:
                    self._changed.wait(wake - now)
                if self._stopped:
                    return
                now = time.monotonic()
                ready = [list_id for list_id, due in self._due.items() if due <= now]
                for list_id in ready:
                    del self._due[list_id]
            for list_id in ready:
                self._guarded(lambda list_id=list_id: self._visit(list_id), "visit")  # type: ignore[misc]
            if time.monotonic() >= next_sweep:
                self._guarded(self._sweep, "sweep")
                next_sweep = time.monotonic() + self._interval

    def _guarded(self, action: Callable[[], None], what: str) -> None:
        try:
            action()
        except Exception as error:  # a database that is down: the thread must live to try again
            _log.warning(f"{self._name}_{what}_failed", error=f"{type(error).__name__}: {error}"[:300])
