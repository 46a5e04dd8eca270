"""Many changes in one request: one transaction, one revision, a result for each."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.integration.api import Api
from todo.models import Todo


def test_each_change_has_its_result_in_order(api: Api) -> None:
    first, second, third = (api.todo(title) for title in ("one", "two", "three"))
    answer = api.patch(
        "/todos",
        [
            {"id": third["id"], "completed": True},
            {"id": 999999, "completed": True},
            {"id": first["id"], "deleted": True},
            {"id": second["id"], "title": "zwei", "deadline_at": "2026-05-01 10:00"},
        ],
    )
    assert answer.status_code == 200
    results = answer.json
    assert [(result["id"], result["status"]) for result in results] == [
        (third["id"], 200),
        (999999, 404),
        (first["id"], 200),
        (second["id"], 200),
    ]
    assert results[0]["todo"] == api.get(f"/todos/{third['id']}").json
    assert results[0]["todo"]["completed"] is True
    assert "999999" in results[1]["error"]
    assert "todo" not in results[1]
    assert results[2]["todo"] == first
    assert results[3]["todo"] == api.get(f"/todos/{second['id']}").json
    assert (results[3]["todo"]["title"], results[3]["todo"]["deadline_at"]) == ("zwei", "2026-05-01T10:00:00")
    assert api.get(f"/todos/{first['id']}").status_code == 404


def test_a_batch_is_one_revision_and_one_ring(api: Api) -> None:
    ids = api.add(*[{} for _ in range(20)])
    answer = api.patch("/todos", [{"id": todo_id, "completed": True} for todo_id in ids])
    assert [result["status"] for result in answer.json] == [200] * 20
    assert api.revision() == 1
    assert api.rings.heard == [(1, None)]
    assert {todo["updated_at"] for todo in api.get("/todos").json} == {answer.json[0]["todo"]["updated_at"]}


def test_ten_thousand_ticks_are_one_request_one_revision_and_few_statements(api: Api) -> None:
    ids = api.add(*[{} for _ in range(10_000)])
    with api.statements() as statements:
        answer = api.patch("/todos", [{"id": todo_id, "completed": True} for todo_id in ids])
    assert answer.status_code == 200
    assert [result["id"] for result in answer.json] == ids
    assert all(result["todo"]["completed"] for result in answer.json)
    assert api.revision() == 1
    assert api.scalar(select(func.count()).where(Todo.completed, Todo.sequence == 1)) == 10_000
    assert len(statements) < 50


def test_deleting_many_leaves_the_others(api: Api) -> None:
    ids = api.add(*[{} for _ in range(2_500)])
    doomed = ids[:1_250]
    answer = api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in doomed])
    assert [result["todo"]["id"] for result in answer.json] == doomed
    assert [todo["id"] for todo in api.get("/todos").json] == ids[1_250:]
    assert api.revision() == 1


def test_a_deletion_wins_over_fields_given_with_it(api: Api) -> None:
    todo = api.todo("old")
    answer = api.patch("/todos", [{"id": todo["id"], "title": "new", "deleted": True}])
    assert answer.json == [{"id": todo["id"], "status": 200, "todo": todo}]
    assert api.get("/todos").json == []


def test_deleted_false_is_no_deletion(api: Api) -> None:
    todo = api.todo()
    assert api.patch("/todos", [{"id": todo["id"], "deleted": False}]).json[0]["todo"] == todo
    assert api.get("/todos").json == [todo]


def test_only_what_changes_is_marked_as_changed(api: Api) -> None:
    done, still_open = api.todo(completed=True), api.todo()
    api.patch("/todos", [{"id": todo["id"], "completed": True} for todo in (done, still_open)])
    assert api.get(f"/todos/{done['id']}").json == done
    assert api.get(f"/todos/{still_open['id']}").json["updated_at"] > still_open["updated_at"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": None}, "title"),
        ({"deadline_at": "tomorrow"}, "deadline_at"),
        ({"completed": "yes"}, "completed"),
        ({"deleted": None}, "deleted"),
        ({"created_at": "2026-01-01"}, "created_at"),
        ({"description": "\u0000"}, "description"),
    ],
)
def test_one_wrong_change_refuses_them_all(api: Api, wrong: dict[str, Any], field: str) -> None:
    ids = [api.todo()["id"] for _ in range(3)]
    before = api.dump()
    changes: list[dict[str, Any]] = [{"id": todo_id, "completed": True} for todo_id in ids]
    changes[2].update(wrong)
    answer = api.patch("/todos", changes)
    assert (answer.status_code, answer.json["field"]) == (400, f"[2].{field}")
    assert api.dump() == before
