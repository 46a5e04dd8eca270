"""Events: what happened to a list, written in the transaction that made it happen. Knows no sink and no HTTP.

As CloudEvents 1.0 (https://github.com/cloudevents/spec, JSON format) they are told to others by `envelope`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal, NamedTuple, cast, get_args
from uuid import uuid4

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import coalesce

from todo import database, todo_json
from todo.config import Settings
from todo.database import transaction_id, utc_now
from todo.models import Event, Installation, Todo

Kind = Literal["todo.created", "todo.changed", "todo.completed", "todo.reopened", "todo.deleted", "calendar.built"]
"""CloudEvents' `type`."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_events = cast("Table", Event.__table__)
_installation = cast("Table", Installation.__table__)

KEEPS = select(_installation.c.keeps_events).where(_installation.c.id == 1).scalar_subquery()
"""Whether events are written."""

SENDS = select(_installation.c.sends_events).where(_installation.c.id == 1).scalar_subquery()
"""Whether they are sent."""

INSERT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "uuid": bindparam("uuid", type_=String),
    "list_id": bindparam("list_id", type_=Integer),
    "revision": bindparam("revision", type_=Integer),
    "kind": bindparam("kind", type_=String),
    "about_id": bindparam("about_id", type_=Integer),
    "data": bindparam("data", type_=Text),
    "occurred_at": utc_now(),
    "transaction_id": transaction_id(),
    "waiting": bindparam("waiting", type_=Boolean),
}
"""What a new event's columns are set to."""

INSERT = insert(_events).values(INSERT_COLUMNS)

_WRITTEN_AT_ONCE = 500
_DELETED_AT_ONCE = 2_000


class Told(NamedTuple):
    """What is to be said of one todo: `changed` names the fields that were, for `todo.changed`."""

    kind: Kind
    todo: Todo
    changed: Sequence[str] = ()


def of_edit(todo: Todo, changed: Iterable[str]) -> list[Told]:
    """The events of an edit that set these columns to other values. `todo` is as it is now."""
    columns = set(changed)
    told = []
    # The kind of a deadline is no field of its own to those outside.
    fields = {"deadline_at" if name == "deadline_kind" else name for name in columns - {"completed"}}
    if fields:
        told.append(Told("todo.changed", todo, sorted(fields)))
    if "completed" in columns:
        told.append(Told("todo.completed" if todo.completed else "todo.reopened", todo))
    return told


def write(session: Session, list_id: int, revision: int, told: Iterable[Told], *, waiting: bool) -> None:
    """Write these events of a locked list's todos. Leaves the commit to the caller."""
    remaining = iter(told)
    # In parts: the texts of 10,000 todos at once may be hundreds of megabytes.
    while some := list(itertools.islice(remaining, _WRITTEN_AT_ONCE)):
        session.execute(INSERT, [_row(list_id, revision, one, waiting=waiting) for one in some])


def _row(list_id: int, revision: int, told: Told, *, waiting: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"todo": todo_json.from_todo(told.todo)}
    if told.kind == "todo.changed":
        data["changed"] = list(told.changed)
    return {
        "uuid": str(uuid4()),
        "list_id": list_id,
        "revision": revision,
        "kind": told.kind,
        "about_id": told.todo.id,
        "data": orjson.dumps(data).decode(),
        "waiting": waiting,
    }


def calendar_built(feed: Any, *, etag: str, octets: int, todos: int) -> dict[str, Any]:
    """The parameters of `INSERT` for a build of this feed: a row with `id`, `list_id`, `revision`, `sends_events`."""
    data = {"feed_id": feed.id, "is_default": feed.is_default, "etag": etag, "octets": octets, "todos": todos}
    return {
        "uuid": str(uuid4()),
        "list_id": feed.list_id,
        "revision": feed.revision,
        "kind": "calendar.built",
        "about_id": feed.id,
        "data": orjson.dumps(data).decode(),
        "waiting": feed.sends_events,
    }


class Envelope(NamedTuple):
    """An event as it leaves: a CloudEvent in JSON, and what sinks address it by."""

    id: int
    """Grows within a list, in the order in which things happened to its todos."""
    uuid: str
    """CloudEvents' `id`: whoever has seen it has seen the event."""
    kind: Kind
    list_id: int
    json: bytes
    attempts: int = 0


def envelope(row: Any, installation: str) -> Envelope:
    """The event of a row of `COLUMNS`, made by the installation with this uuid."""
    about = "feeds" if row.kind == "calendar.built" else "todos"
    head = orjson.dumps(
        {
            "specversion": "1.0",
            "id": row.uuid,
            "source": f"urn:uuid:{installation}",
            "type": row.kind,
            "subject": f"lists/{row.list_id}/{about}/{row.about_id}",
            "time": f"{row.occurred_at.isoformat(timespec='milliseconds')}Z",
            "datacontenttype": "application/json",
            # The extensions "Partitioning" and "Sequence" of CloudEvents: events of one list belong together, in the
            # order of `sequence`. `revision` is the list's, after what happened.
            "partitionkey": str(row.list_id),
            "sequence": f"{row.id:020}",
            "revision": row.revision,
        }
    )
    json = b'%b,"data":%b}' % (head[:-1], row.data.encode())
    return Envelope(row.id, row.uuid, row.kind, row.list_id, json, row.attempts)


COLUMNS = (
    _events.c.id,
    _events.c.uuid,
    _events.c.list_id,
    _events.c.revision,
    _events.c.kind,
    _events.c.about_id,
    _events.c.data,
    _events.c.occurred_at,
    _events.c.attempts,
)
"""What `envelope` needs of an event."""


def installation_uuid(session: Session) -> str:
    """The uuid of the installation whose database this is."""
    uuid: str = session.scalars(select(_installation.c.uuid).where(_installation.c.id == 1)).one()
    return uuid


def settle_mode(connection: Connection, settings: Settings, *, may_end: bool = False) -> None:
    """Tell all programs by the database whether events are written and sent. Commits nothing.

    Only who `may_end` says that they are not sent, a worker, and only while no relay has its lease: a program that was
    started with other settings than the rest must not have events passed over.
    """
    row = _installation.c
    keeps, sends = settings.keeps_events, settings.sends_events
    connection.execute(
        update(_installation).where(row.id == 1, row.keeps_events != keeps).values(keeps_events=keeps),
    )
    statement = update(_installation).where(row.id == 1, row.sends_events != sends).values(sends_events=sends)
    if not sends:
        if not may_end:
            return
        statement = statement.where(or_(row.relay_until.is_(None), row.relay_until < utc_now()))
    connection.execute(statement)


# Of transactions that go on, none has a lower number than this; their events, when they come, have higher numbers
# than all that is read: whoever reads on from the last one read misses nothing.
# Rows with a number that this server has not given out yet are of another one, which the database was restored from.
_SETTLED = text(
    "(events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    " OR events.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
)


def after(session: Session, last_id: int, *, list_id: int | None = None, limit: int = 500) -> Sequence[Any]:
    """Rows of `COLUMNS`: the events that follow the one with this id, at most `limit`; of one list or of all.

    None is missed by asking again from the last one's id, whatever is being committed at the same time.
    """
    statement: Select[Any] = select(*COLUMNS).where(_events.c.id > last_id).order_by(_events.c.id).limit(limit)
    if list_id is not None:
        statement = statement.where(_events.c.list_id == list_id)
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.where(_SETTLED)
    return session.execute(statement).all()


def last_id(session: Session) -> int:
    """Id of the newest event; 0 when there is none. Nothing is missed by going on `after` it."""
    statement = select(_events.c.id).order_by(_events.c.id.desc()).limit(1)
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.where(_SETTLED)
    return session.scalar(statement) or 0


def delete_old(session: Session, kept: timedelta) -> int:
    """Delete events older than `kept`, but for those that wait to be sent, and commit; how many there were.

    The age of one that was set aside counts from then. In steps, so that no transaction takes long. Events are read in
    the order of their ids, which is nearly that of their age, up to the first step in which none is old.
    """
    deleted, start = 0, 0
    while True:
        database.begin_change(session)
        limit = utc_now(-kept.total_seconds())
        step = session.execute(
            select(
                _events.c.id,
                (_events.c.occurred_at < limit).label("is_old"),
                (~_events.c.waiting & (coalesce(_events.c.refused_at, _events.c.occurred_at) < limit)).label("is_over"),
            )
            .where(_events.c.id > start)
            .order_by(_events.c.id)
            .limit(_DELETED_AT_ONCE)
        ).all()
        ids = [row.id for row in step if row.is_over]
        for first in range(0, len(ids), database.IDS_PER_STATEMENT):
            some = ids[first : first + database.IDS_PER_STATEMENT]
            session.execute(_events.delete().where(_events.c.id.in_(some)))
        session.commit()
        deleted += len(ids)
        if not step or not any(row.is_old for row in step):
            return deleted
        start = step[-1].id
