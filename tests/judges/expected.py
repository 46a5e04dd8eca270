"""What a reader must find in a calendar of given todos, worked out by other means than the renderer's."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.golden.calendars import Arguments
from tests.judges.readers import ReadAlarm, ReadCalendar, ReadEvent, ReadTodo
from todo.deadlines import Kind
from todo.ics import CalendarTodo


def expected(arguments: Arguments, reader: str) -> ReadCalendar:
    """The calendar that a right reader gives for what `make` makes of `arguments`.

    `reader` is the library's name: `ical` does not tell all, and `ical.js` takes the comma after a category that ends
    in a backslash for an escaped one.
    """
    look = arguments.look
    shown = [todo for todo in arguments.todos if _is_shown(todo, arguments)]
    return ReadCalendar(
        prodid="-//Taskoverflow Calendar//mxm.dk//",
        name=as_read(arguments.name or "") or None,
        color=arguments.color if arguments.subscribed else None,
        time_zone=arguments.time_zone,
        refresh_minutes=15 if arguments.subscribed else None,
        events=[
            _event(todo, arguments, reader)
            for todo in shown
            if todo.deadline_at is not None and look.show_as in ("events", "both")
        ],
        todos=[_todo(todo, arguments, reader) for todo in shown if look.show_as in ("todos", "both")],
    )


def as_read(text: str) -> str:
    """`text` with line breaks as LF, without other controls but TAB, and U+FFFD for what has no UTF-8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(each for each in text if each in "\t\n" or unicodedata.category(each) != "Cc")
    return "".join("\ufffd" if unicodedata.category(each) == "Cs" else each for each in text)


def _is_shown(todo: CalendarTodo, arguments: Arguments) -> bool:
    look, today = arguments.look, arguments.today
    wanted = {None: (True, False), True: (True,), False: (False,)}[look.completed]
    if todo.completed not in wanted or (todo.completed and look.finished == "hide"):
        return False
    texts = [todo.title.casefold(), (todo.description or "").casefold()]
    if look.text and not any(look.text.casefold() in text for text in texts):
        return False
    if todo.completed and look.finished_days is not None:
        assert today is not None
        finished = _day(todo.completed_at or todo.updated_at, "instant", arguments.time_zone)
        if (today - finished).days > look.finished_days:
            return False
    if look.past_days is None and look.future_days is None:
        return True
    if todo.deadline_at is None:
        return False
    assert today is not None
    days_ahead = (_day(todo.deadline_at, todo.deadline_kind, arguments.time_zone) - today).days
    if days_ahead < 0 and not todo.completed:
        return True
    after_start = look.past_days is None or -days_ahead <= look.past_days
    return after_start and (look.future_days is None or days_ahead <= look.future_days)


def _event(todo: CalendarTodo, arguments: Arguments, reader: str) -> ReadEvent:
    look = arguments.look
    start = _time(todo, arguments)
    assert start is not None
    end, duration_minutes = None, None
    try:
        if len(start) == len("2026-05-01"):
            end = (date.fromisoformat(start) + timedelta(days=1)).isoformat()
        else:
            datetime.fromisoformat(start.removesuffix("Z")) + timedelta(minutes=30)
            duration_minutes = 30
    except OverflowError:
        pass
    common = _common(todo, arguments, reader, related="START")
    if todo.completed and look.finished == "mark" and not look.busy_only:
        common["summary"] = f"✓ {common['summary']}"
    return ReadEvent(
        **common,
        uid=as_read(f"{todo.id}{arguments.uid_suffix}"),
        start=start,
        end=end,
        duration_minutes=duration_minutes,
        transparency="OPAQUE" if look.busy_only and len(start) > 10 and not todo.completed else "TRANSPARENT",
    )


def _todo(todo: CalendarTodo, arguments: Arguments, reader: str) -> ReadTodo:
    return ReadTodo(
        **_common(todo, arguments, reader, related="END"),
        uid=as_read(f"{todo.id}-todo{arguments.uid_suffix}"),
        due=_time(todo, arguments),
        status="COMPLETED" if todo.completed else "NEEDS-ACTION",
        completed=f"{_seconds(todo.completed_at or todo.updated_at)}Z" if todo.completed else None,
        percent=100 if todo.completed else None,
    )


def _common(todo: CalendarTodo, arguments: Arguments, reader: str, *, related: str) -> dict[str, Any]:
    look = arguments.look
    changed = f"{_seconds(todo.updated_at)}Z"
    summary = "Busy" if look.busy_only else as_read(todo.title)
    alarms = []
    rings = related == "START" or look.show_as == "todos"  # once for each todo
    if rings and look.alarm_minutes is not None and not todo.completed and todo.deadline_at is not None:
        alarms.append(ReadAlarm("DISPLAY", summary, look.alarm_minutes, None if reader == "ical" else related))
    return {
        "summary": summary,
        "description": None if look.busy_only else as_read(todo.description or "") or None,
        "stamp": changed,
        "modified": changed,
        "sequence": todo.sequence,
        "categories": _categories("" if look.busy_only else todo.tags, reader),
        "priority": None if look.busy_only else todo.priority or None,
        "alarms": alarms,
    }


def _categories(tags: str, reader: str) -> list[str] | None:
    if reader == "ical":
        return None
    categories: list[str] = []
    for tag in filter(None, map(as_read, tags.split("\n"))):
        if reader == "ical.js" and categories and categories[-1].endswith("\\"):
            categories[-1] += f",{tag}"
        else:
            categories.append(tag)
    return categories


def _time(todo: CalendarTodo, arguments: Arguments) -> str | None:
    at = todo.deadline_at
    if at is None:
        return None
    if todo.deadline_kind == "date" or arguments.look.all_day:
        return _day(at, todo.deadline_kind, arguments.time_zone).isoformat()
    if todo.deadline_kind == "instant":
        return f"{_seconds(at)}Z"
    if arguments.time_zone is None:
        return _seconds(at)
    ahead_of_utc = ZoneInfo(arguments.time_zone).utcoffset(at)
    assert ahead_of_utc is not None
    try:
        return f"{_seconds(at - ahead_of_utc)}Z"
    except OverflowError:
        return _seconds(at)


def _day(at: datetime, kind: Kind | None, time_zone: str | None) -> date:
    if kind != "instant" or time_zone is None:
        return at.date()
    try:
        return at.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()
    except OverflowError:
        return at.date()


def _seconds(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
