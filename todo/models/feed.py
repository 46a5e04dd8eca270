"""A feed: a calendar made from a list, with the body that was last built."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class Feed(Model):
    """A calendar. `built_revision` is the list's revision that `body` shows, -1 before the first build."""

    __tablename__ = "feeds"
    __table_args__ = (
        CheckConstraint("built_revision >= -1", name="built_revision_known"),
        CheckConstraint("(built_revision = -1) = (body IS NULL)", name="built_has_body"),
        # Two requests that both find no default feed yet would make two, and jobs of one list would be split.
        Index(
            "uq_feeds_default",
            "list_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
        Index("ix_feeds_list_id", "list_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"))
    is_default: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime | None]
    """When somebody last asked for it; a feed that nobody asks for is not built."""
    built_revision: Mapped[int] = mapped_column(default=-1, server_default="-1")
    built_at: Mapped[datetime | None]
    failed_revision: Mapped[int] = mapped_column(default=-1, server_default="-1")
    """The revision that the last failed build would have shown; it counts while above `built_revision`."""
    failure: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(String(64))
    # Last, because SQLite reads a row in column order and would walk through the body to what comes after it.
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
