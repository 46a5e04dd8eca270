"""A feed: a calendar made from a list, saved filter and look, and the body that was last built."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from todo.models.base import Model

NAME_MAX = 255


class Feed(Model):
    """A calendar. `built_revision` is the list's revision that its body shows, -1 before the first build.

    `completed` to `busy_only` are the fields of `ics.Look`; whoever changes one bumps the list's revision with it.
    """

    __tablename__ = "feeds"
    __table_args__ = (
        CheckConstraint("built_revision >= -1", name="built_revision_known"),
        # Two requests that both find no default feed yet would make two, and jobs of one list would be split.
        Index(
            "uq_feeds_default",
            "list_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
        Index("ix_feeds_list_id", "list_id"),
        Index("uq_feeds_token_hash", "token_hash", unique=True),
        # Each worker's sweep asks which feeds the passing of time has changed; few have such a filter.
        Index(
            "ix_feeds_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        # The id of a deleted feed must not come again: a build of it may be under way.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"))
    is_default: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str | None] = mapped_column(String(NAME_MAX))
    """None: the list's name."""
    token_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the token in its address, hex; None: it has no address. The token itself is not in the database."""
    token_seed: Mapped[str | None] = mapped_column(String(32))
    """Random; the token is derived from it and the installation's secret, so that its owner can see it again. Empty:
    the address was revoked; None: it was never made."""

    completed: Mapped[bool | None]
    text: Mapped[str | None] = mapped_column(String(255))
    past_days: Mapped[int | None]
    future_days: Mapped[int | None]
    finished: Mapped[str] = mapped_column(String(4), default="mark", server_default="mark")
    finished_days: Mapped[int | None]
    show_as: Mapped[str] = mapped_column(String(6), default="events", server_default="events")
    all_day: Mapped[bool] = mapped_column(default=False, server_default=false())
    alarm_minutes: Mapped[int | None]
    busy_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    color: Mapped[str | None] = mapped_column(String(32))
    """A color's name in CSS."""

    asked_at: Mapped[datetime | None]
    """When somebody last asked for it; a feed that nobody asks for is not built."""
    built_revision: Mapped[int] = mapped_column(default=-1, server_default="-1")
    built_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """When time alone will change it: its filter looks at the day. None: it does not."""
    modified_at: Mapped[datetime | None]
    """When the body last became another, to the second; later than the time before."""
    failed_revision: Mapped[int] = mapped_column(default=-1, server_default="-1")
    """The revision that the last failed build would have shown; it counts while above `built_revision`."""
    failure: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(String(64))
    length: Mapped[int | None]
    """Octets of the calendar, uncompressed."""
    gzip_length: Mapped[int | None]
    shown: Mapped[int | None]
    """How many todos it shows."""


class FeedBody(Model):
    """A feed's calendar, gzip-compressed. A table of its own: who asks whether it changed must not read past it."""

    __tablename__ = "feed_bodies"

    feed_id: Mapped[int] = mapped_column(ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True)
    gzip: Mapped[bytes] = mapped_column(LargeBinary)
