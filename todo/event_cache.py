"""Remembers rendered events, so that a build reads and renders only what changed since this process's last one.

Pure bookkeeping: knows neither database nor calendar format. What it holds can be lost at any time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

EVENTS_MAX = 300_000
"""Most events remembered, of all lists together: some 100 MB at 300 bytes each."""

Version = tuple[int, datetime]
"""A todo's `sequence` and `updated_at`: what an event was rendered from, together with its todo's id."""

Rendered = dict[int, tuple[Version, bytes]]
"""By todo id: the version that was rendered, and the event."""


class EventCache:
    """Rendered events by list and variant, the least recently used lists dropped first. Safe between threads."""

    def __init__(self, events_max: int = EVENTS_MAX) -> None:
        self._events_max = events_max
        self._lists: OrderedDict[tuple[object, ...], Rendered] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Mapping[int, tuple[Version, bytes]]:
        """What was remembered under `key`: list, and all else that its events depend on. May be empty."""
        with self._lock:
            found = self._lists.get(key)
            if found is None:
                return {}
            self._lists.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], rendered: Rendered) -> None:
        """Remember exactly `rendered` under `key`, unless it alone is more than may be remembered."""
        with self._lock:
            self._lists.pop(key, None)
            if len(rendered) > self._events_max:
                return
            self._lists[key] = rendered
            total = sum(len(events) for events in self._lists.values())
            while total > self._events_max:
                _, dropped = self._lists.popitem(last=False)
                total -= len(dropped)
