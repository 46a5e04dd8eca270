"""Remembers what took work to make, up to a total size, in one process. Knows nothing of what it keeps.

What it holds can be lost at any time; whoever asks finds out by himself whether it is still right.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key, the least recently used dropped first. Values are not changed once put. Safe between threads.

    `size_of` a value is in the unit of `size_max`: todos, or octets.
    """

    def __init__(self, size_max: int, size_of: Callable[[V], int]) -> None:
        self._size_max = size_max
        self._size_of = size_of
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """What was remembered under `key`, or None."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: Hashable, value: V) -> None:
        """Remember `value` under `key` instead of what was there; nothing, when it alone is more than may be kept."""
        size = self._size_of(value)
        with self._lock:
            if key in self._values:
                self._size -= self._size_of(self._values.pop(key))
            if size > self._size_max:
                return
            self._values[key] = value
            self._size += size
            while self._size > self._size_max:
                _, dropped = self._values.popitem(last=False)
                self._size -= self._size_of(dropped)
