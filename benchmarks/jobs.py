"""How long a calendar takes, from its request to SUCCESS, when one todo of many has changed."""

from __future__ import annotations

from benchmarks.pair import Pair
from benchmarks.table import Figure, middle, milliseconds, ratio

SIZES = ((10, 1, 21), (1_000, 8, 7), (10_000, 20, 5))
"""Todos, how many times as fast it has to be, rounds."""


def measure(pair: Pair) -> list[Figure]:
    """Two figures for each size: from the POST, which has to pass, and from before the change."""
    figures = []
    for count, at_least, rounds in SIZES:
        pair.fill(count)
        sheets, ours = [], []
        for number in range(rounds):  # in turns: what disturbs the machine disturbs both
            pair.wait_for_window()
            if number % 2:  # and by turns first, because the first one finds everything asleep
                sheets.append(pair.sheets_job())
                ours.append(pair.our_job())
            else:
                ours.append(pair.our_job())
                sheets.append(pair.sheets_job())
        what = f"POST → SUCCESS, {count:,} todos, one just changed"
        slow, fast = (middle([times.from_post for times in side]) for side in (sheets, ours))
        figures.append(ratio(what, slow, fast, at_least, milliseconds))
        slow, fast = (middle([times.from_change for times in side]) for side in (sheets, ours))
        figures.append(ratio("… with the change itself", slow, fast, None, milliseconds))
    return figures
