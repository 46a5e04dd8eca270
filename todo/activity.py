"""What happens to lists and feeds, counted by the minute: in memory first, so that counting costs no request anything.

A statistic: a process that is killed loses the counts of its last seconds, and nothing else depends on them.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import structlog
from sqlalchemy import DateTime, bindparam, delete, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from todo import database
from todo.database import utc_now
from todo.models import Activity

What = Literal["change", "bell", "build", "fetch", "not_modified"]

FLUSH_SECONDS = 2.0
"""How long a count stays in memory."""

KEPT_DAYS = 30

_WAITING_MAX = 10_000  # counts; while the database is gone, the first wait for it and later ones are dropped

_ADD = text(
    "INSERT INTO activity (list_id, minute, what, feed_id, client, times, octets, last_at)"
    " SELECT id, :minute, :what, :feed_id, :client, :times, :octets, :last_at FROM lists WHERE id = :list_id"
    " ON CONFLICT (list_id, minute, what, feed_id, client) DO UPDATE SET times = activity.times + excluded.times,"
    " octets = activity.octets + excluded.octets, last_at = excluded.last_at"
).bindparams(bindparam("minute", type_=DateTime()), bindparam("last_at", type_=DateTime()))

_log = structlog.get_logger(__name__)


class _Key(NamedTuple):
    list_id: int
    minute: datetime
    what: What
    feed_id: int
    client: str


class _Count(NamedTuple):
    times: int
    octets: int
    last_at: datetime


class Counter:
    """Counts in memory, and adds what it has to the table every few seconds, from a thread of its own."""

    def __init__(self, make_session: sessionmaker[Session]) -> None:
        self._make_session = make_session
        self._counts: dict[_Key, _Count] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def add(
        self, what: What, list_id: int, *, feed_id: int = 0, client: str = "", times: int = 1, octets: int = 0
    ) -> None:
        """Count it. Returns at once, never raises."""
        now = datetime.now(UTC).replace(tzinfo=None)
        self._add(_Key(list_id, now.replace(second=0, microsecond=0), what, feed_id, client), times, octets, now)
        # Begun here and not in `__init__`: a server that forks after loading would leave its thread behind.
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="activity", daemon=True)
                    self._thread.start()

    def flush(self) -> None:
        """Write what was counted. Database errors are raised; what could not be written waits for the next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        # In one order in all processes: two that add to the same rows must not wait for each other in a circle.
        rows = [{**key._asdict(), **count._asdict()} for key, count in sorted(counts.items())]
        try:
            with self._make_session() as session:
                database.begin_change(session)
                session.execute(_ADD, rows)
                session.commit()
        except SQLAlchemyError:
            for key, count in counts.items():
                self._add(key, *count)
            raise

    def _add(self, key: _Key, times: int, octets: int, at: datetime) -> None:
        with self._lock:
            before = self._counts.get(key)
            if before is not None:
                self._counts[key] = _Count(before.times + times, before.octets + octets, max(before.last_at, at))
            elif len(self._counts) < _WAITING_MAX:
                self._counts[key] = _Count(times, octets, at)

    def _run(self) -> None:
        while not self._over.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except SQLAlchemyError as error:
                _log.warning("activity_not_written", error=f"{type(error).__name__}: {error}"[:300])
            except Exception:  # the thread must live, whatever a driver raises
                _log.exception("activity_not_written")


def delete_old(session: Session) -> None:
    """Delete counts from more than `KEPT_DAYS` ago. Commits."""
    database.begin_change(session)
    session.execute(delete(Activity).where(Activity.minute < utc_now(-KEPT_DAYS * 86_400)))
    session.commit()
