"""A creation that is sent again after somebody deleted its todo: answered 410, and never a second todo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from tests.integration.api import Answer, Api, at_once
from tests.integration.refusals import refuses
from todo import spent_keys, todos
from todo.errors import Gone
from todo.models import SpentKey, Todo

TURNS = 20


def make(api: Api, key: str, title: str = "a todo") -> Answer:
    return api.post("/todos", {"title": title}, headers={"Idempotency-Key": key})


def is_gone(api: Api, key: str) -> None:
    refuses(api, 410, "Idempotency-Key", "POST", "/todos", headers={"Idempotency-Key": key}, json={"title": "a todo"})


def delete(api: Api, *todo_ids: int) -> None:
    answer = api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in todo_ids])
    assert {result["status"] for result in answer.json} == {200}


def keys(api: Api) -> list[str]:
    with api.sessions() as session:
        return list(session.scalars(select(SpentKey.idempotency_key).order_by(SpentKey.idempotency_key)))


def spend(api: Api, names: Sequence[str], *, days_ago: float, list_id: int = 1) -> None:
    """Note keys as spent so long ago."""
    deleted_at = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days_ago)
    with api.engine.begin() as connection:
        rows = [{"list_id": list_id, "idempotency_key": name, "deleted_at": deleted_at} for name in names]
        connection.execute(insert(SpentKey), rows)


def count(api: Api) -> int:
    found: int = api.scalar(select(func.count()).select_from(Todo))
    return found


@pytest.mark.parametrize("how", ["delete", "patch", "patch on condition"])
def test_the_key_of_a_deleted_todo_makes_no_other(api: Api, how: str) -> None:
    todo_id = make(api, "a-key").json["id"]
    if how == "delete":
        assert api.delete(f"/todos/{todo_id}").json["id"] == todo_id
    elif how == "patch":
        delete(api, todo_id)
    else:
        api.patch("/todos", [{"id": todo_id, "deleted": True, "if_sequence": 0}])
    for _ in range(2):
        is_gone(api, "a-key")
    assert count(api) == 0
    assert make(api, "a-key").json["error"] == "A todo was made with this Idempotency-Key, and deleted since"


def test_other_keys_and_none_make_todos_as_before(api: Api) -> None:
    delete(api, make(api, "a-key").json["id"])
    assert [make(api, key).status_code for key in ("A-KEY", "a-ke", "a-key2", "'", "%")] == [201] * 5
    assert api.post("/todos", {"title": "a todo"}).status_code == 201
    assert keys(api) == ["a-key"]


def test_a_todo_that_is_there_is_still_answered(api: Api) -> None:
    made = make(api, "a-key").json
    changed = api.patch("/todos", [{"id": made["id"], "deleted": True, "if_sequence": 7}]).json[0]  # a conflict
    assert (changed["status"], keys(api)) == (409, [])
    again = make(api, "a-key")
    assert (again.status_code, again.json) == (200, made)


def test_a_wrong_todo_is_refused_as_wrong_whatever_its_key(api: Api) -> None:
    delete(api, make(api, "a-key").json["id"])
    assert make(api, "a-key", "").status_code == 400


def test_a_deletion_that_fails_spends_no_key(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(api, "a-key").json

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed before the commit")

    before = api.dump()
    with monkeypatch.context() as patch, api.sessions() as session:
        patch.setattr(todos, "commit_change", fail)
        with pytest.raises(RuntimeError):
            todos.change(
                session, 1, [todos.Edit(made["id"], {}, deleted=True)], now=datetime(2026, 5, 1), ring=api.rings.ring
            )
    assert api.dump() == before
    assert (make(api, "a-key").status_code, keys(api)) == (200, [])


def test_each_list_has_keys_of_its_own(api: Api) -> None:
    delete(api, make(api, "a-key").json["id"])
    other_id = api.make_list()
    now = datetime(2026, 5, 1)
    with api.sessions() as session:
        values = {"title": "theirs", "completed": False}
        todo, made = todos.create_once(session, other_id, values, idempotency_key="a-key", now=now, ring=api.rings.ring)
        assert (made, todo.list_id) == (True, other_id)
        todos.change(session, other_id, [todos.Edit(todo.id, {}, deleted=True)], now=now, ring=api.rings.ring)
        with pytest.raises(Gone):
            todos.create_once(session, other_id, values, idempotency_key="a-key", now=now, ring=api.rings.ring)
    assert keys(api) == ["a-key"] * 2


def about_keys(statements: Sequence[str]) -> list[str]:
    """What was done to the table, in order."""
    return [statement.split()[0] for statement in statements if "spent_keys" in statement]


def test_a_spent_key_is_looked_up_only_when_no_todo_has_it(api: Api) -> None:
    with api.statements() as statements:
        make(api, "a-key")
    assert about_keys(statements) == ["SELECT"]
    with api.statements() as statements:
        make(api, "a-key")
        api.todo("without a key")
    assert about_keys(statements) == []


def test_deletions_of_todos_without_keys_cost_no_statement_more(api: Api) -> None:
    ids = api.add(*({"title": f"{number}"} for number in range(3)))
    keyed = make(api, "a-key").json["id"]
    with api.statements() as statements:
        delete(api, *ids[:2])
    assert about_keys(statements) == []
    without = len(statements)
    with api.statements() as statements:
        delete(api, ids[2], keyed)
    assert about_keys(statements) == ["INSERT", "DELETE"]
    assert len(statements) == without + 2


def test_ten_thousand_keys_are_spent_by_one_statement(api: Api) -> None:
    ids = api.add(*({"idempotency_key": f"key {number:05}"} for number in range(10_000)))
    with api.statements() as statements:
        delete(api, *ids)
    assert about_keys(statements) == ["INSERT", "DELETE"]
    assert count(api) == 0
    assert keys(api) == [f"key {number:05}" for number in range(10_000)]


def test_keys_are_kept_for_thirty_days(api: Api) -> None:
    spend(api, ["old", "older"], days_ago=30.01)
    spend(api, ["young"], days_ago=29.99)
    ids = api.add({"idempotency_key": None}, {"idempotency_key": "new"})
    delete(api, ids[0])
    is_gone(api, "old")
    assert keys(api) == ["old", "older", "young"]
    delete(api, ids[1])
    assert keys(api) == ["new", "young"]
    is_gone(api, "young")
    assert make(api, "old").status_code == 201


@pytest.mark.parametrize("deleted", [1, 50])
def test_some_more_are_forgotten_than_come_at_once_and_the_oldest_first(api: Api, deleted: int) -> None:
    spend(api, ["not the oldest"], days_ago=31)
    spend(api, [f"old {number}" for number in range(deleted + spent_keys.MORE_FORGOTTEN)], days_ago=40)
    first, second = ([f"{turn} {number:02}" for number in range(deleted)] for turn in (1, 2))
    delete(api, *api.add(*({"idempotency_key": key} for key in first)))
    assert keys(api) == [*first, "not the oldest"]
    delete(api, *api.add(*({"idempotency_key": key} for key in second)))
    assert keys(api) == [*first, *second]


def test_any_text_that_is_a_key_can_be_spent(api: Api) -> None:
    texts = sorted(["'", '"', "\\", "\\u0041", "%s", ":now", "?", "null", "1", "[]", "{}", "!~" * 127, "x" * 255])
    delete(api, *[make(api, key).json["id"] for key in texts])
    assert sorted(keys(api)) == texts
    for key in texts:
        is_gone(api, key)


def test_keys_of_other_lists_are_left_to_their_own_lock(api: Api) -> None:
    other_id = api.make_list()
    spend(api, ["old", "theirs"], days_ago=40, list_id=other_id)
    spend(api, ["old"], days_ago=40)
    delete(api, make(api, "a-key").json["id"])
    assert keys(api) == ["a-key", "old", "theirs"]


def test_a_todo_whose_key_was_spent_before_can_be_deleted(api: Api) -> None:
    spend(api, ["a-key"], days_ago=29)
    [todo_id] = api.add({"idempotency_key": "a-key"})  # straight into the database
    assert make(api, "a-key").json["id"] == todo_id
    delete(api, todo_id)
    is_gone(api, "a-key")
    deleted_at = api.scalar(select(SpentKey.deleted_at))
    assert datetime.now(UTC).replace(tzinfo=None) - deleted_at < timedelta(hours=1)


def test_the_index_serves_the_search_for_old_keys(api: Api) -> None:
    for start in range(0, 5_000, 1_000):
        spend(api, [f"key {number}" for number in range(start, start + 1_000)], days_ago=start / 1_000)
    searched = str(spent_keys._FORGET).partition("IN (")[2].partition("LIMIT")[0]
    explain = "EXPLAIN QUERY PLAN" if api.engine.dialect.name == "sqlite" else "EXPLAIN"
    with api.engine.begin() as connection:
        connection.execute(text("ANALYZE spent_keys"))
        plan = connection.execute(
            text(f"{explain} {searched} LIMIT 10000"), {"of_list": 1, "before": datetime(2020, 1, 1)}
        ).all()
    assert "ix_spent_keys_deleted_at" in str(plan)


def test_a_deletion_and_a_creation_sent_again_at_the_same_moment_are_never_two_todos(api: Api) -> None:
    seen = set()
    for turn in range(TURNS):
        key = f"key-{turn}"
        made = make(api, key).json
        retries: list[Any] = [lambda key=key: make(api, key)] * 3
        deleted, *answers = at_once(lambda made=made: api.delete(f"/todos/{made['id']}"), *retries)
        assert (deleted.status_code, deleted.json) == (200, made)
        for answer in answers:
            assert answer.status_code in (200, 410), answer.text
            assert answer.status_code == 410 or answer.json == made
            seen.add(answer.status_code)
        is_gone(api, key)
        assert (count(api), api.revision()) == (0, 2 * (turn + 1))
    assert seen == {200, 410}  # else they did not meet


def test_a_creation_its_repetition_and_a_deletion_of_all_at_the_same_moment_are_one_todo_at_the_most(api: Api) -> None:
    for turn in range(TURNS):
        key = f"key-{turn}"

        def delete_all() -> None:
            for todo in api.get("/todos").json:
                api.delete(f"/todos/{todo['id']}")

        first, second, _, _ = at_once(*[lambda key=key: make(api, key)] * 2, delete_all, delete_all)
        statuses = sorted([first.status_code, second.status_code])
        assert statuses in ([200, 201], [201, 410])
        assert api.scalar(select(func.count()).select_from(Todo).where(Todo.idempotency_key == key)) <= 1
        assert api.scalar(select(func.count()).select_from(Todo)) <= 1
        delete_all()
