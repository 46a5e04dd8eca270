"""Counting in memory, and what is said of the counts; the table is a SQLite file, or one that cannot be opened."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from tests.servers import wait_until
from todo import activity, database, schema
from todo.activity import Counter, Figures
from todo.models import Activity

DEADLINE_SECONDS = 10.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = database.open_engine(f"sqlite:///{tmp_path / 'folder' / 'counts.sqlite'}")
    yield made
    made.dispose()


@pytest.fixture
def counter(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """One that writes when it is told to. Its database is not there before `schema.ensure(engine)`."""
    monkeypatch.setattr(activity, "FLUSH_SECONDS", 600.0)
    return Counter(database.sessions(engine))


def counted(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(select(Activity.what, func.sum(Activity.times)).group_by(Activity.what))
        return {what: int(times) for what, times in rows}


def test_counts_wait_in_memory_while_the_database_is_away(counter: Counter, engine: Engine) -> None:
    counter.add("change", 1, times=2)
    with pytest.raises(OperationalError):
        counter.flush()
    counter.add("change", 1)
    schema.ensure(engine)
    counter.flush()
    assert counted(engine) == {"change": 3}
    counter.flush()
    assert counted(engine) == {"change": 3}


def test_a_count_of_a_list_that_is_gone_is_dropped(counter: Counter, engine: Engine) -> None:
    schema.ensure(engine)
    counter.add("change", 77)
    counter.add("bell", 1)
    counter.flush()
    assert counted(engine) == {"bell": 1}


def test_counts_of_many_threads_are_all_there(counter: Counter, engine: Engine) -> None:
    schema.ensure(engine)

    def count() -> None:
        for _ in range(500):
            counter.add("fetch", 1, feed_id=3, client="apple", octets=2)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counter.flush()
    with engine.connect() as connection:
        rows = connection.execute(select(Activity.feed_id, Activity.client, Activity.times, Activity.octets)).all()
    assert {row[:2] for row in rows} == {(3, "apple")}
    assert [sum(column) for column in zip(*(row[2:] for row in rows), strict=True)] == [2_000, 4_000]


def test_its_own_thread_writes_what_was_counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.ensure(engine)
    monkeypatch.setattr(activity, "FLUSH_SECONDS", 0.01)
    counter = Counter(database.sessions(engine))
    counter.add("build", 1)
    wait_until(lambda: counted(engine) == {"build": 1}, DEADLINE_SECONDS, "the count is written")
    counter.stop()


def test_a_process_that_ends_writes_what_it_has(counter: Counter, engine: Engine) -> None:
    schema.ensure(engine)
    counter.add("build", 1)
    counter.stop()
    assert counted(engine) == {"build": 1}


def test_a_process_that_ends_while_the_database_hangs_does_not_wait_for_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = threading.Event()

    def flush() -> None:
        hangs.wait(DEADLINE_SECONDS)

    monkeypatch.setattr(counter, "flush", flush)
    monkeypatch.setattr(activity, "STOP_SECONDS", 0.01)
    counter.add("build", 1)
    counter.stop()
    assert not hangs.is_set()
    hangs.set()


def test_a_process_without_room_for_a_thread_counts_all_the_same(
    counter: Counter, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.ensure(engine)

    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        counter.add("change", 1)
    counter.add("change", 1)
    counter.stop()
    assert counted(engine) == {"change": 2}


def test_a_forked_process_counts_what_happens_in_itself_and_no_more(counter: Counter, engine: Engine) -> None:
    schema.ensure(engine)
    engine.dispose()
    counter.add("change", 1, times=10)
    with counter._lock:  # as another thread may have it at the moment of the fork
        child = os.fork()
        if child == 0:
            try:
                counter.add("change", 1)
                counter.stop()
            finally:
                os._exit(0)
    try:
        wait_until(lambda: os.waitpid(child, os.WNOHANG)[0] == child, DEADLINE_SECONDS, "the forked process ends")
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    assert counted(engine) == {"change": 1}
    counter.flush()
    assert counted(engine) == {"change": 11}


@pytest.mark.parametrize(
    ("minutes", "buckets", "length", "count"),
    [(60, 60, 1, 60), (60, 200, 1, 60), (1_440, 48, 30, 48), (43_200, 60, 720, 60), (100, 7, 15, 7), (1, 1, 1, 1)],
)
def test_a_span_is_cut_into_equal_parts_of_whole_minutes(minutes: int, buckets: int, length: int, count: int) -> None:
    now = datetime(2026, 5, 1, 12, 34, 56)
    series = activity._empty(minutes, buckets, now)
    assert (series.bucket_minutes, len(series.buckets)) == (length, count)
    assert series.end - series.start == timedelta(minutes=length * count)
    assert series.bucket_start(count - 1) <= now < series.end
    later = activity._empty(minutes, buckets, now + timedelta(minutes=length))
    assert later.start - series.start == timedelta(minutes=length)  # the others keep their limits


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (Figures(), "0 changes → 0 builds, 0 fetches → 0 not modified, 0 bytes not sent"),
        (
            Figures(changes=1, builds=1, fetches=1, not_modified=1, bytes_saved=1),
            "1 change → 1 build, 1 fetch → 1 not modified, 1 byte not sent",
        ),
        (
            Figures(changes=1_000, builds=2, fetches=340, not_modified=338, bytes_saved=95_200_000),
            "1,000 changes → 2 builds, 340 fetches → 338 not modified, 95 MB not sent",
        ),
    ],
)
def test_the_summary_is_a_sentence(figures: Figures, said: str) -> None:
    assert activity.summary(figures) == said


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (9_960, "10 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (5_873_090_000, "5.9 GB"),
        (10**16, "10,000 TB"),
    ],
)
def test_a_size_has_two_figures_or_three(octets: int, said: str) -> None:
    assert activity._size(octets) == said
