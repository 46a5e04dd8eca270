"""How long the whole list takes to read, for one client and for several at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.pair import Pair
from benchmarks.stack import Client, Stack
from benchmarks.table import Figure, middle, milliseconds, ratio

TODOS = 10_000
AT_LEAST = 8
ROUNDS = 3
CLIENTS = 4
SHEETS_REQUESTS, OUR_REQUESTS = 2, 10
"""Of each client in a round: enough of both for a round to take a few seconds."""


def measure(pair: Pair) -> list[Figure]:
    """Three figures, and all have to pass: of a list that just changed, of one that did not, of several clients."""
    pair.fill(TODOS)
    changed: tuple[list[float], list[float]] = ([], [])
    alone: tuple[list[float], list[float]] = ([], [])
    together: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side, (stack, requests) in enumerate(((pair.sheets, SHEETS_REQUESTS), (pair.ours, OUR_REQUESTS))):
            client = stack.client()
            changed[side].extend(read_changed(client) for _ in range(requests))
            pair.wait_until_idle()
            alone[side].extend(read(client) for _ in range(requests))
            client.close()
            together[side].append(_read_together(stack, requests))
    slow, fast = map(middle, changed)
    figures = [ratio(f"GET /todos, {TODOS:,} todos, one just changed", slow, fast, AT_LEAST, milliseconds)]
    slow, fast = map(middle, alone)
    figures.append(ratio("… none changed", slow, fast, AT_LEAST, milliseconds))
    slow, fast = map(middle, together)
    figures.append(ratio(f"… {CLIENTS} clients at once", slow, fast, AT_LEAST, lambda s: f"{1 / s:.1f} requests/s"))
    return figures


def read_changed(client: Client) -> float:
    """Seconds to read the whole list, right after one of its todos has changed."""
    client.send("PUT", "/todos/1", {"title": f"Call the dentist at {time.time()}"})
    return read(client)


def read(client: Client) -> float:
    """Seconds to read the whole list."""
    start = time.perf_counter()
    client.get("/todos")
    return time.perf_counter() - start


def _read_together(stack: Stack, requests: int) -> float:
    """Seconds for each request, of several clients that send one after the other."""

    def run(client: Client) -> None:
        for _ in range(requests):
            client.get("/todos")

    clients = [stack.client() for _ in range(CLIENTS)]
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            start = time.perf_counter()
            list(pool.map(run, clients))
            return (time.perf_counter() - start) / (CLIENTS * requests)
    finally:
        for client in clients:
            client.close()
