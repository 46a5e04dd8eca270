"""Holds a process of the product still at a place of the test's choosing, by a lock in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import OperationalError

from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers import wait_until
from tests.servers.process import Process

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'taskoverflow' AND wait_event_type = 'Lock'
"""

WORKING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'taskoverflow' AND xact_start IS NOT NULL
      AND pid <> pg_backend_pid()
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


def freeze(deployment: Deployment, *workers: Process) -> None:
    """Freezes workers outside of any transaction: frozen inside of one, they would hold up everybody by its locks."""

    def frozen() -> bool:
        for worker in workers:
            worker.suspend()
        if not _working(deployment):
            return True
        for worker in workers:
            worker.resume()
        return False

    wait_until(frozen, DEADLINE_SECONDS, "the workers have no transaction open")


def _working(deployment: Deployment) -> bool:
    if deployment.engine.dialect.name == "postgresql":
        return bool(deployment.query(WORKING))
    try:
        with deployment.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("ROLLBACK")
            connection.invalidate()
    except OperationalError:
        return True
    return False
