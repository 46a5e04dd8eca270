"""The API under `/api/v1`: HTTP to use cases and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from todo import search, todo_json, todos
from todo.activity import Counter
from todo.errors import NotFound
from todo.models import db
from todo.models.list import DEFAULT_LIST_ID
from todo.tasks.bell import Bell
from todo.views import payloads
from todo.views.idempotency import idempotency_key
from todo.views.openapi import answers
from todo.views.urls import external_url

api = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="TaskOverflow")

ID_MAX = 2**31 - 1


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
    return json_response({"status": "ok"})


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
@api.doc(
    responses=answers(
        {201: ("The new todo", "Todo"), 200: ("The todo made with this key, as it is now", "Todo")},
        errors=[400, 410, 413, 415],
    )
)
def create_todo(json_data: payloads.NewTodo) -> Response:
    """Make a todo. The same `Idempotency-Key` makes nothing again, also when the todo made with it was deleted."""
    values = {"completed": False, **json_data.columns()}
    session, key = db.session(), idempotency_key()
    if key is None:
        todo, made = todos.create(session, DEFAULT_LIST_ID, values, now=_now(), ring=bell().ring), True
    else:
        todo, made = todos.create_once(
            session, DEFAULT_LIST_ID, values, idempotency_key=key, now=_now(), ring=bell().ring
        )
    _count(DEFAULT_LIST_ID, int(made))
    status = 201 if made else 200
    return json_response(todo_json.from_todo(todo), status, {"Location": external_url(f"/api/v1/todos/{todo.id}")})


@api.patch("/todos")
@api.input(payloads.TodoEdits)
@api.doc(responses=answers({200: ("What became of each change, in order", "EditResults")}, errors=[400, 413, 415]))
def change_todos(json_data: payloads.TodoEdits) -> Response:
    """Change many todos at once: all in one transaction, with a result for each.

    A change with a wrong field refuses them all. One of a todo that isn't there has the status 404, and one with
    another `if_sequence` than its todo's has 409, with the todo as it is now; the others are made.
    """
    edits = json_data.edits()
    results: list[dict[str, Any]] = []
    for edit, edited in zip(edits, _change(edits), strict=True):
        result: dict[str, Any] = {"id": edit.todo_id, "status": 200}
        if edited.todo is None:
            result |= {"status": 404, "error": f"There is no todo with id {edit.todo_id}"}
        else:
            if edited.conflict:
                result |= {"status": 409, "error": f"The todo with id {edit.todo_id} was changed meanwhile"}
            result["todo"] = todo_json.from_todo(edited.todo)
        results.append(result)
    return json_response(results)


@api.get("/todos/<todo_id:todo_id>")
@api.doc(responses=answers({200: ("The todo", "Todo")}, errors=[404]))
def get_todo(todo_id: str) -> Response:
    """One todo."""
    return json_response(todo_json.from_todo(todos.get(db.session(), DEFAULT_LIST_ID, id_of(todo_id))))


@api.put("/todos/<todo_id:todo_id>")
@api.input(payloads.TodoChange)
@api.doc(responses=answers({200: ("The todo as it is now", "Todo")}, errors=[400, 404, 413, 415]))
def change_todo(todo_id: str, json_data: payloads.TodoChange) -> Response:
    """Change the fields given; the others stay."""
    edit = todos.Edit(id_of(todo_id), json_data.columns())
    [(todo, *_)] = _change([edit])
    if todo is None:
        raise NotFound(f"There is no todo with id {edit.todo_id}", field="id")
    return json_response(todo_json.from_todo(todo))


@api.delete("/todos/<todo_id:todo_id>")
@api.doc(
    responses=answers(
        {200: ("The todo as it last was; an empty object when there was none", "DeletedTodo")}, errors=[404]
    )
)
def delete_todo(todo_id: str) -> Response:
    """Delete a todo; nothing happens when there is none."""
    edit = todos.Edit(id_of(todo_id), {}, deleted=True)
    [(todo, *_)] = _change([edit])
    return json_response({} if todo is None else todo_json.from_todo(todo))


@api.get("/lists/<list_id>")
@api.doc(responses=answers({200: ("The list", "List")}, errors=[404]))
def get_list(list_id: str) -> Response:
    """A list: its name, its time zone, and how often it changed."""
    return json_response(payloads.list_json(todos.get_list(db.session(), id_of(list_id, "list_id"))))


@api.patch("/lists/<list_id>")
@api.input(payloads.ListChange)
@api.doc(responses=answers({200: ("The list as it is now", "List")}, errors=[400, 404, 413, 415]))
def change_list(list_id: str, json_data: payloads.ListChange) -> Response:
    """Change a list's name or time zone. With a time zone, deadlines without offset are instants there."""
    values = {name: getattr(json_data, name) for name in json_data.model_fields_set}
    revision = todos.get_list(db.session(), id_of(list_id, "list_id")).revision
    found = todos.change_list(db.session(), id_of(list_id, "list_id"), values, now=_now(), ring=bell().ring)
    _count(found.id, int(found.revision > revision))
    return json_response(payloads.list_json(found))


def id_of(text: str, field: str = "id") -> int:
    """The id that a URL names. Raises `NotFound` for what cannot be one."""
    # int() takes digits of every script; and one todo has one address, not also /todos/007
    if not re.fullmatch("[1-9][0-9]{0,9}", text) or int(text) > ID_MAX:
        raise NotFound(f"There is nothing with the {field} {text[:64]!r}", field=field)
    return int(text)


def _change(edits: list[todos.Edit]) -> list[todos.Edited]:
    edited = todos.change(db.session(), DEFAULT_LIST_ID, edits, now=_now(), ring=bell().ring)
    _count(DEFAULT_LIST_ID, sum(each.changed for each in edited))
    return edited


def _count(list_id: int, changes: int) -> None:
    if changes:
        cast("Counter", current_app.config["COUNTER"]).add("change", list_id, times=changes)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _moment(at: datetime) -> search.Moment:
    """`at` on the clock that local deadlines are read by, the list's zone's or this machine's, and on UTC's."""
    zone = todos.get_list(db.session(), DEFAULT_LIST_ID).time_zone
    local = at.astimezone(ZoneInfo(zone) if zone else None)
    return search.Moment(local=local.replace(tzinfo=None), utc=at.astimezone(UTC).replace(tzinfo=None))


def _texts() -> search.TextCache:
    return cast("search.TextCache", current_app.config["TODO_TEXTS"])


def bell() -> Bell:
    """The application's bell."""
    return cast("Bell", current_app.config["BELL"])


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`content` as JSON."""
    response = Response(orjson.dumps(content), status, mimetype="application/json")
    response.headers.update(headers or {})
    return response
