"""A chunk: some of a list's todos, which calendars are rendered and remembered by."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model

TODOS_PER_CHUNK = 128
"""How many todos of a list share a chunk. A build renders whole chunks: one changed todo costs this many."""


STAMP_BITS = 62


class Chunk(Model):
    """The todos of a list with this `chunk`. `stamp` is another random number after each change of one of them.

    Not the list's revision: a database that is restored from a backup counts the same revisions again.
    """

    __tablename__ = "chunks"

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[int] = mapped_column(BigInteger)
