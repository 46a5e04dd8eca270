"""What published instructions, and the tests that come with them, rely on: the package's names and its first answers.

They know no more than `create_app`, `db`, `Todo` and the API, and put their rows straight into the database.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from todo import create_app
from todo.models import db
from todo.models.todo import Todo
from todo.views import page

TODOS = "/api/v1/todos"
MILK = {
    "id": 1,
    "title": "Buy milk",
    "description": "two bottles",
    "completed": True,
    "deadline_at": dt.datetime(2023, 2, 27, 14, 0),
    "created_at": dt.datetime(2023, 2, 20),
    "updated_at": dt.datetime(2023, 2, 21),
}
PUBLISHED = {**MILK, **{key: value.isoformat() for key, value in MILK.items() if isinstance(value, dt.datetime)}}
MILK_JSON = {**PUBLISHED, "completed_at": None, "priority": 0, "tags": [], "sequence": 0}


@pytest.fixture
def app() -> Iterator[Flask]:
    app = create_app(config_overrides={"SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:", "TESTING": True})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def add(app: Flask, *rows: dict[str, Any]) -> None:
    with app.app_context():
        for row in rows:
            db.session.add(Todo(**row))
        db.session.commit()


def get(client: FlaskClient, query: str = "") -> Any:
    answer = client.get(f"{TODOS}{query}")
    assert answer.status_code == 200
    return answer.json


def test_the_package_has_the_published_names() -> None:
    assert isinstance(importlib.import_module("todo.views.routes").api, Blueprint)
    assert importlib.import_module("todo.models").db is db
    assert importlib.import_module("todo.models").Todo is Todo
    assert Path(importlib.import_module("todo").__file__ or "").parent / "app" == page.FOLDER  # what `/` serves


def test_the_celery_application_has_the_published_name_and_task() -> None:
    assert "ical" in importlib.import_module("todo.tasks.ical").celery.tasks


def test_two_applications_in_memory_share_nothing(app: Flask) -> None:
    add(app, MILK)
    other = create_app({"SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:", "TESTING": True})
    assert get(other.test_client()) == []
    assert len(get(app.test_client())) == 1
    with other.app_context():
        db.engine.dispose()


def test_statistics_stay_out_of_a_database_in_memory_which_is_one_connection(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("todo.activity.FLUSH_SECONDS", 0.001)
    for number in range(300):
        assert client.post(TODOS, json={"title": f"todo {number}"}).status_code == 201
    assert len(get(client)) == 300


def test_health_is_ok(client: FlaskClient) -> None:
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_page_is_served_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("the page")
    app = create_app({"SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:", "TESTING": True, "PAGE_FOLDER": tmp_path})
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/html", "the page")
    with app.app_context():
        db.engine.dispose()


def test_there_are_no_todos_at_first(client: FlaskClient) -> None:
    assert get(client) == []


def test_a_row_reads_as_json_with_times_without_zone(app: Flask, client: FlaskClient) -> None:
    add(app, MILK)
    assert get(client) == [MILK_JSON]
    assert client.get(f"{TODOS}/1").json == MILK_JSON


def test_rows_of_one_commit_come_in_the_order_they_were_added_in(app: Flask, client: FlaskClient) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "title": "one", "description": "with", "completed": True, "deadline_at": dt.datetime(2030, 1, 1)},
        {"id": 2, "title": "two"},
        {"id": 3, "title": "three", "deadline_at": dt.datetime(2029, 1, 1)},
        {"id": 4, "title": "four", "completed": True},
    ]
    add(app, *rows)
    assert [todo["title"] for todo in get(client)] == ["one", "two", "three", "four"]


def test_completed_filters(app: Flask, client: FlaskClient) -> None:
    add(app, {"id": 1, "title": "done", "completed": True}, {"id": 2, "title": "open", "completed": False})
    assert [todo["id"] for todo in get(client, "?completed=true")] == [1]
    assert [todo["id"] for todo in get(client, "?completed=false")] == [2]


def test_a_window_of_five_days_holds_what_is_due_in_them_and_what_is_overdue(app: Flask, client: FlaskClient) -> None:
    days = {"overdue": -3, "soon": 2, "later": 8}
    now = dt.datetime.now()  # noqa: DTZ005 (without zone, as the published rows are)
    add(app, *[{"title": title, "deadline_at": now + dt.timedelta(days=n)} for title, n in days.items()])
    add(app, {"title": "undated"})
    assert sorted(todo["title"] for todo in get(client, "?window=5")) == ["overdue", "soon"]


def test_one_todo_is_found_by_its_id_and_a_missing_one_is_not(app: Flask, client: FlaskClient) -> None:
    add(app, {"id": 7, "title": "seven"})
    assert client.get(f"{TODOS}/7").json["title"] == "seven"  # type: ignore[index] # it is an object
    missing = client.get(f"{TODOS}/8")
    assert (missing.status_code, "error" in (missing.json or {})) == (404, True)


def test_post_makes_a_todo(client: FlaskClient) -> None:
    given = {"title": "new", "description": "text", "completed": False, "deadline_at": "2023-02-27T14:00:00"}
    answer = client.post(TODOS, json=given)
    assert answer.status_code == 201
    assert {key: (answer.json or {})[key] for key in given} == given
    assert get(client) == [answer.json]


@pytest.mark.parametrize(
    "deadline", ["2023-02-27 14:00:00", "2023-02-27 14:00:00.000000", "2023-02-27T14:00:00.000000"]
)
def test_a_date_as_python_writes_it_is_accepted(client: FlaskClient, deadline: str) -> None:
    answer = client.post(TODOS, json={"title": "new", "deadline_at": deadline})
    assert (answer.status_code, (answer.json or {})["deadline_at"]) == (201, "2023-02-27T14:00:00")


@pytest.mark.parametrize("body", [{}, {"description": "no title"}, {"title": "x", "extra": 1}, {"title": "x", "id": 5}])
def test_post_without_title_or_with_another_field_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = client.post(TODOS, json=body)
    assert (answer.status_code, "error" in (answer.json or {})) == (400, True)
    assert get(client) == []


def test_put_changes_the_fields_given(app: Flask, client: FlaskClient) -> None:
    add(app, MILK)
    answer = client.put(f"{TODOS}/1", json={"title": "Buy bread"})
    assert answer.status_code == 200
    changed = answer.json or {}
    assert changed == {**MILK_JSON, "title": "Buy bread", "updated_at": changed["updated_at"], "sequence": 1}
    assert changed["updated_at"] > MILK_JSON["updated_at"]
    assert get(client) == [changed]


@pytest.mark.parametrize("body", [{"id": 2}, {"id": 1, "title": "x"}, {"title": "x", "extra": 1}])
def test_put_with_an_id_or_another_field_is_refused(app: Flask, client: FlaskClient, body: dict[str, Any]) -> None:
    add(app, MILK)
    assert client.put(f"{TODOS}/1", json=body).status_code == 400
    assert get(client) == [MILK_JSON]


def test_put_of_a_missing_todo_is_not_found(client: FlaskClient) -> None:
    assert client.put(f"{TODOS}/1", json={"title": "x"}).status_code == 404


def test_delete_answers_with_the_todo_and_with_nothing_when_there_was_none(app: Flask, client: FlaskClient) -> None:
    add(app, MILK)
    for expected in (MILK_JSON, {}):
        answer = client.delete(f"{TODOS}/1")
        assert (answer.status_code, answer.json) == (200, expected)
    assert get(client) == []


def test_the_calendar_is_asked_for_as_published(client: FlaskClient) -> None:
    answer = client.post(f"{TODOS}/ical")
    assert answer.status_code == 202
    job = answer.json or {}
    assert sorted(job) == ["task_id", "task_url"]
    status = client.get(job["task_url"]).json or {}
    assert sorted(status) == ["result_url", "task_id", "task_status"]
    assert status["task_status"] == "PENDING"
    result = client.get(status["result_url"])
    assert (result.status_code, (result.json or {})["error"]) == (404, "Task not finished")
