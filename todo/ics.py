"""Calendars as text: todos in, RFC 5545 bytes out; reads no clock, no database, no network.

The same todos always give the same bytes, so a calendar's ETag changes exactly when its content does. That
is also why DTSTAMP is the todo's last change and not now. Plain string work instead of a calendar library:
rendering is what the product does all day, and this is over twenty times as fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from todo import deadlines
from todo.deadlines import Kind
from todo.errors import BadInput

PRODID = "-//Taskoverflow Calendar//mxm.dk//"
LINE_OCTETS = 75  # RFC 5545, 3.1: longest line without its line break
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - stored times are naive UTC
HIGHEST_SEQUENCE = 2**31 - 1  # RFC 5545, 3.3.8: integers have 32 bits

# What may not stand in a TEXT as it is (RFC 5545, 3.3.11): the escaped characters, every control but TAB, and
# lone surrogates, which have no UTF-8.
_SPECIAL = re.compile(r"[\x00-\x08\n-\x1f\x7f-\x9f\\;,\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TWO_DIGITS = [f"{number:02}" for number in range(60)]
_ESCAPED = {"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": r"\n"}


class CalendarTodo(NamedTuple):
    """What a calendar needs of a todo. Rows are passed as they come: a plain tuple in this order will do."""

    id: int | str
    title: str
    description: str | None
    deadline_at: datetime | None  # naive; `deadline_kind` says how to read it
    deadline_kind: Kind | None
    updated_at: datetime  # naive UTC
    sequence: int  # number of edits


TodoRow = CalendarTodo | tuple[int | str, str, str | None, datetime | None, Kind | None, datetime, int]


def render(
    todos: Iterable[TodoRow], *, uid_suffix: str = "", name: str | None = None, time_zone: str | None = None
) -> bytes:
    """A VCALENDAR with one VEVENT for each todo that has a deadline, in the order given; there may be none.

    The arguments are those of `calendar` and `events`, which make it.
    """
    return calendar(events(todos, uid_suffix=uid_suffix, time_zone=time_zone), name=name)


def calendar(vevents: Iterable[bytes], *, name: str | None = None) -> bytes:
    """A VCALENDAR of VEVENTs as `events` gives them. `name` is what calendar apps call the calendar."""
    parts = [f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nCALSCALE:GREGORIAN\r\n".encode()]
    if shown_name := _escape(name or ""):  # RFC 7986, 5.1, and the older property that more apps read
        parts += (_line(f"{key}:{shown_name}").encode() for key in ("NAME", "X-WR-CALNAME"))
    parts.extend(vevents)
    parts.append(b"END:VCALENDAR\r\n")
    return b"".join(parts)


def events(todos: Iterable[TodoRow], *, uid_suffix: str = "", time_zone: str | None = None) -> Iterator[bytes]:
    """The VEVENT of each todo that has a deadline, in the order given.

    `uid_suffix` follows the id in each UID and makes it unique in the world: `@` and an installation's UUID. With
    `time_zone`, an IANA name, local deadlines are instants there; without it they float. An unknown zone raises what
    `zoneinfo.ZoneInfo` does.
    """
    zone = ZoneInfo(time_zone) if time_zone else None
    suffix = _escape(uid_suffix)
    for todo_id, title, description, deadline_at, deadline_kind, updated_at, sequence in todos:
        if deadline_at is None:
            continue
        changed = _digits(updated_at)
        note = _escape(description) if description else ""
        event = (
            "BEGIN:VEVENT\r\n"
            f"{_line(f'UID:{_escape(str(todo_id))}{suffix}')}"
            f"DTSTAMP:{changed}Z\r\nLAST-MODIFIED:{changed}Z\r\nSEQUENCE:{sequence}\r\n"
            f"{_line(f'SUMMARY:{_escape(title)}')}"
            f"DTSTART{_start(deadline_at, deadline_kind, zone)}\r\n"
            f"{_line(f'DESCRIPTION:{note}') if note else ''}"
            "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"  # a deadline keeps nobody busy
        )
        yield event.encode()  # at once: a single emoji makes a joined text four times as large


def _escape(text: str) -> str:
    """`text` as a TEXT value; line breaks of any kind become one, other controls are dropped."""
    if _SPECIAL.search(text) is None:
        return text
    if _CONTROL.search(text) is None:  # the usual case, in which no function is called for each character found
        return text.replace("\\", r"\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
    return _SPECIAL.sub(_escape_one, text.replace("\r\n", "\n"))


def _escape_one(match: re.Match[str]) -> str:
    character = match[0]
    return _ESCAPED.get(character) or ("\ufffd" if character >= "\ud800" else "")


def _line(content: str) -> str:
    """`content` with its line break, folded so that no line has over 75 octets (RFC 5545, 3.1)."""
    if len(content) <= LINE_OCTETS and (content.isascii() or len(content.encode()) <= LINE_OCTETS):
        return f"{content}\r\n"
    octets = content.encode()
    lines = []
    start, room = 0, LINE_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # inside a character: its later octets all begin with the bits 10
            end -= 1
        piece = octets[start:end]
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:  # inside an escape: Outlook and Google misread it
            end -= 1
            piece = piece[:-1]
        lines.append(piece)
        start, room = end, LINE_OCTETS - 1  # the space that continues a line counts too
    lines.append(octets[start:])
    return b"\r\n ".join(lines).decode() + "\r\n"


def _digits(at: datetime) -> str:
    """`20230403T140000`: RFC 5545's form, without a fraction; years below 1000 have four digits too."""
    # Many todos share a day; putting the time together is three times as fast as formatting all of it.
    return f"{_day(at.toordinal())}T{_TWO_DIGITS[at.hour]}{_TWO_DIGITS[at.minute]}{_TWO_DIGITS[at.second]}"


@lru_cache(maxsize=4_096)
def _day(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _start(at: datetime, kind: Kind | None, zone: ZoneInfo | None) -> str:
    """What follows `DTSTART`. A local time that `zone` skips or repeats has the offset from before."""
    if kind == "date":
        return f";VALUE=DATE:{_digits(at)[:8]}"
    if kind == "instant":
        return f":{_digits(at)}Z"
    if zone is None:
        return f":{_digits(at)}"
    try:
        return f":{_digits(at.replace(tzinfo=zone).astimezone(UTC))}Z"
    except OverflowError:  # hours at either end of the years 1 to 9999 have no UTC: floating beats no calendar
        return f":{_digits(at)}"


def todos_from_payload(payload: object) -> list[CalendarTodo]:
    """The todos of a JSON list as the API writes them, in its order; undated ones are among them.

    Only `id` and `title` are required; unknown keys are left alone. A missing `updated_at` falls back to
    `created_at` and then to 1970, never to now. Raises `BadInput` naming the place: `[3].deadline_at`.
    """
    if not isinstance(payload, list):
        raise BadInput("A calendar is made from a list of todos.")
    return [_todo_from_payload(item, f"[{index}]") for index, item in enumerate(payload)]


def _todo_from_payload(item: object, place: str) -> CalendarTodo:
    if not isinstance(item, dict):
        raise BadInput("A todo is an object.", field=place)
    todo_id, title, description = item.get("id"), item.get("title"), item.get("description")
    if isinstance(todo_id, bool) or not isinstance(todo_id, int | str) or todo_id == "":
        raise BadInput("A todo's id is a number or a text.", field=f"{place}.id")
    if not isinstance(title, str):
        raise BadInput("A todo's title is a text.", field=f"{place}.title")
    if not isinstance(description, str | None):
        raise BadInput("A todo's description is a text or null.", field=f"{place}.description")
    sequence = 0 if item.get("sequence") is None else item["sequence"]
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not 0 <= sequence <= HIGHEST_SEQUENCE:
        raise BadInput("A todo's sequence is a number from 0 to 2147483647.", field=f"{place}.sequence")
    deadline = _deadline_from_payload(item, "deadline_at", place)
    created = _deadline_from_payload(item, "created_at", place)
    updated = _deadline_from_payload(item, "updated_at", place) or created
    return CalendarTodo(
        todo_id,
        title,
        description,
        deadline.at if deadline else None,
        deadline.kind if deadline else None,
        updated.at if updated else EPOCH,
        sequence,
    )


def _deadline_from_payload(item: dict[str, object], key: str, place: str) -> deadlines.Deadline | None:
    text = item.get(key)
    if text is None:
        return None
    if not isinstance(text, str):
        raise BadInput(f"A todo's {key} is a text or null.", field=f"{place}.{key}")
    try:
        return deadlines.parse(text)
    except ValueError as error:
        raise BadInput(str(error), field=f"{place}.{key}") from None
