from __future__ import annotations

from datetime import datetime

import pytest

from todo.errors import BadInput
from todo.ics import CalendarTodo, render, todos_from_payload

AS_PUBLISHED = {
    "id": 1,
    "title": "Watch a lecture",
    "description": "The one on queues",
    "completed": True,
    "deadline_at": "2023-02-27T00:00:00",
    "created_at": "2023-02-20T00:00:00",
    "updated_at": "2023-02-21T10:11:12.131415",
}


def test_a_todo_as_the_api_writes_it_is_read() -> None:
    assert todos_from_payload([AS_PUBLISHED]) == [
        CalendarTodo(
            id=1,
            title="Watch a lecture",
            description="The one on queues",
            deadline_at=datetime(2023, 2, 27),
            deadline_kind="local",
            updated_at=datetime(2023, 2, 21, 10, 11, 12, 131_415),
            sequence=0,
            completed=True,
        )
    ]


def test_an_id_and_a_title_are_enough() -> None:
    assert todos_from_payload([{"id": "a", "title": ""}]) == [
        CalendarTodo("a", "", None, None, None, datetime(1970, 1, 1), 0)
    ]


def test_null_stands_for_a_missing_value() -> None:
    optional = ["description", "completed", "completed_at", "deadline_at", "created_at", "updated_at"]
    nulls = dict.fromkeys([*optional, "sequence", "priority", "tags"])
    assert todos_from_payload([{"id": 1, "title": "Milk", **nulls}]) == todos_from_payload([{"id": 1, "title": "Milk"}])


def test_unknown_keys_are_left_alone() -> None:
    assert todos_from_payload([{**AS_PUBLISHED, "owner": {"id": []}}]) == todos_from_payload([AS_PUBLISHED])


def test_the_order_is_kept_and_undated_todos_are_left_to_the_renderer() -> None:
    todos = todos_from_payload([{"id": 2, "title": "b"}, {**AS_PUBLISHED}, {"id": 0, "title": "c"}])
    assert [todo.id for todo in todos] == [2, 1, 0]
    assert render(todos) == render(todos[1:2])


@pytest.mark.parametrize(
    ("dates", "updated_at"),
    [
        ({"updated_at": "2026-01-02T03:04:05", "created_at": "2025-01-01T00:00:00"}, datetime(2026, 1, 2, 3, 4, 5)),
        ({"updated_at": None, "created_at": "2025-01-01 00:00:00"}, datetime(2025, 1, 1)),
        ({"created_at": "2025-01-01T01:00:00+01:00"}, datetime(2025, 1, 1)),
        ({}, datetime(1970, 1, 1)),
    ],
)
def test_the_time_of_the_last_change_falls_back_and_never_to_now(dates: dict[str, str], updated_at: datetime) -> None:
    assert todos_from_payload([{"id": 1, "title": "Milk", **dates}])[0].updated_at == updated_at


def test_a_sequence_is_taken_when_given() -> None:
    assert todos_from_payload([{**AS_PUBLISHED, "sequence": 12}])[0].sequence == 12


def test_what_makes_a_finished_todo_is_taken_when_given() -> None:
    given = {**AS_PUBLISHED, "completed_at": "2023-02-21T10:00:00+01:00", "priority": 9, "tags": ["home", "a, b"]}
    (todo,) = todos_from_payload([given])
    assert (todo.completed, todo.completed_at) == (True, datetime(2023, 2, 21, 9))
    assert (todo.priority, todo.tags) == (9, "home\na, b")


@pytest.mark.parametrize("payload", [None, {}, "[]", 1, AS_PUBLISHED])
def test_what_is_no_list_is_refused(payload: object) -> None:
    with pytest.raises(BadInput) as refused:
        todos_from_payload(payload)
    assert refused.value.field is None


@pytest.mark.parametrize("item", [None, [], "todo", 1, [AS_PUBLISHED]])
def test_an_item_that_is_no_object_is_refused_by_its_place(item: object) -> None:
    with pytest.raises(BadInput) as refused:
        todos_from_payload([AS_PUBLISHED, item])
    assert refused.value.field == "[1]"


WRONG_VALUES: dict[str, list[object]] = {
    "id": [None, True, 1.5, [], {}, ""],
    "title": [None, 1, [], {}],
    "description": [1, [], {}],
    "deadline_at": [1680530400, True, "", "tomorrow", "2026-02-30", {}],
    "created_at": [0, "yesterday"],
    "updated_at": [0, "0000-01-01", "0001-01-01T00:00:00+01:00"],
    "sequence": [-1, 2**31, True, 1.0, "1"],
    "completed": [0, 1, "true", "", []],
    "completed_at": [0, True, "yesterday"],
    "priority": [-1, 10, True, 1.0, "1"],
    "tags": ["home", {}, [1], [None], ["two\nlines"]],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, wrong in WRONG_VALUES.items() for value in wrong])
def test_a_wrong_value_is_refused_by_its_place_and_key(key: str, value: object) -> None:
    with pytest.raises(BadInput) as refused:
        todos_from_payload([AS_PUBLISHED, AS_PUBLISHED, AS_PUBLISHED, {**AS_PUBLISHED, key: value}])
    assert refused.value.field == f"[3].{key}"


@pytest.mark.parametrize("key", ["id", "title"])
def test_a_missing_id_or_title_is_refused(key: str) -> None:
    with pytest.raises(BadInput) as refused:
        todos_from_payload([{name: value for name, value in AS_PUBLISHED.items() if name != key}])
    assert refused.value.field == f"[0].{key}"
