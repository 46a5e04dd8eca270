"""What foreign readers find in a calendar, in one form for all of them; knows nothing of our renderer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import icalendar
from ical.calendar_stream import IcsCalendarStream
from icalendar.parser import unescape_backslash


class ReadEvent(NamedTuple):
    """One event as a reader gives it.

    Times are ISO 8601 in whole seconds: a bare date, a floating time, or UTC with a `Z`.
    """

    uid: str
    summary: str
    description: str | None
    start: str
    stamp: str
    modified: str
    sequence: int
    transparency: str


class ReadCalendar(NamedTuple):
    """A calendar as a reader gives it, with its events in the file's order."""

    prodid: str
    name: str | None
    events: list[ReadEvent]


Judge = Callable[[bytes], ReadCalendar]


def read_with_icalendar(body: bytes) -> ReadCalendar:
    """What the Python library `icalendar` reads; anything that it had to repair fails."""
    calendar = icalendar.Calendar.from_ical(body)
    assert calendar.errors == []
    # It takes NAME for an unknown property, so the value keeps its escapes.
    name, older_name = (
        unescape_backslash(str(calendar[key])) if key in calendar else None for key in ("NAME", "X-WR-CALNAME")
    )
    assert name == older_name
    events = []
    for event in calendar.walk("VEVENT"):
        assert event.errors == []
        events.append(
            ReadEvent(
                uid=str(event["UID"]),
                summary=str(event["SUMMARY"]),
                description=str(event["DESCRIPTION"]) if "DESCRIPTION" in event else None,
                start=_iso(event.decoded("DTSTART")),
                stamp=_iso(event.decoded("DTSTAMP")),
                modified=_iso(event.decoded("LAST-MODIFIED")),
                sequence=event.decoded("SEQUENCE"),
                transparency=str(event["TRANSP"]),
            )
        )
    return ReadCalendar(str(calendar["PRODID"]), name, events)


def read_with_ical(body: bytes) -> ReadCalendar:
    """What the Python library `ical` reads."""
    calendar = IcsCalendarStream.calendar_from_ics(body.decode())
    assert len(calendar.name) <= 1
    events = []
    for event in calendar.events:
        # The library allows events without these; ours have them.
        assert event.summary is not None
        assert event.dtstart is not None
        assert event.last_modified is not None
        assert event.sequence is not None
        assert event.transparency is not None
        events.append(
            ReadEvent(
                uid=event.uid,
                summary=event.summary,
                description=event.description,
                start=_iso(event.dtstart),
                stamp=_iso(event.dtstamp),
                modified=_iso(event.last_modified),
                sequence=event.sequence,
                transparency=event.transparency,
            )
        )
    return ReadCalendar(calendar.prodid, calendar.name[0] if calendar.name else None, events)


def _iso(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    offset = value.utcoffset()
    assert not offset, f"{value!r} is neither floating nor in UTC"
    return value.replace(tzinfo=None).isoformat() + ("" if offset is None else "Z")
