"""`python -m benchmarks [names…]`: measures the product's figures against the sheets' own way, and prints them.

The exit code is 1 when a figure is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

from benchmarks import (
    burst,
    embedded,
    events,
    growth,
    increments,
    jobs,
    lighthouse,
    listing,
    many_lists,
    page,
    queue_report,
    queue_speed,
    rendering,
    subscribed,
    table,
)
from benchmarks.pair import Pair

TOTAL_SECONDS = 1_200
"""Whatever hangs, it ends after so long, with its servers."""

ALONE: dict[str, Callable[[], list[table.Figure]]] = {
    "render": rendering.measure,
    "embedded": embedded.measure,
    "memory": growth.measure,
    "increments": increments.measure,
    "subscribed": subscribed.measure,
    "lists": many_lists.measure,
    "page": page.measure,
    "queue": queue_speed.measure,
    "report": queue_report.measure,
    "events": events.measure,
    "lighthouse": lighthouse.measure,
}
PAIRED: dict[str, Callable[[Pair], list[table.Figure]]] = {
    "jobs": jobs.measure,
    "get": listing.measure,
    "burst": burst.measure,
}


def main() -> int:
    """Run what was asked for, all of it unless told; 0 when every figure was met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join((*ALONE, *PAIRED)))
    names = parser.parse_args().names or [*ALONE, *PAIRED]
    if unknown := [name for name in names if name not in (*ALONE, *PAIRED)]:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join((*ALONE, *PAIRED))}")
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(TOTAL_SECONDS)
    started = time.monotonic()
    figures: list[table.Figure] = []
    with ExitStack() as exits:
        for name in names:
            if name in ALONE:
                found = ALONE[name]()
                figures += found
                print(f"\n{name}\n{table.text(found)}", flush=True)
        if any(name in PAIRED for name in names):
            pair = exits.enter_context(Pair())
            for name in names:
                if name in PAIRED:
                    found = PAIRED[name](pair)
                    figures += found
                    print(f"\n{name}\n{table.text(found)}", flush=True)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{table.text(figures)}\n")
    print(
        f"{os.cpu_count()} cores, load {load}, Python {platform.python_version()}, {time.monotonic() - started:.0f} s"
    )
    return 1 if any(figure.passed is False for figure in figures) else 0


def _end(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _give_up(*_: object) -> NoReturn:
    raise TimeoutError(f"the benchmarks took over {TOTAL_SECONDS} s")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
