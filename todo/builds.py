"""Makes feeds current: claims a list, reads one snapshot of it, renders, stores forward. Knows no Celery.

Safe to run any number of times, anywhere, in any order: a build reads revision and todos in one snapshot, and a store
only moves a feed forward. No lock is held while it reads and renders.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from sqlalchemy import ColumnElement, case, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from todo import database, feeds, ics
from todo.config import Settings
from todo.database import utc_now
from todo.models import Feed, Installation, List, Todo
from todo.rendered_cache import Rendered, RenderedCache

FAILURE_MAX = 500
"""Longest reason kept of a failed build, characters."""

_SECONDS_PER_DAY = 86_400
_ROWS_AT_ONCE = 2_000
_IDS_PER_STATEMENT = 1_000  # SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a bell led to: so many feeds built, or the seconds to wait until the list's window is over."""

    built: int = 0
    wait_seconds: float | None = None


def build_list(
    make_session: sessionmaker[Session], list_id: int, settings: Settings, cache: RenderedCache | None = None
) -> Outcome:
    """Make all feeds in use of a list current, unless the window since its latest build is still open.

    With a `cache`, only todos that changed since the last build with the same cache are read and rendered.

    Commits on its own. A feed that cannot be rendered is marked failed with the reason. Database errors are raised, and
    leave the list behind for a later sweep.
    """
    cache = cache or RenderedCache()
    built: list[int] = []
    with make_session() as session:
        if not _claim(session, list_id, settings):
            refused = _refusal(session, list_id, settings)
            if refused is not None:
                return refused
    with make_session() as session:
        while (feed_id := _build_next(session, list_id, built, cache, settings)) is not None:
            built.append(feed_id)
    with make_session() as session:
        _release(session, list_id, settings)
    return Outcome(built=len(built))


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
    # A feed that was asked for now may be noted as asked for up to so long ago.
    least = 2 * feeds.ASKED_AGAIN_SECONDS
    return Feed.asked_at > utc_now(-max(least, settings.UNUSED_AFTER_DAYS * _SECONDS_PER_DAY))


def _behind() -> ColumnElement[bool]:
    # A revision whose build failed is not tried again by itself: it would fail for ever.
    return (Feed.built_revision < List.revision) & (Feed.failed_revision < List.revision)


def _claim(session: Session, list_id: int, settings: Settings) -> bool:
    """Mark the list as being built, in one statement; False when there is nothing to build, or not yet.

    `queued_at` is cleared here, before anything is read: a change that commits later rings again, one that committed
    before is in the snapshot. While the window is open it stays set: changes need not ring, the list waits already.
    """
    window_over = or_(
        List.build_started_at.is_(None),
        List.build_started_at <= utc_now(-settings.WINDOW_SECONDS),
        List.build_started_at > utc_now(),  # the clock was set back; don't wait for it
    )
    database.begin_statement(session)
    claimed = session.execute(
        update(List)
        .where(List.id == list_id, window_over, exists().where(Feed.list_id == List.id, _in_use(settings), _behind()))
        .values(queued_at=None, build_started_at=utc_now(), building_revision=List.revision, builds=List.builds + 1)
        .returning(List.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.commit()
    return claimed is not None


def _refusal(session: Session, list_id: int, settings: Settings) -> Outcome | None:
    """Why the list could not be claimed; None when now it could. A list that is current is unmarked."""
    database.begin_change(session)
    found = session.execute(
        select(List.build_started_at, utc_now().label("now")).where(List.id == list_id).with_for_update()
    ).one_or_none()
    behind = session.scalar(
        select(exists().where(List.id == list_id, Feed.list_id == List.id, _in_use(settings), _behind()))
    )
    if found is None or not behind:
        session.execute(update(List).where(List.id == list_id).values(queued_at=None, behind_since=None))
        session.commit()
        return Outcome()
    session.rollback()
    since = (found.now - found.build_started_at).total_seconds() if found.build_started_at else settings.WINDOW_SECONDS
    if 0 <= since < settings.WINDOW_SECONDS:
        return Outcome(wait_seconds=settings.WINDOW_SECONDS - since)
    # It became possible between the two looks.
    return None if _claim(session, list_id, settings) else Outcome(wait_seconds=settings.WINDOW_SECONDS)


def _build_next(
    session: Session, list_id: int, built: list[int], cache: RenderedCache, settings: Settings
) -> int | None:
    """Build one of the list's feeds that are behind and not in `built`; its id, or None when there is none left."""
    started = time.perf_counter()
    database.begin_snapshot(session)  # revision and todos of one moment: the body says exactly which revision it shows
    found = session.execute(
        select(Feed.id, Feed.failed_revision, List.revision, List.name, List.time_zone, Installation.uuid)
        .join(List, List.id == Feed.list_id)
        .join(Installation, Installation.id == 1)
        .where(List.id == list_id, Feed.id.not_in(built), _in_use(settings), _behind())
        .order_by(Feed.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        session.rollback()
        return None
    try:
        rendered = _render(session, list_id, f"@{found.uuid}", found.time_zone, cache)
        body = ics.calendar((event for _, event in rendered.values()), name=found.name)
    except SQLAlchemyError:
        raise  # the database's trouble and not this list's: a sweep tries again
    except Exception as error:  # whatever it is, it is this list's and would come again: kept as the job's outcome
        session.rollback()
        _log.exception("feed_failed", feed_id=found.id, revision=found.revision)
        _store_failure(session, found.id, found.revision, f"{type(error).__name__}: {error}"[:FAILURE_MAX])
        return int(found.id)
    stored = _store(session, found.id, found.revision, body, failed=found.failed_revision >= 0)
    _log.info(
        "feed_built",
        feed_id=found.id,
        revision=found.revision,
        todos=len(rendered),
        bytes=len(body),
        stored=stored,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
    return int(found.id)


def _render(session: Session, list_id: int, uid_suffix: str, time_zone: str | None, cache: RenderedCache) -> Rendered:
    """The events of the list's dated todos by id, in order; those not in `cache` are read and rendered."""
    key = (list_id, uid_suffix, time_zone)
    known = cache.get(key)
    dated = (Todo.list_id == list_id, Todo.deadline_at.is_not(None))
    if known:
        versions = database.plain_rows(
            session, select(Todo.id, Todo.sequence, Todo.updated_at).where(*dated).order_by(Todo.id)
        )
        changed = [row[0] for row in versions if row[0] not in known or known[row[0]][0] != (row[1], row[2])]
    if not known or len(changed) > len(versions) // 2:
        fresh = _read_and_render(session, dated, uid_suffix, time_zone)
        rendered = fresh
    else:
        fresh = {}
        for start in range(0, len(changed), _IDS_PER_STATEMENT):
            some = Todo.id.in_(changed[start : start + _IDS_PER_STATEMENT])
            fresh.update(_read_and_render(session, (*dated, some), uid_suffix, time_zone))
        rendered = {row[0]: fresh.get(row[0]) or known[row[0]] for row in versions}
    session.rollback()
    cache.put(key, rendered)
    return rendered


def _read_and_render(
    session: Session, conditions: tuple[ColumnElement[bool], ...], uid_suffix: str, time_zone: str | None
) -> Rendered:
    columns = (
        Todo.id,
        Todo.title,
        Todo.description,
        Todo.deadline_at,
        Todo.deadline_kind,
        Todo.updated_at,
        Todo.sequence,
    )
    statement = select(*columns).where(*conditions).order_by(Todo.id)
    rendered: Rendered = {}
    # In parts: the rows of 100,000 todos at once are 200 MB, their events 40.
    for rows in session.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions():
        events = ics.events(cast("Sequence[ics.CalendarTodo]", rows), uid_suffix=uid_suffix, time_zone=time_zone)
        for row, event in zip(rows, events, strict=True):
            rendered[row[0]] = ((row[6], row[5]), event)
    return rendered


def _store(session: Session, feed_id: int, revision: int, body: bytes, *, failed: bool) -> bool:
    """Store the body unless the feed shows this revision or a later one already; whether it was stored.

    `failed` says that a build failed before: jobs that were told so are told again.
    """
    etag = hashlib.sha256(body).hexdigest()[:32]
    if failed:
        database.begin_change(session)
        feeds.take_back_failures(session, feed_id)
    else:
        database.begin_statement(session)
    result = session.execute(
        update(Feed)
        # Forward only: of two builds at once, the one that read earlier may finish later.
        .where(Feed.id == feed_id, Feed.built_revision < revision)
        .values(body=body, etag=etag, built_revision=revision, built_at=utc_now(), failure=None)
        .returning(Feed.id)
        .execution_options(synchronize_session=False)
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
    # No build of this revision runs any more; a new job of it is not STARTED yet.
    of_feed = select(Feed.list_id).where(Feed.id == feed_id).scalar_subquery()
    session.execute(update(List).where(List.id == of_feed).values(building_revision=-1))
    session.commit()


def _release(session: Session, list_id: int, settings: Settings) -> None:
    """Note that the list is current; or, when changes came meanwhile, that it got nearer just now."""
    still_behind = exists().where(Feed.list_id == List.id, _in_use(settings), _behind())
    database.begin_statement(session)
    session.execute(
        update(List)
        .where(List.id == list_id, List.behind_since.is_not(None))
        .values(behind_since=case((still_behind, utc_now()), else_=None))
        .execution_options(synchronize_session=False)
    )
    session.commit()
