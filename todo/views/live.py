"""The API's live status, as Server-Sent Events (WHATWG HTML, section 9.2): of a job until it is finished, of a list.

Each stream occupies a thread of the server process, so they are few, live for some minutes, and end as soon as the
client goes away or the server stops. Whoever finds no room, or wants no stream, polls the job's status instead.
"""

from __future__ import annotations

import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import structlog
from apiflask import APIBlueprint
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from todo import database, jobs, live
from todo.errors import NotFound
from todo.models import db
from todo.views.errors import problem
from todo.views.openapi import answers
from todo.views.routes import id_of
from todo.views.urls import external_url
from todo.views.waiting import ROOM

live_api = APIBlueprint("live", __name__, url_prefix="/api/v1", tag="TaskOverflow")

STREAMS_MAX = 8
"""Most streams of a server process: half of its threads."""

LIFE_SECONDS = 300.0
"""How long a stream lives at the most; the client connects again by itself."""

HEARTBEAT_SECONDS = 15.0
"""A proxy in between closes a connection on which nothing comes for long."""

POLL_SECONDS = 0.25
"""Least time between two looks at the database for one stream."""

RETRY_MS = 2_000
"""How long a client waits before it connects again, milliseconds."""

_TROUBLE_SECONDS = 1.0
_RETRY_AFTER_SECONDS = "10"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would keep events until its buffer is full
_CLOSED_BY_PEER = getattr(select, "POLLRDHUP", 0)  # Linux's; elsewhere only errors are noticed, by the next heartbeat

_room = threading.BoundedSemaphore(STREAMS_MAX)
_log = structlog.get_logger(__name__)


class Event(NamedTuple):
    """What a client is told: JSON, or nothing but where the stream stands; the `final` one ends the stream."""

    id: str
    data: bytes | None
    final: bool = False


Look = Callable[[str | None], Sequence[Event]]
"""What there is to tell whoever has the event with this id, or none; empty for nothing new. Raises `NotFound`."""


def stream_answers(description: str) -> dict[int | str, Any]:
    """The `responses` of an operation that streams."""
    return {
        200: {"description": description, "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **answers({}, errors=[404, 503]),
    }


@live_api.get("/jobs/<uuid:task_id>/events")
@live_api.doc(
    responses={
        **stream_answers("Events, each with a `JobStatus` as its data; ends when the job is finished"),
        204: {"description": "The client has the last event already; it need not connect again"},
    }
)
def follow_job(task_id: UUID) -> Response:
    """A job's status, now and whenever it changes, until it is finished: Server-Sent Events.

    The stream ends after 5 minutes at the latest; connect again with `Last-Event-ID`, as a browser's EventSource does.
    A server process has room for 8 streams. Whoever finds none polls `/api/v1/todos/ical/{task_id}/status` instead.
    """
    job_id = str(task_id)
    result_url = external_url(f"/api/v1/todos/ical/{job_id}/result")
    make_session = database.sessions(db.engine)

    def look(known: str | None) -> list[Event]:
        with make_session() as session:
            state = jobs.job_state(session, job_id)
        data = {"task_id": job_id, "task_status": state.status, "result_url": result_url}
        if state.failure is not None:
            data["error"] = state.failure
        return _if_new(known, Event(state.status, orjson.dumps(data), final=state.finished))

    return stream(look)


@live_api.get("/lists/<list_id>/events")
@live_api.doc(
    responses=stream_answers("Events, each with `list_id`, `revision` and `built_revision` as its data, a JSON object")
)
def follow_list(list_id: str) -> Response:
    """A list's revision and the one that its default feed shows, now and whenever either changes: Server-Sent Events.

    Changes that come faster than 4 a second are told as one. The stream ends after 5 minutes; connect again with
    `Last-Event-ID`, as a browser's EventSource does. A server process has room for 8 streams. Whoever finds none polls
    `/api/v1/lists/{list_id}` and `/api/v1/feeds` instead.
    """
    known_id = id_of(list_id, "list_id")
    make_session = database.sessions(db.engine)

    def look(known: str | None) -> list[Event]:
        with make_session() as session:
            standing = live.standing(session, known_id)
        data = orjson.dumps({"list_id": known_id, **standing._asdict()})
        return _if_new(known, Event(f"{standing.revision}.{standing.built_revision}", data))

    return stream(look)


def _if_new(known: str | None, event: Event) -> list[Event]:
    # The final one is told again: whoever knows it need not connect.
    return [event] if event.id != known or event.final else []


def stream(look: Look) -> Response:
    """The answer: an unending one, but for those who know the last event already, and those there is no room for."""
    last_id = request.headers.get("Last-Event-ID")
    news = look(last_id)
    if news and news[-1].final and news[-1].id == last_id:
        return Response(status=204, headers=_HEADERS)  # a browser would connect again and again otherwise
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream", headers=_HEADERS)
    if not _take_room():
        return problem(
            503, "Too many streams are open; poll instead, or try later", headers={"Retry-After": _RETRY_AFTER_SECONDS}
        )
    events = _events(look, news, last_id, request.environ.get("gunicorn.socket"))
    next(events)
    return Response(events, mimetype="text/event-stream", headers=_HEADERS)


def _events(look: Look, news: Sequence[Event], known: str | None, connection: socket.socket | None) -> Iterator[bytes]:
    """The stream's text in parts, beginning with an empty one; gives its room back when it ends or is closed.

    `known` is the id of the last event that the client has.
    """
    try:
        yield b""  # taken at once: closing a generator that never began would not reach `finally`
        end = time.monotonic() + LIFE_SECONDS
        yield f"retry: {RETRY_MS}\n\n".encode()
        said_at = time.monotonic()
        while True:
            if news:
                known = news[-1].id
                yield b"".join(_text(event) for event in news)
                said_at = time.monotonic()
            elif time.monotonic() - said_at >= HEARTBEAT_SECONDS:
                yield b": still here\n\n"
                said_at = time.monotonic()
            is_over = bool(news) and news[-1].final
            if is_over or time.monotonic() >= end or not _goes_on(connection):
                return
            news = _look_again(look, known)
    except NotFound:  # deleted meanwhile
        return
    finally:
        _room.release()
        ROOM.release()


def _text(event: Event) -> bytes:
    if event.data is None:
        return b"id: %b\n\n" % event.id.encode()
    return b"id: %b\ndata: %b\n\n" % (event.id.encode(), event.data)


def _take_room() -> bool:
    if not _room.acquire(blocking=False):
        return False
    if not ROOM.acquire(blocking=False):
        _room.release()
        return False
    return True


def _goes_on(connection: socket.socket | None) -> bool:
    """Whether, `POLL_SECONDS` later, the client still listens and the server goes on."""
    if connection is None:  # a server that does not say
        time.sleep(POLL_SECONDS)
    else:
        watch = select.poll()
        watch.register(connection, _CLOSED_BY_PEER)
        if watch.poll(POLL_SECONDS * 1_000):
            return False
    # gunicorn tells nobody that it stops, but the method of its worker that handles the signal is to be had.
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return getattr(worker, "alive", True) is not False


def _look_again(look: Look, known: str | None) -> Sequence[Event]:
    """What there is to tell now; nothing while the database is away. Raises `NotFound`."""
    try:
        return look(known)
    except SQLAlchemyError as error:
        # Ending instead would make a browser connect again, which gives up at the first 503.
        _log.warning("database_unavailable", error=f"{type(error).__name__}: {error}"[:300])
        time.sleep(_TROUBLE_SECONDS)
        return []
