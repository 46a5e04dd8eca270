"""What a calendar app gets at a feed's address: whether it changed, the calendar, or that it has to be built first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select, update
from sqlalchemy.orm import Session

from todo import database, todos
from todo.database import utc_now
from todo.models import Feed, FeedBody, List
from todo.todos import Ring

_lists, _feeds = List.__table__.c, Feed.__table__.c
_LOOK_UP = "SELECT id, list_id, etag, modified_at, length, gzip_length, asked_at FROM feeds WHERE token_hash = ?"
_SETTLED = (
    select(_feeds.built_revision >= _lists.revision, _feeds.failed_revision >= _lists.revision)
    .join_from(Feed.__table__, List.__table__, _lists.id == _feeds.list_id)
    .where(_feeds.id == bindparam("id"))
)
_BODY = (
    select(FeedBody.gzip, Feed.etag).join(Feed, Feed.id == FeedBody.feed_id).where(FeedBody.feed_id == bindparam("id"))
)


class Subscription(NamedTuple):
    """A feed as its subscribers see it; `etag` is None before its first build. Times are UTC without zone."""

    id: int
    list_id: int
    etag: str | None
    modified_at: datetime | None
    length: int | None
    gzip_length: int | None
    asked_at: datetime | None


def look_up(engine: Engine, token_hash: str) -> Subscription | None:
    """The feed with this token: one row, without its body."""
    row = database.read_row(engine, _LOOK_UP, token_hash)
    if row is None:
        return None
    feed_id, list_id, etag, modified_at, length, gzip_length, asked_at = row
    return Subscription(feed_id, list_id, etag, _time(modified_at), length, gzip_length, _time(asked_at))


def _time(value: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def is_settled(connection: Connection, feed_id: int) -> bool:
    """Whether waiting changes nothing: the calendar shows everything there is, or its build failed, or it is gone."""
    row = connection.execute(_SETTLED, {"id": feed_id}).first()
    return row is None or any(row)


def body(connection: Connection, feed_id: int) -> tuple[bytes, str] | None:
    """The feed's calendar, gzip-compressed, and the ETag that belongs to it; None when it has none."""
    row: Any = connection.execute(_BODY, {"id": feed_id}).first()
    return None if row is None else (row.gzip, row.etag)


def ask(session: Session, feed_id: int, list_id: int, *, ring: Ring) -> None:
    """Note that the feed is in use, commit, and have it built when it is behind. Raises `NotFound`."""
    locked = todos.lock_list(session, list_id)
    feed = session.execute(
        update(Feed)
        .where(Feed.id == feed_id)
        .values(asked_at=utc_now(), failed_revision=-1)  # a build that failed is tried again
        .returning(Feed.built_revision, (Feed.expires_at <= utc_now()).label("expired"))
    ).one_or_none()
    if feed is None:
        session.rollback()
        return
    revision = locked.revision
    if feed.expired and feed.built_revision >= revision:  # a new day counts as a change
        revision += 1
    wanted = feed.built_revision < revision
    if wanted:
        todos.mark_behind(session, list_id, revision)
    session.commit()
    if wanted:
        ring(list_id)
