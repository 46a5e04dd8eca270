"""What happens to lists and feeds, counted by the minute: in memory first, so that counting costs no request anything.

A statistic: a process that is killed loses the counts of its last seconds, and nothing else depends on them. Minutes
are those of the counting process's clock, in UTC.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import structlog
from sqlalchemy import BigInteger, DateTime, bindparam, cast, delete, extract, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from todo import database
from todo.database import utc_now
from todo.models import Activity

What = Literal["change", "bell", "build", "fetch", "not_modified"]

FLUSH_SECONDS = 2.0
"""How long a count stays in memory."""

STOP_SECONDS = 1.0
"""How long a process that ends may take to write what it has counted."""

KEPT_DAYS = 30

BUCKETS_MAX = 200
"""Most parts that a span of time is cut into."""

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
        # SQLite in memory is one connection for all threads: writing from ours would end a request's transaction.
        self._counts_nothing = isinstance(make_session.kw["bind"].pool, StaticPool)
        self._begin()
        # A forked process has copies of our locks, held perhaps, of counts that we write, and not of our thread.
        os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.stop)

    def _begin(self) -> None:
        self._counts: dict[_Key, _Count] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def add(
        self, what: What, list_id: int, *, feed_id: int = 0, client: str = "", times: int = 1, octets: int = 0
    ) -> None:
        """Count it, but for a database in memory. Returns at once, never raises."""
        if self._counts_nothing:
            return
        now = datetime.now(UTC).replace(tzinfo=None)
        self._add(_Key(list_id, now.replace(second=0, microsecond=0), what, feed_id, client), times, octets, now)
        # Begun here and not in `__init__`: a server that forks after loading would leave its thread behind.
        if self._thread is None or not self._thread.is_alive():
            with self._lock, contextlib.suppress(RuntimeError):  # no room for a thread: the next count tries again
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="activity", daemon=True)
                    self._thread.start()

    def flush(self) -> None:
        """Write what was counted. Database errors are raised; what could not be written waits for the next time."""
        with self._writing:  # who returns from here finds in the table what others were about to write, too
            self._flush()

    def stop(self) -> None:
        """Write what was counted if that is quick: waits `STOP_SECONDS` at the most, never raises."""
        self._over.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _flush(self) -> None:
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
        is_over = False
        while not is_over:
            is_over = self._over.wait(FLUSH_SECONDS)
            try:
                self.flush()
            except SQLAlchemyError as error:
                _log.warning("activity_not_written", error=f"{type(error).__name__}: {error}"[:300])
            except Exception:  # the thread must live, whatever a driver raises
                _log.exception("activity_not_written")


@dataclass
class Figures:
    """What happened in some span of time, how often. `not_modified` are among the `fetches`."""

    changes: int = 0
    bells: int = 0
    builds: int = 0
    fetches: int = 0
    not_modified: int = 0
    bytes_sent: int = 0
    bytes_saved: int = 0

    def add(self, what: str, times: int, octets: int) -> None:
        """Count in what the table has; a kind that this code does not know is left out."""
        match what:
            case "change":
                self.changes += times
            case "bell":
                self.bells += times
            case "build":
                self.builds += times
            case "fetch":
                self.fetches += times
                self.bytes_sent += octets
            case "not_modified":
                self.fetches += times
                self.not_modified += times
                self.bytes_saved += octets


class Series(NamedTuple):
    """The figures of a list over time: equal parts of `bucket_minutes` from `start` on, the oldest first."""

    start: datetime
    bucket_minutes: int
    buckets: list[Figures]
    totals: Figures

    @property
    def end(self) -> datetime:
        """When the last part ends, exclusive."""
        return self.bucket_start(len(self.buckets))

    def bucket_start(self, index: int) -> datetime:
        """When a part begins."""
        return self.start + timedelta(minutes=index * self.bucket_minutes)


_seconds = cast(extract("epoch", Activity.minute), BigInteger)
_index = ((_seconds - bindparam("start_seconds")) // bindparam("bucket_seconds")).label("bucket")
_READ = (
    select(
        _index,
        Activity.what,
        cast(func.sum(Activity.times), BigInteger),
        cast(func.sum(Activity.octets), BigInteger),
    )
    .where(
        Activity.list_id == bindparam("of_list"),
        Activity.minute >= bindparam("start"),
        Activity.minute < bindparam("end"),
    )
    .group_by(_index, Activity.what)
)


def read(session: Session, list_id: int, *, minutes: int, buckets: int, now: datetime) -> Series:
    """The list's figures of the last `minutes`, in at most so many `buckets`, each a whole number of minutes long.

    The last one is under way. They begin at multiples of their length since 1970, so that one keeps its figures while
    time goes on. `now` is UTC without zone.
    """
    series = _empty(minutes, buckets, now)
    parameters = {
        "of_list": list_id,
        "start": series.start,
        "end": series.end,
        "start_seconds": int(series.start.replace(tzinfo=UTC).timestamp()),
        "bucket_seconds": series.bucket_minutes * 60,
    }
    for index, what, times, octets in session.execute(_READ, parameters):
        series.buckets[index].add(what, times, octets)
        series.totals.add(what, times, octets)
    return series


def _empty(minutes: int, buckets: int, now: datetime) -> Series:
    length = -(-minutes // buckets)
    count = -(-minutes // length)
    minute_now = int(now.replace(tzinfo=UTC).timestamp()) // 60
    first = (minute_now // length - count + 1) * length
    start = datetime.fromtimestamp(first * 60, UTC).replace(tzinfo=None)
    return Series(start, length, [Figures() for _ in range(count)], Figures())


def summary(figures: Figures) -> str:
    """The figures as a sentence: `1,000 changes → 2 builds, 340 fetches → 338 not modified, 95 MB not sent`."""
    return (
        f"{_counted(figures.changes, 'change')} → {_counted(figures.builds, 'build')}, "
        f"{_counted(figures.fetches, 'fetch', 'fetches')} → {figures.not_modified:,} not modified, "
        f"{_size(figures.bytes_saved)} not sent"
    )


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _size(octets: int) -> str:
    """A size for a person, in SI's units, with two figures at least."""
    if octets < 1_000:
        return _counted(octets, "byte")
    size, units = octets / 1_000, ["kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1_000, units[1:]
    return f"{size:,.1f} {units[0]}" if size < 9.95 else f"{size:,.0f} {units[0]}"


def delete_old(session: Session) -> None:
    """Delete counts from more than `KEPT_DAYS` ago. Commits."""
    database.begin_change(session)
    session.execute(delete(Activity).where(Activity.minute < utc_now(-KEPT_DAYS * 86_400)))
    session.commit()
