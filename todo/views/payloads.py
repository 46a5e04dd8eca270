"""Shapes of what comes in and goes out over HTTP: JSON to typed values, rows to JSON. Refuses to know the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from todo import deadlines
from todo.deadlines import Deadline
from todo.models.todo import DESCRIPTION_MAX, TITLE_MAX
from todo.search import Sort
from todo.todos import CHANGES_MAX, Edit

LIMIT_MAX = 1_000
WINDOW_MAX_DAYS = 36_500

# Every control character but TAB and LF (CR has become LF), and halves of surrogate pairs, which no UTF-8 has.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# The same, and what is no blank either, for JSON Schema. Spelled out, because `\s` means something else to each reader;
# without surrogates, because not every reader knows them.
_ALLOWED = "[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]"
_NOT_BLANK = "[^\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"


def _text(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _FORBIDDEN.search(value)
    if found:
        raise PydanticCustomError(
            "control_character",
            "must not contain the character U+{code} (at position {position})",
            {"code": f"{ord(found[0]):04X}", "position": found.start()},
        )
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return value


def _deadline(value: str) -> Deadline:
    try:
        return deadlines.parse(value)
    except ValueError as error:
        raise PydanticCustomError("deadline", "{reason}", {"reason": str(error)}) from None


def _zone(name: str) -> str:
    # `localtime` is whatever each machine says, and `Factory` a zone of none
    if name not in available_timezones() or name in ("localtime", "Factory"):
        raise PydanticCustomError("time_zone", "must be an IANA time zone such as Europe/Berlin")
    return name


def _digits(value: Any) -> Any:
    # int() takes digits of every script, underscores and blanks
    if isinstance(value, str) and not re.fullmatch("-?[0-9]{1,9}", value):
        raise PydanticCustomError("whole_number", "must be a whole number")
    return value


_LOCAL_DEADLINE = (
    "^[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?$"
)

Title = Annotated[
    StrictStr,
    Field(min_length=1, max_length=TITLE_MAX),
    AfterValidator(_text),
    AfterValidator(_not_blank),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": TITLE_MAX,
            "pattern": f"^{_ALLOWED}*{_NOT_BLANK}{_ALLOWED}*$",
            "description": f"1 to {TITLE_MAX} characters, not all blank, no control characters.",
            "examples": ["Buy milk"],
        }
    ),
]
Description = Annotated[
    StrictStr,
    Field(max_length=DESCRIPTION_MAX),
    AfterValidator(_text),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": DESCRIPTION_MAX,
            "pattern": f"^{_ALLOWED}*$",
            "description": f"Up to {DESCRIPTION_MAX:,} characters, no control characters but tab and line breaks.",
            "examples": ["Two litres"],
        }
    ),
]
SearchText = Annotated[
    str,
    Field(max_length=TITLE_MAX),
    AfterValidator(_text),
    WithJsonSchema({"type": "string", "maxLength": TITLE_MAX, "pattern": f"^{_ALLOWED}*$"}),
]
DeadlineText = Annotated[
    StrictStr,
    AfterValidator(_deadline),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
                {"type": "string", "pattern": _LOCAL_DEADLINE},
            ],
            "description": "A day; a moment with its offset, kept as an instant and given back in UTC; or a date and "
            "time without offset, which is the reader's wall clock. A space may stand for the T.",
            "examples": ["2026-05-01", "2026-05-01T14:00:00", "2026-05-01T14:00:00+02:00"],
        }
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def columns(self) -> dict[str, Any]:
        """The fields that were given, as columns of a todo."""
        values = {name: getattr(self, name) for name in self.model_fields_set & _TODO_FIELDS}
        if "deadline_at" in values:
            deadline: Deadline | None = values["deadline_at"]
            values["deadline_at"], values["deadline_kind"] = deadline or (None, None)
        return values


_TODO_FIELDS = {"title", "description", "completed", "deadline_at"}


class NewTodo(_Body):
    """A todo to be made."""

    title: Title
    description: Description | None = None
    completed: StrictBool = False
    deadline_at: DeadlineText | None = None


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class _Change(_Body):
    # What isn't given stays as it is: the fields' defaults are never used, and the document must not promise them.
    model_config = ConfigDict(json_schema_extra=_without_defaults)


class TodoChange(_Change):
    """Fields of a todo to set; those not given stay."""

    title: Title = Field(default="", validate_default=False)
    description: Description | None = None
    completed: StrictBool = False
    deadline_at: DeadlineText | None = None


class TodoEdit(TodoChange):
    """One of many changes: a todo's id, and the fields to set, or `deleted`."""

    id: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    deleted: StrictBool = False


class TodoEdits(RootModel[Annotated[list[TodoEdit], Field(min_length=1, max_length=CHANGES_MAX)]]):
    """Many changes, applied in one transaction. No id may come twice."""

    @model_validator(mode="after")
    def _each_id_once(self) -> Self:
        seen: set[int] = set()
        for index, edit in enumerate(self.root):
            if edit.id in seen:
                raise PydanticCustomError("id_twice", "[{index}].id {id} comes twice", {"index": index, "id": edit.id})
            seen.add(edit.id)
        return self

    def edits(self) -> list[Edit]:
        """The changes as the use case takes them, in order."""
        return [Edit(edit.id, edit.columns(), deleted=edit.deleted) for edit in self.root]


class ListChange(_Change):
    """Fields of a list to set; those not given stay."""

    name: Title = Field(default="", validate_default=False)
    time_zone: Annotated[StrictStr, AfterValidator(_zone)] | None = Field(
        default=None,
        description="IANA name of the zone that deadlines without offset are in; null: they float.",
        examples=["Australia/Brisbane"],
    )


class TodosQuery(BaseModel):
    """How to filter, sort and page the list of todos."""

    model_config = ConfigDict(frozen=True)

    completed: Literal["true", "false"] | None = Field(None, description="Only finished, or only open ones.")
    window: Annotated[int, Field(ge=0, le=WINDOW_MAX_DAYS), BeforeValidator(_digits)] | None = Field(
        None, description="Only those due within so many days from now, overdue ones included."
    )
    q: SearchText | None = Field(
        None, description="Only those with this text in title or description, whatever the case."
    )
    sort: Sort = Field("-created_at", description="`-` for descending; those without a deadline come last.")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(_digits)] | None = Field(
        None, description="At most so many; a `Link` header then leads to the next page. Not given: all of them."
    )
    cursor: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Where to go on, from a `Link` header."
    )


def todo_json(row: Any) -> dict[str, Any]:
    """A todo, or a row of `search.COLUMNS`, as the API's JSON object."""
    return _todo_json(
        (
            row.id,
            row.title,
            row.description,
            row.completed,
            row.deadline_at,
            row.deadline_kind,
            row.created_at,
            row.updated_at,
            row.sequence,
        )
    )


def todos_json(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of `search.COLUMNS` as a JSON array."""
    return orjson.dumps([_todo_json(row) for row in rows])


def todo_text(row: Sequence[Any]) -> bytes:
    """A row of `search.COLUMNS` as a JSON object, in no more memory than its length."""
    return bytes(memoryview(orjson.dumps(_todo_json(row))))  # orjson's own stays in a buffer of 4 kB: kept, 20 times it


def _todo_json(row: Sequence[Any]) -> dict[str, Any]:
    todo_id, title, description, completed, deadline_at, deadline_kind, created_at, updated_at, _ = row
    if deadline_at is not None and deadline_kind != "local":  # orjson writes a local one as it is
        deadline_at = deadlines.to_text(deadline_at, deadline_kind)
    return {
        "id": todo_id,
        "title": title,
        "description": description,
        "completed": completed,
        "deadline_at": deadline_at,
        "created_at": created_at,
        "updated_at": updated_at,
    }


def list_json(found: Any) -> dict[str, Any]:
    """A list as the API's JSON object."""
    return {"id": found.id, "name": found.name, "time_zone": found.time_zone, "revision": found.revision}
