"""The worker's tasks and the Celery application's settings, without a worker or a broker."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import TaskRevokedError
from icalendar import Calendar
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from tests.running import DEADLINE_SECONDS, ROOT
from tests.servers import wait_until
from todo import database, jobs, outcomes, schema
from todo.config import Settings
from todo.errors import BadInput
from todo.tasks.celery_app import make_celery, make_folders

BROKERS = ["", "redis://localhost/0", "rediss://localhost/0", "amqp://localhost//", "sqs://"]


@pytest.fixture(scope="module")
def ical(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The worker's module, imported with settings of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("worker")))
        patch.delitem(sys.modules, "todo.tasks.ical", raising=False)
        import todo.tasks.ical as module

        make_folders(module.settings)
        schema.ensure(module._engine)
    return module


# The task with the published payload.


def test_the_payload_becomes_the_calendar_text(ical: ModuleType) -> None:
    text = ical.create_ical.run([{"id": 5, "title": "Bread", "deadline_at": "2026-05-01"}])
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert (str(event["UID"]), str(event["SUMMARY"])) == ("5", "Bread")


def test_no_todos_become_an_empty_calendar(ical: ModuleType) -> None:
    assert Calendar.from_ical(ical.create_ical.run([])).walk("VEVENT") == []


@pytest.mark.parametrize("payload", [None, "text", 5, {}, [1], [{}], [{"id": 1}], [[]]], ids=str)
def test_a_payload_that_makes_no_sense_is_refused_with_a_reason(ical: ModuleType, payload: Any) -> None:
    with pytest.raises(BadInput, match=r".+"):
        ical.create_ical.run(payload)


# The module.


def test_the_module_has_no_name_that_celerys_command_line_would_take_for_the_application(ical: ModuleType) -> None:
    assert not hasattr(ical, "app")
    assert isinstance(ical.celery, Celery)
    assert {"ical", "calendar"} <= set(ical.celery.tasks)


def test_importing_the_module_touches_neither_files_nor_servers(tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(tmp_path / "data"),
        "SQLALCHEMY_DATABASE_URI": "postgresql://127.0.0.1:1/none",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-c", "import todo.tasks.ical"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, timeout=DEADLINE_SECONDS, check=False)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


# What the result backend is told.


def test_an_outcome_is_kept_where_celery_looks_for_it(ical: ModuleType) -> None:
    ical._store_result(outcomes.Outcome("done", None, 3, "etag"))
    result = ical.celery.AsyncResult("done")
    assert (result.status, result.result) == ("SUCCESS", {"revision": 3, "etag": "etag"})


def test_a_failure_is_kept_with_its_reason(ical: ModuleType) -> None:
    ical._store_result(outcomes.Outcome("failed", "the moon is full", -1, None))
    result = ical.celery.AsyncResult("failed")
    assert result.status == "FAILURE"
    assert "the moon is full" in str(result.result)
    assert not isinstance(result.result, TaskRevokedError)


def test_a_job_is_told_of_once_it_is_built(ical: ModuleType) -> None:
    with ical._sessions() as session:
        job_id = jobs.request_build(session, 1, ring=lambda *_: None).job_id
    ical.build_calendar.run(1)
    wait_until(lambda: ical.celery.AsyncResult(job_id).status == "SUCCESS", DEADLINE_SECONDS, "the backend knows")
    ical.sweeper.stop()
    ical.teller.stop()


def test_a_message_about_a_list_whose_database_is_away_is_left_to_the_sweep(
    ical: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = database.open_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}")
    monkeypatch.setattr(ical, "_sessions", database.sessions(away))
    ical.build_calendar.run(1)


# The settings.


@pytest.mark.parametrize("broker", BROKERS)
def test_no_broker_is_trusted_with_anything_but_json(broker: str) -> None:
    celery = make_celery(Settings(CELERY_BROKER_URL=broker))
    content_type, encoding, body = dumps({"a": Path()} and ["payload"], serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(body, content_type, encoding, accept=celery.conf.accept_content)
    assert celery.conf.task_serializer == celery.conf.result_serializer == "json"


@pytest.mark.parametrize("broker", BROKERS)
def test_messages_are_acknowledged_late_and_no_wait_is_without_bound(broker: str) -> None:
    conf = make_celery(Settings(CELERY_BROKER_URL=broker)).conf
    assert conf.task_acks_late
    assert conf.broker_connection_retry_on_startup
    assert conf.broker_connection_timeout
    assert conf.broker_pool_acquire_timeout
    assert json.dumps(conf.broker_transport_options)


@pytest.mark.parametrize(("broker", "scheme"), [("redis://localhost/0", "redis"), ("rediss://localhost/0", "rediss")])
def test_a_tls_url_leads_to_tls(broker: str, scheme: str) -> None:
    with make_celery(Settings(CELERY_BROKER_URL=broker)).connection_for_write() as connection:
        assert connection.transport_cls == scheme
        assert bool(connection.ssl) == (scheme == "rediss")


@pytest.mark.parametrize("broker", BROKERS[1:])
def test_the_transport_is_the_one_that_survives_foreign_messages(broker: str) -> None:
    with make_celery(Settings(CELERY_BROKER_URL=broker)).connection_for_write() as connection:
        module = connection.get_transport_cls().__module__
    assert module.startswith("todo.tasks." if not broker.startswith("amqp") else "kombu.")
