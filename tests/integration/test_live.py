"""Live status by Server-Sent Events: what is told, to whom, for how long, and at what cost."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import requests
from sqlalchemy import delete, event
from sqlalchemy.exc import OperationalError

from tests.integration.api import PREFIX, Api, break_down, in_the_middle_of_builds
from tests.running import DEADLINE_SECONDS, Deployment, ends, log_of
from tests.servers.process import wait_until
from todo import live as standings
from todo.models import Job
from todo.views import live

FAR = {"HEARTBEAT_SECONDS": 600.0, "POLL_SECONDS": 0.001}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAR.items():
        monkeypatch.setattr(live, name, value)


class Stream:
    """An open stream of the application itself. Reading waits for as long as there is nothing to tell."""

    def __init__(self, api: Api, path: str, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = api.client().get(f"{PREFIX}{path}", headers=sent)
        self.parts: Iterator[bytes] = iter(self.response.iter_encoded())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.response.close()

    def block(self) -> dict[str, str]:
        """The next block's lines, by what stands before the colon: an event, a comment (``), or `retry`."""
        text = ""
        while not text.endswith("\n\n"):
            text += next(self.parts).decode()
        lines = [line.partition(":") for line in text.splitlines() if line]
        return {name: value.removeprefix(" ") for name, _, value in lines}

    def event(self) -> Any:
        """The data of the next event."""
        while "data" not in (block := self.block()):
            pass
        assert block["id"]
        return json.loads(block["data"])

    def ids(self) -> list[str]:
        """Ids of all events up to the end of the stream."""
        text = b"".join(self.parts).decode()
        return [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]


def job_of(api: Api) -> str:
    api.todo(deadline_at="2031-05-01")
    return api.job()


def standing(revision: int, built_revision: int) -> dict[str, int]:
    return {"list_id": 1, "revision": revision, "built_revision": built_revision}


def test_a_list_is_told_as_it_is_now_and_whenever_it_changes_or_is_built(api: Api) -> None:
    with Stream(api, "/lists/1/events") as stream:
        assert stream.event() == standing(0, -1)
        api.todo(deadline_at="2031-05-01")
        assert stream.event() == standing(1, -1)
        api.job()
        api.build()
        assert stream.event() == standing(1, 1)
        api.todo()
        api.todo()
        assert stream.event() == standing(3, 1)


def test_who_comes_back_is_told_only_what_is_newer(api: Api) -> None:
    api.todo()
    with Stream(api, "/lists/1/events") as stream:
        stream.block()
        last_id = stream.block()["id"]
    with Stream(api, "/lists/1/events", Last_Event_ID=last_id) as stream:
        assert set(stream.block()) == {"retry"}
        api.todo()
        assert stream.event() == standing(2, -1)
    with Stream(api, "/lists/1/events", Last_Event_ID=last_id) as stream:
        assert stream.event() == standing(2, -1)


@pytest.mark.parametrize("text", ["", "x", "-1", "7.7.7", "\x7f" * 200])
def test_who_names_no_event_of_ours_is_told_the_present(api: Api, text: str) -> None:
    with Stream(api, "/lists/1/events", Last_Event_ID=text) as stream:
        assert stream.event() == standing(0, -1)


def test_a_job_is_told_until_it_is_finished(api: Api) -> None:
    job = job_of(api)
    with Stream(api, f"/jobs/{job}/events") as stream:
        asked = api.get(f"/todos/ical/{job}/status").json
        assert stream.event() == asked
        assert asked["task_status"] == "PENDING"
        api.build()
        assert stream.event() == api.get(f"/todos/ical/{job}/status").json
        with pytest.raises(StopIteration):
            next(stream.parts)
    with Stream(api, f"/jobs/{job}/events", Last_Event_ID="PENDING") as stream:
        assert stream.ids() == ["SUCCESS"]


def test_a_job_that_failed_is_told_with_its_reason(api: Api) -> None:
    job = job_of(api)
    with in_the_middle_of_builds(break_down):
        api.build()
    with Stream(api, f"/jobs/{job}/events") as stream:
        told = stream.event()
    assert (told["task_status"], told["error"]) == ("FAILURE", "RuntimeError: the ink is out")


def test_who_knows_a_jobs_end_is_told_not_to_come_back(api: Api) -> None:
    job = job_of(api)
    api.build()
    answer = api.get(f"/jobs/{job}/events", headers={"Last-Event-ID": "SUCCESS"})
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_job_that_is_deleted_ends_its_stream(api: Api) -> None:
    job = job_of(api)
    with Stream(api, f"/jobs/{job}/events") as stream:
        stream.event()
        with api.engine.begin() as connection:
            connection.execute(delete(Job))
        assert stream.ids() == []


@pytest.mark.parametrize(
    "path",
    ["/lists/2/events", "/lists/x/events", "/lists/01/events", "/jobs/x/events", f"/jobs/{uuid.UUID(int=7)}/events"],
)
def test_what_is_unknown_is_not_found(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_nobody_in_between_keeps_events_back(api: Api) -> None:
    job = job_of(api)
    api.build()
    for answer in (api.get(f"/jobs/{job}/events"), api.call("HEAD", "/lists/1/events")):
        assert answer.status_code == 200
        assert answer.mimetype == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"


def test_clients_are_told_when_to_come_back_and_that_the_stream_lives(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.0)
    with Stream(api, "/lists/1/events") as stream:
        assert stream.block() == {"retry": "2000"}
        assert set(stream.block()) == {"id", "data"}
        assert stream.block() == {"": "still here"}
        assert stream.block() == {"": "still here"}
        api.todo()
        assert stream.event() == standing(1, -1)


def test_a_stream_ends_when_it_has_lived_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIFE_SECONDS", 0.0)
    with Stream(api, "/lists/1/events") as stream:
        assert stream.ids() == ["0.-1"]


def test_the_streams_of_a_process_are_bounded(api: Api) -> None:
    job = job_of(api)
    with contextlib.ExitStack() as opened:
        streams = [opened.enter_context(Stream(api, "/lists/1/events")) for _ in range(live.STREAMS_MAX)]
        for path in ("/lists/1/events", f"/jobs/{job}/events"):
            answer = api.get(path)
            assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
            assert int(answer.headers["Retry-After"]) > 0
        assert api.call("HEAD", "/lists/1/events").status_code == 200
        assert api.get("/lists/2/events").status_code == 404
        assert streams[0].event() == standing(1, -1)
        streams[0].response.close()  # whether it was read
        streams[0].response.close()
        streams[1].response.close()  # or not
        for _ in range(2):
            opened.enter_context(Stream(api, "/lists/1/events"))
        assert api.get("/lists/1/events").status_code == 503


def test_a_look_takes_a_connection_once_and_none_is_held_between_two(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(api)
    taken: list[object] = []
    held: list[int] = []
    real = live._goes_on

    def goes_on(connection: Any) -> bool:
        held.append(api.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(connection) and len(held) % 5 > 0

    monkeypatch.setattr(live, "_goes_on", goes_on)
    for path in ("/lists/1/events", f"/jobs/{job}/events"):
        with Stream(api, path) as stream:
            stream.event()
            event.listen(api.engine, "checkout", note := lambda *given: taken.append(given))
            assert stream.ids() == []
            event.remove(api.engine, "checkout", note)
    assert len(taken) == 2 * 4
    assert held == [0] * 10


def test_a_look_at_a_list_is_one_statement(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with api.sessions() as session, api.statements() as statements:
        standings.standing(session, 1)
    assert len([statement for statement in statements if not statement.startswith("BEGIN")]) == 1


def test_a_stream_outlives_a_restart_of_the_database(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_TROUBLE_SECONDS", 0.0)
    real, broken = standings.standing, iter([True, True])

    def look(*given: Any) -> standings.Standing:
        if next(broken, False):
            raise OperationalError("", {}, Exception("gone"))
        return real(*given)

    with Stream(api, "/lists/1/events") as stream:
        stream.event()
        api.todo()
        monkeypatch.setattr(standings, "standing", look)
        assert stream.event() == standing(1, -1)
    assert next(broken, False) is False


# Over gunicorn: who goes away, and who is asked to stop


def opened(deployment: Deployment, path: str = "lists/1/events") -> requests.Response:
    return deployment.request("GET", path, stream=True)


def test_streams_of_clients_that_went_away_make_room(tmp_path: Path, database_url: str) -> None:
    with Deployment(tmp_path, {"SQLALCHEMY_DATABASE_URI": database_url}) as deployment:
        deployment.start_web()
        for _ in range(2):
            streams: list[tuple[requests.Response, Iterator[bytes]]] = []

            def one_more(streams: list[tuple[requests.Response, Iterator[bytes]]] = streams) -> bool:
                stream = opened(deployment)
                streams.append((stream, stream.iter_lines()))
                # Read to the end of the event: closing what is unread sends a reset, which is noticed more easily.
                return any(line.startswith(b"data: ") for line in streams[-1][1])

            for number in range(live.STREAMS_MAX):
                wait_until(one_more, DEADLINE_SECONDS / 3, f"room for stream {number}")
            assert opened(deployment).status_code == 503
            assert deployment.request("GET", "lists/1").status_code == 200  # half of the threads are for others
            for stream, _lines in streams:
                stream.close()


def test_a_server_that_stops_ends_its_streams_itself(tmp_path: Path) -> None:
    with Deployment(tmp_path, {}) as deployment:
        web = deployment.start_web()
        deployment.add("a todo")
        streams = [opened(deployment), opened(deployment, f"jobs/{deployment.post_job()}/events")]
        assert [stream.status_code for stream in streams] == [200, 200]
        assert ends(web, DEADLINE_SECONDS) == 0
        for stream in streams:
            text = stream.content.decode()  # raises when it was cut off
            assert text.count("data: ") == 1
        assert "SIGKILL" not in log_of(web)
