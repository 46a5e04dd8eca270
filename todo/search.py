"""Finds todos: filters, order, pages. Reads only, and gives plain rows, because lists are long."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Row, Select, and_, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from todo import database
from todo.cache import Cache
from todo.errors import BadInput
from todo.models import Todo
from todo.todo_json import COLUMNS

Sort = Literal["-created_at", "created_at", "deadline_at", "-deadline_at"]


class Moment(NamedTuple):
    """One moment on the two clocks that deadlines are written by: the list's own, and UTC's. Neither has a zone."""

    local: datetime
    utc: datetime


_ROWS_AT_ONCE = 2_000

REMEMBERED_OCTETS = 150_000_000
"""Most octets of texts that a process remembers; 100,000 todos are 50 million."""

_TEXT_OCTETS = 250  # what a text takes besides its content

Texts = dict[int, tuple[tuple[int, datetime], bytes]]
"""By todo id: the `sequence` and `updated_at` of what was rendered, and the text."""

TextCache = Cache[Texts]
"""By a list's id."""


def text_cache() -> TextCache:
    """An empty cache of texts."""
    return Cache(REMEMBERED_OCTETS, lambda texts: sum(len(text) + _TEXT_OCTETS for _, text in texts.values()))


@dataclass(frozen=True)
class Query:
    """What to look for. `due_before` lets overdue todos in."""

    completed: bool | None = None
    due_before: Moment | None = None
    text: str | None = None
    sort: Sort = "-created_at"
    limit: int | None = None
    cursor: str | None = None


def find(session: Session, list_id: int, query: Query) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
    """Rows of `COLUMNS` that match, in order, and the cursor of the next page (None on the last).

    Newest first unless `sort` says otherwise; todos of the same age in the order they were made in; todos without a
    deadline last when sorted by it. Raises `BadInput` for a cursor that this search did not give out.
    """
    statement = _select(COLUMNS, list_id, query)
    if query.limit is None:
        return session.execute(statement).all(), None
    rows = session.execute(statement.limit(query.limit + 1)).all()
    if len(rows) <= query.limit:
        return rows, None
    rows = rows[: query.limit]
    column, _ = _column(query.sort)
    return rows, _write_cursor(query.sort, getattr(rows[-1], column.key), rows[-1].id)


def whole_list(
    session: Session, list_id: int, sort: Sort, cache: TextCache, render: Callable[[Sequence[Any]], bytes]
) -> list[bytes]:
    """What `render` makes of a row of `COLUMNS`, for each todo of the list in order; only those that changed are read.

    As fresh as `find`: the versions of all are read, just not their texts.
    """
    query = Query(sort=sort)
    known = cache.get(list_id)
    if not known:
        return _read_whole(session, list_id, query, cache, render)
    versions = database.plain_rows(
        session.connection(), _select((Todo.id, Todo.sequence, Todo.updated_at), list_id, query)
    )
    changed = [row[0] for row in versions if row[0] not in known or known[row[0]][0] != (row[1], row[2])]
    fresh: Texts = {}
    for start in range(0, len(changed), database.IDS_PER_STATEMENT):
        some = select(*COLUMNS).where(Todo.id.in_(changed[start : start + database.IDS_PER_STATEMENT]))
        fresh.update(_rendered(database.plain_rows(session.connection(), some), render))
    gone = set(changed) - set(fresh)  # deleted since its version was read
    rendered = {row[0]: fresh.get(row[0]) or known[row[0]] for row in versions if row[0] not in gone}
    if fresh or len(rendered) != len(known):
        cache.put(list_id, rendered)
    return [text for _, text in rendered.values()]


def _read_whole(
    session: Session, list_id: int, query: Query, cache: TextCache, render: Callable[[Sequence[Any]], bytes]
) -> list[bytes]:
    # In parts: the rows of 100,000 todos at once are 300 MB, their texts 40.
    statement = _select(COLUMNS, list_id, query).execution_options(yield_per=_ROWS_AT_ONCE)
    whole: Texts = {}
    for rows in session.execute(statement).partitions():
        whole.update(_rendered(rows, render))
    cache.put(list_id, whole)
    return [text for _, text in whole.values()]


def _rendered(rows: Sequence[Sequence[Any]], render: Callable[[Sequence[Any]], bytes]) -> Texts:
    return {row[0]: ((row[8], row[7]), render(row)) for row in rows}


def _select(columns: Sequence[Any], list_id: int, query: Query) -> Select[*tuple[Any, ...]]:
    column, descending = _column(query.sort)
    statement = select(*columns).where(Todo.list_id == list_id)
    if query.completed is not None:
        statement = statement.where(Todo.completed.is_(query.completed))
    if query.due_before is not None:
        is_instant = Todo.deadline_kind == "instant"
        statement = statement.where(
            Todo.deadline_at <= case((is_instant, query.due_before.utc), else_=query.due_before.local)
        )
    if query.text:
        statement = statement.where(
            or_(
                Todo.title.icontains(query.text, autoescape=True),
                Todo.description.icontains(query.text, autoescape=True),
            )
        )
    if query.cursor is not None:
        value, todo_id = _read_cursor(query.cursor, query.sort)
        statement = statement.where(_after(column, descending=descending, value=value, todo_id=todo_id))
    if column is Todo.deadline_at:
        # `IS NULL` first, instead of NULLS LAST: both databases sort false before true.
        statement = statement.order_by(column.is_(None))
    return statement.order_by(column.desc() if descending else column, Todo.id)


def _column(sort: Sort) -> tuple[InstrumentedAttribute[Any], bool]:
    return (Todo.deadline_at if sort.endswith("deadline_at") else Todo.created_at), sort.startswith("-")


def _after(
    column: InstrumentedAttribute[Any], *, descending: bool, value: datetime | None, todo_id: int
) -> ColumnElement[bool]:
    if value is None:  # among the todos without deadline, which come last
        return and_(column.is_(None), Todo.id > todo_id)
    further = column < value if descending else column > value
    rest = or_(further, and_(column == value, Todo.id > todo_id))
    if column is Todo.deadline_at:
        return or_(rest, column.is_(None))
    # Implied by `rest`; said because an index can jump to a bound, not to an OR.
    return and_(column <= value if descending else column >= value, rest)


def _write_cursor(sort: Sort, value: datetime | None, todo_id: int) -> str:
    content = json.dumps([sort, value and value.isoformat(), todo_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _read_cursor(text: str, sort: Sort) -> tuple[datetime | None, int]:
    try:
        content = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        given, value, todo_id = content
        moment = None if value is None else datetime.fromisoformat(value)
        usable = (
            given in get_args(Sort)
            and type(todo_id) is int
            and 0 <= todo_id < 2**31
            and (moment is None or moment.tzinfo is None)
            and (moment is not None or given.endswith("deadline_at"))
        )
    except (binascii.Error, ValueError, TypeError, RecursionError):
        usable = False
    if not usable:
        raise BadInput("cursor is not one that this server gave out", field="cursor")
    if given != sort:
        raise BadInput(f"cursor belongs to sort={given}", field="cursor")
    return moment, todo_id
