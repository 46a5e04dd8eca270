"""Makes feeds current: claims a list, reads one snapshot of it, renders, stores forward. Knows no Celery.

Safe to run any number of times, anywhere, in any order: a build reads revision and todos in one snapshot, and a store
only moves a feed forward. No lock is held while it reads and renders.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from todo import build_statements as statements
from todo import database, events, feed_pieces, gzip_pieces, jobs, outcomes
from todo.config import Settings
from todo.database import utc_now
from todo.feed_pieces import PieceCache
from todo.gzip_pieces import Whole
from todo.models import Feed, List

FAILURE_MAX = 500
"""Longest reason kept of a failed build, characters."""

ETAG_LENGTH = 32


_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a bell led to: so many feeds built, or the seconds to wait until the list's window is over."""

    built: int = 0
    wait_seconds: float | None = None


def build_list(
    make_session: sessionmaker[Session], list_id: int, settings: Settings, cache: PieceCache | None = None
) -> Outcome:
    """Make all feeds in use of a list current, unless the window since its latest build is still open.

    With a `cache`, only chunks of todos that changed since the last build with the same cache are read and rendered.

    Commits on its own. A feed that cannot be rendered is marked failed with the reason. Database errors are raised, and
    leave the list behind for a later sweep.
    """
    cache = cache or feed_pieces.piece_cache()
    parameters = _parameters(list_id, settings)
    with make_session() as session:
        if not _claim(session, parameters):
            refused = _refusal(session, parameters, settings)
            if refused is not None:
                return refused
    with make_session() as session:
        built = _build_feeds(session, parameters, cache)
    with make_session() as session:
        connection = database.begin_change(session)
        database.rows(connection, statements.LOCK, parameters)
        database.rows(connection, statements.RELEASE, parameters)
        session.commit()
    return Outcome(built=built)


def take_stale(session: Session, settings: Settings) -> int | None:
    """Id of a list that has been behind for longer than `STALE_SECONDS`, taken by this call; None when there is none.

    It goes by staleness, not by `queued_at`: a worker that dies between claiming and storing leaves a stale feed and no
    bell. A taken list counts as fresh again, so several sweeps at once share the work.
    """
    _expire(session, settings)
    stale = or_(
        List.behind_since < utc_now(-settings.STALE_SECONDS),
        List.behind_since > utc_now(settings.STALE_SECONDS),  # the database's clock was set back
    )
    oldest = select(List.id).where(stale).order_by(List.behind_since).limit(1)
    if session.scalar(oldest) is None:  # the usual case, without taking SQLite's write lock
        return None
    database.begin_change(session)
    list_id = session.scalar(oldest.with_for_update(skip_locked=True, key_share=True))
    if list_id is not None:
        session.execute(update(List).where(List.id == list_id).values(behind_since=utc_now()))
    session.commit()
    return list_id


def _expire(session: Session, settings: Settings) -> None:
    """Count it as a change of its list when the passing of time has changed a feed: a new day for its filter."""
    while (list_id := session.scalar(statements.EXPIRED, _parameters(0, settings))) is not None:
        database.begin_change(session)
        session.execute(statements.EXPIRE, _parameters(list_id, settings))
        session.commit()


def _parameters(list_id: int, settings: Settings) -> dict[str, Any]:
    return {
        "of_list": list_id,
        "minus_window": -settings.WINDOW_SECONDS,
        "minus_unused": -jobs.unused_after_seconds(settings),
    }


def _claim(session: Session, parameters: dict[str, Any]) -> bool:
    """Mark the list as being built; False when there is nothing to build, or not yet.

    `queued_at` is cleared here, before anything is read: a change that commits later rings again, one that committed
    before is in the snapshot. While the window is open it stays set: changes need not ring, the list waits already.
    """
    claimed = database.rows(database.begin_statement(session), statements.CLAIM, parameters)
    session.commit()
    return bool(claimed)


def _refusal(session: Session, parameters: dict[str, Any], settings: Settings) -> Outcome | None:
    """Why the list could not be claimed; None when now it could. A list that is current is unmarked."""
    database.begin_change(session)
    session.execute(statements.LOCK, parameters)
    found = session.execute(statements.WHY_NOT, parameters).one_or_none()
    if found is None or not found.behind:
        session.execute(statements.UNMARK, parameters)
        session.commit()
        return Outcome()
    session.rollback()
    window = settings.WINDOW_SECONDS
    since = (found.now - found.build_started_at).total_seconds() if found.build_started_at else window
    if 0 <= since < window:
        return Outcome(wait_seconds=window - since)
    # It became possible between the two looks.
    return None if _claim(session, parameters) else Outcome(wait_seconds=window)


def _build_feeds(session: Session, parameters: dict[str, Any], cache: PieceCache) -> int:
    """Build each of the list's feeds that are behind, from a snapshot of its own; how many there were."""
    built, last = 0, 0
    while True:
        started = time.perf_counter()
        # Revision and todos of one moment: the body says exactly which revision it shows.
        connection = database.begin_snapshot(session)
        behind = database.rows(connection, statements.FEEDS_BEHIND, {**parameters, "after_feed": last})
        if not behind:
            session.rollback()
            return built
        _build_feed(session, connection, behind[0], cache, started)
        built, last = built + 1, behind[0].id
        if len(behind) == 1:
            return built


def _build_feed(session: Session, connection: Connection, feed: Any, cache: PieceCache, started: float) -> None:
    try:
        pieces, expires_at = feed_pieces.make(connection, feed, cache)
        session.rollback()
        body = gzip_pieces.join(pieces)
    except SQLAlchemyError:
        raise  # the database's trouble and not this list's: a sweep tries again
    except Exception as error:  # whatever it is, it is this list's and would come again: kept as the job's outcome
        session.rollback()
        _log.exception("feed_failed", feed_id=feed.id, revision=feed.revision)
        _store_failure(session, feed.id, feed.revision, f"{type(error).__name__}: {error}"[:FAILURE_MAX])
        return
    shown = sum(piece.parts for piece in pieces[1:-1])
    now = feed.now + timedelta(seconds=time.perf_counter() - started)
    stored = _store(session, feed, body, expires_at, shown, now)
    _log.info(
        "feed_built",
        feed_id=feed.id,
        revision=feed.revision,
        todos=shown,
        bytes=body.length,
        stored=stored,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _store(session: Session, feed: Any, body: Whole, expires_at: datetime | None, shown: int, now: datetime) -> bool:
    """Store the body unless the feed shows its revision or a later one already; whether it was stored."""
    etag = body.digest[:ETAG_LENGTH]
    if feed.failed_revision >= 0:  # jobs that were told so are told again
        connection = database.begin_change(session)
        outcomes.take_back_failures(session, feed.id)
    else:
        connection = database.begin_statement(session)
    stored = statements.store(
        connection,
        {
            "of_feed": feed.id,
            "at_revision": feed.revision,
            "new_etag": etag,
            "new_expires_at": expires_at,
            "new_modified_at": feed.modified_at if feed.etag == etag else _after(feed.modified_at, now),
            "new_length": body.length,
            "new_gzip_length": len(body.gzip),
            "new_shown": shown,
            "gzip": body.gzip,
        },
        events.calendar_built(feed, etag=etag, octets=body.length, todos=shown) if feed.keeps_events else None,
        same=feed.etag == etag,
    )
    session.commit()
    return stored


def _after(before: datetime | None, now: datetime) -> datetime:
    """`now` as Last-Modified has it: the second in which the body before can no longer have been sent, nor one before.

    A client may send us the time at which it got that (RFC 9110, 13.1.3).
    """
    second = now.replace(microsecond=0) + timedelta(seconds=2)
    return second if before is None else max(second, before + timedelta(seconds=1))


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
