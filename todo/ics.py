"""Calendars as text: todos in, RFC 5545 bytes out; reads no clock, no database, no network.

The same todos always give the same bytes, so a calendar's ETag changes exactly when its content does. That
is also why DTSTAMP is the todo's last change and not now. No TZID is ever written, so no VTIMEZONE is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from todo import deadlines
from todo.deadlines import Kind
from todo.errors import BadInput
from todo.ics_text import day_digits, day_of, digits, escape, line, time_value
from todo.look import DEFAULT_LOOK, CalendarTodo, Look, TodoRow, shown

__all__ = ["TAIL", "CalendarTodo", "Look", "TodoRow", "components", "head", "render", "todos_from_payload"]

PRODID = "-//Taskoverflow Calendar//mxm.dk//"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - stored times are naive UTC
HIGHEST_SEQUENCE = 2**31 - 1  # RFC 5545, 3.3.8: integers have 32 bits
HIGHEST_PRIORITY = 9  # RFC 5545, 3.8.1.9

TAIL = b"END:VCALENDAR\r\n"
"""What ends a calendar."""

# CSS 2.1's colors, for Apple's property, which holds no names; a color that is not among them does without it.
_HEX_COLORS = {
    "aqua": "00FFFF",
    "black": "000000",
    "blue": "0000FF",
    "fuchsia": "FF00FF",
    "gray": "808080",
    "green": "008000",
    "lime": "00FF00",
    "maroon": "800000",
    "navy": "000080",
    "olive": "808000",
    "orange": "FFA500",
    "purple": "800080",
    "red": "FF0000",
    "silver": "C0C0C0",
    "teal": "008080",
    "white": "FFFFFF",
    "yellow": "FFFF00",
}
_OPEN = "STATUS:NEEDS-ACTION\r\n"


def render(
    todos: Iterable[TodoRow],
    *,
    look: Look = DEFAULT_LOOK,
    uid_suffix: str = "",
    name: str | None = None,
    time_zone: str | None = None,
    today: date | None = None,
) -> bytes:
    """A whole calendar as a file, which nobody subscribes to; it may show nothing.

    The arguments are those of its parts, `head` and `components`.
    """
    body = components(todos, look=look, uid_suffix=uid_suffix, time_zone=time_zone, today=today)
    return b"".join([head(name=name, time_zone=time_zone, subscribed=False), *body, TAIL])


def head(
    *, name: str | None = None, color: str | None = None, time_zone: str | None = None, subscribed: bool = True
) -> bytes:
    """What begins a calendar. `name` is what apps call it, `color` one of CSS by name.

    One that is `subscribed` to also says how often to look again.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN"]
    if shown_name := escape(name or ""):  # RFC 7986, 5.1, and the older property that more apps read
        lines += [f"NAME:{shown_name}", f"X-WR-CALNAME:{shown_name}"]
    if color:  # RFC 7986, 5.9
        lines.append(f"COLOR:{escape(color)}")
        if hex_color := _HEX_COLORS.get(color.lower()):
            lines.append(f"X-APPLE-CALENDAR-COLOR:#{hex_color}")
    if time_zone:
        lines.append(f"X-WR-TIMEZONE:{escape(time_zone)}")
    if subscribed:  # RFC 7986, 5.7, and Outlook's
        lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"]
    return "".join(map(line, lines)).encode()


def components(
    todos: Iterable[TodoRow],
    *,
    look: Look = DEFAULT_LOOK,
    uid_suffix: str = "",
    time_zone: str | None = None,
    today: date | None = None,
) -> Iterator[bytes]:
    """The VEVENT, VTODO or both of each todo that `look` shows, in the order given; nothing for the others.

    `uid_suffix` follows the id in each UID and makes it unique in the world: `@` and an installation's UUID. With
    `time_zone`, an IANA name, local deadlines are instants there; without it they float. An unknown zone raises what
    `zoneinfo.ZoneInfo` does. `today` is the date in that zone: a look that changes with time raises ValueError
    without it.
    """
    zone = ZoneInfo(time_zone) if time_zone else None
    suffix = escape(uid_suffix)
    as_event, as_todo = look.show_as != "todos", look.show_as != "events"
    busy_only, all_day, minutes = look.busy_only, look.all_day, look.alarm_minutes
    mark = "✓ " if look.finished == "mark" and not busy_only else ""
    before = f"-PT{minutes}M" if minutes else "PT0M"
    for row in shown(todos, look, zone, today):
        todo_id, title, description, at, kind, updated_at, sequence, completed, completed_at, priority, tags = row
        if busy_only:
            title, description, priority, tags = "Busy", None, 0, ""
        if all_day and at is not None:
            at, kind = datetime.fromordinal(day_of(at, kind, zone)), "date"
        uid = escape(str(todo_id))
        summary = escape(title)
        changed = digits(updated_at)
        stamps = f"DTSTAMP:{changed}Z\r\nLAST-MODIFIED:{changed}Z\r\nSEQUENCE:{sequence}\r\n"
        note = escape(description) if description else ""
        more = line(f"DESCRIPTION:{note}") if note else ""
        if tags or priority:
            more += _labels(tags, priority)
        alarmed = minutes is not None and not completed and at is not None
        text = ""
        if as_event and at is not None:
            when = time_value(at, kind, zone)
            # A deadline keeps nobody busy, unless that is all the calendar tells; a whole day, or what is done, never.
            transparency = "OPAQUE" if busy_only and kind != "date" and not completed else "TRANSPARENT"
            text = (
                f"BEGIN:VEVENT\r\n{line(f'UID:{uid}{suffix}')}{stamps}"
                f"{line(f'SUMMARY:{mark}{summary}' if completed else f'SUMMARY:{summary}')}"
                f"DTSTART{when}\r\n{_end(at, kind, when)}{more}TRANSP:{transparency}\r\n"
                f"{_alarm(summary, f'TRIGGER:{before}') if alarmed else ''}END:VEVENT\r\n"
            )
        if as_todo:
            due = "" if at is None else f"DUE{time_value(at, kind, zone)}\r\n"
            text += (
                # Its own UID: an app that reads two components of one takes them for versions of each other.
                f"BEGIN:VTODO\r\n{line(f'UID:{uid}-todo{suffix}')}{stamps}{line(f'SUMMARY:{summary}')}{due}{more}"
                f"{_completed(completed_at or updated_at) if completed else _OPEN}"
                f"{_alarm(summary, f'TRIGGER;RELATED=END:{before}') if alarmed and not as_event else ''}END:VTODO\r\n"
            )
        if text:
            yield text.encode()  # at once: a single emoji makes a joined text four times as large


def _completed(at: datetime) -> str:
    return f"STATUS:COMPLETED\r\nCOMPLETED:{digits(at)}Z\r\nPERCENT-COMPLETE:100\r\n"  # apps go by any of the three


def _end(at: datetime, kind: Kind | None, when: str) -> str:
    """The end of an event, which apps want: exclusive for a day, half an hour that can be seen for a time.

    Nothing when it would be in the year 10000, which cannot be written.
    """
    if kind != "date":
        return "DURATION:PT30M\r\n" if when < ":99991231T2330" else ""
    return f"DTEND;VALUE=DATE:{day_digits(at.toordinal() + 1)}\r\n" if at.date() < date.max else ""


def _labels(tags: str, priority: int) -> str:
    categories = ",".join(filter(None, map(escape, tags.split("\n"))))
    return (line(f"CATEGORIES:{categories}") if categories else "") + (f"PRIORITY:{priority}\r\n" if priority else "")


def _alarm(summary: str, trigger: str) -> str:
    return f"BEGIN:VALARM\r\nACTION:DISPLAY\r\n{line(f'DESCRIPTION:{summary}')}{trigger}\r\nEND:VALARM\r\n"


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
    completed = False if item.get("completed") is None else item["completed"]
    if not isinstance(completed, bool):
        raise BadInput("A todo's completed is true, false or null.", field=f"{place}.completed")
    tags = [] if item.get("tags") is None else item["tags"]
    if not isinstance(tags, list) or not all(isinstance(tag, str) and "\n" not in tag for tag in tags):
        raise BadInput("A todo's tags are a list of texts of one line.", field=f"{place}.tags")
    deadline = _deadline_from_payload(item, "deadline_at", place)
    created = _deadline_from_payload(item, "created_at", place)
    updated = _deadline_from_payload(item, "updated_at", place) or created
    completion = _deadline_from_payload(item, "completed_at", place)
    return CalendarTodo(
        todo_id,
        title,
        description,
        deadline.at if deadline else None,
        deadline.kind if deadline else None,
        updated.at if updated else EPOCH,
        _number_from_payload(item, "sequence", HIGHEST_SEQUENCE, place),
        completed,
        completion.at if completion else None,
        _number_from_payload(item, "priority", HIGHEST_PRIORITY, place),
        "\n".join(tags),
    )


def _number_from_payload(item: dict[str, object], key: str, highest: int, place: str) -> int:
    number = item.get(key)
    if number is None:
        return 0
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= highest:
        raise BadInput(f"A todo's {key} is a number from 0 to {highest}.", field=f"{place}.{key}")
    return number


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
