"""The OpenAPI document at `/openapi.json`, the page that shows it at `/docs`, and the schemas of what is answered."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from flask_swagger_ui import get_swaggerui_blueprint

from todo.views import queue_payloads
from todo.views.json_schema import closed_object as _object
from todo.views.json_schema import reference as _ref

_TEXT = {"type": "string"}
_OPTIONAL_TEXT = {"type": ["string", "null"]}
_WHOLE = {"type": "integer"}
_ID = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_URL = {"type": "string", "format": "uri"}
_JOB_ID = {"type": "string", "format": "uuid"}
_STATUS = {"type": "string", "enum": ["PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE"]}

_TODO = {
    "id": _ID,
    "title": _TEXT,
    "description": _OPTIONAL_TEXT,
    "completed": {"type": "boolean"},
    "deadline_at": _OPTIONAL_TEXT,
    "created_at": _TEXT,
    "updated_at": _TEXT,
    "completed_at": _OPTIONAL_TEXT,
    "priority": {"type": "integer", "minimum": 0, "maximum": 9},
    "tags": {"type": "array", "items": _TEXT},
    "sequence": {"type": "integer", "minimum": 0, "description": "How often it was edited."},
}
_OPTIONAL_WHOLE = {"type": ["integer", "null"]}
_OPTIONAL_URL = {"type": ["string", "null"], "format": "uri"}
_FEED = {
    "id": _ID,
    "list_id": _ID,
    "is_default": {"type": "boolean"},
    "name": _OPTIONAL_TEXT,
    "completed": {"type": ["boolean", "null"]},
    "text": _OPTIONAL_TEXT,
    "past_days": _OPTIONAL_WHOLE,
    "future_days": _OPTIONAL_WHOLE,
    "finished": {"type": "string", "enum": ["show", "mark", "hide"]},
    "finished_days": _OPTIONAL_WHOLE,
    "show_as": {"type": "string", "enum": ["events", "todos", "both"]},
    "all_day": {"type": "boolean"},
    "alarm_minutes": _OPTIONAL_WHOLE,
    "busy_only": {"type": "boolean"},
    "color": _OPTIONAL_TEXT,
    "url": _OPTIONAL_URL,
    "webcal_url": _OPTIONAL_URL,
    "revoked": {"type": "boolean"},
    "built_revision": _WHOLE,
    "built_at": _OPTIONAL_TEXT,
    "etag": _OPTIONAL_TEXT,
    "bytes": _OPTIONAL_WHOLE,
    "todos": _OPTIONAL_WHOLE,
    "failure": _OPTIONAL_TEXT,
    "warnings": {"type": "array", "items": _TEXT},
}
_READER = {
    "app": _TEXT,
    "name": _TEXT,
    "last_at": _TEXT,
    "requests": _WHOLE,
    "not_modified_share": {"type": "number"},
    "interval_seconds": {"type": ["number", "null"]},
    "expected_delay": _TEXT,
}
_CHUNK = {"type": "integer", "minimum": 0, "maximum": 9_999_999_999}
_STAMP = {"type": "string", "pattern": "^[0-9]{1,19}$", "description": "Another text after each change of its todos."}
_COUNT = {"type": "integer", "minimum": 0}
_FIGURES = dict.fromkeys(("changes", "bells", "builds", "fetches", "not_modified", "bytes_sent", "bytes_saved"), _COUNT)
_MOMENT = {"type": "string", "format": "date-time"}
_ACTIVITY = {
    "list_id": _ID,
    "from": _MOMENT,
    "to": _MOMENT,
    "bucket_minutes": {"type": "integer", "minimum": 1},
    "series": {"type": "array", "items": _object({"from": _MOMENT, **_FIGURES}), "minItems": 1, "maxItems": 200},
    "totals": _object(_FIGURES),
    "summary": _TEXT,
}
_PROBLEM = {
    "error": _TEXT,
    "type": _TEXT,
    "title": _TEXT,
    "status": _WHOLE,
    "detail": _TEXT,
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Health": _object({"status": {"const": "ok"}}),
    "Todo": _object(_TODO),
    "Todos": {"type": "array", "items": _ref("Todo")},
    "DeletedTodo": _object({}, _TODO),
    "EditResults": {
        "type": "array",
        "items": {
            "oneOf": [
                {
                    "description": "Made; a deleted todo is as it last was.",
                    **_object({"id": _ID, "status": {"const": 200}, "todo": _ref("Todo")}),
                },
                {
                    "description": "There is no such todo.",
                    **_object({"id": _ID, "status": {"const": 404}, "error": _TEXT}),
                },
                {
                    "description": "`if_sequence` is not the todo's: it was left as it is now.",
                    **_object({"id": _ID, "status": {"const": 409}, "error": _TEXT, "todo": _ref("Todo")}),
                },
            ]
        },
    },
    "Sync": _object(
        {
            "installation": {
                "type": "string",
                "format": "uuid",
                "description": "The same for as long as the database is the same.",
            },
            "list": _ref("List"),
            "chunks": {
                "type": "array",
                "maxItems": 100,
                "items": _object({"number": _CHUNK, "stamp": _STAMP, "todos": _ref("Todos")}),
            },
            "gone": {"type": "array", "items": _CHUNK, "description": "Known chunks that the list does not have."},
            "more": {"type": "boolean", "description": "Whether other chunks differ too; ask again."},
        }
    ),
    "List": _object({"id": _ID, "name": _TEXT, "time_zone": _OPTIONAL_TEXT, "revision": _WHOLE}),
    "Feed": _object(_FEED),
    "Feeds": {"type": "array", "items": _ref("Feed")},
    "Activity": _object(_ACTIVITY),
    "Nothing": _object({}),
    "FeedHealth": _object(
        {
            "feed_id": _ID,
            "report": {"type": ["object", "null"]},
            "read_by": {"type": "array", "items": _object(_READER)},
        }
    ),
    "EventStanding": _object(
        {
            "is_sent": {"type": "boolean", "description": "Whether events are sent: `EVENTS_URL` is set."},
            "waiting": _WHOLE,
            "lag_seconds": {"type": "number", "minimum": 0, "description": "How long the oldest has been waiting."},
            "refused": {"type": "integer", "description": "Set aside: the sink refused them too often."},
            "trouble": {"type": ["string", "null"], "description": "Why they wait, when the sink takes none."},
        }
    ),
    "Job": _object({"task_id": _JOB_ID, "task_url": _URL}),
    "JobStatus": _object({"task_id": _JOB_ID, "task_status": _STATUS, "result_url": _URL}, {"error": _TEXT}),
    "Problem": _object(_PROBLEM, {"field": _TEXT}),
    **queue_payloads.SCHEMAS,
}

_ERRORS = {
    400: "Something given breaks a rule; `field` names it",
    403: "This installation does not do it; `error` names the setting",
    404: "There is no such thing, or it isn't made yet",
    409: "It is not, or not now, what this can be done with",
    410: "It was there, and was deleted since; `field` names what it was looked up by",
    413: "The body is too large",
    415: "The body isn't called JSON",
    503: "Not now: too many ask, or what has to be asked does not answer, or refuses",
}

_PARAMETERS: dict[str, dict[str, Any]] = {
    "todo_id": _ID,
    "list_id": _ID,
    "task_id": _JOB_ID,
    "feed_id": _ID,
    **queue_payloads.PARAMETERS,
}


def _idempotency_key(description: str) -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255},
    }


_JOB_HEADERS = [
    {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`wait=N`: answer when the calendar is made, after at most N seconds, 30 at the most. Any other "
        "preference is left alone, as RFC 7240 says.",
        "schema": {"type": "string"},
        "example": "wait=10",
    },
    _idempotency_key("The same key gives the same job."),
]
_TODO_HEADERS = [
    _idempotency_key(
        "The same key makes no second todo: the one made with it is answered, or 410 for 30 days after it was deleted."
    )
]
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The last event that the client has; it is sent the next one only. Any other text is as none.",
    "schema": {"type": "string"},
}


def answers(given: dict[int, tuple[str, str | None]], errors: list[int] | None = None) -> dict[int | str, Any]:
    """The `responses` of an operation: for each status what it means and the schema's name (None: a calendar)."""
    responses: dict[int | str, Any] = {}
    for status, (description, schema) in given.items():
        content = {"application/json": {"schema": _ref(schema)}} if schema else {"text/calendar": {"schema": _TEXT}}
        responses[status] = {"description": description, "content": content}
    for status in errors or []:
        responses[status] = {
            "description": _ERRORS[status],
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
    return responses


def install(app: APIFlask) -> None:
    """Give `app` its OpenAPI document and the page that shows it, with nothing loaded from elsewhere."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_VALIDATION_ERROR_RESPONSE=False,  # each operation names its own
        AUTO_404_RESPONSE=False,
        DESCRIPTION="Todos over REST, and their calendar, made by workers over a message queue.",
    )
    # Not the request's own address, which behind a proxy is another: what the page tries out goes where it came from.
    app.servers = [{"url": app.config["SETTINGS"].PUBLIC_URL or "/"}]
    app.spec_processor(_complete)
    page = get_swaggerui_blueprint(
        "/docs", "/openapi.json", config={"app_name": "TaskOverflow API", "validatorUrl": None, "layout": "BaseLayout"}
    )
    app.register_blueprint(page)


def _complete(spec: Any) -> Any:
    """The document with what the framework cannot know: answers' schemas, ids' types, headers."""
    spec.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
    spec["tags"] = list({tag["name"]: tag for tag in spec["tags"]}.values())  # each blueprint brings its own
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = _PARAMETERS[parameter["name"]]
                    continue
                schema = parameter["schema"]
                if "description" in schema:
                    parameter["description"] = schema.pop("description")
                if "anyOf" in schema:  # None means "not given"; a query has no way to say null
                    parameter["schema"] = schema["anyOf"][0]
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
        if path.endswith("/todos/ical"):
            operations["post"]["parameters"] = [*operations["post"].get("parameters", []), *_JOB_HEADERS]
        if path.endswith("/todos"):
            operations["post"]["parameters"] = [*operations["post"].get("parameters", []), *_TODO_HEADERS]
        if path.endswith("/events"):
            operations["get"]["parameters"] = [*operations["get"].get("parameters", []), _LAST_EVENT_ID]
    return spec
