"""Shapes of what comes in and goes out over HTTP: JSON to typed values, rows to JSON. Refuses to know the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    RootModel,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from todo import todo_json
from todo.deadlines import Deadline
from todo.search import Sort
from todo.sync import Difference
from todo.todos import CHANGES_MAX, Edit
from todo.views.values import DeadlineText, Description, Priority, SearchText, Tags, Title, digits, zone

LIMIT_MAX = 1_000
WINDOW_MAX_DAYS = 36_500


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def columns(self) -> dict[str, Any]:
        """The fields that were given, as columns of a todo."""
        values = {name: getattr(self, name) for name in self.model_fields_set & _TODO_FIELDS}
        if "deadline_at" in values:
            deadline: Deadline | None = values["deadline_at"]
            values["deadline_at"], values["deadline_kind"] = deadline or (None, None)
        if "tags" in values:
            values["tags"] = "\n".join(values["tags"])
        return values


_TODO_FIELDS = {"title", "description", "completed", "deadline_at", "priority", "tags"}


class NewTodo(_Body):
    """A todo to be made."""

    title: Title
    description: Description | None = None
    completed: StrictBool = False
    deadline_at: DeadlineText | None = None
    priority: Priority = 0
    tags: Tags = []


def without_defaults(schema: dict[str, Any]) -> None:
    """Take the defaults out of the JSON Schema of a change."""
    for field in schema["properties"].values():
        field.pop("default", None)


class _Change(_Body):
    # What isn't given stays as it is: the fields' defaults are never used, and the document must not promise them.
    model_config = ConfigDict(json_schema_extra=without_defaults)


class TodoChange(_Change):
    """Fields of a todo to set; those not given stay."""

    title: Title = Field(default="", validate_default=False)
    description: Description | None = None
    completed: StrictBool = False
    deadline_at: DeadlineText | None = None
    priority: Priority = 0
    tags: Tags = []


class TodoEdit(TodoChange):
    """One of many changes: a todo's id, and the fields to set, or `deleted`."""

    id: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    deleted: StrictBool = False
    if_sequence: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=0,
        validate_default=False,
        description="Only while the todo's `sequence` is this one; otherwise it is left as it is, with the status 409.",
    )

    def edit(self) -> Edit:
        """The change as the use case takes it."""
        if_sequence = self.if_sequence if "if_sequence" in self.model_fields_set else None
        return Edit(self.id, self.columns(), deleted=self.deleted, if_sequence=if_sequence)


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
        return [edit.edit() for edit in self.root]


KNOWN_MAX = 100_000
STAMP_LENGTH_MAX = 20
CHUNKS_MAX = 100
_NUMBER = "^(0|[1-9][0-9]{0,9})$"


def _known_chunks(value: Any) -> dict[int, str]:
    """Stamps by chunk, from a JSON object. Stops at the first that is wrong: there may be a million."""
    if not isinstance(value, dict):
        raise PydanticCustomError("known_chunks", "must be a JSON object")
    if len(value) > KNOWN_MAX:
        raise PydanticCustomError("known_chunks", "must have at most {most} entries", {"most": KNOWN_MAX})
    for number, stamp in value.items():
        place = {"number": ascii(number[:32]), "most": STAMP_LENGTH_MAX}
        if not re.fullmatch("0|[1-9][0-9]{0,9}", number):
            raise PydanticCustomError("known_chunks", "must have numbers for names, which {number} is not", place)
        if not isinstance(stamp, str) or len(stamp) > STAMP_LENGTH_MAX:
            raise PydanticCustomError(
                "known_chunks", "must have texts of at most {most} characters, which that of {number} is not", place
            )
    return {int(number): stamp for number, stamp in value.items()}


class SyncRequest(BaseModel):
    """What a client has of a list: the stamp of each chunk, by the chunk's number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chunks: Annotated[
        dict[int, str],
        PlainValidator(_known_chunks),
        WithJsonSchema(
            {
                "type": "object",
                "propertyNames": {"type": "string", "pattern": _NUMBER},
                "additionalProperties": {"type": "string", "maxLength": STAMP_LENGTH_MAX},
                "maxProperties": KNOWN_MAX,
                "description": "The stamp of each chunk that the client has, by its number, as it was answered.",
                "examples": [{"0": "1234567890123456789", "1": "0"}],
            }
        ),
    ] = {}
    limit: Annotated[int, Field(strict=True, ge=1, le=CHUNKS_MAX)] = Field(
        CHUNKS_MAX, description="At most so many chunks are answered; `more` says whether there are others."
    )


class ListChange(_Change):
    """Fields of a list to set; those not given stay."""

    name: Title = Field(default="", validate_default=False)
    time_zone: Annotated[StrictStr, AfterValidator(zone)] | None = Field(
        default=None,
        description="IANA name of the zone that deadlines without offset are in; null: they float.",
        examples=["Australia/Brisbane"],
    )


class TodosQuery(BaseModel):
    """How to filter, sort and page the list of todos."""

    model_config = ConfigDict(frozen=True)

    completed: Literal["true", "false"] | None = Field(None, description="Only finished, or only open ones.")
    window: Annotated[int, Field(ge=0, le=WINDOW_MAX_DAYS), BeforeValidator(digits)] | None = Field(
        None, description="Only those due within so many days from now, overdue ones included."
    )
    q: SearchText | None = Field(
        None, description="Only those with this text in title or description, whatever the case."
    )
    sort: Sort = Field("-created_at", description="`-` for descending; those without a deadline come last.")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(digits)] | None = Field(
        None, description="At most so many; a `Link` header then leads to the next page. Not given: all of them."
    )
    cursor: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Where to go on, from a `Link` header."
    )


def todos_json(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of `todo_json.COLUMNS` as a JSON array."""
    return orjson.dumps([todo_json.from_row(row) for row in rows])


def todo_text(row: Sequence[Any]) -> bytes:
    """A row of `todo_json.COLUMNS` as a JSON object, in no more memory than its length."""
    text = orjson.dumps(todo_json.from_row(row))
    return bytes(memoryview(text))  # orjson's own stays in a buffer of 4 kB: kept, 20 times it


def list_json(found: Any) -> dict[str, Any]:
    """A list as the API's JSON object."""
    return {"id": found.id, "name": found.name, "time_zone": found.time_zone, "revision": found.revision}


def difference_json(found: Difference) -> dict[str, Any]:
    """What of a list differs, as the API's JSON object."""
    chunks = [
        {"number": chunk.number, "stamp": chunk.stamp, "todos": [todo_json.from_row(row) for row in chunk.todos]}
        for chunk in found.chunks
    ]
    return {
        "installation": found.installation,
        "list": list_json(found.of_list),
        "chunks": chunks,
        "gone": found.gone,
        "more": found.more,
    }
