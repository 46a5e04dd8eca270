"""The statements of a build, put together once: composing them anew cost as much time as running them.

Parameters: `of_list` a list's id, `of_feed` a feed's; `minus_window` and `minus_unused` seconds, negative.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, LargeBinary, String, Table, bindparam, case, exists, or_, select, update

from todo.database import utc_now
from todo.models import Feed, Installation, List, Todo


def _table(model: type[Any]) -> Table:
    found: Table = model.__table__
    return found


_lists, _feeds, _todos, _installation = _table(List).c, _table(Feed).c, _table(Todo).c, _table(Installation).c

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

LOCK = select(_lists.id).where(_lists.id == bindparam("of_list")).with_for_update()
"""Locks the list. A statement of its own, before one that looks at feeds as well: on PostgreSQL a statement that waits
for a row sees that row anew afterwards, but all others as they were before it waited."""

WHY_NOT = select(_lists.build_started_at, utc_now().label("now"), _feed_behind.label("behind")).where(
    _lists.id == bindparam("of_list")
)
"""Why a list could not be claimed; nothing when there is no such list. For a list that is locked."""

UNMARK = update(_table(List)).where(_lists.id == bindparam("of_list")).values(queued_at=None, behind_since=None)
"""Notes that there is nothing to build."""

FEEDS_BEHIND = (
    select(_feeds.id, _feeds.failed_revision, _lists.revision, _lists.name, _lists.time_zone, _installation.uuid)
    .join_from(_table(Feed), _table(List), _lists.id == _feeds.list_id)
    .join(_table(Installation), _installation.id == 1)
    .where(_lists.id == bindparam("of_list"), _in_use, _behind)
    .order_by(_feeds.id)
)
"""The feeds to build, each with what its calendar says of the list."""

_dated = (_todos.list_id == bindparam("of_list"), _todos.deadline_at.is_not(None))

TODOS = (
    select(
        _todos.id,
        _todos.title,
        _todos.description,
        _todos.deadline_at,
        _todos.deadline_kind,
        _todos.updated_at,
        _todos.sequence,
    )
    .where(*_dated)
    .order_by(_todos.id)
)
"""The list's dated todos as `ics.events` takes them."""

SOME_TODOS = TODOS.where(_todos.id.in_(bindparam("ids", expanding=True)))
"""Those of them with the `ids` given."""

VERSIONS = select(_todos.id, _todos.sequence, _todos.updated_at).where(*_dated).order_by(_todos.id)
"""What tells whether an event is still what was rendered."""

STORE = (
    update(_table(Feed))
    # Forward only: of two builds at once, the one that read earlier may finish later.
    .where(_feeds.id == bindparam("of_feed"), _feeds.built_revision < bindparam("at_revision"))
    .values(
        body=bindparam("new_body", type_=LargeBinary),
        etag=bindparam("new_etag", type_=String),
        built_revision=bindparam("at_revision"),
        built_at=utc_now(),
        failure=None,
    )
    .returning(_feeds.id)
)
"""Stores a body; the feed's id, or nothing when it shows this revision or a later one already."""

RELEASE = (
    update(_table(List))
    .where(_lists.id == bindparam("of_list"), _lists.behind_since.is_not(None))
    .values(behind_since=case((_feed_behind, utc_now()), else_=None))
)
"""Notes that the list is current; or, when changes came meanwhile, that it got nearer. For a list that is locked."""
