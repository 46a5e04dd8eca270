"""Asks services that may hang, several at the same time, and waits for none of them beyond a moment.

What is not answered by then goes on in its thread until its own bounds end it, and nobody looks at it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from threading import BoundedSemaphore, Thread
from typing import TypeVar

from todo.errors import QueueUnavailable

T = TypeVar("T")
Item = TypeVar("Item")

THREADS_MAX = 48
"""Of a process, those that hang included: where all do, further questions are refused at once."""
HELPERS = 7

_room = BoundedSemaphore(THREADS_MAX)


class Deadline:
    """A moment that is so many seconds away when it is made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, 0 at the least."""
        return max(0.0, self._end - time.monotonic())


def begin(work: Callable[[], T]) -> Future[T]:
    """Do it in a thread that a process which ends does not wait for; a pool's threads it would."""
    future: Future[T] = Future()
    if not _room.acquire(blocking=False):
        future.set_exception(QueueUnavailable("Too many questions are unanswered: ask again soon", is_passing=True))
        return future

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whoever asked is told, whatever it is
            future.set_exception(error)
        finally:
            _room.release()

    Thread(target=run, name="asking", daemon=True).start()
    return future


def answer_of(work: Callable[[], T], deadline: Deadline, slow: str) -> T:
    """What it gives, or raises. Raises `QueueUnavailable` with the text `slow` when that takes too long."""
    future = begin(work)
    wait([future], deadline.left)
    if not future.done():
        raise QueueUnavailable(slow, is_passing=True)
    return future.result()


def answers_of(works: Sequence[Callable[[], T]], deadline: Deadline) -> list[T | BaseException | None]:
    """What each gives, or raised; None for those that take too long."""
    futures = [begin(work) for work in works]
    wait(futures, deadline.left)
    return [(future.exception() or future.result()) if future.done() else None for future in futures]


def spread(items: Iterable[Item], work: Callable[[Item], T], deadline: Deadline) -> list[T]:
    """What it gives for those of the items that there is time for, in no order. Raises what one of them raised."""
    left = iter(list(items))  # next() of a list's iterator is one step for all threads
    found: list[T] = []

    def help_along() -> None:
        while deadline.left:
            try:
                item = next(left)
            except StopIteration:
                return
            found.append(work(item))

    helpers = [begin(help_along) for _ in range(HELPERS)]
    help_along()
    wait(helpers, deadline.left)
    for helper in helpers:
        # A thread that there was no room for is no failure: the others do its part.
        if helper.done() and (error := helper.exception()) and not _is_refused(error):
            raise error
    return list(found)


def _is_refused(error: BaseException) -> bool:
    return isinstance(error, QueueUnavailable) and error.is_passing
