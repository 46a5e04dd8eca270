"""`GET /events`: what happened, streamed to whoever listens, and nothing missed by who comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.api import Api
from tests.integration.test_live import Stream
from todo.views import events as event_view
from todo.views import live


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 600.0)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.001)


def blocks(stream: Stream, count: int) -> list[dict[str, str]]:
    """The next blocks that have an id."""
    found: list[dict[str, str]] = []
    buffer = ""
    while len(found) < count:
        buffer += next(stream.parts).decode()
        *whole, buffer = buffer.split("\n\n")
        for text in whole:
            lines = dict(line.split(": ", 1) for line in text.splitlines() if line)
            if "id" in lines:
                found.append(lines)
    return found


def test_a_stream_tells_what_happens_from_now_on(api: Api) -> None:
    api.todo("before")
    with Stream(api, "/events") as stream:
        (begin,) = blocks(stream, 1)
        assert "data" not in begin
        todo = api.todo("Milk")
        api.put(f"/todos/{todo['id']}", {"completed": True})
        api.delete(f"/todos/{todo['id']}")
        told = [json.loads(block["data"]) for block in blocks(stream, 3)]
    assert [event["type"] for event in told] == ["todo.created", "todo.completed", "todo.deleted"]
    assert {event["specversion"] for event in told} == {"1.0"}
    assert told[0]["data"]["todo"]["title"] == "Milk"


def test_who_comes_back_misses_nothing(api: Api) -> None:
    with Stream(api, "/events") as stream:
        (begin,) = blocks(stream, 1)
    for title in ("a", "b", "c"):
        api.todo(title)
    with Stream(api, "/events", Last_Event_ID=begin["id"]) as stream:
        first = blocks(stream, 3)
    assert [json.loads(block["data"])["data"]["todo"]["title"] for block in first] == ["a", "b", "c"]
    with Stream(api, "/events", Last_Event_ID=first[0]["id"]) as stream:
        assert [json.loads(block["data"])["data"]["todo"]["title"] for block in blocks(stream, 2)] == ["b", "c"]


def test_nought_begins_with_the_oldest(api: Api) -> None:
    for title in ("a", "b"):
        api.todo(title)
    with Stream(api, "/events", Last_Event_ID="0") as stream:
        found = blocks(stream, 2)
    assert [json.loads(block["data"])["data"]["todo"]["title"] for block in found] == ["a", "b"]


def test_more_than_one_look_s_worth_comes_whole(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_view, "_AT_ONCE", 2)
    for number in range(5):
        api.todo(str(number))
    with Stream(api, "/events", Last_Event_ID="0") as stream:
        found = blocks(stream, 5)
    assert [json.loads(block["data"])["data"]["todo"]["title"] for block in found] == list("01234")


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 40, "١٢", " "])
def test_an_id_that_cannot_be_one_is_as_none(api: Api, given: str) -> None:
    api.todo("before")
    with Stream(api, "/events", Last_Event_ID=given.encode().decode("latin-1")) as stream:
        (begin,) = blocks(stream, 1)
    assert "data" not in begin


def test_an_id_from_before_a_restore_begins_anew(api: Api) -> None:
    api.todo("before")
    with Stream(api, "/events", Last_Event_ID="99999999") as stream:
        (begin,) = blocks(stream, 1)
        assert "data" not in begin
        api.todo("Milk")
        (block,) = blocks(stream, 1)
    assert json.loads(block["data"])["data"]["todo"]["title"] == "Milk"


def test_a_calendar_that_is_built_is_told(api: Api) -> None:
    api.todo("Milk", deadline_at="2026-05-01")
    api.job()
    api.build()
    with Stream(api, "/events", Last_Event_ID="0") as stream:
        found = [json.loads(block["data"]) for block in blocks(stream, 2)]
    assert [event["type"] for event in found] == ["todo.created", "calendar.built"]
    assert "token" not in json.dumps(found[1])


def standing(api: Api) -> Any:
    answer = api.get("/events/standing")
    assert answer.status_code == 200
    return answer.json


def test_without_a_sink_nothing_waits(api: Api) -> None:
    api.todo("Milk")
    assert standing(api) == {"is_sent": False, "waiting": 0, "lag_seconds": 0.0, "refused": 0, "trouble": None}
