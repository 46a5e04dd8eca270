"""Holds a process of the product still at a place of the test's choosing, by a lock in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers import wait_until

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'taskoverflow' AND wait_event_type = 'Lock'
"""

BEFORE_THE_READ = "LOCK TABLE todos IN ACCESS EXCLUSIVE MODE"
"""A build claims its list, then waits at reading the todos."""

BEFORE_THE_STORE = "SELECT id FROM feeds FOR UPDATE"
"""A build reads and renders, then waits at storing."""

BEFORE_A_CHANGE = "SELECT id FROM lists FOR UPDATE"
"""A change, a request for a job and a build's claim wait at their beginning."""


@contextmanager
def held(deployment: Deployment, statement: str) -> Iterator[None]:
    """Holds the locks that `statement` takes. A server that goes down meanwhile lets go of them."""
    connection = psycopg.connect(deployment.settings["SQLALCHEMY_DATABASE_URI"], application_name="test")
    try:
        connection.execute(statement.encode())
        yield
    finally:
        connection.close()


def wait_for_waiting(deployment: Deployment) -> None:
    """Returns when a process of the product waits for a lock."""
    with psycopg.connect(
        deployment.settings["SQLALCHEMY_DATABASE_URI"], application_name="test", autocommit=True
    ) as watch:
        wait_until(lambda: watch.execute(WAITING).fetchone() != (0,), DEADLINE_SECONDS, "something waits for a lock")
