"""Processes that are killed (SIGKILL) at the worst moments."""

from __future__ import annotations

import pytest

from tests.faults import locks
from tests.faults.audit import Audit
from tests.running import Deployment, logged_since
from tests.servers import RedisServer
from tests.servers.process import Process


@pytest.mark.parametrize("setup", ["redis-postgresql", "rabbitmq-postgresql", "files-sqlite"])
def test_a_job_rung_for_while_no_worker_lives_is_done_by_the_next(audit: Audit, worker: Process) -> None:
    worker.kill()
    audit.work()
    audit.deployment.start_worker()
    audit.settle()


@pytest.mark.parametrize("setup", ["redis-postgresql", "rabbitmq-postgresql", "files-sqlite"])
def test_a_worker_killed_at_once_after_a_publish_costs_no_job(audit: Audit, worker: Process) -> None:
    audit.work()
    worker.kill()
    audit.deployment.start_worker()
    audit.settle()


@pytest.mark.parametrize("place", [locks.BEFORE_THE_READ, locks.BEFORE_THE_STORE], ids=["reads", "stores"])
def test_a_worker_killed_where_it_reads_or_stores_costs_no_job(audit: Audit, worker: Process, place: str) -> None:
    locks.freeze(audit.deployment, worker)
    audit.work()
    with locks.held(audit.deployment, place):
        worker.resume()
        locks.wait_for_waiting(audit.deployment)
        worker.kill()
    audit.deployment.start_worker()
    audit.settle()


def test_another_worker_takes_over_from_one_that_died_in_a_build(audit: Audit, worker: Process) -> None:
    other = audit.deployment.start_worker()
    locks.freeze(audit.deployment, worker, other)
    audit.work()
    with locks.held(audit.deployment, locks.BEFORE_THE_READ):
        worker.resume()
        locks.wait_for_waiting(audit.deployment)
        worker.kill()
        other.resume()
    audit.settle()
    assert other.running()


def test_a_web_server_killed_between_commit_and_ring_costs_no_job(
    audit: Audit, worker: Process, deployment: Deployment, redis_server: RedisServer
) -> None:
    new_lines = logged_since(worker)
    redis_server.suspend()
    try:
        audit.work()
        for process in deployment.parts("web"):
            process.kill()
    finally:
        redis_server.kill()  # and not resumed: what the dead server's socket still holds would come through
        redis_server.start()
    deployment.start_web()
    audit.settle()
    assert "list_swept" in new_lines()
