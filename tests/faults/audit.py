"""What must hold whatever dies: no accepted job forgotten, no acknowledged todo missing, no calendar going back."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.running import Deployment

STALE_SECONDS = 1.0
SWEEP_SECONDS = 0.2
FAST = {"STALE_SECONDS": str(STALE_SECONDS), "SWEEP_SECONDS": str(SWEEP_SECONDS), "WINDOW_SECONDS": "0.3"}
"""Settings under which a sweep heals soon."""

BOUND_SECONDS = STALE_SECONDS + SWEEP_SECONDS + 10
"""The sweep's bound, with room for a build on a busy machine. Whatever isn't healed by then never is."""

REQUEST_SECONDS = 1.0
"""What no request may wait for a broker, however dead: the guarantee itself."""


class Audit:
    """Speaks to a deployment, keeps what it promised, and looks at `built_revision` all the time.

    As a context manager it starts looking; at the exit it checks that no calendar went back.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.titles: list[str] = []
        self.jobs: list[str] = []
        self.slowest_seconds = 0.0
        self._revisions: list[tuple[int, int]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="audit")

    def add(self, title: str | None = None) -> None:
        """Makes a dated todo; it counts once it is acknowledged."""
        title = title or f"todo {len(self.titles)}"
        self._timed("POST", "todos", 201, json={"title": title, "deadline_at": "2026-05-01"})
        self.titles.append(title)

    def change(self, changes: list[dict[str, Any]]) -> None:
        """Changes many todos at once."""
        self._timed("PATCH", "todos", 200, json=changes)

    def post_job(self) -> str:
        """Asks for the calendar; the job counts once it is accepted."""
        self.jobs.append(self._timed("POST", "todos/ical", 202).json()["task_id"])
        return self.jobs[-1]

    def work(self) -> str:
        """A change, then a job that has to show it; its id."""
        self.add()
        return self.post_job()

    def _timed(self, method: str, path: str, expected: int, **options: Any) -> requests.Response:
        started = time.monotonic()
        answer = self.deployment.request(method, path, **options)
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
        assert answer.status_code == expected, answer.text
        return answer

    def settle(self) -> None:
        """Every accepted job succeeds within the bound, and the latest shows every acknowledged todo."""
        for job_id in self.jobs:
            self.deployment.wait_for_job(job_id, BOUND_SECONDS)
        # Of those made after the latest job, a later one tells.
        assert set(self.titles) <= set(self.deployment.titles(self.post_and_wait()))

    def post_and_wait(self) -> str:
        """A job that is done."""
        job_id = self.post_job()
        self.deployment.wait_for_job(job_id, BOUND_SECONDS)
        return job_id

    def _look(self) -> None:
        while not self._over.wait(0.005):
            try:
                with self.deployment.engine.connect() as connection:
                    rows = connection.execute(text("SELECT id, built_revision FROM feeds"))
                    self._revisions += [(row.id, row.built_revision) for row in rows]
            except SQLAlchemyError:  # the database is down, or has no tables yet
                continue

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if kind is None:
            assert self._revisions, "the audit saw nothing"
            highest: dict[int, int] = {}
            for feed_id, revision in self._revisions:
                assert revision >= highest.get(feed_id, -1), "a calendar went back"
                highest[feed_id] = revision
