"""Who fetches a feed: each calendar app, when last, how often, how often for nothing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from todo.models import Activity


class Visitor(NamedTuple):
    """A calendar app that fetched a feed, counted over the time that activity is kept. Times are UTC without zone."""

    app: str
    """As `calendar_apps.EXPECTED_DELAY` names it."""
    first_minute: datetime
    last_at: datetime
    fetched: int
    not_modified: int

    @property
    def requests(self) -> int:
        """How often it asked."""
        return self.fetched + self.not_modified

    @property
    def interval_seconds(self) -> float | None:
        """Time between two requests, on average; None for a single one."""
        if self.requests < 2:
            return None
        return max(0.0, (self.last_at - self.first_minute).total_seconds()) / (self.requests - 1)


def of_feed(session: Session, feed_id: int) -> list[Visitor]:
    """The apps that fetched the feed, the latest first."""

    def times(what: str) -> object:
        return func.sum(case((Activity.what == what, Activity.times), else_=0))

    last_at = func.max(Activity.last_at)
    rows = session.execute(
        select(Activity.client, func.min(Activity.minute), last_at, times("fetch"), times("not_modified"))  # type: ignore[call-overload]
        .where(Activity.feed_id == feed_id)
        .group_by(Activity.client)
        .order_by(last_at.desc())
    )
    return [Visitor(*row) for row in rows]
