"""The todos behind the golden files; run as a module it writes the files anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from todo.ics import CalendarTodo, render, todos_from_payload

FOLDER = Path(__file__).parent
CHANGED = datetime(2026, 4, 1, 12, 34, 56, 789_000)


class Arguments(NamedTuple):
    """What `todo.ics.render` is called with."""

    todos: list[CalendarTodo]
    uid_suffix: str = "@3f2b8a52-6f0e-4d6e-9f5a-0c9a4e1b7d21"
    name: str | None = None
    time_zone: str | None = None


def _text(number: int, title: str, description: str | None = None) -> CalendarTodo:
    return CalendarTodo(number, title, description, datetime(2026, 5, 1, 10), "local", CHANGED, 0)


def _local(number: int, title: str, at: datetime) -> CalendarTodo:
    return CalendarTodo(number, title, None, at, "local", CHANGED, number)


CALENDARS = {
    "empty.ics": Arguments([CalendarTodo(1, "Some day", None, None, None, CHANGED, 0)]),
    "kinds.ics": Arguments(
        [
            CalendarTodo(1, "Whole day", "", datetime(2026, 5, 1), "date", CHANGED, 0),
            CalendarTodo(2, "Wherever I am", None, datetime(2026, 5, 1, 9, 30), "local", CHANGED, 1),
            CalendarTodo(3, "One moment for all", "In UTC.", datetime(2026, 5, 1, 7), "instant", CHANGED, 2),
            CalendarTodo(4, "No deadline, no event", "Left out.", None, None, CHANGED, 3),
            CalendarTodo(5, "Fraction cut off", None, datetime(2026, 5, 1, 9, 59, 59, 999_999), "local", CHANGED, 4),
            CalendarTodo(6, "First year", None, datetime(1, 1, 1), "date", datetime(1, 1, 1), 2**31 - 1),
            CalendarTodo(7, "Last second", None, datetime(9999, 12, 31, 23, 59, 59), "instant", CHANGED, 0),
        ]
    ),
    "zone.ics": Arguments(
        [
            CalendarTodo(1, "A day has no zone", None, datetime(2026, 5, 1), "date", CHANGED, 0),
            CalendarTodo(2, "An instant needs none", None, datetime(2026, 5, 1, 10), "instant", CHANGED, 0),
            _local(3, "Winter, 10:00 UTC", datetime(2026, 1, 1, 11)),
            _local(4, "Summer, 09:00 UTC", datetime(2026, 7, 1, 11)),
            _local(5, "Skipped in spring, 01:30 UTC", datetime(2026, 3, 29, 2, 30)),
            _local(6, "Twice in autumn, the first is 00:30 UTC", datetime(2026, 10, 25, 2, 30)),
            _local(7, "Before the first year in UTC, so it floats", datetime(1, 1, 1)),
            _local(8, "Still the last year in UTC", datetime(9999, 12, 31, 23, 59, 59)),
        ],
        name="Hjem, arbejde; og \\ resten",
        time_zone="Europe/Copenhagen",
    ),
    "texts.ics": Arguments(
        [
            _text(1, "Milk; bread, butter \\ cheese: \"all\" of it", "First line\nsecond\r\nthird\rfourth\n"),
            _text(2, "A backslash and an n: \\n, a line break:\n.", "\\\\n \\; \\,"),
            _text(3, "x" * 67, "y" * 63),  # 75 octets with their names: whole; one more, and they are folded
            _text(4, "x" * 68, "y" * 64),
            _text(5, "x" * 66 + ";", "x" * 62 + "\n\n" + "y" * 72 + ",,"),  # an escape stays on one line
            _text(6, "Smørrebrød " * 8, "Ærø, Ø, Å. " * 30),
            _text(7, "👩\u200d👩\u200d👧\u200d👦 🇩🇰 👍🏽 " * 5, "Ze\u0301 " * 30),
            _text(8, "שלום עולם " * 6, "مرحبا بالعالم " * 10 + "\u202egnp.exe"),
            _text(9, "日本語の長い題名です" * 5, "Two breaks that are none here:\u2028and\u2029."),
            _text(10, "Controls \x00\x07\x0b\x1b[31m\x7f\x85\x9f go, \t stays", "No UTF-8: \ud800 \udfff"),
            _text(11, "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:stolen", "\nBEGIN:VALARM\nTRIGGER:-PT5M\n"),
            _text(12, "", "  spaces at both ends  "),
        ],
        name="Opgaver 📌",
    ),
    "payload.ics": Arguments(
        todos_from_payload(
            [
                {
                    "id": 1,
                    "title": "Finish the practical",
                    "description": "All of it, also the last page",
                    "completed": False,
                    "deadline_at": "2023-04-03T14:00:00",
                    "created_at": "2023-03-28T07:00:00",
                    "updated_at": "2023-03-29T08:15:30.123456",
                },
                {"id": 2, "title": "Not dated", "deadline_at": None},
                {"id": "a-3", "title": "Offset", "deadline_at": "2023-04-03T14:00:00+10:00", "sequence": 4},
            ]
        ),
        uid_suffix="",
    ),
}  # fmt: skip


def write() -> None:
    """Write each golden file as the renderer makes it now."""
    for name, arguments in CALENDARS.items():
        (FOLDER / name).write_bytes(render(**arguments._asdict()))


if __name__ == "__main__":
    write()
