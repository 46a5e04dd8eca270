"""Threads that do the parts of one run, until they are through, one of them fails, or somebody says stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

LOOK_SECONDS = 0.1
"""How often whoever waits looks how far it is, and hears signals."""


class Crew:
    """The threads of one run. They are told to stop by `stop`, and do not keep the process from ending."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop
        self.errors: list[BaseException] = []
        """What threads failed with; the first one is the reason, later ones mostly follow from it."""

    def work(self, jobs: Sequence[Callable[[], None]], look: Callable[[], None]) -> None:
        """Run the jobs, a thread for each, and return when all have ended; `look` is called meanwhile.

        A `KeyboardInterrupt` leaves them behind.
        """
        left = len(jobs)
        lock, over = Lock(), Event()

        def do(job: Callable[[], None]) -> None:
            nonlocal left
            try:
                job()
            except BaseException as error:  # handed on to whoever waits
                self.errors.append(error)
                self.stop.set()
            with lock:
                left -= 1
                if not left:
                    over.set()

        for job in jobs:
            Thread(target=do, args=(job,), daemon=True).start()
        while jobs and not over.wait(LOOK_SECONDS):
            look()
