"""A todo: one task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model
from todo.models.list import DEFAULT_LIST_ID

TITLE_MAX = 255
DESCRIPTION_MAX = 10_000
PRIORITY_MAX = 9
TAGS_MAX = 20
TAG_MAX = 50


def _kind_of_deadline(context: Any) -> str | None:
    """A deadline given without its kind, as a bare datetime, is local time."""
    return None if context.get_current_parameters().get("deadline_at") is None else "local"


class Todo(Model):
    """One task. Times are UTC without zone; `deadline_at` is what `deadline_kind` says it is.

    Rows added straight through a session bump neither their list's revision nor their chunk's: use `todo.todos` for
    that.
    """

    __tablename__ = "todos"
    __table_args__ = (
        CheckConstraint("deadline_kind IN ('date', 'local', 'instant')", name="deadline_kind_known"),
        CheckConstraint("(deadline_at IS NULL) = (deadline_kind IS NULL)", name="deadline_has_kind"),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority_known"),
        # A build reads the chunks that changed.
        Index("ix_todos_chunk", "list_id", "chunk", "id"),
        # The same todo sent twice at once, by a client that lost the first answer, must be one todo.
        Index(
            "uq_todos_idempotency_key",
            "list_id",
            "idempotency_key",
            unique=True,
            sqlite_where=text("idempotency_key IS NOT NULL"),
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        # What is due, and sorting by deadline.
        Index("ix_todos_deadline", "list_id", "deadline_at", "id"),
        # SQLite gives the id of a deleted last row out again, and with it the UID of an event that calendar
        # apps still remember.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), default=DEFAULT_LIST_ID)
    title: Mapped[str] = mapped_column(String(TITLE_MAX))
    description: Mapped[str | None] = mapped_column(Text)
    completed: Mapped[bool] = mapped_column(default=False)
    deadline_at: Mapped[datetime | None]
    """`date`: midnight of the day; `local`: the reader's wall clock (or the list's zone); `instant`: UTC."""
    deadline_kind: Mapped[str | None] = mapped_column(String(7), default=_kind_of_deadline)
    # The database's clock, which gives all rows of one transaction the same time: todos made together are of
    # the same age, and keep the order they were given in.
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sequence: Mapped[int] = mapped_column(default=0)
    """Number of edits; SEQUENCE in the calendar."""
    completed_at: Mapped[datetime | None]
    """When it was completed; None while it isn't, and for those completed before this was kept."""
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    """1 is the highest, 9 the lowest, 0 none (RFC 5545, 3.8.1.9)."""
    tags: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Each on a line of its own."""
    chunk: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which of the list's chunks it belongs to, for good."""
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    """What the client called the request that made it; None: it did not say."""


# The order `GET /todos` answers in; without it each page sorts the whole list.
Index("ix_todos_newest", Todo.list_id, Todo.created_at.desc(), Todo.id)
