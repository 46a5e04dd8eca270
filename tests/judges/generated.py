"""Todos of every kind for hypothesis, leaning towards what writers and readers of calendars have got wrong."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import strategies as st

from tests.golden.calendars import Arguments
from todo.ics import CalendarTodo, Look

PITFALLS = [
    # line breaks, blanks, and what is escaped or looks escaped
    *("\n", "\r\n", "\r", "\n\n", "\n\t", "\r\n ATTENDEE:x", "\t", " ", "   "),
    *(";", ",", "\\", "\\\\", "\\n", "\\N", "\\;", '"', ":", "=", "|", "^n", "%2C"),
    # controls, some of which Python takes for line breaks
    *("\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x1c", "\x7f", "\x85", "\x9f"),
    # no controls, but treated as such here and there; the ends of Unicode
    *("\u2028", "\u2029", "\u00a0", "\u200b", "\ufeff", "\ufffe", "\uffff", "\U0010ffff"),
    # lone surrogates, and a pair of them, which is no character in Python
    *("\ud800", "\udfff", "\ud83d\ude00"),
    # emoji, combining characters, right to left, three octets each
    *("👩\u200d👩\u200d👧\u200d👦", "🇩🇰", "👍🏽", "e\u0301", "Z\u0351\u036b\u0343"),
    *("שלום", "مرحبا", "\u202egnp.exe", "日本語"),
    # attempts to break out of the event
    *("BEGIN:VEVENT", "END:VCALENDAR", "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:stolen\r\n"),
]
PIECES = st.lists(st.sampled_from(PITFALLS) | st.text(max_size=40) | st.characters(), max_size=30).map("".join)
LONG_TEXTS = st.builds(lambda text, times: (text * times)[:10_000], PIECES, st.integers(1, 10_000))
TODAY = date(2026, 5, 1)
EDGES = [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)]
NEAR = st.datetimes(datetime(2026, 4, 25), datetime(2026, 5, 7))  # so that windows have ends to get wrong
TIMES = NEAR | st.datetimes() | st.sampled_from(EDGES)
TODOS = st.builds(
    CalendarTodo,
    id=st.integers() | PIECES.filter(bool),
    title=PIECES.map(lambda text: text[:255]),
    description=st.none() | PIECES | LONG_TEXTS,
    deadline_at=st.none() | TIMES,
    deadline_kind=st.sampled_from(["date", "local", "instant"]),
    updated_at=TIMES,
    sequence=st.integers(0, 2**31 - 1),
    completed=st.booleans(),
    completed_at=st.none() | TIMES,
    priority=st.integers(0, 9),
    tags=st.lists(PIECES.map(lambda text: text[:50].replace("\n", "")), max_size=5).map("\n".join),
)
DAYS = st.none() | st.integers(0, 6) | st.sampled_from([0, 4_000_000, 10**30])
LOOKS = st.builds(
    Look,
    completed=st.sampled_from([None, None, True, False]),
    text=st.sampled_from([None, None, None, "", "e", "E", "SS", "\n"]),
    past_days=DAYS,
    future_days=DAYS,
    finished=st.sampled_from(["show", "mark", "hide"]),
    finished_days=DAYS,
    show_as=st.sampled_from(["events", "todos", "both"]),
    all_day=st.booleans(),
    alarm_minutes=st.none() | st.integers(0, 100_000),
    busy_only=st.booleans(),
)
ARGUMENTS = st.builds(
    Arguments,
    todos=st.lists(TODOS, max_size=4),
    uid_suffix=st.sampled_from(["", "@3f2b8a52-6f0e-4d6e-9f5a-0c9a4e1b7d21"]),
    name=st.none() | PIECES,
    time_zone=st.none() | st.sampled_from(["Europe/Copenhagen", "America/St_Johns", "Pacific/Apia"]),
    look=st.just(Look()) | LOOKS,
    today=st.just(TODAY) | st.dates(),
    subscribed=st.booleans(),
    color=st.none() | st.sampled_from(["red", "RebeccaPurple"]),
)
