"""A spent key: the Idempotency-Key of a todo that is deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class SpentKey(Model):
    """What a client called the request that made a todo of the list, which was deleted since. Kept for a while.

    Else the same request, sent again because its answer was lost, would make the todo a second time.
    """

    __tablename__ = "spent_keys"
    # Each deletion looks for those that are too old; without this index that would be a scan of all the list's.
    __table_args__ = (Index("ix_spent_keys_deleted_at", "list_id", "deleted_at"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    deleted_at: Mapped[datetime]
