"""Activity: what happened to a list and its feeds, counted by the minute."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class Activity(Model):
    """How often something happened to a list within a minute: a statistic, which a killed process may lose some of.

    `what` is `change`, `bell`, `build`, `fetch` (a whole calendar sent) or `not_modified`. `feed_id` is 0 and `client`
    empty for what is not about one feed; `client` is the calendar app that fetched, as `doctor.app_of` names it.
    """

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_minute", "minute"), Index("ix_activity_feed_id", "feed_id", "minute"))

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(12), primary_key=True)
    feed_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    client: Mapped[str] = mapped_column(String(12), primary_key=True, default="")
    times: Mapped[int]
    octets: Mapped[int] = mapped_column(BigInteger, default=0)
    """Octets sent for `fetch`; octets not sent for `not_modified`."""
    last_at: Mapped[datetime]
