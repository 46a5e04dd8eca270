"""A todo as a JSON object, the same in the API and in events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from todo import deadlines
from todo.models import Todo

COLUMNS = (
    Todo.id,
    Todo.title,
    Todo.description,
    Todo.completed,
    Todo.deadline_at,
    Todo.deadline_kind,
    Todo.created_at,
    Todo.updated_at,
    Todo.sequence,
    Todo.completed_at,
    Todo.priority,
    Todo.tags,
)
"""What is shown of a todo, in the order of `from_row`."""

_NAMES = [column.key for column in COLUMNS]


def from_row(row: Sequence[Any]) -> dict[str, Any]:
    """The values of `COLUMNS` as an object for orjson, which writes times as they are."""
    todo_id, title, description, completed, deadline_at, deadline_kind, created_at, updated_at, *rest = row
    sequence, completed_at, priority, tags = rest
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
        "completed_at": completed_at,
        "priority": priority,
        "tags": tags.split("\n") if tags else [],
        "sequence": sequence,
    }


def from_todo(todo: Any) -> dict[str, Any]:
    """A todo, or anything with its columns as attributes, as an object for orjson."""
    return from_row([getattr(todo, name) for name in _NAMES])
