"""What a reader must find in a calendar of given todos, worked out by other means than the renderer's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.judges.readers import ReadCalendar, ReadEvent
from todo.deadlines import Kind
from todo.ics import CalendarTodo


def expected(
    todos: Iterable[CalendarTodo],
    *,
    uid_suffix: str = "",
    name: str | None = None,
    time_zone: str | None = None,
) -> ReadCalendar:
    """The calendar that any right reader gives for what `todo.ics.render` makes of the same arguments."""
    events = []
    for todo in todos:
        if todo.deadline_at is None:
            continue
        changed = f"{_seconds(todo.updated_at)}Z"
        events.append(
            ReadEvent(
                uid=as_read(f"{todo.id}{uid_suffix}"),
                summary=as_read(todo.title),
                description=as_read(todo.description or "") or None,
                start=_start(todo.deadline_at, todo.deadline_kind, time_zone),
                stamp=changed,
                modified=changed,
                sequence=todo.sequence,
                transparency="TRANSPARENT",
            )
        )
    return ReadCalendar("-//Taskoverflow Calendar//mxm.dk//", as_read(name or "") or None, events)


def as_read(text: str) -> str:
    """`text` with line breaks as LF, without other controls but TAB, and U+FFFD for what has no UTF-8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(each for each in text if each in "\t\n" or unicodedata.category(each) != "Cc")
    return "".join("\ufffd" if unicodedata.category(each) == "Cs" else each for each in text)


def _start(at: datetime, kind: Kind | None, time_zone: str | None) -> str:
    if kind == "date":
        return at.date().isoformat()
    if kind == "instant":
        return f"{_seconds(at)}Z"
    if time_zone is None:
        return _seconds(at)
    ahead_of_utc = ZoneInfo(time_zone).utcoffset(at)
    assert ahead_of_utc is not None
    try:
        return f"{_seconds(at - ahead_of_utc)}Z"
    except OverflowError:
        return _seconds(at)


def _seconds(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
