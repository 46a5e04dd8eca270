"""Events: written with the change or not at all, as their schemas say, in order, and read without missing any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry, Resource
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.lists import NOW, Lists, MakeLists
from todo import events, todos
from todo.models import Todo
from todo.models.list import DEFAULT_LIST_ID

SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "events"


@pytest.fixture
def lists(make_lists: MakeLists) -> Iterator[Lists]:
    """Lists whose events are kept."""
    lists = make_lists(WINDOW_SECONDS=0)
    settle(lists)
    yield lists
    settle(lists, EVENTS_RETENTION_DAYS=0)


def settle(lists: Lists, **settings: Any) -> None:
    with lists.engine.begin() as connection:
        events.settle_mode(connection, lists.settings.model_copy(update=settings), may_end=True)


def told(lists: Lists, after: int = 0, list_id: int | None = None) -> list[dict[str, Any]]:
    """All events, as they leave."""
    with lists.sessions() as session:
        uuid = events.installation_uuid(session)
        return [json.loads(events.envelope(row, uuid).json) for row in events.after(session, after, list_id=list_id)]


def kinds(lists: Lists) -> list[str]:
    return [event["type"] for event in told(lists)]


def edit(lists: Lists, todo_id: int, **columns: Any) -> None:
    lists.change(todo_id, **columns)


def validator(kind: str) -> Draft202012Validator:
    documents = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(document)) for name, document in documents.items()
    )
    document = documents[f"{kind}.schema.json"]
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, registry=registry, format_checker=FormatChecker())


def test_each_kind_is_as_its_schema_says(lists: Lists) -> None:
    first = lists.add("Milk", description="2 l", tags="home\nshop", priority=1)
    edit(lists, first, deadline_at=datetime(2026, 5, 2), deadline_kind="date")
    edit(lists, first, completed=True)
    edit(lists, first, completed=False)
    edit(lists, first, deadline_at=datetime(2026, 5, 2, 8), deadline_kind="instant")
    lists.add("No day", deadline_at=None, deadline_kind=None)
    lists.ask()
    lists.build()
    lists.delete(first)
    found = told(lists)
    assert {event["type"] for event in found} == set(events.KINDS)
    for event in found:
        validator(event["type"]).validate(event)
    assert {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.*.schema.json")} == set(events.KINDS)


@pytest.mark.parametrize("kind", events.KINDS)
def test_a_schema_lets_nothing_else_pass(kind: str) -> None:
    assert not validator(kind).is_valid({})
    assert not validator(kind).is_valid({"specversion": "1.0", "type": kind})


def test_a_todo_is_told_as_the_api_shows_it(lists: Lists) -> None:
    todo_id = lists.add("Milk", deadline_at=datetime(2026, 5, 1, 8), deadline_kind="instant", tags="a\nb")
    event = told(lists)[0]
    assert event["data"]["todo"] == {
        "id": todo_id,
        "title": "Milk",
        "description": None,
        "completed": False,
        "deadline_at": "2026-05-01T08:00:00Z",
        "created_at": "2026-04-01T12:00:00",
        "updated_at": "2026-04-01T12:00:00",
        "completed_at": None,
        "priority": 0,
        "tags": ["a", "b"],
        "sequence": 0,
    }
    assert event["subject"] == f"lists/{DEFAULT_LIST_ID}/todos/{todo_id}"
    assert (event["partitionkey"], event["revision"]) == (str(DEFAULT_LIST_ID), 1)
    at = datetime.fromisoformat(event["time"])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"title": "Oat milk"}, [("todo.changed", ["title"])]),
        ({"completed": True}, [("todo.completed", None)]),
        ({"completed": True, "title": "Oat"}, [("todo.changed", ["title"]), ("todo.completed", None)]),
        ({"deadline_kind": "instant"}, [("todo.changed", ["deadline_at"])]),
        ({"priority": 3, "tags": "x"}, [("todo.changed", ["priority", "tags"])]),
        ({"title": "Milk"}, []),
        ({"completed": False}, []),
    ],
)
def test_an_edit_tells_what_it_changed_and_nothing_else(
    lists: Lists, columns: dict[str, Any], expected: list[tuple[str, Any]]
) -> None:
    todo_id = lists.add("Milk")
    edit(lists, todo_id, **columns)
    assert [(event["type"], event["data"].get("changed")) for event in told(lists)[1:]] == expected


def test_a_deletion_tells_how_it_was(lists: Lists) -> None:
    todo_id = lists.add("Milk")
    edit(lists, todo_id, completed=True)
    lists.delete(todo_id)
    event = told(lists)[-1]
    assert (event["type"], event["data"]["todo"]["completed"]) == ("todo.deleted", True)


def test_a_batch_is_one_revision_and_in_its_own_order(lists: Lists) -> None:
    ids = [lists.add(f"{number}") for number in range(1_200)]
    start = len(told_all(lists))
    with lists.sessions() as session:
        edits = [todos.Edit(todo_id, {"completed": True}) for todo_id in reversed(ids)]
        todos.change(session, DEFAULT_LIST_ID, edits, now=NOW, ring=lists.ring)
    batch = told_all(lists)[start:]
    assert {event["revision"] for event in batch} == {1_201}
    assert [event["data"]["todo"]["id"] for event in batch] == ids[::-1]
    assert len({event["id"] for event in batch}) == 1_200
    assert [event["sequence"] for event in batch] == sorted(event["sequence"] for event in batch)


def told_all(lists: Lists) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := told(lists, int(found[-1]["sequence"]) if found else 0):
        found += page
    return found


def test_a_change_that_fails_tells_nothing(lists: Lists) -> None:
    with pytest.raises(DBAPIError):
        lists.add("no such kind", deadline_kind="never")
    assert kinds(lists) == []


def test_an_edit_of_another_version_tells_nothing(lists: Lists) -> None:
    todo_id = lists.add("Milk")
    with lists.sessions() as session:
        edits = [todos.Edit(todo_id, {"title": "Oat"}, if_sequence=7), todos.Edit(99, {"title": "nobody"})]
        todos.change(session, DEFAULT_LIST_ID, edits, now=NOW, ring=lists.ring)
    assert kinds(lists) == ["todo.created"]


def test_a_build_tells_the_revision_it_shows_and_the_same_build_again_nothing(lists: Lists) -> None:
    lists.add("Milk")
    lists.ask()
    lists.build()
    lists.build()
    built = [event for event in told(lists) if event["type"] == "calendar.built"]
    feed = lists.feed()
    assert [(event["revision"], event["data"]["etag"]) for event in built] == [(1, feed.etag)]
    assert built[0]["data"]["octets"] == feed.length
    assert built[0]["subject"] == f"lists/{DEFAULT_LIST_ID}/feeds/{feed.id}"


def test_a_build_that_changes_no_octet_is_told_with_the_same_etag(lists: Lists) -> None:
    todo_id = lists.add("No day", deadline_at=None, deadline_kind=None)
    lists.ask()
    lists.build()
    edit(lists, todo_id, title="Another")
    lists.build()
    built = [event for event in told(lists) if event["type"] == "calendar.built"]
    assert [event["revision"] for event in built] == [1, 2]
    assert built[0]["data"]["etag"] == built[1]["data"]["etag"]


def test_nothing_is_written_when_no_event_is_to_be_kept(lists: Lists) -> None:
    settle(lists, EVENTS_RETENTION_DAYS=0)
    todo_id = lists.add("Milk")
    edit(lists, todo_id, completed=True)
    lists.ask()
    lists.build()
    assert kinds(lists) == []


def test_events_wait_only_where_a_sink_is_named(lists: Lists) -> None:
    lists.add("before")
    settle(lists, EVENTS_URL="file:///tmp/events")
    lists.add("while")
    settle(lists)
    lists.add("after")
    with lists.engine.connect() as connection:
        waiting = [bool(row[0]) for row in connection.execute(text("SELECT waiting FROM events ORDER BY id"))]
    assert waiting == [False, True, False]


def test_who_starts_with_other_settings_does_not_end_the_sending_of_the_others(lists: Lists) -> None:
    settle(lists, EVENTS_URL="file:///tmp/events")
    with lists.engine.begin() as connection:  # a web server
        events.settle_mode(connection, lists.settings)
    lists.add("one")
    lists.execute(
        "UPDATE installation SET relay_holder = 'x', relay_until = :at",
        at=datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=20),
    )
    settle(lists)  # a worker, while another one sends
    lists.add("two")
    lists.execute("UPDATE installation SET relay_holder = NULL, relay_until = NULL")
    settle(lists)
    lists.add("three")
    with lists.engine.connect() as connection:
        waiting = [bool(row[0]) for row in connection.execute(text("SELECT waiting FROM events ORDER BY id"))]
    assert waiting == [True, True, False]


def test_one_list_is_followed_without_the_others(lists: Lists) -> None:
    other = lists.make_list()
    lists.add("mine")
    lists.add("theirs", list_id=other)
    assert [event["data"]["todo"]["title"] for event in told(lists, list_id=other)] == ["theirs"]


def test_who_follows_misses_nothing_that_is_committed_late(lists: Lists) -> None:
    if lists.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one transaction that writes")
    late = lists.make_list()
    with lists.sessions() as slow:
        locked = todos.lock_list(slow, late)
        todo = Todo(
            list_id=late, title="late", created_at=NOW, updated_at=NOW, completed=False, chunk=0, deadline_kind=None
        )
        slow.add(todo)
        slow.flush()
        told_late = [events.Told("todo.created", todo)]
        events.write(slow, late, locked.revision + 1, told_late, waiting=False)  # has the lower id
        lists.add("early")
        # Else a reader that goes on from the higher id would never see the lower one.
        assert told(lists) == []
        with lists.sessions() as session:
            begin = events.last_id(session)
        todos.commit_change(slow, late, locked, ring=lists.ring)
    assert [event["data"]["todo"]["title"] for event in told(lists)] == ["late", "early"]
    # Nor would one that begins now, in between.
    assert [event["data"]["todo"]["title"] for event in told(lists, begin)] == ["late", "early"]


def test_events_of_a_database_restored_elsewhere_are_seen(lists: Lists) -> None:
    lists.add("Milk")
    lists.execute("UPDATE events SET transaction_id = transaction_id + 1000000")
    assert kinds(lists) == ["todo.created"]


def test_what_was_set_aside_is_kept_from_then_on(lists: Lists) -> None:
    lists.add("poison")
    age(lists, 8)
    lists.execute("UPDATE events SET refused_at = :at", at=datetime.now(UTC).replace(tzinfo=None) - timedelta(days=6))
    assert delete_old(lists) == 0
    lists.execute("UPDATE events SET refused_at = :at", at=datetime.now(UTC).replace(tzinfo=None) - timedelta(days=8))
    assert delete_old(lists) == 1


def age(lists: Lists, days: int) -> None:
    lists.execute("UPDATE events SET occurred_at = :at", at=datetime.now(UTC).replace(tzinfo=None) - timedelta(days))


def delete_old(lists: Lists) -> int:
    with lists.sessions() as session:
        return events.delete_old(session, timedelta(days=7))


def test_old_events_go_and_young_ones_stay(lists: Lists) -> None:
    for number in range(3):
        lists.add(f"{number}")
    age(lists, 8)
    lists.add("young")
    assert delete_old(lists) == 3
    assert [event["data"]["todo"]["title"] for event in told(lists)] == ["young"]
    assert delete_old(lists) == 0


def test_what_waits_is_never_too_old(lists: Lists) -> None:
    settle(lists, EVENTS_URL="file:///tmp/events")
    lists.add("waits")
    settle(lists)
    lists.add("does not")
    age(lists, 3_000)
    assert delete_old(lists) == 1
    assert [event["data"]["todo"]["title"] for event in told(lists)] == ["waits"]


def test_more_than_one_step_of_old_events_is_deleted(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_DELETED_AT_ONCE", 2)
    for number in range(5):
        lists.add(f"{number}")
    age(lists, 8)
    assert delete_old(lists) == 5
