"""A job: somebody's claim on a calendar of a certain revision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class Job(Model):
    """A claim on `revision` of a feed. It has no state of its own: the feed's row says how far it is."""

    __tablename__ = "jobs"
    __table_args__ = (
        # The same request sent twice at once, by a client that lost the first answer, must be one job.
        Index("uq_jobs_idempotency_key", "feed_id", "idempotency_key", unique=True),
        # Outcomes that Celery's result backend has not been told yet: few, among all jobs ever made.
        Index(
            "ix_jobs_untold",
            "feed_id",
            "revision",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
        Index("ix_jobs_created_at", "created_at"),  # old jobs are deleted by age
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID; also the id of the Celery task."""
    feed_id: Mapped[int] = mapped_column(ForeignKey("feeds.id", ondelete="CASCADE"))
    revision: Mapped[int]
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    told_at: Mapped[datetime | None]
    """When the outcome was written to Celery's result backend."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
