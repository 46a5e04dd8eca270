"""Who lists belong to, and which installation this is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, false, func
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model


class Account(Model):
    """An owner of lists. The first migration makes one, `local`, for an installation without sign-in."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Installation(Model):
    """The one row that tells this installation from every other.

    `uuid` is part of each event's UID: two installations whose todos end up in one calendar app must not
    overwrite each other's events (RFC 5545 section 3.8.4.7 wants UIDs globally unique).
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)  # a second identity would duplicate events

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))
    keeps_events: Mapped[bool] = mapped_column(server_default=false())
    """Whether events are written; told by the programs' settings when they start."""
    sends_events: Mapped[bool] = mapped_column(server_default=false())
    """Whether they are sent: events written while it is false never are."""
    relay_holder: Mapped[str | None] = mapped_column(String(36))
    """The relay that sends at the moment: two at once could not keep the order."""
    relay_until: Mapped[datetime | None]
    """Until when nobody else may, unless it says so again."""
    relay_trouble: Mapped[str | None] = mapped_column(Text)
    """Why events wait: what the sink, or its address, is not fit for."""
