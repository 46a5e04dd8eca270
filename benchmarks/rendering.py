"""How fast events are rendered, against the `icalendar` library; no server takes part."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.sheets_worker import calendar_text
from benchmarks.table import Figure, middle, milliseconds, ratio
from benchmarks.texts import make_todos
from todo import ics

EVENTS = 10_000
ROUNDS = 5
UID_SUFFIX = "@0b5c4a52-6a3e-4f0e-9a51-2d3b1f0c7e11"


def measure() -> list[Figure]:
    """One figure. Ours writes twice as many properties, which counts for the baseline."""
    made = list(make_todos(EVENTS))
    rows: list[ics.TodoRow] = [
        (t.id, t.title, t.description, t.deadline_at, "local", t.created_at, 0, False, None, 0, "") for t in made
    ]
    payload = [
        {"id": t.id, "title": t.title, "description": t.description, "deadline_at": t.deadline_at.isoformat()}
        for t in made
    ]
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(_seconds(lambda: calendar_text(payload)))
        ours.append(_seconds(lambda: ics.render(rows, uid_suffix=UID_SUFFIX, name="Tasks")))
    octets = len(ics.render(rows, uid_suffix=UID_SUFFIX)) / EVENTS
    what = f"rendering {EVENTS:,} events of {octets:.0f} octets"
    return [ratio(what, middle(theirs), middle(ours), 20, milliseconds)]


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
