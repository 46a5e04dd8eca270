"""The worker as an operator meets it: one command, servers that come later, a clean end, one line of complaint."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import boto3
import pytest
from celery.result import AsyncResult
from kombu.exceptions import DecodeError

from tests.running import DEADLINE_SECONDS, Deployment, ends, log_of
from tests.servers import PostgresServer, RedisServer, Server, wait_until
from tests.setups import SETUPS, settings_for

STOP_SECONDS = 10.0
"""A container is killed so long after it was asked to stop."""

ALL_SETUPS = pytest.mark.parametrize("setup", [name for name in SETUPS if name != "redis-sqlite"])


@pytest.fixture
def setup() -> str:
    return "files-sqlite"


@pytest.fixture
def deployment(setup: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of which nothing runs yet."""
    settings = settings_for(setup, request)
    with Deployment(tmp_path, settings) as deployment, pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        yield deployment


def test_one_command_without_any_setting_lists_the_task_and_works(deployment: Deployment) -> None:
    worker = deployment.start_worker()
    lines = log_of(worker).splitlines()
    tasks = lines[lines.index("[tasks]") + 1 :]
    assert "  . ical" in tasks[: tasks.index("")]
    assert deployment.query("SELECT count(*) FROM lists") == 1
    payload = [{"id": 1, "title": "Milk", "deadline_at": "2026-05-01"}]
    assert "SUMMARY:Milk" in deployment.client.send_task("ical", args=[payload]).get(timeout=DEADLINE_SECONDS)


def test_a_worker_waits_for_a_database_that_does_not_exist_yet(tmp_path: Path, postgres_server: PostgresServer) -> None:
    name = "comes_later"
    settings = {"SQLALCHEMY_DATABASE_URI": postgres_server.url.replace("/postgres", f"/{name}")}
    with Deployment(tmp_path, settings) as deployment:
        worker = deployment.start_worker(wait=False)
        wait_until(lambda: "database_not_ready" in log_of(worker), DEADLINE_SECONDS, "it says that it waits")
        postgres_server.database(name)
        deployment.start_web()
        job_id = deployment.post_job()
        deployment.wait_for_job(job_id)


def test_a_worker_started_before_its_broker_hears_the_bell_when_it_comes(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with RedisServer() as redis, Deployment(tmp_path, {"CELERY_BROKER_URL": redis.url}) as deployment:
        redis.stop()
        worker = deployment.start_worker(wait=False)
        wait_until(lambda: "Cannot connect" in log_of(worker), DEADLINE_SECONDS, "it says that it waits")
        redis.start()
        deployment.start_web()
        deployment.post_job()
        wait_until(lambda: "Task calendar" in log_of(worker), DEADLINE_SECONDS, "it hears the bell")


def succeeded(result: AsyncResult) -> bool:
    try:
        return bool(result.status == "SUCCESS")
    except DecodeError:  # Celery's files are read while they are being written
        return False


@ALL_SETUPS
def test_busy_or_idle_a_worker_stops_soon_and_the_next_one_does_what_it_left(
    deployment: Deployment, setup: str
) -> None:
    if setup.startswith("sqs"):
        # What a poll brings while the worker stops comes again after the queue's visibility timeout, 300 s otherwise.
        boto3.client("sqs").create_queue(QueueName="ical", Attributes={"VisibilityTimeout": "2"})
    payload = [{"id": number, "title": "x" * 200, "deadline_at": "2026-05-01"} for number in range(1_000)]
    worker = deployment.start_worker()
    results = [deployment.client.send_task("ical", args=[payload]) for _ in range(40)]
    wait_until(lambda: " received" in log_of(worker), DEADLINE_SECONDS, "it is busy")
    assert ends(worker, STOP_SECONDS) == 0
    worker = deployment.start_worker()
    for result in results:
        wait_until(partial(succeeded, result), DEADLINE_SECONDS, "all are done")
    assert ends(worker, STOP_SECONDS) == 0


@pytest.mark.parametrize("setup", ["rabbitmq-postgresql", "sqs-postgresql"])
def test_a_worker_whose_broker_hangs_stops_all_the_same(
    deployment: Deployment, setup: str, request: pytest.FixtureRequest
) -> None:
    broker: Server = request.getfixturevalue(f"{setup.partition('-')[0]}_server")
    worker = deployment.start_worker()
    broker.suspend()
    try:
        ends(worker, STOP_SECONDS)
    finally:
        broker.resume()


@pytest.mark.parametrize("setup", ["rabbitmq-postgresql", "files-sqlite"])
def test_two_workers_on_one_machine_share_the_work(deployment: Deployment) -> None:
    workers = [deployment.start_worker(), deployment.start_worker()]
    deployment.start_web()
    deployment.wait_for_job(deployment.post_job())
    assert all(worker.running() for worker in workers)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CELERY_BROKER_URL", "gopher://localhost"),
        ("SQLALCHEMY_DATABASE_URI", "mysql://localhost/todo"),
        ("WINDOW_SECONDS", "soon"),
        ("CELERY_DEFAULT_QUEUE", "x" * 100),
    ],
)
def test_a_setting_that_cannot_be_used_ends_it_with_one_line_that_names_it(
    deployment: Deployment, variable: str, value: str
) -> None:
    deployment.folder.mkdir(exist_ok=True)
    ended = subprocess.run(
        deployment.worker_command,
        env={**deployment.environment, variable: value},
        cwd=deployment.folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"taskoverflow: {variable}: ")
