"""What a benchmark found, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the table. `passed` is None for what is only told."""

    what: str
    sheets: str = ""
    ours: str = ""
    asked: str = ""
    measured: str = ""
    passed: bool | None = None


def ratio(what: str, sheets: float, ours: float, at_least: float | None, show: Callable[[float], str]) -> Figure:
    """A figure of two times, shown by `show`: the measure is how many times as long the baseline takes."""
    measured = sheets / ours
    if at_least is None:
        return Figure(what, show(sheets), show(ours), "", f"{measured:.{2 if measured < 2 else 1}f}×")
    digits = 2 if measured < 2 else 1
    return Figure(
        what, show(sheets), show(ours), f"≥ {at_least:g}×", f"{measured:.{digits}f}×", passed=measured >= at_least
    )


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def middle(values: Sequence[float]) -> float:
    """The median, so that one round that somebody disturbed counts for nothing."""
    return median(values)


def text(figures: Sequence[Figure]) -> str:
    """The table, in Markdown."""
    verdicts = {True: "yes", False: "**NO**", None: ""}
    rows: list[tuple[str, ...]] = [("what", "sheets", "ours", "asked", "measured", "met")]
    rows += [(*figure[:5], verdicts[figure.passed]) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )
