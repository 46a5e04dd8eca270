"""Both sides, running on the same PostgreSQL and the same Redis, with the same todos."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Self

from benchmarks import databases
from benchmarks.servers import DurablePostgres, PlainRedis
from benchmarks.stack import OURS, SHEETS, Client, JobTimes, Side, Stack
from tests.servers import wait_until

WINDOW_SECONDS = 2.0
"""The product's default, which our side runs with."""


class Pair:
    """A context manager: everything runs inside, and is gone after it."""

    def __init__(self, *, with_sheets: bool = True, **settings: str) -> None:
        """`settings` are our side's, beyond where its servers are."""
        self._with_sheets = with_sheets
        self._settings = settings
        self._exits = ExitStack()
        self._window_over = 0.0

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self._postgres = exits.enter_context(DurablePostgres())
            self._redis = exits.enter_context(PlainRedis())
            self.our_database, self.ours = self._start(exits, OURS)
            self.our_client = _client(exits, self.ours)
            if self._with_sheets:
                self.sheets_database, self.sheets = self._start(exits, SHEETS)
                self.sheets_client = _client(exits, self.sheets)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _start(self, exits: ExitStack, side: Side) -> tuple[str, Stack]:
        database = self._postgres.database(side.name)
        redis = self._redis.database()
        environment = {
            "SQLALCHEMY_DATABASE_URI": database.replace("postgresql:", "postgresql+psycopg:"),
            "CELERY_BROKER_URL": redis,
            "CELERY_RESULT_BACKEND": redis,
            **self._settings,
        }
        return database, exits.enter_context(Stack(side, environment))

    def fill(self, count: int) -> None:
        """Give both sides `count` todos, and build both calendars once."""
        self.fill_ours(count)
        self.our_job()
        if self._with_sheets:
            databases.fill_sheets(self.sheets_database, count)
            self.sheets_job()

    def fill_ours(self, count: int) -> None:
        """Give our side `count` todos, when no worker means to look at the list again and could begin to build."""
        self.wait_for_window()
        databases.fill_ours(self.our_database, count)

    def our_job(self) -> JobTimes:
        """One job on our side, begun with no window open: the figure is about the work, not about the throttle."""
        self.wait_for_window()
        times = self.ours.run_job(self.our_client)
        self._window_over = time.monotonic() + WINDOW_SECONDS + 0.2
        return times

    def sheets_job(self) -> JobTimes:
        return self.sheets.run_job(self.sheets_client)

    def wait_until_idle(self) -> None:
        """Return once our calendar shows the last change and nothing is left to build."""
        wait_until(lambda: databases.ours(self.our_database)["settled"], 30, "the calendar is current")
        self._window_over = time.monotonic() + WINDOW_SECONDS + 0.2

    def wait_for_window(self) -> None:
        """Return once a change would be built at once."""
        time.sleep(max(0.0, self._window_over - time.monotonic()))


def _client(exits: ExitStack, stack: Stack) -> Client:
    client = stack.client()
    exits.callback(client.close)
    return client
