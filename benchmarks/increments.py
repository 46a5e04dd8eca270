"""What a build costs when one todo of very many has changed: processor time, ours and the database's."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import psutil

from benchmarks import databases
from benchmarks.servers import DurablePostgres
from benchmarks.table import Figure, middle
from todo import builds, config, database, feed_pieces, jobs, schema, todos

TODOS = 100_000
ROUNDS = 7
AT_MOST, AIM = 1 / 5, 1 / 20


def measure() -> list[Figure]:
    """Two figures: of the process that builds, which has to pass, and together with PostgreSQL's processes."""
    with DurablePostgres() as postgres:
        url = postgres.database("increments")
        settings = config.load({"SQLALCHEMY_DATABASE_URI": url, "WINDOW_SECONDS": 0})
        schema.upgrade(settings.database_url)
        databases.fill_ours(url, TODOS)
        engine = database.open_engine(settings.database_url)
        sessions = database.sessions(engine)
        with sessions() as session:
            jobs.request_build(session, 1, ring=lambda *_: None)
        server = psutil.Process(postgres.pid)

        def build(cache: feed_pieces.PieceCache) -> tuple[float, float]:
            before = time.process_time(), _processor_seconds(server)
            assert builds.build_list(sessions, 1, settings, cache).built == 1
            return time.process_time() - before[0], _processor_seconds(server) - before[1]

        def change(number: int) -> None:
            with sessions() as session:
                edit = todos.Edit(1 + number * 997 % TODOS, {"title": f"Call the dentist, attempt {number}"})
                now = datetime.now(UTC).replace(tzinfo=None)
                todos.change(session, 1, [edit], now=now, ring=lambda _: None)

        full, one = [], []
        for number in range(ROUNDS):
            change(2 * number)
            cache = feed_pieces.piece_cache()
            full.append(build(cache))
            change(2 * number + 1)
            one.append(build(cache))
        engine.dispose()
    ours_full, ours_one = middle([times[0] for times in full]), middle([times[0] for times in one])
    all_full, all_one = middle([sum(times) for times in full]), middle([sum(times) for times in one])
    return [
        Figure(
            f"one change in {TODOS:,} todos: processor time of the build, against a full one",
            f"{ours_full * 1000:,.0f} ms",
            f"{ours_one * 1000:,.1f} ms",
            f"≤ 1/{1 / AT_MOST:.0f}, aim 1/{1 / AIM:.0f}",
            f"1/{ours_full / ours_one:.0f}",
            passed=ours_one <= ours_full * AT_MOST,
        ),
        Figure(
            "… with PostgreSQL's",
            f"{all_full * 1000:,.0f} ms",
            f"{all_one * 1000:,.1f} ms",
            measured=f"1/{all_full / all_one:.0f}",
        ),
    ]


def _processor_seconds(process: psutil.Process) -> float:
    """Of the process and its children, also those that have ended. In steps of 10 ms."""
    total = 0.0
    for part in (process, *process.children(recursive=True)):
        try:
            times = part.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
