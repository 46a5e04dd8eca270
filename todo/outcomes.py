"""How jobs ended: told to whoever keeps results, at least once, by whoever builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from todo import database
from todo.database import utc_now
from todo.models import Feed, Job, List

_TOLD_AT_ONCE = 500  # fewer than a statement may have parameters; and what a dying worker tells again at most


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `failure` is None for a success. `revision` and `etag` are the feed's (-1, None: not built)."""

    job_id: str
    failure: str | None
    revision: int
    etag: str | None


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
        session.execute(select(List.id).where(List.id == list_id).with_for_update(key_share=True))
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
