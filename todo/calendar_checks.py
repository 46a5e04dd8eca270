"""What may be wrong inside of a calendar; an independent parser reads it, and what trips apps up is looked for.

Pure: bytes in, checks out. The parser is never given a VTIMEZONE: it would work out all of its transitions, which for
`FREQ=SECONDLY` is billions, and remember the zone for every calendar read after this one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from icalendar import Component
from icalendar.prop import vBroken

from todo.calendar_octets import Check, count, shown
from todo.calendar_outline import Outline, unfolded

_WITH_UID = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
NOW_SECONDS = 5  # between a DTSTAMP and the moment of the answer, for "it is always now"

_DTSTAMP = re.compile(rb"^DTSTAMP[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_DEFINED_TZID = re.compile(r"^TZID(?:;[^:\r\n]*)?:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_RDATE = re.compile(r"^RDATE[;:]", re.IGNORECASE | re.MULTILINE)
_TZID = re.compile(r'^[A-Z-]+;(?:[^:\r\n]*;)?TZID=("[^"\r\n]*"|[^;:,\r\n]*)', re.IGNORECASE | re.MULTILINE)


class Entry(NamedTuple):
    """What is wanted of an event or a to-do. Values that the parser refused are None; `properties` has their names."""

    kind: str
    properties: frozenset[str]
    uid: str | None
    occurrence: str  # RECURRENCE-ID, empty without: one occurrence of a series has its UID, on purpose
    stamp: date | None
    start: date | None  # also a datetime
    end: date | None


class Read(NamedTuple):
    """What the parser made of the pieces: entries in their order, and an error for each value it could not read."""

    entries: list[Entry]
    errors: list[str]


def read(pieces: Iterable[bytes]) -> Read:
    """Each piece by itself, so that a broken one spoils no other. Never raises."""
    entries: list[Entry] = []
    errors: list[str] = []
    for piece in pieces:
        try:
            component = Component.from_ical(piece)
            entry = _entry(component)
            refused = [error for inside in component.walk() for error in inside.errors]
        except Exception as error:  # whatever it is, the parser cannot read this: that is the finding
            errors.append(shown(error or type(error).__name__))
            continue
        errors += (f"{shown(name or 'a line')} ({shown(reason)})" for name, reason in refused)
        if entry.kind in _WITH_UID:
            entries.append(entry)
    return Read(entries, errors)


def _entry(component: Component) -> Entry:
    def value(name: str) -> Any:
        found = component.get(name)
        found = found[0] if isinstance(found, list) else found
        return None if isinstance(found, vBroken) else found

    def time(name: str) -> date | None:
        at = getattr(value(name), "dt", None)
        return at if isinstance(at, date) else None

    uid = value("UID")
    return Entry(
        str(component.name),
        frozenset(str(name).upper() for name in component),
        None if uid is None else str(uid),
        str(time("RECURRENCE-ID") or ""),
        time("DTSTAMP"),
        time("DTSTART"),
        time("DTEND"),
    )


def check_content(
    found: Outline, parsed: Read, body: bytes, second_body: bytes | None, *, now: datetime
) -> Iterator[Check]:
    """What the components that were read say.

    `now` is when the answer was made; `second_body` that of a second fetch, if any.
    """
    entries = parsed.entries
    events = [entry for entry in entries if entry.kind == "VEVENT"]
    yield _parses(found, parsed)
    yield from _calendar_properties(found)
    yield _kinds(found)
    yield _required(entries)
    yield _duplicates(entries)
    yield _ends(events)
    yield _lengths(events)
    yield from _zones(found)
    yield _stamps(entries, body, second_body, now)
    if alarms := found.kinds["VALARM"]:
        message = f"{count(alarms, 'alarm')}: every subscriber's phone rings, if the app keeps them."
        yield Check("alarms", "warning", message, "Leave VALARM out, unless the subscriber asked for it.")


def _parses(found: Outline, parsed: Read) -> Check:
    if found.broken:
        message = f"It is not put together properly: {found.broken}."
        return Check("parses", "problem", message, "Every BEGIN needs its END; was the answer cut off?")
    if parsed.errors:
        message = f"A parser refuses {count(len(parsed.errors), 'value')}, first: {parsed.errors[0]}."
        return Check("parses", "problem", message, "Write values as RFC 5545, 3.3, has them.")
    if found.too_long:
        message = f"{count(found.too_long, 'component')} too long to be checked; attachments may be the reason."
        return Check("parses", "warning", message, "Link to attachments instead of sending them along.")
    message = "A parser of another make (icalendar) reads it without errors"
    if len(found.pieces) < found.total:
        message += f" (checked {len(found.pieces):,} of {found.total:,} components)"
    return Check("parses", "ok", f"{message}.")


def _calendar_properties(found: Outline) -> Iterator[Check]:
    missing = [name for name in ("VERSION", "PRODID") if property_of(found, name) is None]
    if missing:
        message = f"The calendar has no {' and no '.join(missing)}."
        yield Check("calendar", "problem", message, "Both must be there (RFC 5545, 3.6).")
    elif found.calendars > 1:
        message = f"The file holds {found.calendars:,} calendars; some apps read only the first."
        yield Check("calendar", "warning", message, "Put everything into one VCALENDAR.")
    else:
        yield Check("calendar", "ok", "VERSION and PRODID are there.")
    method = property_of(found, "METHOD")
    if method is not None and method.upper() != "PUBLISH":
        message = f"Its METHOD is {shown(method)}, which makes it an invitation instead of a feed."
        yield Check("method", "warning", message, "Leave METHOD out, or write PUBLISH.")


def _kinds(found: Outline) -> Check:
    events, todos = found.kinds["VEVENT"], found.kinds["VTODO"]
    if events:
        return Check("kinds", "ok", f"It holds {count(events, 'event')}.")
    if todos:
        message = f"It holds {count(todos, 'VTODO')} and no event; Google Calendar and Outlook show nothing."
        return Check("kinds", "warning", message, "Write a VEVENT for what has a date (nextcloud/server#38036).")
    return Check("kinds", "warning", "It holds no event.", "Fine for a new calendar; else look at what makes it.")


def _required(entries: list[Entry]) -> Check:
    events = [entry for entry in entries if entry.kind == "VEVENT"]
    for name, those in (("UID", entries), ("DTSTAMP", entries), ("DTSTART", events)):
        without = [entry for entry in those if name not in entry.properties]
        if without:
            message = f"{count(len(without), 'component')} without {name}{_first(without)}."
            return Check(
                "required", "problem", message, "Every event needs UID, DTSTAMP and DTSTART (RFC 5545, 3.6.1)."
            )
    return Check("required", "ok", "UID, DTSTAMP and DTSTART are there.")


def _duplicates(entries: list[Entry]) -> Check:
    named = [entry for entry in entries if entry.uid is not None]
    counts = Counter((entry.kind, entry.uid, entry.occurrence) for entry in named)
    again = [entry for entry in named if counts[entry.kind, entry.uid, entry.occurrence] > 1]
    if again:
        message = f"{count(len(again), 'component')} with a UID that others have too{_first(again)}."
        return Check("duplicates", "problem", message, "One UID, one event: apps show one of them or none.")
    return Check("duplicates", "ok", "No UID comes twice.")


def _ends(events: list[Entry]) -> Check:
    early, empty, mixed = [], [], []
    for event in events:
        start, end = event.start, event.end
        if start is None or end is None:
            continue
        if isinstance(start, datetime) != isinstance(end, datetime):
            mixed.append(event)
        elif _is_before(end, start):
            early.append(event)
        elif end == start and not isinstance(start, datetime):
            empty.append(event)
    if early:
        message = f"{count(len(early), 'event')} with a DTEND before DTSTART{_first(early)}."
        return Check("ends", "problem", message, "DTEND comes later than DTSTART (RFC 5545, 3.6.1).")
    if empty:
        message = f"{count(len(empty), 'all-day event')} with DTEND on the day of DTSTART{_first(empty)}."
        return Check("ends", "problem", message, "DTEND is the day after the last one, or left out (RFC 5545, 3.6.1).")
    if mixed:
        message = f"{count(len(mixed), 'event')} from a date to a time or the other way round{_first(mixed)}."
        return Check("ends", "problem", message, "DTSTART and DTEND are of one type (RFC 5545, 3.8.2.2).")
    return Check("ends", "ok", "No event ends before it starts.")


def _lengths(events: list[Entry]) -> Check:
    points = [
        event
        for event in events
        if isinstance(event.start, datetime)
        and (event.end == event.start or not event.properties & {"DTEND", "DURATION"})
    ]
    if points:
        message = f"{count(len(points), 'event')} at a time, but of no length{_first(points)}."
        hint = "Apps draw these as a thin line or as 30 to 60 minutes; give them a DTEND or DURATION to choose."
        return Check("lengths", "warning", message, hint)
    return Check("lengths", "ok", "Every event has a length.")


def _zones(found: Outline) -> Iterator[Check]:
    used = {name.strip('"') for piece in found.pieces for name in _TZID.findall(unfolded(piece))}
    defined = {name.strip() for zone in found.time_zones for name in _DEFINED_TZID.findall(zone)}
    # A name that begins with a solidus is globally known and needs no definition (RFC 5545, 3.2.19).
    missing = sorted(name for name in used - defined if not name.startswith("/"))
    if missing:
        message = f"{count(len(missing), 'time zone')} used but not defined: {shown(', '.join(missing))}."
        yield Check(
            "zones", "problem", message, "Add a VTIMEZONE for each TZID (RFC 5545, 3.2.19), or write UTC times."
        )
    elif any(_RDATE.search(zone) for zone in found.time_zones):
        message = "A VTIMEZONE lists its changes as RDATE, which Outlook is reported to misread."
        yield Check("zones", "warning", message, "Write the rule as RRULE (iCalcreator#106), or write UTC times.")
    elif used:
        yield Check("zones", "ok", f"Every time zone is defined: {shown(', '.join(sorted(used)))}.")
    else:
        yield Check("zones", "ok", "No time refers to a time zone.")


def _stamps(entries: list[Entry], body: bytes, second_body: bytes | None, now: datetime) -> Check:
    hint = "DTSTAMP is when the event was last changed; as the time of the request it makes every answer look new."
    if second_body not in (None, body) and _DTSTAMP.sub(b"", body) == _DTSTAMP.sub(b"", second_body or b""):
        return Check("stamps", "warning", "Two answers differ in nothing but DTSTAMP.", hint)
    stamps = [entry.stamp for entry in entries if isinstance(entry.stamp, datetime)]
    apart = [abs(now - (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC))) for stamp in stamps]
    # A single event may well have been changed just now.
    if len(apart) > 1 and max(apart) <= timedelta(seconds=NOW_SECONDS):
        return Check("stamps", "warning", "Every DTSTAMP is the moment of the answer.", hint)
    return Check("stamps", "ok", "DTSTAMP is not simply the moment of the answer.")


def property_of(found: Outline, name: str) -> str | None:
    """The value of a property of the calendar itself, None without it."""
    match = re.search(rf"^{name}(?:;[^:\r\n]*)?:([^\r\n]*)", found.properties, re.IGNORECASE | re.MULTILINE)
    return match[1].strip() if match else None


def _is_before(one: date, other: date) -> bool:
    try:
        return one < other
    except TypeError:  # a floating time and a fixed one have no order
        return False


def _first(entries: list[Entry]) -> str:
    """Which one it is, to look it up."""
    return f" (first: {shown(entries[0].uid)})" if entries[0].uid else ""
