"""JSON to typed values and rows to JSON, without any HTTP around it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from todo.todos import CHANGES_MAX, Edit
from todo.views import payloads

AT = datetime(2026, 5, 1, 10)
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"]


class Row(NamedTuple):
    """A row as a search finds it."""

    id: int = 1
    title: str = "a todo"
    description: str | None = None
    completed: bool = False
    deadline_at: datetime | None = None
    deadline_kind: str | None = None
    created_at: datetime = AT
    updated_at: datetime = AT
    sequence: int = 0
    completed_at: datetime | None = None
    priority: int = 0
    tags: str = ""


def columns(body: dict[str, Any]) -> dict[str, Any]:
    return payloads.TodoChange.model_validate(body).columns()


def test_only_the_fields_given_become_columns() -> None:
    assert columns({}) == {}
    assert columns({"completed": False}) == {"completed": False}
    assert columns({"title": "x", "description": None}) == {"title": "x", "description": None}


def test_a_deadline_is_two_columns() -> None:
    assert columns({"deadline_at": "2026-05-01"}) == {"deadline_at": datetime(2026, 5, 1), "deadline_kind": "date"}
    assert columns({"deadline_at": "2026-05-01T10:00+02:00"}) == {
        "deadline_at": datetime(2026, 5, 1, 8),
        "deadline_kind": "instant",
    }
    assert columns({"deadline_at": None}) == {"deadline_at": None, "deadline_kind": None}


def test_a_new_todo_needs_a_title_and_nothing_else() -> None:
    assert payloads.NewTodo.model_validate({"title": "x"}).columns() == {"title": "x"}
    with pytest.raises(ValidationError):
        payloads.NewTodo.model_validate({})


@pytest.mark.parametrize("control", CONTROLS)
def test_control_characters_are_refused(control: str) -> None:
    for field in ("title", "description"):
        with pytest.raises(ValidationError, match=f"U\\+{ord(control):04X}"):
            columns({field: f"a{control}b"})


def test_line_breaks_become_one_kind() -> None:
    assert columns({"description": "a\r\nb\rc\n\r\nd\t"}) == {"description": "a\nb\nc\n\nd\t"}


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255))
def test_all_other_text_is_kept_as_it_is(text: str) -> None:
    assert columns({"description": text}) == {"description": text}
    if text.strip():
        assert columns({"title": text}) == {"title": text}


def schema_of(model: type[BaseModel], field: str) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema()["properties"][field]
    return next(iter(schema["anyOf"])) if "anyOf" in schema else schema


@given(st.text(max_size=260))
def test_the_documented_pattern_of_a_title_says_what_is_accepted(text: str) -> None:
    schema = schema_of(payloads.NewTodo, "title")
    # ECMA's `$` is the end of the text, Python's may stand before a last line break.
    promised = re.fullmatch(schema["pattern"].strip("^$"), text) and len(text) <= schema["maxLength"]
    try:
        accepted = columns({"title": text})["title"] != ""
    except ValidationError:
        accepted = False
    assert accepted == bool(promised)


@pytest.mark.parametrize("model", [payloads.TodoChange, payloads.TodoEdit, payloads.ListChange])
def test_the_document_promises_no_default_for_what_stays_as_it_is(model: type[BaseModel]) -> None:
    assert not [name for name, field in model.model_json_schema()["properties"].items() if "default" in field]


def test_a_batch_becomes_edits_in_order() -> None:
    batch = [{"id": 3, "completed": True}, {"id": 1, "deleted": True}, {"id": 2, "if_sequence": 0}]
    assert payloads.TodoEdits.model_validate(batch).edits() == [
        Edit(3, {"completed": True}),
        Edit(1, {}, deleted=True),
        Edit(2, {}, if_sequence=0),
    ]


def test_a_batch_holds_ten_thousand_changes_and_no_more() -> None:
    batch = [{"id": number} for number in range(1, CHANGES_MAX + 1)]
    assert len(payloads.TodoEdits.model_validate(batch).edits()) == 10_000
    with pytest.raises(ValidationError):
        payloads.TodoEdits.model_validate([*batch, {"id": CHANGES_MAX + 1}])


def test_the_change_that_comes_twice_is_named() -> None:
    with pytest.raises(ValidationError, match=re.escape("[2].id 7 comes twice")):
        payloads.TodoEdits.model_validate([{"id": 7}, {"id": 8}, {"id": 7}])


@pytest.mark.parametrize("text", ["1_0", " 1", "1 ", "+1", "١", "１", "1.0", "1e1", "", "0x1", "--1", "1\n"])
def test_whole_numbers_in_addresses_are_ascii_digits(text: str) -> None:
    for name in ("window", "limit"):
        with pytest.raises(ValidationError):
            payloads.TodosQuery.model_validate({name: text})


def test_a_todo_is_written_as_published() -> None:
    changed = datetime(2026, 5, 2, 0, 0, 0, 5)
    row = Row(7, "Buy milk", "two", True, AT, "local", AT, changed, 3, changed, 1, "home\nshopping")
    assert payloads.todos_json([row]) == (
        b'[{"id":7,"title":"Buy milk","description":"two","completed":true,"deadline_at":"2026-05-01T10:00:00",'
        b'"created_at":"2026-05-01T10:00:00","updated_at":"2026-05-02T00:00:00.000005",'
        b'"completed_at":"2026-05-02T00:00:00.000005","priority":1,"tags":["home","shopping"],"sequence":3}]'
    )


@pytest.mark.parametrize(
    ("kind", "written"),
    [("date", "2026-05-01"), ("local", "2026-05-01T10:00:00"), ("instant", "2026-05-01T10:00:00Z")],
)
def test_a_deadline_is_written_as_its_kind(kind: str, written: str) -> None:
    [todo] = json.loads(payloads.todos_json([Row(deadline_at=AT, deadline_kind=kind)]))
    assert todo["deadline_at"] == written
    assert columns({"deadline_at": written})["deadline_kind"] == kind


def test_a_todo_without_tags_has_an_empty_array_of_them() -> None:
    [todo] = json.loads(payloads.todos_json([Row()]))
    assert (todo["tags"], todo["priority"], todo["completed_at"]) == ([], 0, None)


def test_tags_are_kept_in_their_order_each_on_a_line() -> None:
    assert columns({"tags": ["b", "a", "b"]}) == {"tags": "b\na\nb"}
    assert columns({"tags": []}) == {"tags": ""}


@given(st.text(max_size=55))
def test_the_documented_pattern_of_a_tag_says_what_is_accepted(text: str) -> None:
    schema = schema_of(payloads.NewTodo, "tags")["items"]
    promised = re.fullmatch(schema["pattern"].strip("^$"), text) and len(text) <= schema["maxLength"]
    try:
        accepted = columns({"tags": [text]})["tags"] == text
    except ValidationError:
        accepted = False
    assert accepted == bool(promised)


def test_no_rows_are_an_empty_array() -> None:
    assert payloads.todos_json([]) == b"[]"


def test_the_zones_that_a_list_may_have_are_all_of_ianas() -> None:
    zones = TypeAdapter(payloads.ListChange)
    assert zones.validate_python({"time_zone": "Australia/Brisbane"}).time_zone == "Australia/Brisbane"
    for wrong in ("Brisbane", "../zone.tab", "australia/brisbane", "localtime ", ""):
        with pytest.raises(ValidationError):
            zones.validate_python({"time_zone": wrong})
