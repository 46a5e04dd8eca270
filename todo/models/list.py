"""A list: the todos that one calendar is made from, and where its builds stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model

DEFAULT_LIST_ID = 1
"""The list that todos go to when none is named; the first migration makes it."""


class List(Model):
    """A list of todos. `revision` counts its changes; each commits together with the change it counts."""

    __tablename__ = "lists"
    __table_args__ = (
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        # Each worker's sweep asks every second which lists have been behind for long; without this index
        # that would be a scan of all lists.
        Index(
            "ix_lists_behind",
            "behind_since",
            sqlite_where=text("behind_since IS NOT NULL"),
            postgresql_where=text("behind_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(255), server_default="Tasks")
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """IANA name; local deadlines are instants in it. None: they float."""
    revision: Mapped[int] = mapped_column(server_default="0")
    queued_at: Mapped[datetime | None]
    """When the bell was rung for changes that no build has begun to read yet; None when none is waiting."""
    behind_since: Mapped[datetime | None]
    """Since when a feed has been behind the list, or since the latest build that got it nearer; None when all
    feeds in use are current. Unlike `queued_at` it outlives a worker that dies while building."""
    build_started_at: Mapped[datetime | None]
    building_revision: Mapped[int] = mapped_column(server_default="-1")
    """The least revision that the latest build will show; known when it starts, before it has read."""
    builds: Mapped[int] = mapped_column(server_default="0")
    """How many builds were started."""
    todos_made: Mapped[int] = mapped_column(server_default="0")
    """How many todos were ever made in it; tells the next one's chunk."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
