"""PostgreSQL that restarts at the worst moments."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from tests.faults import locks
from tests.faults.audit import BOUND_SECONDS, Audit
from tests.running import Deployment
from tests.servers import PostgresServer, wait_until
from tests.servers.process import Process


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    yield postgres_server
    if not postgres_server.tree():
        postgres_server.start()


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_change_that_a_restart_cuts_off_is_refused_and_the_next_one_works(
    how: str, deployment: Deployment, audit: Audit, worker: Process, postgres: PostgresServer
) -> None:
    answers: list[requests.Response] = []

    def change() -> None:
        answers.append(deployment.request("POST", "todos", json={"title": "cut off", "deadline_at": "2026-05-01"}))

    locks.freeze(deployment, worker)  # so that nothing but the request waits for the lock
    with locks.held(deployment, locks.BEFORE_A_CHANGE):
        request = threading.Thread(target=change)
        request.start()
        locks.wait_for_waiting(deployment)
        if how == "killed":
            postgres.kill()
        else:
            postgres.stop()
    request.join()
    assert answers[0].status_code == 503
    assert answers[0].headers["Content-Type"] == "application/problem+json"
    postgres.start()
    worker.resume()
    audit.work()
    audit.settle()
    assert "cut off" not in deployment.titles(audit.jobs[-1])


@pytest.mark.parametrize("place", [locks.BEFORE_THE_READ, locks.BEFORE_THE_STORE], ids=["reads", "stores"])
def test_a_build_that_a_restart_cuts_off_where_it_reads_or_stores_is_made_again(
    deployment: Deployment, audit: Audit, worker: Process, postgres: PostgresServer, place: str
) -> None:
    locks.freeze(audit.deployment, worker)
    audit.work()
    with locks.held(deployment, place):
        worker.resume()
        locks.wait_for_waiting(deployment)
        postgres.restart()
    audit.settle()
    assert worker.running()


def test_while_the_database_is_down_requests_are_refused_and_nothing_ends(
    deployment: Deployment, audit: Audit, worker: Process, postgres: PostgresServer
) -> None:
    audit.work()
    postgres.stop()
    for method, path in [("GET", "todos"), ("POST", "todos/ical"), ("GET", f"todos/ical/{audit.jobs[-1]}/status")]:
        assert deployment.request(method, path).status_code == 503
    assert deployment.request("GET", "health").status_code == 200
    postgres.start()
    audit.work()
    audit.settle()
    assert worker.running()


def test_a_worker_that_meets_a_hung_database_goes_on_when_it_answers_again(
    deployment: Deployment, audit: Audit, worker: Process, postgres: PostgresServer
) -> None:
    locks.freeze(audit.deployment, worker)
    audit.work()
    postgres.suspend()
    worker.resume()
    try:
        wait_until(lambda: worker.running(), BOUND_SECONDS, "it lives")
    finally:
        postgres.resume()
    audit.settle()
