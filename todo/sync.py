"""Tells who keeps a copy of a list which of its chunks differ. Reads only, in one snapshot; knows no HTTP.

Every change gives its todos' chunks other stamps, a deletion as well: who has the same stamps has the same todos.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from todo import database
from todo.errors import NotFound
from todo.models import Installation, List, Todo
from todo.todo_json import COLUMNS

_LIST = select(List, Installation.uuid).join(Installation, Installation.id == 1).where(List.id == bindparam("of_list"))
# Todos that were added straight through a session may have a chunk that nothing is noted of. Which chunks have todos is
# found by a step for each, from one number to the next in the index, and not by reading the entry of every todo.
_STAMPS = text(
    "WITH RECURSIVE held (number) AS (SELECT min(chunk) FROM todos WHERE list_id = :of_list UNION ALL"
    " SELECT (SELECT min(chunk) FROM todos WHERE list_id = :of_list AND chunk > held.number) FROM held"
    " WHERE held.number IS NOT NULL)"
    " SELECT number, stamp FROM chunks WHERE list_id = :of_list UNION ALL"
    " SELECT number, 0 FROM held WHERE number IS NOT NULL"
    " AND number NOT IN (SELECT number FROM chunks WHERE list_id = :of_list)"
)
_TODOS_OF_CHUNKS = (
    select(Todo.chunk, *COLUMNS)
    .where(Todo.list_id == bindparam("of_list"), Todo.chunk.in_(bindparam("numbers", expanding=True)))
    .order_by(Todo.chunk, Todo.id)
)


@dataclass(frozen=True)
class ChangedChunk:
    """A chunk as it is now. `todos` are rows of `todo_json.COLUMNS`, oldest first; none when all were deleted."""

    number: int
    stamp: str
    todos: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Difference:
    """What of a list differs from a copy: chunks, highest number first, and numbers that the list does not have.

    `more` says that other chunks differ too. `installation` is the uuid of the database's.
    """

    installation: str
    of_list: List
    chunks: Sequence[ChangedChunk]
    gone: Sequence[int]
    more: bool


def compare(session: Session, list_id: int, known: Mapping[int, str], limit: int) -> Difference:
    """How the list differs from a copy with the stamps `known`, in at most `limit` chunks.

    A chunk that no stamp is noted of has the stamp "0": the product's own changes note one. Raises `NotFound` for an
    unknown list.
    """
    connection = database.begin_snapshot(session)
    row = session.execute(_LIST, {"of_list": list_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    of_list, installation = row
    stamps = {number: str(stamp) for number, stamp in connection.execute(_STAMPS, {"of_list": list_id})}
    differing = sorted((number for number, stamp in stamps.items() if known.get(number) != stamp), reverse=True)
    numbers = differing[:limit]
    found: dict[int, list[Sequence[Any]]] = {}
    if numbers:
        rows = database.plain_rows(connection, _TODOS_OF_CHUNKS, {"of_list": list_id, "numbers": numbers})
        for number, chunk in itertools.groupby(rows, key=itemgetter(0)):
            found[number] = [row[1:] for row in chunk]
    return Difference(
        installation=installation,
        of_list=of_list,
        chunks=[ChangedChunk(number, stamps[number], found.get(number, [])) for number in numbers],
        gone=sorted(number for number in known if number not in stamps),
        more=len(differing) > limit,
    )
