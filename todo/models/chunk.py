"""A chunk: some of a list's todos, which calendars are rendered and remembered by."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model

TODOS_PER_CHUNK = 128
"""How many todos of a list share a chunk. A build renders whole chunks: one changed todo costs this many."""


class Chunk(Model):
    """The todos of a list with this `chunk`. `revision` is the list's at the last change of one of them."""

    __tablename__ = "chunks"
    __table_args__ = (Index("ix_chunks_revision", "list_id", "revision"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
