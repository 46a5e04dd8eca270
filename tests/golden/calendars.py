"""The todos behind the golden files; run as a module it writes the files anew."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from todo.ics import TAIL, CalendarTodo, Look, components, head, render, todos_from_payload

FOLDER = Path(__file__).parent
CHANGED = datetime(2026, 4, 1, 12, 34, 56, 789_000)


class Arguments(NamedTuple):
    """What a calendar is made from. `color` is for those that are subscribed to."""

    todos: list[CalendarTodo]
    uid_suffix: str = "@3f2b8a52-6f0e-4d6e-9f5a-0c9a4e1b7d21"
    name: str | None = None
    time_zone: str | None = None
    look: Look = Look()
    today: date | None = None
    subscribed: bool = False
    color: str | None = None


def make(arguments: Arguments) -> bytes:
    """The calendar: put together from its parts when it is subscribed to, else in one go."""
    todos, uid_suffix, name, time_zone, look, today, subscribed, color = arguments
    if not subscribed:
        return render(todos, look=look, uid_suffix=uid_suffix, name=name, time_zone=time_zone, today=today)
    shown = components(todos, look=look, uid_suffix=uid_suffix, time_zone=time_zone, today=today)
    return head(name=name, color=color, time_zone=time_zone) + b"".join(shown) + TAIL


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
    "google.ics": Arguments(
        [
            CalendarTodo(1, "Seen, because it lasts", None, datetime(2026, 5, 1, 10), "local", CHANGED, 0),
            CalendarTodo(2, "A whole day", None, datetime(2026, 5, 1), "date", CHANGED, 0),
            CalendarTodo(3, "Paid", None, datetime(2026, 5, 2, 10), "local", CHANGED, 1, True, CHANGED, 1, "bill\nown"),
            CalendarTodo(4, "x" * 66 + "\n", "An escape stays on one line.", datetime(2026, 5, 3), "date", CHANGED, 0),
        ],
        name="Tasks",
        time_zone="Europe/Berlin",
        subscribed=True,
    ),
    "apple.ics": Arguments(
        [
            CalendarTodo(1, "With an alarm", "Bring it", datetime(2026, 5, 1, 10), "local", CHANGED, 0),
            CalendarTodo(2, "Finished, no alarm", None, datetime(2026, 5, 1, 11), "local", CHANGED, 1, True, CHANGED),
            CalendarTodo(3, "A day, alarm the evening before", None, datetime(2026, 5, 2), "date", CHANGED, 0),
        ],
        name="Aufgaben 📌",
        time_zone="Europe/Berlin",
        look=Look(alarm_minutes=60),
        subscribed=True,
        color="teal",
    ),
    "outlook.ics": Arguments(
        [
            CalendarTodo(1, "The first of May, only that", None, datetime(2026, 5, 1, 22), "local", CHANGED, 0),
            CalendarTodo(2, "The second in Berlin", None, datetime(2026, 5, 1, 22), "instant", CHANGED, 0),
            CalendarTodo(3, "End of February", None, datetime(2028, 2, 28), "date", CHANGED, 0, tags="a, b\nc; d\\"),
            CalendarTodo(4, "The last day has no next", None, datetime(9999, 12, 31), "date", CHANGED, 0),
            CalendarTodo(5, "Folded", "x" * 62 + "\n" + "y" * 71 + ",", datetime(2026, 5, 2), "date", CHANGED, 0),
        ],
        name="Tasks",
        time_zone="Europe/Berlin",
        look=Look(all_day=True),
        subscribed=True,
    ),
    "thunderbird.ics": Arguments(
        [
            CalendarTodo(1, "Open", "Due, not starting", datetime(2026, 5, 1, 10), "local", CHANGED, 0, priority=1),
            CalendarTodo(2, "Done", None, datetime(2026, 5, 1), "date", CHANGED, 1, True, datetime(2026, 4, 1), 9, "a"),
            CalendarTodo(3, "Done, who knows when", None, datetime(2026, 5, 1), "instant", CHANGED, 1, True),
            CalendarTodo(4, "Some day", None, None, None, CHANGED, 0),
        ],
        time_zone="Europe/Berlin",
        look=Look(show_as="todos", alarm_minutes=0),
        subscribed=True,
    ),
    "busy.ics": Arguments(
        [
            CalendarTodo(1, "Secret", "No", datetime(2026, 5, 1, 10), "local", CHANGED, 0, False, None, 1, "secret"),
            CalendarTodo(2, "Secret, done", None, datetime(2026, 5, 1), "date", CHANGED, 0, True, CHANGED, 0, "secret"),
        ],
        look=Look(show_as="both", busy_only=True, alarm_minutes=10),
        subscribed=True,
    ),
    "window.ics": Arguments(
        [
            CalendarTodo(1, "Overdue for years", None, datetime(2020, 1, 1), "date", CHANGED, 0),
            CalendarTodo(2, "Finished too long before", None, datetime(2026, 4, 29), "date", CHANGED, 0, True, CHANGED),
            CalendarTodo(3, "Finished, the first day", None, datetime(2026, 4, 30), "date", CHANGED, 0, True, CHANGED),
            CalendarTodo(4, "Already the last day in Berlin", None, datetime(2026, 5, 2, 22), "instant", CHANGED, 0),
            CalendarTodo(5, "A day late in Berlin", None, datetime(2026, 5, 3, 22), "instant", CHANGED, 0),
            CalendarTodo(6, "Undated", None, None, None, CHANGED, 0),
        ],
        time_zone="Europe/Berlin",
        look=Look(past_days=1, future_days=2, show_as="both"),
        today=date(2026, 5, 1),
    ),
}  # fmt: skip


def write() -> None:
    """Write each golden file as the renderer makes it now."""
    for name, arguments in CALENDARS.items():
        (FOLDER / name).write_bytes(make(arguments))


if __name__ == "__main__":
    write()
