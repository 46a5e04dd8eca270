"""An event: something that happened to a list, told to programs outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class Event(Model):
    """What happened, written in the transaction that made it happen; and what became of telling it.

    The events of one list's todos have ids in the order in which they happened: the list's row is locked while they are
    written. Of different lists, and of builds, a lower id may be committed later.
    """

    __tablename__ = "events"
    __table_args__ = (
        # What is to be sent next; empty most of the time.
        Index("ix_events_waiting", "id", sqlite_where=text("waiting"), postgresql_where=text("waiting")),
        # What was set aside; empty most of the time.
        Index(
            "ix_events_refused",
            "id",
            sqlite_where=text("refused_at IS NOT NULL"),
            postgresql_where=text("refused_at IS NOT NULL"),
        ),
        # Who follows one list.
        Index("ix_events_list", "list_id", "id"),
        # An id that was given out again would be taken for the event that had it before.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))
    """What tells it from every other, also of a database restored from a backup, which counts the same ids again."""
    list_id: Mapped[int]
    """No foreign key: what happened stays true when the list is gone."""
    revision: Mapped[int]
    """The list's, after what happened; for a build, the one that the calendar shows."""
    kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[int]
    """The todo's id, or the feed's."""
    data: Mapped[str] = mapped_column(Text)
    """A JSON object."""
    occurred_at: Mapped[datetime]
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    """PostgreSQL's number of the transaction that wrote it: readers wait until none with a lower one goes on. 0 on
    SQLite, where one transaction writes at a time."""
    waiting: Mapped[bool]
    """Whether it is still to be sent; never, where no sink was named."""
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often the sink refused it."""
    refused_at: Mapped[datetime | None]
    """When it was set aside, refused too often."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the sink refused it last."""
