"""The API under `/api/v1`: HTTP to use cases and back."""

from __future__ import annotations

import gzip
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from todo import jobs, search, todos
from todo.errors import BadInput, NotFound
from todo.models import db
from todo.models.list import DEFAULT_LIST_ID
from todo.tasks.bell import Bell
from todo.views import payloads
from todo.views.openapi import answers
from todo.views.urls import external_url

api = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="TaskOverflow")

ID_MAX = 2**31 - 1
WAIT_MAX_SECONDS = 30
IDEMPOTENCY_KEY_MAX = 255

_RETRY_AFTER_SECONDS = "1"
_WAITERS = threading.BoundedSemaphore(8)  # half of a server process's threads: waiting must not use them up
_POLL_SECONDS = (0.01, 0.02, 0.05, 0.1)


class _TodoId(BaseConverter):
    """What may be a todo's id. Without this, `PUT /todos/ical` would be a todo's, where only POST is known."""

    regex = r"(?!ical\Z)[^/]+"


@api.record_once
def _register(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["todo_id"] = _TodoId


@api.get("/health")
@api.doc(responses=answers({200: ("The server runs", "Health")}))
def health() -> Response:
    """Whether the server runs; asks neither database nor broker."""
    return _json({"status": "ok"})


@api.get("/todos")
@api.input(payloads.TodosQuery, location="query")
@api.doc(responses=answers({200: ("The todos", "Todos")}, errors=[400]))
def list_todos(query_data: payloads.TodosQuery) -> Response:
    """All todos, newest first, or those that were asked for."""
    if not query_data.model_fields_set - {"sort"}:
        todos_texts = search.whole_list(
            db.session(), DEFAULT_LIST_ID, query_data.sort, _texts(), render=payloads.todo_text
        )
        return Response(b"".join((b"[", b",".join(todos_texts), b"]")), mimetype="application/json")
    due_before = None
    if query_data.window is not None:
        due_before = _moment(datetime.now(UTC) + timedelta(days=query_data.window))
    query = search.Query(
        completed=None if query_data.completed is None else query_data.completed == "true",
        due_before=due_before,
        text=query_data.q,
        sort=query_data.sort,
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    rows, cursor = search.find(db.session(), DEFAULT_LIST_ID, query)
    response = Response(payloads.todos_json(rows), mimetype="application/json")
    if cursor is not None:
        arguments = {**request.args.to_dict(), "cursor": cursor}
        response.headers["Link"] = f'<{external_url("/api/v1/todos")}?{urlencode(arguments)}>; rel="next"'
    return response


@api.post("/todos")
@api.input(payloads.NewTodo)
@api.doc(responses=answers({201: ("The new todo", "Todo")}, errors=[400, 413, 415]))
def create_todo(json_data: payloads.NewTodo) -> Response:
    """Make a todo."""
    values = {"completed": False, **json_data.columns()}
    todo = todos.create(db.session(), DEFAULT_LIST_ID, values, now=_now(), ring=_bell().ring)
    return _json(payloads.todo_json(todo), 201, {"Location": external_url(f"/api/v1/todos/{todo.id}")})


@api.patch("/todos")
@api.input(payloads.TodoEdits)
@api.doc(responses=answers({200: ("What became of each change, in order", "EditResults")}, errors=[400, 413, 415]))
def change_todos(json_data: payloads.TodoEdits) -> Response:
    """Change many todos at once: all in one transaction, with a result for each.

    A change with a wrong field refuses them all. One of a todo that isn't there has the status 404; the others
    are made.
    """
    edits = json_data.edits()
    changed = todos.change(db.session(), DEFAULT_LIST_ID, edits, now=_now(), ring=_bell().ring)
    results: list[dict[str, Any]] = []
    for edit, todo in zip(edits, changed, strict=True):
        if todo is None:
            results.append({"id": edit.todo_id, "status": 404, "error": f"There is no todo with id {edit.todo_id}"})
        else:
            results.append({"id": todo.id, "status": 200, "todo": payloads.todo_json(todo)})
    return _json(results)


@api.get("/todos/<todo_id:todo_id>")
@api.doc(responses=answers({200: ("The todo", "Todo")}, errors=[404]))
def get_todo(todo_id: str) -> Response:
    """One todo."""
    return _json(payloads.todo_json(todos.get(db.session(), DEFAULT_LIST_ID, _id(todo_id))))


@api.put("/todos/<todo_id:todo_id>")
@api.input(payloads.TodoChange)
@api.doc(responses=answers({200: ("The todo as it is now", "Todo")}, errors=[400, 404, 413, 415]))
def change_todo(todo_id: str, json_data: payloads.TodoChange) -> Response:
    """Change the fields given; the others stay."""
    edit = todos.Edit(_id(todo_id), json_data.columns())
    [todo] = todos.change(db.session(), DEFAULT_LIST_ID, [edit], now=_now(), ring=_bell().ring)
    if todo is None:
        raise NotFound(f"There is no todo with id {edit.todo_id}", field="id")
    return _json(payloads.todo_json(todo))


@api.delete("/todos/<todo_id:todo_id>")
@api.doc(
    responses=answers(
        {200: ("The todo as it last was; an empty object when there was none", "DeletedTodo")}, errors=[404]
    )
)
def delete_todo(todo_id: str) -> Response:
    """Delete a todo; nothing happens when there is none."""
    edit = todos.Edit(_id(todo_id), {}, deleted=True)
    [todo] = todos.change(db.session(), DEFAULT_LIST_ID, [edit], now=_now(), ring=_bell().ring)
    return _json({} if todo is None else payloads.todo_json(todo))


@api.get("/lists/<list_id>")
@api.doc(responses=answers({200: ("The list", "List")}, errors=[404]))
def get_list(list_id: str) -> Response:
    """A list: its name, its time zone, and how often it changed."""
    return _json(payloads.list_json(todos.get_list(db.session(), _id(list_id, "list_id"))))


@api.patch("/lists/<list_id>")
@api.input(payloads.ListChange)
@api.doc(responses=answers({200: ("The list as it is now", "List")}, errors=[400, 404, 413, 415]))
def change_list(list_id: str, json_data: payloads.ListChange) -> Response:
    """Change a list's name or time zone. With a time zone, deadlines without offset are instants there."""
    values = {name: getattr(json_data, name) for name in json_data.model_fields_set}
    found = todos.change_list(db.session(), _id(list_id, "list_id"), values, ring=_bell().ring)
    return _json(payloads.list_json(found))


@api.post("/todos/ical")
@api.doc(responses=answers({200: ("Done within the time to wait", "JobStatus"), 202: ("The job", "Job")}, errors=[400]))
def create_ical() -> Response:
    """Ask for the calendar of all todos, as they are now.

    `Prefer: wait=N` answers when it is made, after at most N seconds (30 at the most). The same `Idempotency-Key` gives
    the same job again.
    """
    state = jobs.request_build(
        db.session(),
        DEFAULT_LIST_ID,
        ring=_bell().ring,
        idempotency_key=_idempotency_key(),
        tell=current_app.config["SETTINGS"].result_backend is not None,
    )
    status_url = external_url(f"/api/v1/todos/ical/{state.job_id}/status")
    headers = {"Location": status_url}
    wait_seconds = _preferred_wait()
    if wait_seconds is not None:
        state, waited = _wait(state, wait_seconds)
        if waited:
            headers["Preference-Applied"] = f"wait={wait_seconds}"
        if state.finished:
            return _json(_job_status(state), 200, headers)
    headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return _json({"task_id": state.job_id, "task_url": status_url}, 202, headers)


@api.get("/todos/ical/<task_id>/status")
@api.doc(responses=answers({200: ("How far the job is", "JobStatus")}, errors=[404]))
def get_task(task_id: str) -> Response:
    """How far a calendar job is, in Celery's words: PENDING, STARTED, RETRY, SUCCESS or FAILURE."""
    state = jobs.job_state(db.session(), _task_id(task_id))
    return _json(_job_status(state), 200, {} if state.finished else {"Retry-After": _RETRY_AFTER_SECONDS})


@api.get("/todos/ical/<task_id>/result")
@api.doc(responses=answers({200: ("The calendar", None)}, errors=[404]))
def get_calendar(task_id: str) -> Response:
    """The calendar that a job made, at its revision or a later one; 404 while it isn't made."""
    calendar = jobs.job_calendar(db.session(), _task_id(task_id))
    response = Response(content_type="text/calendar; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.data = calendar.gzip
        response.content_encoding = "gzip"
        response.set_etag(calendar.gzip_etag)
    else:
        response.data = gzip.decompress(calendar.gzip)
        response.set_etag(calendar.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _job_status(state: jobs.JobState) -> dict[str, Any]:
    content = {
        "task_id": state.job_id,
        "task_status": state.status,
        "result_url": external_url(f"/api/v1/todos/ical/{state.job_id}/result"),
    }
    if state.failure is not None:
        content["error"] = state.failure
    return content


def _wait(state: jobs.JobState, seconds: int) -> tuple[jobs.JobState, bool]:
    """The state when it is final or the time is over, and whether there was room to wait for it."""
    deadline = time.monotonic() + seconds
    pauses = iter(_POLL_SECONDS)
    pause = next(pauses)
    if state.finished:
        return state, True
    if not _WAITERS.acquire(blocking=False):
        return state, False
    try:
        while not state.finished and time.monotonic() < deadline:
            db.session.rollback()  # holds no connection while it waits
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = next(pauses, _POLL_SECONDS[-1])
            state = jobs.job_state(db.session(), state.job_id)
    finally:
        _WAITERS.release()
    return state, True


def _preferred_wait() -> int | None:
    """Seconds from `Prefer: wait=N` (RFC 7240, section 4.3). A preference that makes no sense is none, as it says."""
    for preference in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait" and re.fullmatch('"?[0-9]{1,9}"?', value.strip()):
            return min(int(value.strip().strip('"')), WAIT_MAX_SECONDS)
    return None


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(f"[\x21-\x7e]{{1,{IDEMPOTENCY_KEY_MAX}}}", key):
        raise BadInput(
            f"Idempotency-Key must be 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters", field="Idempotency-Key"
        )
    return key


def _id(text: str, field: str = "id") -> int:
    # int() takes digits of every script; and one todo has one address, not also /todos/007
    if not re.fullmatch("[1-9][0-9]{0,9}", text) or int(text) > ID_MAX:
        raise NotFound(f"There is nothing with the {field} {text[:64]!r}", field=field)
    return int(text)


def _task_id(text: str) -> str:
    if not re.fullmatch("[0-9a-f-]{36}", text):  # also what no database takes as text
        raise NotFound("There is no task with this id", field="task_id")
    return text


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _moment(at: datetime) -> search.Moment:
    """`at` on the clock that local deadlines are read by, the list's zone's or this machine's, and on UTC's."""
    zone = todos.get_list(db.session(), DEFAULT_LIST_ID).time_zone
    local = at.astimezone(ZoneInfo(zone) if zone else None)
    return search.Moment(local=local.replace(tzinfo=None), utc=at.astimezone(UTC).replace(tzinfo=None))


def _texts() -> search.TextCache:
    return cast("search.TextCache", current_app.config["TODO_TEXTS"])


def _bell() -> Bell:
    return cast("Bell", current_app.config["BELL"])


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = Response(orjson.dumps(content), status, mimetype="application/json")
    response.headers.update(headers or {})
    return response
