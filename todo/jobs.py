"""Use cases on jobs: asking for a list's calendar, and reading what was built. `todo.builds` makes it.

A job is a claim on a revision of a feed and has no state of its own; what the feed's row says is the job's state too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import Engine, Float, Row, String, Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from todo import database, outcomes, todos
from todo.config import Settings
from todo.database import utc_now
from todo.errors import NotFound, NotReady
from todo.models import Feed, FeedBody, Job, List

ASKED_AGAIN_SECONDS = 3_600
"""How exactly `asked_at` is known: a feed that was asked for so recently is not noted to be asked for again."""

Status = Literal["PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE"]

RingForJob = Callable[[int, str], None]
"""Rings the bell for a list's id, under a job's id. Must return at once and never raise."""


# Put together once: composing them for each request cost as much time as running them.
_lists, _feeds, _jobs = List.__table__.c, Feed.__table__.c, Job.__table__.c
_JOB = (
    "SELECT j.revision, j.feed_id, f.built_revision, f.failed_revision, f.failure, l.building_revision FROM jobs j"
    " JOIN feeds f ON f.id = j.feed_id JOIN lists l ON l.id = f.list_id WHERE j.id = ?"
)
_runs = (_lists.building_revision >= _lists.revision) & _lists.behind_since.is_not(None)
_JOIN = (
    insert(cast("Table", Job.__table__))
    .from_select(
        ["id", "feed_id", "revision"],
        select(bindparam("new_id", type_=String), _feeds.id, _lists.revision)
        .join_from(Feed.__table__, List.__table__, _lists.id == _feeds.list_id)
        .where(
            _lists.id == bindparam("of_list"),
            _feeds.is_default,
            _feeds.asked_at > utc_now(bindparam("minus_asked", type_=Float)),
            _feeds.failed_revision <= _feeds.built_revision,
            or_(_feeds.expires_at.is_(None), _feeds.expires_at > utc_now()),
            or_(_feeds.built_revision >= _lists.revision, _lists.queued_at.is_not(None), _runs),
        ),
    )
    .returning(
        _jobs.revision,
        *(
            select(column).where(_feeds.list_id == bindparam("of_list"), _feeds.is_default).label(column.name)
            for column in (_feeds.built_revision, _feeds.failed_revision, _feeds.failure)
        ),
        select(_lists.building_revision).where(_lists.id == bindparam("of_list")).label("building_revision"),
    )
)


class _JobRow(NamedTuple):
    """A row of `_JOB`."""

    revision: int
    feed_id: int
    built_revision: int
    failed_revision: int
    failure: str | None
    building_revision: int


@dataclass(frozen=True)
class JobState:
    """How far a job is. `failure` says why, for a person, when `status` is FAILURE."""

    job_id: str
    status: Status
    failure: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the status will not change by waiting."""
        return self.status in ("SUCCESS", "FAILURE")


@dataclass(frozen=True)
class Calendar:
    """A built calendar: iCalendar text in UTF-8, gzip-compressed; the strong ETag of the text, without quotes."""

    gzip: bytes
    etag: str

    @property
    def gzip_etag(self) -> str:
        """The ETag of what is sent compressed: other octets, so another one (RFC 9110, 8.8.3.3)."""
        return gzip_etag(self.etag)


def gzip_etag(etag: str) -> str:
    """The ETag of a calendar sent compressed."""
    return f"{etag}-gzip"


def unused_after_seconds(settings: Settings) -> float:
    """A feed that was last asked for longer ago is not built until somebody asks."""
    # One that is asked for now may be noted as asked for up to `ASKED_AGAIN_SECONDS` ago.
    return max(2 * ASKED_AGAIN_SECONDS, settings.UNUSED_AFTER_DAYS * 86_400)


def request_build(
    session: Session, list_id: int, *, ring: RingForJob, idempotency_key: str | None = None, tell: bool = True
) -> JobState:
    """A job for the list's default feed at the list's current revision, committed; rings when a build is needed.

    The same `idempotency_key` gives the same job again. When the feed is current the job is done already; `tell` says
    that a worker has to be rung all the same, to write the outcome where Celery keeps results. A build that failed
    is tried once more by each new job. Raises `NotFound` for an unknown list.
    """
    job_id = str(uuid.uuid4())
    if idempotency_key is None and (joined := _join(session, list_id, job_id)):
        if joined.status == "SUCCESS" and tell:
            ring(list_id, job_id)
        return joined
    database.begin_change(session)
    found = session.execute(
        select(List.revision, List.queued_at).where(List.id == list_id).with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        session.rollback()
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    feed = default_feed(session, list_id)
    revision = found.revision
    if idempotency_key is not None:
        # Safe against the same key at the same moment: the list's row is locked.
        known = session.scalar(select(Job.id).where(Job.feed_id == feed.id, Job.idempotency_key == idempotency_key))
        if known is not None:
            session.rollback()
            return job_state(session, known)
    if feed.expired and feed.built_revision >= revision:  # a new day counts as a change
        revision += 1
    session.add(Job(id=job_id, feed_id=feed.id, revision=revision, idempotency_key=idempotency_key))
    if feed.failed_revision > feed.built_revision:
        outcomes.take_back_failures(session, feed.id)
    session.execute(
        update(Feed)
        .where(
            Feed.id == feed.id,
            or_(Feed.asked_at.is_(None), Feed.asked_at < utc_now(-ASKED_AGAIN_SECONDS), Feed.failed_revision >= 0),
        )
        .values(asked_at=utc_now(), failed_revision=-1, failure=None)
    )
    current = feed.built_revision >= revision
    rings = found.queued_at is None and not current
    if not current:
        todos.mark_behind(session, list_id, revision)
    session.commit()
    if rings or (current and tell):
        ring(list_id, job_id)
    return job_state(session, job_id)


def _join(session: Session, list_id: int, job_id: str) -> JobState | None:
    """Make a job that needs no ring, in one statement and without waiting for the list's lock; None when it needs one.

    The calendar is current, or a build is sure to show the list's present revision: one that waits will read later, and
    one that runs began at this revision. Should that one die, the list is behind still, and a sweep builds it.
    """
    joined = {"of_list": list_id, "new_id": job_id, "minus_asked": -ASKED_AGAIN_SECONDS}
    connection = database.begin_statement(session)
    made = database.rows(connection, _JOIN, joined)
    session.commit()
    return _state(job_id, made[0]) if made else None


def job_state(session: Session, job_id: str) -> JobState:
    """The state of a job. Raises `NotFound` for an id that was never given out, or whose job is long deleted."""
    return _state(job_id, _job_row(session, job_id))


def job_calendar(session: Session, job_id: str) -> Calendar:
    """What a job hands out: the calendar at its revision or a later one.

    Raises `NotReady` before the job is done, and `NotFound` as `job_state` does.
    """
    row = _job_row(session, job_id)
    if row.built_revision < row.revision:
        raise NotReady("Task not finished")
    # One statement, so one moment: the body and its own ETag.
    found = session.execute(
        select(FeedBody.gzip, Feed.etag).join(Feed, Feed.id == FeedBody.feed_id).where(Feed.id == row.feed_id)
    ).one()
    return Calendar(found.gzip, found.etag)


def _job_row(session: Session, job_id: str) -> _JobRow:
    session.rollback()  # its connection is the next to be used
    row = database.read_row(cast("Engine", session.get_bind()), _JOB, job_id)
    if row is None:
        raise NotFound(f"There is no task with id {job_id[:64]}", field="task_id")
    return _JobRow(*row)


def _state(job_id: str, row: _JobRow | Row[*tuple[Any, ...]]) -> JobState:
    if row.built_revision >= row.revision:
        return JobState(job_id, "SUCCESS")
    if row.failed_revision >= row.revision:
        return JobState(job_id, "FAILURE", row.failure)
    # The build that is running began to read at `building_revision` or later.
    return JobState(job_id, "STARTED" if row.building_revision >= row.revision else "PENDING")


def default_feed(session: Session, list_id: int) -> Row[int, int, int, bool | None]:
    """The list's default feed, which is made now when there is none: `id`, `built_revision`, `failed_revision`, and
    whether it is `expired`. The list's row is locked.
    """
    statement = select(
        Feed.id, Feed.built_revision, Feed.failed_revision, (Feed.expires_at <= utc_now()).label("expired")
    ).where(Feed.list_id == list_id, Feed.is_default)
    row = session.execute(statement).one_or_none()
    if row is None:
        session.add(Feed(list_id=list_id, is_default=True))
        session.flush()
        row = session.execute(statement).one()
    return row


def delete_old_jobs(session: Session, older_than_seconds: float) -> int:
    """Delete the jobs made longer ago than that; how many there were. Commits."""
    database.begin_change(session)
    deleted = session.execute(delete(Job).where(Job.created_at < utc_now(-older_than_seconds)).returning(Job.id)).all()
    session.commit()
    return len(deleted)
