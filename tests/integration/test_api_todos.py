"""The routes of one todo: what is made, changed and deleted, and what comes back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.api import Api

PUBLISHED = ["id", "title", "description", "completed", "deadline_at", "created_at", "updated_at"]
FIELDS = [*PUBLISHED, "completed_at", "priority", "tags", "sequence"]


def test_health_says_ok(api: Api) -> None:
    answer = api.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_new_todo_has_the_published_fields_and_defaults(api: Api) -> None:
    answer = api.post("/todos", {"title": "Buy milk"})
    assert answer.status_code == 201
    todo = answer.json
    assert sorted(todo) == sorted(FIELDS)
    assert (todo["title"], todo["description"], todo["completed"], todo["deadline_at"]) == (
        "Buy milk",
        None,
        False,
        None,
    )
    assert (todo["completed_at"], todo["priority"], todo["tags"]) == (None, 0, [])
    assert todo["sequence"] == 0
    assert todo["created_at"] == todo["updated_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", todo["created_at"])


def test_a_new_todo_is_found_at_its_location(api: Api) -> None:
    answer = api.post("/todos", {"title": "Buy milk", "description": "two", "completed": True})
    todo = answer.json
    assert answer.headers["Location"] == f"http://localhost/api/v1/todos/{todo['id']}"
    assert api.get(f"/todos/{todo['id']}").json == todo
    assert api.get("/todos").json == [todo]
    assert (todo["description"], todo["completed"]) == ("two", True)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-05-01", "2026-05-01"),
        ("2026-05-01T10:00:00", "2026-05-01T10:00:00"),
        ("2026-05-01 10:00:00", "2026-05-01T10:00:00"),
        ("2026-05-01T10:00", "2026-05-01T10:00:00"),
        ("2026-05-01 10:00", "2026-05-01T10:00:00"),
        ("2026-05-01T10:00:00.5", "2026-05-01T10:00:00.500000"),
        ("2026-05-01 10:00:00.123456789", "2026-05-01T10:00:00.123456"),
        ("2026-05-01T10:00:00.000000", "2026-05-01T10:00:00"),
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
        ("2026-05-01T10:00:00+10:00", "2026-05-01T00:00:00Z"),
        ("2026-05-01 23:30:00-03:30", "2026-05-02T03:00:00Z"),
        ("0001-01-01", "0001-01-01"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"),
        (None, None),
    ],
)
def test_a_deadline_stays_the_kind_it_was_given_as(api: Api, given: str | None, shown: str | None) -> None:
    todo = api.todo(deadline_at=given)
    assert todo["deadline_at"] == shown
    assert api.get(f"/todos/{todo['id']}").json["deadline_at"] == shown
    assert api.get("/todos").json[0]["deadline_at"] == shown


@pytest.mark.parametrize(
    "text",
    [
        'Ärger & <b>"it\'s"</b> \\ / % _',
        "日本語 العربية עברית",
        "👩‍👩‍👧‍👦 e\u0301 \u200f\u202e",
        "tab\there\nand a line",
        "x" * 255,
        "😀" * 255,
        "\ufeff",
        "\ud7ff\ue000\uffff\U0010ffff",
    ],
)
def test_text_comes_back_as_it_went_in(api: Api, text: str) -> None:
    todo = api.todo(text, description=text)
    stored = api.get(f"/todos/{todo['id']}").json
    assert (stored["title"], stored["description"]) == (text, text)


def test_a_description_takes_ten_thousand_characters(api: Api) -> None:
    assert api.todo(description="😀" * 10_000)["description"] == "😀" * 10_000


def test_line_breaks_of_every_kind_become_one(api: Api) -> None:
    assert api.todo("a\r\nb\rc\nd")["title"] == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "new"},
        {"description": "new"},
        {"description": None},
        {"completed": True},
        {"deadline_at": "2027-01-01"},
        {"deadline_at": None},
        {"priority": 9},
        {"tags": ["a", "b, c;"]},
        {"tags": []},
        {"title": "new", "completed": True, "deadline_at": "2027-01-01T00:00:00Z"},
    ],
)
def test_put_sets_the_fields_given_and_no_others(api: Api, change: dict[str, Any]) -> None:
    before = api.todo("old", description="old", deadline_at="2026-05-01T10:00:00", priority=1, tags=["old"])
    answer = api.put(f"/todos/{before['id']}", change)
    assert answer.status_code == 200
    after = answer.json
    completed_at = after["updated_at"] if change.get("completed") else None
    marks = {"updated_at": after["updated_at"], "completed_at": completed_at, "sequence": 1}
    assert after == {**before, **change, **marks}
    assert after["updated_at"] > before["updated_at"]
    assert api.get(f"/todos/{before['id']}").json == after


def test_a_whole_day_becomes_midnight_only_when_asked_for(api: Api) -> None:
    todo = api.todo(deadline_at="2026-05-01")
    changed = api.put(f"/todos/{todo['id']}", {"deadline_at": "2026-05-01T00:00:00"}).json
    assert changed["deadline_at"] == "2026-05-01T00:00:00"  # the same value in the database, another kind
    assert api.revision() == 2


def test_completed_at_is_when_it_was_completed_and_not_when_it_was_edited(api: Api) -> None:
    todo = api.todo(completed=True)
    assert todo["completed_at"] == todo["created_at"]
    edited = api.put(f"/todos/{todo['id']}", {"title": "new", "completed": True}).json
    assert edited["completed_at"] == todo["completed_at"] < edited["updated_at"]
    reopened = api.patch("/todos", [{"id": todo["id"], "completed": False}]).json[0]["todo"]
    assert reopened["completed_at"] is None
    again = api.put(f"/todos/{todo['id']}", {"completed": True}).json
    assert again["completed_at"] == again["updated_at"] > edited["updated_at"]


@pytest.mark.parametrize(
    "tags", [["one"], ["b", "a", "b"], ["x" * 50] * 20, ["😀" * 50], ["tab\there", "a,b;c\\d", " blanks around "], []]
)
def test_tags_and_priority_come_back_as_they_went_in(api: Api, tags: list[str]) -> None:
    todo = api.todo(tags=tags, priority=9)
    assert (todo["tags"], todo["priority"]) == (tags, 9)
    assert api.get(f"/todos/{todo['id']}").json == todo
    assert api.get("/todos").json == api.get("/todos?limit=5").json == [todo]


def test_put_of_a_missing_todo_is_not_found(api: Api) -> None:
    answer = api.put("/todos/999999", {"title": "new"})
    assert (answer.status_code, answer.json["field"]) == (404, "id")


def test_get_of_a_missing_todo_is_not_found(api: Api) -> None:
    answer = api.get("/todos/999999")
    assert (answer.status_code, answer.json["field"]) == (404, "id")
    assert "999999" in answer.json["error"]


def test_delete_answers_with_the_todo_and_then_with_nothing(api: Api) -> None:
    todo = api.todo("gone soon", deadline_at="2026-05-01")
    first = api.delete(f"/todos/{todo['id']}")
    assert (first.status_code, first.json) == (200, todo)
    second = api.delete(f"/todos/{todo['id']}")
    assert (second.status_code, second.json) == (200, {})
    assert api.get(f"/todos/{todo['id']}").status_code == 404


def test_the_id_of_a_deleted_todo_is_never_given_out_again(api: Api) -> None:
    todo = api.todo()
    api.delete(f"/todos/{todo['id']}")
    assert api.todo()["id"] > todo["id"]


def test_every_change_is_one_revision(api: Api) -> None:
    todo = api.todo()
    assert api.revision() == 1
    api.put(f"/todos/{todo['id']}", {"completed": True, "title": "new"})
    assert api.revision() == 2
    api.delete(f"/todos/{todo['id']}")
    assert api.revision() == 3


def test_what_changes_nothing_leaves_no_trace(api: Api) -> None:
    own: dict[str, Any] = {"description": "same", "completed": True, "priority": 3, "tags": ["a", "b"]}
    todo = api.todo("same", deadline_at="2026-05-01T10:00:00+02:00", **own)
    api.build()
    api.rings.heard.clear()
    before = api.dump()
    own_values = {key: todo[key] for key in ("title", "deadline_at", *own)}
    assert api.put(f"/todos/{todo['id']}", own_values).json == todo
    assert api.put(f"/todos/{todo['id']}", {}).json == todo
    assert api.patch("/todos", [{"id": todo["id"], **own_values}, {"id": 999999, "title": "no one"}]).status_code == 200
    assert api.delete("/todos/999999").json == {}
    assert api.patch("/lists/1", {"name": "Tasks", "time_zone": None}).status_code == 200
    assert api.dump() == before
    assert api.rings.heard == []


def test_the_first_change_rings_and_those_that_find_it_rung_do_not(api: Api) -> None:
    for _ in range(3):
        api.todo()
    assert api.rings.heard == [(1, None)]
    api.build()
    api.todo()
    assert api.rings.heard == [(1, None), (1, None)]
