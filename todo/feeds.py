"""Use cases on feeds: asking for a calendar, and reading what was built. `todo.builds` makes the bodies.

A job is a claim on a revision of a feed and has no state of its own; what the feed's row says is the job's state too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Float, Row, String, Table, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import coalesce

from todo import database
from todo.database import utc_now
from todo.errors import NotFound, NotReady
from todo.models import Feed, Job, List

ASKED_AGAIN_SECONDS = 3_600
"""How exactly `asked_at` is known: a feed that was asked for so recently is not noted to be asked for again."""

_TOLD_AT_ONCE = 500  # fewer than a statement may have parameters; and what a dying worker tells again at most

Status = Literal["PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE"]

RingForJob = Callable[[int, str], None]
"""Rings the bell for a list's id, under a job's id. Must return at once and never raise."""


# Put together once: composing them for each request cost as much time as running them.
_lists, _feeds, _jobs = List.__table__.c, Feed.__table__.c, Job.__table__.c
_JOB = (
    select(
        _jobs.revision,
        _jobs.feed_id,
        _feeds.built_revision,
        _feeds.failed_revision,
        _feeds.failure,
        _lists.building_revision,
    )
    .join_from(Job.__table__, Feed.__table__, _feeds.id == _jobs.feed_id)
    .join(List.__table__, _lists.id == _feeds.list_id)
    .where(_jobs.id == bindparam("of_job"))
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
            or_(_feeds.built_revision >= _lists.revision, _lists.queued_at.is_not(None), _runs),
        ),
    )
    .returning(_jobs.id)
)


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
class Outcome:
    """How a job ended: `failure` is None for a success. `revision` and `etag` are the feed's (-1, None: not built)."""

    job_id: str
    failure: str | None
    revision: int
    etag: str | None


@dataclass(frozen=True)
class Calendar:
    """A built calendar: iCalendar text in UTF-8, its strong ETag without quotes, when it was built (UTC, no zone)."""

    body: bytes
    etag: str
    built_at: datetime


def request_build(
    session: Session, list_id: int, *, ring: RingForJob, idempotency_key: str | None = None, tell: bool = True
) -> JobState:
    """A job for the list's default feed at the list's current revision, committed; rings when a build is needed.

    The same `idempotency_key` gives the same job again. When the feed is current the job is done already; `tell` says
    that a worker has to be rung all the same, to write the outcome where Celery keeps results. A build that failed
    is tried once more by each new job. Raises `NotFound` for an unknown list.
    """
    job_id = str(uuid.uuid4())
    if idempotency_key is None and _join(session, list_id, job_id):
        state = job_state(session, job_id)
        if state.status == "SUCCESS" and tell:
            ring(list_id, job_id)
        return state
    database.begin_change(session)
    found = session.execute(
        select(List.revision, List.queued_at).where(List.id == list_id).with_for_update()
    ).one_or_none()
    if found is None:
        session.rollback()
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    feed_id, built_revision, failed_revision = _default_feed(session, list_id)
    if idempotency_key is not None:
        # Safe against the same key at the same moment: the list's row is locked.
        known = session.scalar(select(Job.id).where(Job.feed_id == feed_id, Job.idempotency_key == idempotency_key))
        if known is not None:
            session.rollback()
            return job_state(session, known)
    session.add(Job(id=job_id, feed_id=feed_id, revision=found.revision, idempotency_key=idempotency_key))
    if failed_revision > built_revision:
        take_back_failures(session, feed_id)
    session.execute(
        update(Feed)
        # Only when there is something to note: SQLite writes the whole row anew, and with it a body of megabytes.
        .where(
            Feed.id == feed_id,
            or_(Feed.asked_at.is_(None), Feed.asked_at < utc_now(-ASKED_AGAIN_SECONDS), Feed.failed_revision >= 0),
        )
        .values(asked_at=utc_now(), failed_revision=-1, failure=None)
    )
    current = built_revision >= found.revision
    rings = found.queued_at is None and not current
    if not current:
        session.execute(
            update(List)
            .where(List.id == list_id)
            .values(
                queued_at=coalesce(List.queued_at, utc_now()),
                behind_since=coalesce(List.behind_since, utc_now()),
            )
        )
    session.commit()
    if rings or (current and tell):
        ring(list_id, job_id)
    return job_state(session, job_id)


def _join(session: Session, list_id: int, job_id: str) -> bool:
    """Make a job that needs no ring, in one statement and without waiting for the list's lock; False when it needs one.

    The calendar is current, or a build is sure to show the list's present revision: one that waits will read later, and
    one that runs began at this revision. Should that one die, the list is behind still, and a sweep builds it.
    """
    joined = {"of_list": list_id, "new_id": job_id, "minus_asked": -ASKED_AGAIN_SECONDS}
    database.begin_statement(session)
    made = session.execute(_JOIN, joined).first()
    session.commit()
    return made is not None


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
    feed = session.execute(select(Feed.body, Feed.etag, Feed.built_at).where(Feed.id == row.feed_id)).one()
    return Calendar(feed.body, feed.etag, feed.built_at)


def _job_row(session: Session, job_id: str) -> Row[*tuple[Any, ...]]:
    database.begin_read(session)
    row = session.execute(_JOB, {"of_job": job_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no task with id {job_id[:64]}", field="task_id")
    return row


def _state(job_id: str, row: Row[*tuple[Any, ...]]) -> JobState:
    if row.built_revision >= row.revision:
        return JobState(job_id, "SUCCESS")
    if row.failed_revision >= row.revision:
        return JobState(job_id, "FAILURE", row.failure)
    # The build that is running began to read at `building_revision` or later.
    return JobState(job_id, "STARTED" if row.building_revision >= row.revision else "PENDING")


def _default_feed(session: Session, list_id: int) -> tuple[int, int, int]:
    """Id, built and failed revision of the list's default feed, which is made now when there is none yet.

    The list's row is locked.
    """
    statement = select(Feed.id, Feed.built_revision, Feed.failed_revision).where(
        Feed.list_id == list_id, Feed.is_default
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        session.add(Feed(list_id=list_id, is_default=True))
        session.flush()
        row = session.execute(statement).one()
    return row.id, row.built_revision, row.failed_revision


def take_back_failures(session: Session, feed_id: int) -> None:
    """Have the feed's failed jobs told of again: they will succeed after all. Leaves the commit to the caller."""
    built_revision = select(Feed.built_revision).where(Feed.id == feed_id).scalar_subquery()
    session.execute(
        update(Job)
        .where(Job.feed_id == feed_id, Job.told_at.is_not(None), Job.revision > built_revision)
        .values(told_at=None)
        .execution_options(synchronize_session=False)
    )


def tell_outcomes(session: Session, list_id: int, tell: Callable[[Outcome], None]) -> int:
    """Call `tell` for each finished job of the list whose outcome was not told yet, then mark those told; how many.

    Told first, marked then: who dies in between tells an outcome twice, never not at all.
    """
    told = 0
    while some := _tell_some(session, list_id, tell):
        told += some
    return told


def _tell_some(session: Session, list_id: int, tell: Callable[[Outcome], None]) -> int:
    done = Job.revision <= Feed.built_revision
    rows = session.execute(
        select(Job.id, done.label("done"), Feed.failure, Feed.built_revision, Feed.etag)
        .join(Feed, Feed.id == Job.feed_id)
        .where(
            Feed.list_id == list_id,
            Job.told_at.is_(None),
            done | (Job.revision <= Feed.failed_revision),
        )
        .limit(_TOLD_AT_ONCE)
    ).all()
    session.rollback()  # telling may take as long as the result backend does
    for row in rows:
        tell(Outcome(row.id, None if row.done else row.failure or "The build failed", row.built_revision, row.etag))
    if rows:
        succeeded = Job.id.in_([row.id for row in rows if row.done])
        # A job that was told to have failed, and was built or is tried again meanwhile, is told of again.
        failed_still = exists().where(
            Feed.id == Job.feed_id, Job.revision > Feed.built_revision, Job.revision <= Feed.failed_revision
        )
        database.begin_change(session)
        # Locked first: whoever tries again holds this lock, and is seen by the next statement, or comes after it.
        session.execute(select(List.id).where(List.id == list_id).with_for_update())
        session.execute(
            update(Job)
            .where(Job.id.in_([row.id for row in rows]), succeeded | failed_still)
            .values(told_at=utc_now())
            .execution_options(synchronize_session=False)
        )
        session.commit()
    return len(rows)


def lists_with_untold_outcomes(session: Session, older_than_seconds: float) -> list[int]:
    """Ids of the lists with finished jobs from before then whose outcome was not told: the result backend was down."""
    finished = (Job.revision <= Feed.built_revision) | (Job.revision <= Feed.failed_revision)
    statement = (
        select(Feed.list_id)
        .distinct()
        .join(Job, Job.feed_id == Feed.id)
        .where(Job.told_at.is_(None), Job.created_at < utc_now(-older_than_seconds), finished)
    )
    return list(session.scalars(statement))


def delete_old_jobs(session: Session, older_than_seconds: float) -> int:
    """Delete the jobs made longer ago than that; how many there were. Commits."""
    database.begin_change(session)
    deleted = session.execute(delete(Job).where(Job.created_at < utc_now(-older_than_seconds)).returning(Job.id)).all()
    session.commit()
    return len(deleted)
