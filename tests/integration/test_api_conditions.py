"""What makes a client that was offline safe: edits of what it saw alone, and todos that are made once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.integration.api import Answer, Api, at_once
from todo.models import Activity, Todo

THREADS = 8


def edit(api: Api, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.patch("/todos", list(changes))
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json
    return results


def make(api: Api, key: str, title: str = "a todo") -> Answer:
    return api.post("/todos", {"title": title}, headers={"Idempotency-Key": key})


def count(api: Api) -> int:
    found: int = api.scalar(select(func.count()).select_from(Todo))
    return found


def test_the_sequence_counts_edits_that_changed_something(api: Api) -> None:
    todo = api.todo()
    path = f"/todos/{todo['id']}"
    api.put(path, {"title": "new"})
    api.put(path, {"title": "new"})
    api.patch("/todos", [{"id": todo["id"], "completed": True}])
    assert api.get(path).json["sequence"] == api.get("/todos").json[0]["sequence"] == 2
    assert api.get("/todos?limit=1").json[0]["sequence"] == 2
    assert api.delete(path).json["sequence"] == 2


@pytest.mark.parametrize("change", [{"title": "mine"}, {"deleted": True}, {"deleted": True, "title": "mine"}, {}])
def test_an_edit_of_another_sequence_leaves_the_todo_as_it_is(api: Api, change: dict[str, Any]) -> None:
    todo, other = api.todo("first"), api.todo("other")
    now = api.put(f"/todos/{todo['id']}", {"title": "theirs"}).json
    for known in (0, 2, 2**63):
        results = edit(
            api, {"id": todo["id"], "if_sequence": known, **change}, {"id": other["id"], "description": f"{known}"}
        )
        error = f"The todo with id {todo['id']} was changed meanwhile"
        assert results[0] == {"id": todo["id"], "status": 409, "error": error, "todo": now}
        assert (results[1]["status"], results[1]["todo"]["description"]) == (200, f"{known}")
    assert api.get(f"/todos/{todo['id']}").json == now


def test_an_edit_of_the_same_sequence_is_made(api: Api) -> None:
    todo, doomed = api.todo("first"), api.todo("doomed")
    [changed, deleted] = edit(
        api,
        {"id": todo["id"], "if_sequence": 0, "title": "mine"},
        {"id": doomed["id"], "if_sequence": 0, "deleted": True},
    )
    assert (changed["status"], changed["todo"]["title"], changed["todo"]["sequence"]) == (200, "mine", 1)
    assert deleted == {"id": doomed["id"], "status": 200, "todo": doomed}
    assert [found["id"] for found in api.get("/todos").json] == [todo["id"]]


def test_a_conditional_edit_of_a_missing_todo_is_not_found(api: Api) -> None:
    [result] = edit(api, {"id": 999999, "if_sequence": 0, "deleted": True})
    assert (result["status"], "todo" in result) == (404, False)


def test_conflicts_alone_are_no_change(api: Api) -> None:
    ids = [api.todo()["id"] for _ in range(3)]
    before = api.dump()
    results = edit(api, *({"id": todo_id, "if_sequence": 7, "completed": True} for todo_id in ids))
    assert [result["status"] for result in results] == [409] * 3
    assert api.dump() == before
    assert api.revision() == 3


def test_of_edits_of_the_same_sequence_at_the_same_moment_one_is_made(api: Api) -> None:
    todo_id = api.todo()["id"]
    actions = [
        lambda number=number: edit(api, {"id": todo_id, "if_sequence": 0, "title": f"{number}"})
        for number in range(THREADS)
    ]
    results = [result for [result] in at_once(*actions)]
    assert sorted(result["status"] for result in results) == [200] + [409] * (THREADS - 1)
    [made] = [result["todo"] for result in results if result["status"] == 200]
    assert all(result["todo"] == made for result in results)
    assert api.get(f"/todos/{todo_id}").json == made
    assert made["sequence"] == 1


def test_only_edits_that_were_made_are_counted(api: Api) -> None:
    todo, same = api.todo("first"), api.todo("same")
    api.app.config["COUNTER"].flush()
    changes = select(func.coalesce(func.sum(Activity.times), 0)).where(Activity.what == "change")
    before = api.scalar(changes)
    edit(api, {"id": todo["id"], "if_sequence": 5, "title": "x"}, {"id": same["id"], "title": "same"}, {"id": 999999})
    make(api, "a-key")
    make(api, "a-key")
    api.app.config["COUNTER"].flush()
    assert api.scalar(changes) == before + 1


def test_the_same_key_makes_one_todo(api: Api) -> None:
    first = make(api, "a-key", "first")
    assert first.status_code == 201
    now = api.put(f"/todos/{first.json['id']}", {"title": "changed"}).json
    before, rung = api.dump(), list(api.rings.heard)
    again = make(api, "a-key", "something else")
    assert (again.status_code, again.json) == (200, now)
    assert again.headers["Location"] == first.headers["Location"]
    assert "idempotency_key" not in again.json
    assert (api.dump(), api.rings.heard) == (before, rung)


def test_another_key_or_none_makes_another_todo(api: Api) -> None:
    keys = ["a", "A", "a" * 255, "a" * 254 + "b", "'", '"', "%", "_", "\\"]
    answers = [make(api, key) for key in keys] + [api.post("/todos", {"title": "x"}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == count(api) == len(keys) + 2


def test_a_wrong_todo_is_refused_and_leaves_its_key_free(api: Api) -> None:
    assert make(api, "a-key", "").status_code == 400
    assert make(api, "a-key").status_code == 201
    assert make(api, "a-key", "").status_code == 400  # whatever was made with it


def test_the_same_key_at_the_same_moment_is_one_todo(api: Api) -> None:
    for turn in range(5):
        answers = at_once(*[lambda turn=turn: make(api, f"key {turn}".replace(" ", "-"))] * THREADS)
        assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
        assert len({answer.text for answer in answers}) == 1
        assert count(api) == api.revision() == turn + 1
