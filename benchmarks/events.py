"""What events cost: changes a second with and without them, how fast they are sent, and how late they arrive."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import quantiles

import psycopg
import redis

from benchmarks import databases
from benchmarks.servers import DurablePostgres, PlainRedis
from benchmarks.stack import OURS, Stack
from benchmarks.table import Figure, middle
from tests.servers import RabbitServer, wait_until
from todo import config, database, events, schema, todos
from todo.relay import Relay
from todo.sinks import open_sink

CLIENTS = 4
CHANGES = 400
ROUNDS = 5

SENT = 10_000

PER_SECOND, LAG_SECONDS = 200, 10
AT_ONCE = 4
"""Changes in one request, so that two cores manage so many besides the database, the client and the consumer."""


def measure() -> list[Figure]:
    """Four figures."""
    with ExitStack() as exits:
        postgres = exits.enter_context(DurablePostgres())
        broker = exits.enter_context(PlainRedis())
        with _stack(postgres, broker, "plain", EVENTS_RETENTION_DAYS="0") as plain:
            stream = f"{broker.database()}/events"
            with _stack(postgres, broker, "told", EVENTS_URL=stream) as told:
                figures = [_cost(plain, told), _lag(told, stream)]
        rabbit = exits.enter_context(RabbitServer())
        for name, url in (("Redis", f"{broker.database()}/events"), ("RabbitMQ", f"{rabbit.virtual_host()}/events")):
            figures.append(_throughput(postgres.database(f"relay_{name.lower()}"), name, url))
    return figures


@contextmanager
def _stack(postgres: DurablePostgres, broker: PlainRedis, name: str, **settings: str) -> Iterator[Stack]:
    uri = postgres.database(name)
    environment = {"SQLALCHEMY_DATABASE_URI": uri, "CELERY_BROKER_URL": broker.database(), **settings}
    with Stack(OURS, environment) as stack:
        databases.fill_ours(uri, CHANGES)
        yield stack


def _cost(plain: Stack, told: Stack) -> Figure:
    """Single changes of several clients at once, in turns."""
    seconds: dict[str, list[float]] = {"plain": [], "told": []}
    for number in range(ROUNDS):
        sides = [("plain", plain), ("told", told)]
        for name, stack in sides if number % 2 else reversed(sides):
            seconds[name].append(_change(stack, number))
    without, with_events = (CHANGES / middle(seconds[name]) for name in ("plain", "told"))
    return Figure(
        f"changes a second, {CLIENTS} clients: without events, and with (to Redis)",
        f"{without:,.0f}/s",
        f"{with_events:,.0f}/s",
        "≥ 0.8×",
        f"{with_events / without:.2f}×",
        passed=with_events >= 0.8 * without,
    )


def _change(stack: Stack, round_number: int) -> float:
    """How long it takes to change each of the todos once."""

    def some(first: int) -> None:
        client = stack.client()
        for todo_id in range(first, CHANGES + 1, CLIENTS):
            client.send("PUT", f"/todos/{todo_id}", {"title": f"Changed {round_number} times"})
        client.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, range(1, CLIENTS + 1)))
    return time.perf_counter() - start


def _lag(stack: Stack, stream: str) -> Figure:
    """From what happened, by the database's clock, until a consumer has it, by the same machine's."""
    server, _, name = stream.rpartition("/")
    late: list[float] = []
    over = threading.Event()

    with redis.Redis.from_url(server) as client:
        last = client.xrevrange(name, count=1)[0][0]

    def listen() -> None:
        nonlocal last
        with redis.Redis.from_url(server) as client:
            while not over.is_set():
                for _, entries in client.xread({name: last}, block=200, count=500) or ():
                    now = datetime.now(UTC)
                    for last, fields in entries:  # noqa: B007 (read from there on)
                        event = json.loads(fields[b"json"])
                        if event["type"] != "calendar.built":
                            late.append((now - datetime.fromisoformat(event["time"])).total_seconds())

    listener = threading.Thread(target=listen)
    listener.start()
    start = time.monotonic()

    def send(first: int) -> None:
        client = stack.client()
        for number in range(first * AT_ONCE, PER_SECOND * LAG_SECONDS, CLIENTS * AT_ONCE):
            time.sleep(max(0.0, start + number / PER_SECOND - time.monotonic()))
            some = range(number, number + AT_ONCE)
            client.send("PATCH", "/todos", [{"id": n % CHANGES + 1, "title": f"Lag {n}"} for n in some])
        client.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(send, range(CLIENTS)))
    took = time.monotonic() - start
    try:
        wait_until(lambda: len(late) >= PER_SECOND * LAG_SECONDS, 10, "all events have arrived")
    finally:
        over.set()
        listener.join()
    p99 = quantiles(late, n=100)[98]
    return Figure(
        f"from a change to a consumer at {len(late) / took:.0f} changes/s, {AT_ONCE} a request (Redis), p50 and p99",
        "",
        f"{middle(late) * 1000:.0f} ms, {p99 * 1000:.0f} ms",
        "< 500 ms",
        f"{p99 * 1000:.0f} ms",
        passed=p99 < 0.5,
    )


def _throughput(uri: str, name: str, url: str) -> Figure:
    """What has waited, sent by one relay."""
    settings = config.load({"SQLALCHEMY_DATABASE_URI": uri, "EVENTS_URL": url})
    schema.upgrade(settings.database_url)
    engine = database.open_engine(settings.database_url)
    try:
        with engine.begin() as connection:
            events.settle_mode(connection, settings)
        databases.fill_ours(uri, SENT)
        sessions = database.sessions(engine)
        with sessions() as session:
            edits = [todos.Edit(todo_id, {"completed": True}) for todo_id in range(1, SENT + 1)]
            now = datetime.now(UTC).replace(tzinfo=None)
            todos.change(session, 1, edits, now=now, ring=lambda _: None)
        relay = Relay(sessions, open_sink(url))
        start = time.perf_counter()
        while relay.step() == 0:  # the last one is no full batch
            pass
        seconds = time.perf_counter() - start
        relay.stop()
        with psycopg.connect(uri) as connection:
            row = connection.execute("SELECT count(*) FROM events WHERE sent_at IS NOT NULL").fetchone()
        assert row == (SENT,), f"{row} of {SENT} were sent"
    finally:
        engine.dispose()
    return Figure(
        f"events a second sent to {name}",
        "",
        f"{SENT / seconds:,.0f}/s",
        "≥ 2,000/s",
        f"{SENT / seconds:,.0f}/s",
        passed=SENT / seconds >= 2_000,
    )
