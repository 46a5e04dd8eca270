"""The statements of a build, put together once: composing them anew cost as much time as running them.

Parameters: `of_list` a list's id, `of_feed` a feed's; `minus_window` and `minus_unused` seconds, negative.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Float,
    Insert,
    LargeBinary,
    Table,
    bindparam,
    case,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from todo import database, events
from todo.database import utc_now
from todo.models import Chunk, Event, Feed, FeedBody, Installation, List, Todo


def _table(model: type[Any]) -> Table:
    found: Table = model.__table__
    return found


_lists, _feeds, _todos, _installation = _table(List).c, _table(Feed).c, _table(Todo).c, _table(Installation).c
_chunks = _table(Chunk).c

_in_use = _feeds.asked_at > utc_now(bindparam("minus_unused", type_=Float))
# A revision whose build failed is not tried again by itself: it would fail for ever.
_behind = (_feeds.built_revision < _lists.revision) & (_feeds.failed_revision < _lists.revision)
_feed_behind = exists().where(_feeds.list_id == _lists.id, _in_use, _behind).correlate(_table(List))

# The window is over when nothing was built yet, when it is, and when the clock was set back: don't wait for it.
_window_over = or_(
    _lists.build_started_at.is_(None),
    _lists.build_started_at <= utc_now(bindparam("minus_window", type_=Float)),
    _lists.build_started_at > utc_now(),
)

CLAIM = (
    update(_table(List))
    .where(_lists.id == bindparam("of_list"), _window_over, _feed_behind)
    .values(queued_at=None, build_started_at=utc_now(), building_revision=_lists.revision, builds=_lists.builds + 1)
    .returning(_lists.id)
)
"""Marks the list as being built; its id, or nothing when none of its feeds is behind or the window is open."""

LOCK = select(_lists.id).where(_lists.id == bindparam("of_list")).with_for_update(key_share=True)
"""Locks the list. A statement of its own, before one that looks at feeds as well: on PostgreSQL a statement that waits
for a row sees that row anew afterwards, but all others as they were before it waited."""

WHY_NOT = select(_lists.build_started_at, utc_now().label("now"), _feed_behind.label("behind")).where(
    _lists.id == bindparam("of_list")
)
"""Why a list could not be claimed; nothing when there is no such list. For a list that is locked."""

UNMARK = update(_table(List)).where(_lists.id == bindparam("of_list")).values(queued_at=None, behind_since=None)
"""Notes that there is nothing to build."""

# Only feeds that show the list's present revision: the others are behind already, or their build failed.
_expired = (_feeds.expires_at <= utc_now()) & (_feeds.built_revision >= _lists.revision)

EXPIRED = select(_feeds.list_id).where(_feeds.list_id == _lists.id, _in_use, _expired).limit(1)
"""A list with a feed that the passing of time has changed, or nothing."""

EXPIRE = (
    update(_table(List))
    .where(
        _lists.id == bindparam("of_list"),
        exists().where(_feeds.list_id == _lists.id, _in_use, _expired).correlate(_table(List)),
    )
    .values(revision=_lists.revision + 1, behind_since=utc_now())
    .returning(_lists.id)
)
"""Counts that as a change of the list; its id, or nothing when somebody else did."""

FEEDS_BEHIND = (
    select(
        *(column for column in _feeds if column.name not in ("failure", "token_hash", "token_seed")),
        _lists.revision,
        _lists.name.label("list_name"),
        _lists.time_zone,
        _installation.uuid,
        _installation.keeps_events,
        _installation.sends_events,
        utc_now().label("now"),
    )
    .join_from(_table(Feed), _table(List), _lists.id == _feeds.list_id)
    .join(_table(Installation), _installation.id == 1)
    .where(_lists.id == bindparam("of_list"), _feeds.id > bindparam("after_feed"), _in_use, _behind)
    .order_by(_feeds.id)
    .limit(2)
)
"""The next feed to build, with what its calendar says of the list, and whether another comes after it."""

TODOS = (
    select(
        _todos.chunk,
        _todos.id,
        _todos.title,
        _todos.description,
        _todos.deadline_at,
        _todos.deadline_kind,
        _todos.updated_at,
        _todos.sequence,
        _todos.completed,
        _todos.completed_at,
        _todos.priority,
        _todos.tags,
    )
    .where(_todos.list_id == bindparam("of_list"))
    .order_by(_todos.chunk, _todos.id)
)
"""The list's todos: the number of the chunk, and then what `ics.components` takes."""

TODOS_OF_CHUNKS = TODOS.where(_todos.chunk.in_(bindparam("numbers", expanding=True)))
"""Those of the chunks with these `numbers`."""

CHUNKS = select(_chunks.number, _chunks.stamp).where(_chunks.list_id == bindparam("of_list")).order_by(_chunks.number)
"""The list's chunks, each with its stamp."""

_STORE = (
    update(_table(Feed))
    # Forward only: of two builds at once, the one that read earlier may finish later.
    .where(_feeds.id == bindparam("of_feed"), _feeds.built_revision < bindparam("at_revision"))
    .values(
        etag=bindparam("new_etag"),
        built_revision=bindparam("at_revision"),
        built_at=utc_now(),
        expires_at=bindparam("new_expires_at"),
        modified_at=bindparam("new_modified_at"),
        length=bindparam("new_length"),
        gzip_length=bindparam("new_gzip_length"),
        shown=bindparam("new_shown"),
        failure=None,
    )
    .returning(_feeds.id)
)
# A body that is there already is not written again; unless another came in between, with another ETag.
_STORE_SAME = _STORE.where(_feeds.etag == bindparam("new_etag"))
_STORE_BODY = text(
    "INSERT INTO feed_bodies (feed_id, gzip) VALUES (:of_feed, :gzip)"
    " ON CONFLICT (feed_id) DO UPDATE SET gzip = excluded.gzip"
)
_stored = _STORE.cte("stored")
_new_body = postgresql.insert(_table(FeedBody)).from_select(
    ["feed_id", "gzip"], select(_stored.c.id, bindparam("gzip", type_=LargeBinary))
)
_STORE_BOTH = _new_body.on_conflict_do_update(
    index_elements=["feed_id"], set_={"gzip": _new_body.excluded.gzip}
).returning(_table(FeedBody).c.feed_id)


def _told(stored: CTE) -> Insert:
    """Writes the event of a feed that was stored, and nothing when none was."""
    columns = events.INSERT_COLUMNS
    return insert(_table(Event)).from_select(list(columns), select(*columns.values()).select_from(stored))


_STORE_BOTH_TOLD = _STORE_BOTH.add_cte(_told(_stored).cte("told"))
_stored_same = _STORE_SAME.cte("stored")
_STORE_SAME_TOLD = select(_stored_same.c.id).add_cte(_told(_stored_same).cte("told"))

RELEASE = (
    update(_table(List))
    .where(_lists.id == bindparam("of_list"), _lists.behind_since.is_not(None))
    .values(behind_since=case((_feed_behind, utc_now()), else_=None))
    .returning(_lists.id)
)
"""Notes that the list is current; or, when changes came meanwhile, that it got nearer. For a list that is locked."""


def store(connection: Connection, new: dict[str, Any], event: dict[str, Any] | None, *, same: bool) -> bool:
    """Store what a feed shows now, and its body `gzip`; False when it shows this revision or a later one already.

    `same` says that the feed had the same body when it was read. `event`, if given, is written with it.
    """
    told = event or {}
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:  # each in one round trip
        if same:
            parameters = {key: new[key] for key in new if key != "gzip"}
            if database.rows(connection, _STORE_SAME_TOLD if event else _STORE_SAME, {**parameters, **told}):
                return True
        return bool(database.rows(connection, _STORE_BOTH_TOLD if event else _STORE_BOTH, {**new, **told}))
    stored = same and connection.execute(_STORE_SAME, new).first() is not None
    if not stored:
        stored = connection.execute(_STORE, new).first() is not None
        if stored:
            connection.execute(_STORE_BODY, new)
    if stored and event:
        connection.execute(events.INSERT, event)
    return stored
