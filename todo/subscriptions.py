"""What a calendar app gets at a feed's address: whether it changed, the calendar, or that it has to be built first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Float, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import coalesce

from todo import jobs, todos
from todo.config import Settings
from todo.database import utc_now
from todo.models import Feed, FeedBody, List
from todo.todos import Ring

_lists, _feeds = List.__table__.c, Feed.__table__.c
_LOOK_UP = (
    select(
        _feeds.id,
        _feeds.list_id,
        _feeds.etag,
        _feeds.modified_at,
        _feeds.length,
        _feeds.gzip_length,
        _feeds.built_revision,
        _feeds.failed_revision,
        _lists.revision,
        (_feeds.asked_at > utc_now(bindparam("minus_asked", type_=Float))).label("asked_lately"),
        (_feeds.asked_at > utc_now(bindparam("minus_unused", type_=Float))).label("in_use"),
        (_feeds.expires_at <= utc_now()).label("expired"),
        utc_now().label("now"),
    )
    .join_from(Feed.__table__, List.__table__, _lists.id == _feeds.list_id)
    .where(_feeds.token_hash == bindparam("token_hash"))
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
    built_revision: int
    failed_revision: int
    revision: int
    asked_lately: bool | None
    in_use: bool | None
    expired: bool | None
    now: datetime

    @property
    def current(self) -> bool:
        """Whether its calendar shows everything there is."""
        return self.built_revision >= self.revision and not self.expired

    @property
    def failed(self) -> bool:
        """Whether its last build failed, and no change has come since."""
        return self.failed_revision >= self.revision


def look_up(connection: Connection, token_hash: str, settings: Settings) -> Subscription | None:
    """The feed with this token: one row, without its body."""
    row = connection.execute(
        _LOOK_UP,
        {
            "token_hash": token_hash,
            "minus_asked": -jobs.ASKED_AGAIN_SECONDS,
            "minus_unused": -jobs.unused_after_seconds(settings),
        },
    ).first()
    return None if row is None else Subscription(*row)


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
        .values(asked_at=utc_now())
        .returning(Feed.built_revision, Feed.failed_revision, (Feed.expires_at <= utc_now()).label("expired"))
    ).one_or_none()
    if feed is None:
        session.rollback()
        return
    revision = locked.revision
    if feed.expired and feed.built_revision >= revision:  # a new day counts as a change
        revision += 1
    wanted = feed.built_revision < revision and feed.failed_revision < revision
    if wanted:
        session.execute(
            update(List)
            .where(List.id == list_id)
            .values(
                revision=revision,
                queued_at=coalesce(List.queued_at, utc_now()),
                behind_since=coalesce(List.behind_since, utc_now()),
            )
        )
    session.commit()
    if wanted:
        ring(list_id)
