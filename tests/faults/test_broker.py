"""Brokers that are stopped, hang, lose everything or repeat themselves: jobs are done, and no request waits."""

from __future__ import annotations

import pytest

from tests.faults import locks
from tests.faults.audit import BOUND_SECONDS, REQUEST_SECONDS, Audit
from tests.running import DEADLINE_SECONDS, Deployment, logged_since
from tests.servers import Server, wait_until
from tests.servers.process import Process

BROKERS = pytest.mark.parametrize("setup", ["redis-postgresql", "rabbitmq-postgresql", "sqs-postgresql"])


@pytest.fixture
def broker(setup: str, request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(f"{setup.partition('-')[0]}_server")
    return server


def rings(audit: Audit, worker: Process) -> None:
    """A change rings, and the worker hears it."""
    new_lines = logged_since(worker)
    audit.work()
    wait_until(lambda: "Task calendar" in new_lines(), DEADLINE_SECONDS, "the bell is heard")


def work_without_broker(audit: Audit) -> None:
    for _ in range(2):  # what hangs in the first round must not be missing in the second
        for _ in range(4):
            audit.work()
        audit.deployment.wait_for_job(audit.jobs[-1], BOUND_SECONDS)
    assert audit.slowest_seconds < REQUEST_SECONDS


@BROKERS
def test_a_stopped_broker_delays_no_request_and_no_job_beyond_the_sweep(
    audit: Audit, worker: Process, broker: Server
) -> None:
    broker.stop()
    try:
        work_without_broker(audit)
    finally:
        broker.start()
    rings(audit, worker)
    audit.settle()


@BROKERS
def test_a_broker_that_hangs_delays_no_request_and_no_job_beyond_the_sweep(
    audit: Audit, worker: Process, broker: Server
) -> None:
    broker.suspend()
    try:
        work_without_broker(audit)
    finally:
        broker.resume()
    rings(audit, worker)
    audit.settle()


@BROKERS
def test_a_broker_that_loses_everything_costs_no_job(audit: Audit, worker: Process, broker: Server) -> None:
    locks.freeze(audit.deployment, worker)
    audit.work()
    broker.wipe()
    worker.resume()
    audit.settle()
    rings(audit, worker)
    audit.settle()


@pytest.mark.parametrize("setup", ["redis-postgresql", "sqs-postgresql"])
def test_a_worker_started_while_the_broker_is_down_sweeps_and_hears_the_bell_later(
    deployment: Deployment, audit: Audit, broker: Server
) -> None:
    for process in deployment.parts("worker"):
        process.kill()
    broker.stop()
    try:
        worker = deployment.start_worker(wait=False)
        work_without_broker(audit)
    finally:
        broker.start()
    rings(audit, worker)
    audit.settle()
