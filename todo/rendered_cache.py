"""Remembers what was rendered of each todo, so that only what changed since is read and rendered again.

A worker keeps events in it, a web server process the API's JSON. Pure bookkeeping: knows neither database nor format.
What it holds can be lost at any time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

TODOS_MAX = 300_000
"""Most todos remembered, of all lists together: some 150 MB at 300 bytes each."""

Version = tuple[int, datetime]
"""A todo's `sequence` and `updated_at`: with its id, what it was rendered from."""

Rendered = dict[int, tuple[Version, bytes]]
"""By todo id: the version that was rendered, and the text."""


class RenderedCache:
    """Rendered todos by list and variant, the least recently used lists dropped first. Safe between threads."""

    def __init__(self, todos_max: int = TODOS_MAX) -> None:
        self._todos_max = todos_max
        self._lists: OrderedDict[tuple[object, ...], Rendered] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Mapping[int, tuple[Version, bytes]]:
        """What was remembered under `key`: the list, and all else that its texts depend on. May be empty."""
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
            if len(rendered) > self._todos_max:
                return
            self._lists[key] = rendered
            total = sum(len(todos) for todos in self._lists.values())
            while total > self._todos_max:
                _, dropped = self._lists.popitem(last=False)
                total -= len(dropped)
