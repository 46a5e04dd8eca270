"""What foreign readers find in a calendar, in one form for all of them; knows nothing of our renderer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import icalendar
from ical.calendar_stream import IcsCalendarStream
from icalendar.parser import unescape_backslash


class ReadAlarm(NamedTuple):
    """An alarm as a reader gives it. `related` is START or END, None where a reader doesn't tell."""

    action: str
    description: str
    minutes_before: int
    related: str | None


class ReadEvent(NamedTuple):
    """One event as a reader gives it.

    Times are ISO 8601 in whole seconds: a bare date, a floating time, or UTC with a `Z`. `categories` is None where
    a reader gets them wrong.
    """

    uid: str
    summary: str
    description: str | None
    start: str
    end: str | None
    duration_minutes: int | None
    stamp: str
    modified: str
    sequence: int
    categories: list[str] | None
    priority: int | None
    transparency: str
    alarms: list[ReadAlarm]


class ReadTodo(NamedTuple):
    """One VTODO as a reader gives it, in the same forms."""

    uid: str
    summary: str
    description: str | None
    due: str | None
    stamp: str
    modified: str
    sequence: int
    categories: list[str] | None
    priority: int | None
    status: str
    completed: str | None
    percent: int | None
    alarms: list[ReadAlarm]


class ReadCalendar(NamedTuple):
    """A calendar as a reader gives it, with its events in the file's order, and its todos too."""

    prodid: str
    name: str | None
    color: str | None
    time_zone: str | None
    refresh_minutes: int | None
    events: list[ReadEvent]
    todos: list[ReadTodo]


Judge = Callable[[bytes], ReadCalendar]


def read_with_icalendar(body: bytes) -> ReadCalendar:
    """What the Python library `icalendar` reads; anything that it had to repair fails."""
    calendar = icalendar.Calendar.from_ical(body)
    assert all(component.errors == [] for component in calendar.walk())
    # It takes these for unknown properties, so the values keep their escapes.
    name, older_name, color, time_zone = (
        unescape_backslash(str(calendar[key])) if key in calendar else None
        for key in ("NAME", "X-WR-CALNAME", "COLOR", "X-WR-TIMEZONE")
    )
    assert name == older_name
    refresh = calendar.decoded("REFRESH-INTERVAL") if "REFRESH-INTERVAL" in calendar else None
    return ReadCalendar(
        prodid=str(calendar["PRODID"]),
        name=name,
        color=color,
        time_zone=time_zone,
        refresh_minutes=_minutes(refresh),
        events=[
            ReadEvent(
                **_common_of_icalendar(event),
                start=_iso(event.decoded("DTSTART")),
                end=_iso(event.decoded("DTEND")) if "DTEND" in event else None,
                duration_minutes=_minutes(event.decoded("DURATION")) if "DURATION" in event else None,
                transparency=str(event["TRANSP"]),
            )
            for event in calendar.walk("VEVENT")
        ],
        todos=[
            ReadTodo(
                **_common_of_icalendar(todo),
                due=_iso(todo.decoded("DUE")) if "DUE" in todo else None,
                status=str(todo["STATUS"]),
                completed=_iso(todo.decoded("COMPLETED")) if "COMPLETED" in todo else None,
                percent=todo.get("PERCENT-COMPLETE"),
            )
            for todo in calendar.walk("VTODO")
        ],
    )


def _common_of_icalendar(component: Any) -> dict[str, Any]:
    return {
        "uid": str(component["UID"]),
        "summary": str(component["SUMMARY"]),
        "description": str(component["DESCRIPTION"]) if "DESCRIPTION" in component else None,
        "stamp": _iso(component.decoded("DTSTAMP")),
        "modified": _iso(component.decoded("LAST-MODIFIED")),
        "sequence": component.decoded("SEQUENCE"),
        "categories": [str(each) for each in component["CATEGORIES"].cats] if "CATEGORIES" in component else [],
        "priority": component.get("PRIORITY"),
        "alarms": [
            ReadAlarm(
                action=str(alarm["ACTION"]),
                description=str(alarm["DESCRIPTION"]),
                minutes_before=-(_minutes(alarm["TRIGGER"].dt) or 0),
                related=alarm["TRIGGER"].params.get("RELATED", "START"),
            )
            for alarm in component.walk("VALARM")
        ],
    }


def read_with_ical(body: bytes) -> ReadCalendar:
    """What the Python library `ical` reads.

    It splits categories at escaped commas too, forgets RELATED, and puts floating times into X-WR-TIMEZONE.
    """
    calendar: Any = IcsCalendarStream.calendar_from_ics(body.decode())
    assert len(calendar.name) <= 1

    def iso(value: Any) -> str:
        floats = calendar.x_wr_timezone and getattr(getattr(value, "tzinfo", None), "key", "") == calendar.x_wr_timezone
        return _iso(value.replace(tzinfo=None) if floats else value)

    return ReadCalendar(
        prodid=calendar.prodid,
        name=calendar.name[0] if calendar.name else None,
        color=calendar.color,
        time_zone=calendar.x_wr_timezone,
        refresh_minutes=_minutes(calendar.refresh_interval),
        events=[
            ReadEvent(
                **_common_of_ical(event, event.alarm),
                start=iso(event.dtstart),
                end=iso(event.dtend) if event.dtend else None,
                duration_minutes=_minutes(event.duration),
                transparency=event.transparency,
            )
            for event in calendar.events
        ],
        todos=[
            ReadTodo(
                **_common_of_ical(todo, todo.alarms),
                due=iso(todo.due) if todo.due else None,
                status=todo.status.value,
                completed=_iso(todo.completed) if todo.completed else None,
                percent=next((int(each.value) for each in todo.extras if each.name == "percent-complete"), None),
            )
            for todo in calendar.todos
        ],
    )


def _common_of_ical(component: Any, alarms: list[Any]) -> dict[str, Any]:
    return {
        "uid": component.uid,
        "summary": component.summary,
        "description": component.description,
        "stamp": _iso(component.dtstamp),
        "modified": _iso(component.last_modified),
        "sequence": component.sequence,
        "categories": None,
        "priority": component.priority,
        "alarms": [
            ReadAlarm(alarm.action, alarm.description, -(_minutes(alarm.trigger) or 0), related=None)
            for alarm in alarms
        ],
    }


def _minutes(duration: timedelta | None) -> int | None:
    if duration is None:
        return None
    minutes, rest = divmod(duration, timedelta(minutes=1))
    assert not rest
    return minutes


def _iso(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    offset = value.utcoffset()
    assert not offset, f"{value!r} is neither floating nor in UTC"
    return value.replace(tzinfo=None).isoformat() + ("" if offset is None else "Z")
