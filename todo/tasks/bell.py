"""Rings the bell: publishes, from a thread of its own, that a list wants building.

The request that made the change never touches the broker, so a broker that is down, or hangs, cannot fail or delay it.
A ring that is lost here (broker down, process killed) is made up for by the workers' sweep.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from celery import Celery

BUILD_TASK = "calendar"
"""Name of the task that a ring starts."""

_CONFIRM_SECONDS = 5
"""How long to wait for RabbitMQ's confirmation: one that is short of memory or disk takes messages and says nothing."""

_log = structlog.get_logger(__name__)


class Bell:
    """Publishes rings in the background, in order; rings for one list that wait at the same time are one."""

    def __init__(self, celery: Celery, published: Callable[[int], None] = lambda _list_id: None) -> None:
        """`published` is told the list's id of each ring that the broker has taken; it must not raise."""
        self._celery = celery
        self._published = published
        self._waiting: dict[int, str | None] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, list_id: int, job_id: str | None = None) -> None:
        """Have the list built; the message carries `job_id` as its Celery task id. Returns at once, never raises."""
        with self._changed:
            self._waiting.setdefault(list_id, job_id)
            # Begun here and not in `__init__`: a server that forks after loading would leave its thread behind.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                list_id = next(iter(self._waiting))
                job_id = self._waiting.pop(list_id)
            self._publish(list_id, job_id)

    def _publish(self, list_id: int, job_id: str | None) -> None:
        try:
            self._celery.send_task(
                BUILD_TASK,
                args=[list_id],
                task_id=job_id,
                ignore_result=True,
                confirm_timeout=_CONFIRM_SECONDS,
                retry=True,  # once, at once: a pooled connection may have died with a restarted broker
                retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1},
            )
        except Exception as error:  # whatever a broker's client raises: the thread must live, and the sweep will build
            _log.warning("bell_not_rung", list_id=list_id, error=f"{type(error).__name__}: {error}"[:300])
        else:
            self._published(list_id)
