"""How our times and memory grow with the list."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.listing import read_changed
from benchmarks.pair import Pair
from benchmarks.stack import JobTimes
from benchmarks.table import Figure, middle, milliseconds
from tests.servers.process import Process

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 3
MEMORY_MAX_MB = 400


def measure() -> list[Figure]:
    """Times at each size, then the peak of each process's memory after the largest. Processes of their own."""
    figures = []
    with Pair(with_sheets=False) as pair:
        pair.fill(1)  # until here the worker may still be starting
        for count in SIZES:
            pair.fill_ours(count)
            first = pair.our_job()
            times: list[JobTimes] = [pair.our_job() for _ in range(ROUNDS)]
            built = middle([round_.from_change for round_ in times])
            figures.append(Figure(f"{count:,} todos: change, POST → SUCCESS", ours=milliseconds(built)))
            figures.append(Figure("… the first time, all rendered", ours=milliseconds(first.from_change)))
            listed = []
            for _ in range(ROUNDS):  # new connections, which the server's processes share
                client = pair.ours.client()
                listed.append(read_changed(client))
                client.close()
            figures.append(Figure("… GET /todos, one just changed", ours=milliseconds(middle(listed))))
            pair.wait_until_idle()
        assert pair.ours.web
        assert pair.ours.worker
        for name, process in (("web server", pair.ours.web), ("worker", pair.ours.worker)):
            peak = _peak_megabytes(process)
            shown = f"{peak:.0f} MB"
            what = f"peak memory of a {name} process, {SIZES[-1]:,} todos"
            figures.append(
                Figure(what, ours=shown, asked=f"< {MEMORY_MAX_MB} MB", measured=shown, passed=peak < MEMORY_MAX_MB)
            )
    return figures


def _peak_megabytes(process: Process) -> float:
    """The most resident memory that any one process of the tree has had, as Linux keeps it."""
    peaks = []
    for part in process.tree():
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{part.pid}/status").read_text())
        assert found, "a living process has a peak"
        peaks.append(int(found[1]) / 1000)
    return max(peaks)
