"""How many builds many people cost who tick their tasks off at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg

from benchmarks import databases
from benchmarks.pair import WINDOW_SECONDS, Pair
from benchmarks.table import Figure
from tests.servers.process import wait_until
from todo import config, database, todos
from todo.tasks.bell import Bell
from todo.tasks.celery_app import make_celery

LISTS, TICKS = 100, 20
SECONDS = 10.0
THREADS = 8

_LISTS = "INSERT INTO lists (id, owner_id, todos_made) SELECT n, 1, %s FROM generate_series(2, %s) n"
_TODOS = (
    "INSERT INTO todos (id, list_id, title, completed, deadline_at, deadline_kind, sequence)"
    " SELECT 1000 * l.id + n, l.id, 'Task ' || n, false, '2026-05-01 10:00', 'local', 0"
    " FROM lists l, generate_series(1, %s) n WHERE l.id > 1"
)
_CHUNKS = "INSERT INTO chunks (list_id, number, stamp) SELECT id, 0, 0 FROM lists WHERE id > 1"
_FEEDS = "INSERT INTO feeds (list_id, is_default, asked_at) SELECT id, true, now() FROM lists WHERE id > 1"


def measure() -> list[Figure]:
    """One figure: builds of all lists, once each calendar shows its last tick. Through the use case: the API as it
    stands changes one list."""
    with Pair(with_sheets=False) as pair:
        pair.fill(1)
        with psycopg.connect(pair.our_database, autocommit=True) as connection:
            connection.execute(_LISTS, (TICKS, LISTS + 1))
            connection.execute(_TODOS, (TICKS,))
            connection.execute(_CHUNKS)
            connection.execute(_FEEDS)
            rows = connection.execute("SELECT list_id, id FROM todos WHERE list_id > 1 ORDER BY id").fetchall()
        seconds = _tick(pair, [(row[0], row[1]) for row in rows])
        wait_until(lambda: databases.ours_settled(pair.our_database), 60, "every calendar shows its last tick")
        with psycopg.connect(pair.our_database) as connection:
            row = connection.execute("SELECT sum(builds), sum(revision) FROM lists WHERE id > 1").fetchone()
    assert row is not None
    builds, changes = int(row[0]), int(row[1])
    assert changes == LISTS * TICKS, "each tick is a revision"
    most = int(LISTS * (1 + SECONDS / WINDOW_SECONDS))
    return [
        Figure(
            f"{LISTS} people tick {TICKS} tasks each within {seconds:.0f} s, builds",
            ours=f"{builds}",
            asked=f"≤ {most}",
            measured=f"{builds}",
            passed=builds <= most and seconds < SECONDS + 1,
        )
    ]


def _tick(pair: Pair, todo_ids: list[tuple[int, int]]) -> float:
    """Each person's ticks spread over the time; how long it took."""
    settings = config.load(pair.ours.environment)
    engine = database.open_engine(settings.database_url)
    sessions = database.sessions(engine)
    bell = Bell(make_celery(settings))
    start = time.monotonic()

    def tick(numbered: tuple[int, tuple[int, int]]) -> None:
        number, (list_id, todo_id) = numbered
        time.sleep(max(0.0, start + (number % TICKS) * SECONDS / TICKS - time.monotonic()))
        with sessions() as session:
            now = datetime.now(UTC).replace(tzinfo=None)
            todos.change(session, list_id, [todos.Edit(todo_id, {"completed": True})], now=now, ring=bell.ring)

    try:
        in_time_order = sorted(enumerate(todo_ids), key=lambda numbered: numbered[0] % TICKS)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(tick, in_time_order))
        return time.monotonic() - start
    finally:
        engine.dispose()
