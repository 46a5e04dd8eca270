"""The whole job, from a todo to its calendar, on every broker: one suite for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import amqp
import boto3
import pytest
from amqp.exceptions import MessageNacked, PreconditionFailed
from celery.result import AsyncResult
from icalendar import Calendar
from kombu import Connection, Queue
from kombu.exceptions import OperationalError
from redis import Redis

from tests.running import DEADLINE_SECONDS, Deployment, logged_since
from tests.servers.process import wait_until
from tests.setups import SETUPS, settings_for

PAYLOAD: list[dict[str, Any]] = [
    {"id": 7, "title": "Project Proposal", "description": "Due", "deadline_at": "2023-04-03T14:00:00"},
    {"id": 8, "title": "Someday", "deadline_at": None},
]

GARBAGE = [b"garbage", b"", b"\xff\xfe", b"[1]", b"3", b'{"a": 1}', b'{"properties": 3}', b'{"properties": {}}']
"""What somebody else may have put on the queue, byte by byte."""


@pytest.fixture(scope="module", params=SETUPS)
def setup(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def deployment(
    setup: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """One web server and one worker on this broker and database, for all tests of it."""
    settings = {**settings_for(setup, request), "WINDOW_SECONDS": "0.3"}
    with pytest.MonkeyPatch.context() as patch, Deployment(tmp_path_factory.mktemp("job"), settings) as deployment:
        for name, value in settings.items():
            if name.startswith("AWS_"):  # the client in this process goes by the environment too
                patch.setenv(name, value)
        deployment.start_web()
        deployment.start_worker()
        yield deployment


def celery_status(deployment: Deployment, job_id: str) -> str:
    return str(AsyncResult(job_id, app=deployment.client).status)


def test_a_job_hands_out_the_calendar_with_every_change_before_it(deployment: Deployment) -> None:
    todo_id = deployment.add("as first written")
    deployment.request("PUT", f"todos/{todo_id}", json={"title": "as changed"})
    deployment.add("another")
    job_id = deployment.post_job()
    deployment.wait_for_job(job_id)
    titles = deployment.titles(job_id)
    assert "as changed" in titles
    assert "another" in titles
    assert "as first written" not in titles


def test_a_deleted_todo_is_gone_from_the_next_calendar(deployment: Deployment) -> None:
    todo_id = deployment.add("to be deleted")
    deployment.request("DELETE", f"todos/{todo_id}")
    job_id = deployment.post_job()
    deployment.wait_for_job(job_id)
    assert "to be deleted" not in deployment.titles(job_id)


def test_twenty_jobs_at_once_are_one_or_two_builds(deployment: Deployment) -> None:
    deployment.wait_for_job(deployment.post_job())
    before = deployment.query("SELECT builds FROM lists")
    deployment.add("one change")
    with ThreadPoolExecutor(20) as pool:
        jobs = list(pool.map(lambda _: deployment.post_job(), range(20)))
    for job_id in jobs:
        deployment.wait_for_job(job_id)
    # One change, one build; on a slow machine the jobs may come when it has begun, and none needs a second.
    assert deployment.query("SELECT builds FROM lists") - before == 1
    assert len(set(jobs)) == 20


def test_celery_itself_agrees_on_how_a_job_ended(deployment: Deployment) -> None:
    deployment.add("for Celery's own tools")
    job_id = deployment.post_job()
    deployment.wait_for_job(job_id)
    if deployment.resolved.result_backend is None:
        pytest.fail("every setup has a result backend")
    wait_until(lambda: celery_status(deployment, job_id) == "SUCCESS", DEADLINE_SECONDS, "Celery says SUCCESS")
    # The calendar is current: this one is done before it is asked about, and told of all the same.
    second = deployment.post_job()
    assert deployment.status(second) == "SUCCESS"
    wait_until(lambda: celery_status(deployment, second) == "SUCCESS", DEADLINE_SECONDS, "Celery says SUCCESS again")


def test_waiting_answers_when_the_calendar_is_made(deployment: Deployment) -> None:
    deployment.add("waited for")
    answer = deployment.request("POST", "todos/ical", headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert answer.json()["task_status"] == "SUCCESS"
    assert "waited for" in deployment.titles(answer.json()["task_id"])


def test_any_celery_client_can_have_its_own_todos_made_into_a_calendar(deployment: Deployment) -> None:
    result = deployment.client.send_task("ical", args=[PAYLOAD])
    text = result.get(timeout=DEADLINE_SECONDS)
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert (event["UID"], event["SUMMARY"], event["DESCRIPTION"]) == ("7", "Project Proposal", "Due")
    assert "\r\nDTSTART:20230403T140000\r\n" in text


def test_the_command_line_can_call_the_task(deployment: Deployment) -> None:
    called = deployment.celery("call", "ical", "--args", json.dumps([PAYLOAD]))
    assert called.returncode == 0, called.stderr
    task_id = called.stdout.split()[-1]
    text = AsyncResult(task_id, app=deployment.client).get(timeout=DEADLINE_SECONDS)
    assert "SUMMARY:Project Proposal\r\n" in text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ical", ["no list"]),
        ("ical", [[{"id": 1}]]),
        ("ical", []),
        ("calendar", ["no id"]),
        ("calendar", [2**70]),
        ("calendar", [999]),
        ("unknown", []),
    ],
)
def test_a_senseless_call_leaves_the_worker_working(deployment: Deployment, name: str, arguments: list[object]) -> None:
    deployment.client.send_task(name, args=arguments, ignore_result=True)
    [worker] = deployment.parts("worker")
    deployment.add(f"after {name} {arguments}")
    job_id = deployment.post_job()
    deployment.wait_for_job(job_id)
    assert deployment.parts("worker") == [worker]


@pytest.mark.parametrize("arguments", [[], [5], ["text"], [[5]], [[{"id": 1}]], [PAYLOAD, 2]], ids=str)
def test_a_payload_that_makes_no_sense_fails(deployment: Deployment, arguments: list[Any]) -> None:
    result = deployment.client.send_task("ical", args=arguments)
    wait_until(lambda: result.status == "FAILURE", DEADLINE_SECONDS, "the failure is known")


@pytest.fixture
def put(setup: str, deployment: Deployment) -> Iterator[Callable[[bytes], object]]:
    """Puts bytes on the queue as somebody else would."""
    broker, url = setup.partition("-")[0], deployment.settings.get("CELERY_BROKER_URL", "")
    if broker == "files":
        folder = Path(deployment.settings["DATA_DIR"]) / "broker"
        yield lambda body: (folder / f"0_{len(body)}.ical.msg").write_bytes(body)
    elif broker == "redis":
        with Redis.from_url(url) as redis:
            yield lambda body: redis.lpush("ical", body)
    elif broker == "sqs":
        sqs = boto3.client("sqs")
        queue = sqs.get_queue_url(QueueName="ical")["QueueUrl"]
        yield lambda body: sqs.send_message(QueueUrl=queue, MessageBody=body.decode(errors="replace") or " ")
        sqs.close()
    else:
        with Connection(url) as connection:
            channel = connection.channel()
            headers = {"task": "calendar", "id": "somebody's"}
            kinds: list[dict[str, Any]] = [
                {},
                {"content_type": "application/json", "content_encoding": "utf-8"},
                {"content_type": "application/json", "content_encoding": "utf-8", "application_headers": headers},
                {"content_type": "application/x-python-serialize", "content_encoding": "binary"},
            ]

            def publish(body: bytes) -> None:
                for kind in kinds:
                    channel.basic_publish(amqp.Message(body, **kind), exchange="", routing_key="ical")

            yield publish


def test_messages_that_are_not_ours_end_no_worker_and_delay_no_job(
    deployment: Deployment, put: Callable[[bytes], object]
) -> None:
    [worker] = deployment.parts("worker")
    for body in GARBAGE:
        put(body)
    new_lines = logged_since(worker)
    deployment.client.send_task("nobody.knows", args=[1])
    deployment.client.send_task("calendar", args=["no number"], kwargs={"what": "else"})
    wait_until(lambda: "nobody.knows" in new_lines(), DEADLINE_SECONDS, "the worker has read them")
    job_id = deployment.post_job()
    deployment.wait_for_job(job_id)
    wait_until(
        lambda: deployment.client.AsyncResult(job_id).status == "SUCCESS",  # which takes a message
        DEADLINE_SECONDS,
        "the worker reads on",
    )
    assert worker.running()
    assert "Unrecoverable" not in new_lines()


def test_on_rabbitmq_the_queue_is_a_quorum_queue(deployment: Deployment) -> None:
    if not deployment.resolved.broker_url.startswith("amqp"):
        return
    with deployment.client.connection_for_write() as connection:
        classic = {"x-queue-type": "classic"}
        with pytest.raises(PreconditionFailed, match="quorum"):
            connection.default_channel.queue_declare("ical", durable=True, auto_delete=False, arguments=classic)


def test_on_rabbitmq_a_message_that_the_broker_refuses_is_no_silent_loss(deployment: Deployment) -> None:
    if not deployment.resolved.broker_url.startswith("amqp"):
        return
    with deployment.client.connection_for_write() as connection:
        full = Queue("full", queue_arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        full.maybe_bind(connection.default_channel)
        full.queue_declare()
        with connection.Producer() as producer:
            producer.publish({}, routing_key="full")
            with pytest.raises((OperationalError, MessageNacked)):
                producer.publish({}, routing_key="full")


def test_files_keep_nothing_behind(deployment: Deployment) -> None:
    if not deployment.resolved.broker_url.startswith("filesystem"):
        return
    folder = Path(deployment.settings["DATA_DIR"]) / "broker"
    wait_until(lambda: not list(folder.glob("*.msg")), DEADLINE_SECONDS, "every message was taken")
    assert not [path for path in folder.iterdir() if path.is_file()]
