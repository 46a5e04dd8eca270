"""How many builds a burst of changes costs."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import databases
from benchmarks.pair import WINDOW_SECONDS, Pair
from benchmarks.table import Figure

CHANGES = 1_000
CLIENTS = 4


def measure(pair: Pair) -> list[Figure]:
    """One figure: builds, once the calendar shows the last of the changes."""
    pair.fill(CHANGES)
    pair.wait_for_window()
    pair.wait_until_idle()
    before = databases.ours(pair.our_database)

    def change(first: int) -> None:
        client = pair.ours.client()
        try:
            for todo_id in range(first, CHANGES + 1, CLIENTS):
                client.send("PUT", f"/todos/{todo_id}", {"completed": True})
        finally:
            client.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(change, range(1, CLIENTS + 1)))
    seconds = time.perf_counter() - start
    pair.wait_until_idle()
    after = databases.ours(pair.our_database)
    assert after["revision"] - before["revision"] == CHANGES, "each change is a revision"
    builds = after["builds"] - before["builds"]
    most = 1 + math.ceil(seconds / WINDOW_SECONDS)
    return [
        Figure(
            f"{CHANGES:,} changes within {seconds:.1f} s, builds",
            ours=f"{builds}",
            asked=f"≤ {most}",
            measured=f"{builds}",
            passed=builds <= most,
        )
    ]
