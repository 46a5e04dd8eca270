"""Makes feeds current: claims a list, reads one snapshot of it, renders, stores forward. Knows no Celery.

Safe to run any number of times, anywhere, in any order: a build reads revision and todos in one snapshot, and a store
only moves a feed forward. No lock is held while it reads and renders.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, case, exists, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from todo import database, ics
from todo.config import Settings
from todo.database import utc_now
from todo.models import Feed, Installation, List, Todo

FAILURE_MAX = 500
"""Longest reason kept of a failed build, characters."""

_SECONDS_PER_DAY = 86_400

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a bell led to: so many feeds built, or the seconds to wait until the list's window is over."""

    built: int = 0
    wait_seconds: float | None = None


def build_list(make_session: sessionmaker[Session], list_id: int, settings: Settings) -> Outcome:
    """Make all feeds in use of a list current, unless the window since its latest build is still open.

    Commits on its own. A feed that cannot be rendered is marked failed with the reason. Database errors are raised, and
    leave the list behind for a later sweep.
    """
    with make_session() as session:
        claimed = _claim(session, list_id, settings)
    if isinstance(claimed, Outcome):
        return claimed
    for feed_id in claimed:
        with make_session() as session:
            _build_feed(session, list_id, feed_id)
    with make_session() as session:
        _release(session, list_id, settings)
    return Outcome(built=len(claimed))


def take_stale(session: Session, settings: Settings) -> int | None:
    """Id of a list that has been behind for longer than `STALE_SECONDS`, taken by this call; None when there is none.

    It goes by staleness, not by `queued_at`: a worker that dies between claiming and storing leaves a stale feed and no
    bell. A taken list counts as fresh again, so several sweeps at once share the work.
    """
    stale = or_(
        List.behind_since < utc_now(-settings.STALE_SECONDS),
        List.behind_since > utc_now(settings.STALE_SECONDS),  # the database's clock was set back
    )
    oldest = select(List.id).where(stale).order_by(List.behind_since).limit(1)
    if session.scalar(oldest) is None:  # the usual case, without taking SQLite's write lock
        return None
    database.begin_change(session)
    list_id = session.scalar(oldest.with_for_update(skip_locked=True))
    if list_id is not None:
        session.execute(update(List).where(List.id == list_id).values(behind_since=utc_now()))
    session.commit()
    return list_id


def _in_use(settings: Settings) -> ColumnElement[bool]:
    return Feed.asked_at > utc_now(-settings.UNUSED_AFTER_DAYS * _SECONDS_PER_DAY)


def _behind() -> ColumnElement[bool]:
    # A revision whose build failed is not tried again by itself: it would fail for ever.
    return (Feed.built_revision < List.revision) & (Feed.failed_revision < List.revision)


def _claim(session: Session, list_id: int, settings: Settings) -> list[int] | Outcome:
    """Ids of the feeds to build, the list marked as being built; or why there is nothing to do now.

    `queued_at` is cleared here, before anything is read: a change that commits later rings again, one that committed
    before is in the snapshot. While the window is open it stays set: changes need not ring, the list waits already.
    """
    database.begin_change(session)
    found = session.execute(
        select(List.revision, List.build_started_at, utc_now().label("now")).where(List.id == list_id).with_for_update()
    ).one_or_none()
    feeds = session.scalars(
        select(Feed.id).join(List, List.id == Feed.list_id).where(Feed.list_id == list_id, _in_use(settings), _behind())
    ).all()
    if found is None or not feeds:
        session.execute(update(List).where(List.id == list_id).values(queued_at=None, behind_since=None))
        session.commit()
        return Outcome()
    if found.build_started_at is not None:
        since = (found.now - found.build_started_at).total_seconds()
        if 0 <= since < settings.WINDOW_SECONDS:  # below 0: the clock was set back; don't wait for it
            session.rollback()
            return Outcome(wait_seconds=settings.WINDOW_SECONDS - since)
    session.execute(
        update(List)
        .where(List.id == list_id)
        .values(
            queued_at=None,
            build_started_at=utc_now(),
            building_revision=found.revision,
            builds=List.builds + 1,
        )
    )
    session.commit()
    return list(feeds)


@dataclass(frozen=True)
class _Snapshot:
    """A list at one revision; `todos` are rows as `ics.render` takes them."""

    revision: int
    name: str
    time_zone: str | None
    uid_suffix: str
    todos: list[Any]


def _build_feed(session: Session, list_id: int, feed_id: int) -> None:
    started = time.perf_counter()
    snapshot = _read(session, list_id)
    if snapshot is None:  # deleted meanwhile
        return
    try:
        body = ics.render(
            snapshot.todos, uid_suffix=snapshot.uid_suffix, name=snapshot.name, time_zone=snapshot.time_zone
        )
    except Exception as error:  # whatever it is, it is this list's and would come again: kept as the job's outcome
        _log.exception("feed_failed", feed_id=feed_id, revision=snapshot.revision)
        _store_failure(session, feed_id, snapshot.revision, f"{type(error).__name__}: {error}"[:FAILURE_MAX])
        return
    stored = _store(session, feed_id, snapshot.revision, body)
    _log.info(
        "feed_built",
        feed_id=feed_id,
        revision=snapshot.revision,
        todos=len(snapshot.todos),
        bytes=len(body),
        stored=stored,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _read(session: Session, list_id: int) -> _Snapshot | None:
    """The list's revision and dated todos in one snapshot, so that the body says exactly which revision it shows."""
    database.begin_snapshot(session)
    found = session.execute(
        select(List.revision, List.name, List.time_zone, Installation.uuid)
        .join(Installation, Installation.id == 1)
        .where(List.id == list_id)
    ).one_or_none()
    if found is None:
        session.rollback()
        return None
    columns = (
        Todo.id,
        Todo.title,
        Todo.description,
        Todo.deadline_at,
        Todo.deadline_kind,
        Todo.updated_at,
        Todo.sequence,
    )
    todos = session.execute(
        select(*columns).where(Todo.list_id == list_id, Todo.deadline_at.is_not(None)).order_by(Todo.id)
    ).all()
    session.rollback()
    return _Snapshot(found.revision, found.name, found.time_zone, f"@{found.uuid}", list(todos))


def _store(session: Session, feed_id: int, revision: int, body: bytes) -> bool:
    """Store the body unless the feed shows this revision or a later one already; whether it was stored."""
    etag = hashlib.sha256(body).hexdigest()[:32]
    database.begin_change(session)
    result = session.execute(
        update(Feed)
        # Forward only: of two builds at once, the one that read earlier may finish later.
        .where(Feed.id == feed_id, Feed.built_revision < revision)
        .values(body=body, etag=etag, built_revision=revision, built_at=utc_now(), failure=None)
        .returning(Feed.id)
    )
    stored = result.first() is not None
    session.commit()
    return stored


def _store_failure(session: Session, feed_id: int, revision: int, reason: str) -> None:
    database.begin_change(session)
    session.execute(
        update(Feed)
        .where(Feed.id == feed_id, Feed.built_revision < revision, Feed.failed_revision < revision)
        .values(failed_revision=revision, failure=reason)
    )
    session.commit()


def _release(session: Session, list_id: int, settings: Settings) -> None:
    """Note that the list is current; or, when changes came meanwhile, that it got nearer just now."""
    still_behind = exists().where(Feed.list_id == List.id, _in_use(settings), _behind())
    database.begin_change(session)
    session.execute(
        update(List)
        .where(List.id == list_id, List.behind_since.is_not(None))
        .values(behind_since=case((still_behind, utc_now()), else_=None))
    )
    session.commit()
