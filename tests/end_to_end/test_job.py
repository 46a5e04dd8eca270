"""The whole job, from a todo to its calendar, on every broker: one suite for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from amqp.exceptions import PreconditionFailed
from celery.result import AsyncResult
from icalendar import Calendar

from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers.process import wait_until
from tests.setups import SETUPS, settings_for

PAYLOAD: list[dict[str, Any]] = [
    {"id": 7, "title": "Project Proposal", "description": "Due", "deadline_at": "2023-04-03T14:00:00"},
    {"id": 8, "title": "Someday", "deadline_at": None},
]


@pytest.fixture(scope="module", params=SETUPS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One web server and one worker on this broker and database, for all tests of it."""
    settings = {**settings_for(request.param, request), "WINDOW_SECONDS": "0.3"}
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


def test_on_rabbitmq_the_queue_is_a_quorum_queue(deployment: Deployment) -> None:
    if not deployment.resolved.broker_url.startswith("amqp"):
        return
    with deployment.client.connection_for_write() as connection:
        classic = {"x-queue-type": "classic"}
        with pytest.raises(PreconditionFailed, match="quorum"):
            connection.default_channel.queue_declare("ical", durable=True, auto_delete=False, arguments=classic)


def test_files_keep_nothing_behind(deployment: Deployment) -> None:
    if not deployment.resolved.broker_url.startswith("filesystem"):
        return
    folder = Path(deployment.settings["DATA_DIR"]) / "broker"
    wait_until(lambda: not list(folder.glob("*.msg")), DEADLINE_SECONDS, "every message was taken")
    assert not [path for path in folder.iterdir() if path.is_file()]
