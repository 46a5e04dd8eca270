"""How long a calendar takes where nothing is configured: SQLite, and messages in files."""

from __future__ import annotations

import time

from benchmarks import databases
from benchmarks.pair import WINDOW_SECONDS
from benchmarks.stack import OURS, Stack
from benchmarks.table import Figure, middle, milliseconds

TODOS = 100
ROUNDS = 11
LESS_THAN_SECONDS = 0.1


def measure() -> list[Figure]:
    """Two figures: from before the change, which has to pass, and from the POST alone."""
    with Stack(OURS, {}) as stack:
        databases.fill_ours_embedded(stack.data_dir / "taskoverflow.sqlite", TODOS)
        client = stack.client()
        stack.run_job(client)
        times = []
        for _ in range(ROUNDS):
            time.sleep(WINDOW_SECONDS + 0.2)
            times.append(stack.run_job(client))
        client.close()
    from_change = middle([round_.from_change for round_ in times])
    from_post = middle([round_.from_post for round_ in times])
    shown = milliseconds(from_change)
    asked = f"< {milliseconds(LESS_THAN_SECONDS)}"
    what = f"embedded: change, POST → SUCCESS, {TODOS} todos, p50"
    return [
        Figure(what, ours=shown, asked=asked, measured=shown, passed=from_change < LESS_THAN_SECONDS),
        Figure("… from the POST alone", ours=milliseconds(from_post)),
    ]
