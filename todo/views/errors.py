"""The one table that turns errors into answers: which kind is which status, and how an error reads as JSON.

Every error carries `error`, a sentence, and RFC 9457's members; `field` names what was at fault.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
import structlog
from apiflask import APIFlask, HTTPError
from flask import Response
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.http import HTTP_STATUS_CODES

from todo.errors import (
    BadInput,
    Forbidden,
    Gone,
    NotFound,
    NotReady,
    QueueUnavailable,
    SchemaMismatch,
    TodoError,
    Unsuited,
)

STATUS: dict[type[TodoError], int] = {
    BadInput: 400,
    Forbidden: 403,
    NotFound: 404,
    NotReady: 404,
    Unsuited: 409,
    Gone: 410,
    QueueUnavailable: 503,
    SchemaMismatch: 503,
}

_log = structlog.get_logger(__name__)


def install(app: APIFlask) -> None:
    """Have `app` answer every error as this module says."""
    app.config["VALIDATION_ERROR_STATUS_CODE"] = 400
    app.error_processor(_http_error)
    app.register_error_handler(TodoError, _todo_error)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _database_error)
    app.register_error_handler(DBAPIError, _database_error_or_bug)


def problem(status: int, message: str, field: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """An error as JSON: `error` and RFC 9457's type, title, status and detail, with the field at fault."""
    content: dict[str, Any] = {
        "error": message,
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "detail": message,
    }
    if field is not None:
        content["field"] = field.encode("utf-8", "replace").decode()
    response = Response(orjson.dumps(content), status, mimetype="application/problem+json")
    response.headers.update(headers or {})
    return response


def _todo_error(error: TodoError) -> Response:
    message = str(error).encode("utf-8", "replace").decode()
    headers = {"Retry-After": "2"} if getattr(error, "is_passing", False) else None
    return problem(STATUS[type(error)], message, getattr(error, "field", None), headers)


def _http_error(error: HTTPError) -> Response:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        message, field = _first_error(cause)
        return problem(error.status_code, message, field)
    allowed = dict(error.headers).get("Allow")
    plain = {
        405: f"This address takes {allowed} only" if allowed else "",
        415: "Content-Type must be application/json",
    }.get(error.status_code)
    headers = {name: str(value) for name, value in dict(error.headers).items() if name.lower() != "content-type"}
    fields = {413: "body", 415: "Content-Type"}
    return problem(error.status_code, plain or error.message or "Error", fields.get(error.status_code), headers)


def _database_error(error: Exception) -> Response:
    _log.error("database_unavailable", error=f"{type(error).__name__}: {error}"[:300])
    return problem(503, "The database cannot be reached; a change may not have been made", headers={"Retry-After": "2"})


def _database_error_or_bug(error: DBAPIError) -> Response:
    if error.connection_invalidated:  # cut in the middle, which drivers report as many kinds
        return _database_error(error)
    raise error


def _first_error(error: ValidationError) -> tuple[str, str]:
    """A sentence on the first thing wrong, and the field's name: `title`, `[3].title`, `body`."""
    # A field that isn't known first: it may be the one that is missing, misspelt.
    found = sorted(error.errors(include_url=False, include_input=False), key=lambda e: e["type"] != "extra_forbidden")
    first = found[0]
    place = [part for part in first["loc"] if not (isinstance(part, str) and part.startswith(("function-", "union")))]
    field = ""
    for part in place:
        field += f"[{part}]" if isinstance(part, int) else f".{part[:64]}" if field else str(part)[:64]
    kind = first["type"]
    if kind == "missing":
        return f"{field} is required", field
    if kind == "extra_forbidden":
        return f"{field} is not a known field", field
    if kind in ("model_type", "list_type", "dict_type", "model_attributes_type"):
        wanted = "array" if kind == "list_type" else "object"
        return f"{field or 'The body'} must be a JSON {wanted}", field or "body"
    message = first["msg"]
    if kind == "id_twice":
        return message, message.partition(" ")[0]
    message = re.sub("^(Input|String|List|Value) should ", "must ", message)
    message = message[:1].lower() + message[1:]
    return f"{field or 'The body'} {message if message.startswith(('must', 'is ')) else ': ' + message}".replace(
        " : ", ": "
    ), field or "body"
