from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings

from tests.golden.calendars import Arguments, make
from tests.judges.generated import ARGUMENTS, PITFALLS
from todo.deadlines import Kind
from todo.ics import TAIL, CalendarTodo, components, head, render

DAY = datetime(2026, 5, 1)


def todo(
    todo_id: int | str = 1,
    title: str = "Milk",
    description: str | None = None,
    deadline_at: datetime | None = DAY,
    deadline_kind: Kind = "local",
    updated_at: datetime = DAY,
    sequence: int = 0,
) -> CalendarTodo:
    return CalendarTodo(todo_id, title, description, deadline_at, deadline_kind, updated_at, sequence)


def values(body: bytes, name: str) -> list[str]:
    """What follows `name` on the unfolded lines, the `:` or `;` included."""
    lines = body.decode().replace("\r\n ", "").split("\r\n")
    return [line.removeprefix(name) for line in lines if re.match(rf"{name}[:;]", line)]


def test_a_calendar_without_todos_is_still_a_calendar() -> None:
    assert render([]) == (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Taskoverflow Calendar//mxm.dk//\r\n"
        b"CALSCALE:GREGORIAN\r\nEND:VCALENDAR\r\n"
    )


def test_an_event_has_what_the_todo_has() -> None:
    body = render(
        [todo(7, "Milk", "Two litres", datetime(2023, 4, 3, 14), "local", datetime(2023, 4, 1, 9, 8, 7, 6), 3)]
    )
    assert body.split(b"CALSCALE:GREGORIAN\r\n")[1] == (
        b"BEGIN:VEVENT\r\nUID:7\r\nDTSTAMP:20230401T090807Z\r\nLAST-MODIFIED:20230401T090807Z\r\nSEQUENCE:3\r\n"
        b"SUMMARY:Milk\r\nDTSTART:20230403T140000\r\nDURATION:PT30M\r\nDESCRIPTION:Two litres\r\n"
        b"TRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_events_stand_in_the_order_given_and_undated_todos_are_left_out() -> None:
    todos = (todo(each, deadline_at=None if each == 2 else DAY) for each in (3, 1, 2, 9))
    assert values(render(todos), "UID") == [":3", ":1", ":9"]


def test_a_row_of_a_database_is_a_todo() -> None:
    row = (1, "Milk", None, DAY, "local", DAY, 0, 0, None, 0, "")
    assert render([row]) == render([todo()])  # type: ignore[list-item]  # a plain "local" is a str for mypy


@pytest.mark.parametrize("description", [None, "", "\x00\x1b"])
def test_there_is_no_description_without_text(description: str | None) -> None:
    assert values(render([todo(description=description)]), "DESCRIPTION") == []


@pytest.mark.parametrize("name", [None, "", "\x07"])
def test_a_calendar_without_a_name_has_no_name_property(name: str | None) -> None:
    assert b"NAME" not in render([], name=name)


def test_a_name_stands_in_both_properties_that_apps_read() -> None:
    body = render([], name="Home; work, all")
    assert values(body, "NAME") == values(body, "X-WR-CALNAME") == [r":Home\; work\, all"]


@pytest.mark.parametrize(
    ("at", "kind", "start"),
    [
        (datetime(2026, 5, 1), "date", ";VALUE=DATE:20260501"),
        (datetime(2026, 5, 1, 10), "local", ":20260501T100000"),
        (datetime(2026, 5, 1, 10, 59, 59, 999_999), "instant", ":20260501T105959Z"),
        (datetime(1, 2, 3, 4, 5, 6), "local", ":00010203T040506"),
        (datetime(987, 2, 3), "date", ";VALUE=DATE:09870203"),
    ],
)
def test_a_deadline_starts_its_event_as_the_kind_it_is(at: datetime, kind: Kind, start: str) -> None:
    assert values(render([todo(deadline_at=at, deadline_kind=kind)]), "DTSTART") == [start]


@pytest.mark.parametrize(
    ("zone", "at", "kind", "start"),
    [
        ("Europe/Copenhagen", datetime(2026, 1, 1, 12), "local", ":20260101T110000Z"),
        ("Europe/Copenhagen", datetime(2026, 7, 1, 12), "local", ":20260701T100000Z"),
        ("Europe/Copenhagen", datetime(2026, 3, 29, 2, 30), "local", ":20260329T013000Z"),  # never on the clock
        ("Europe/Copenhagen", datetime(2026, 10, 25, 2, 30), "local", ":20261025T003000Z"),  # twice on the clock
        ("America/New_York", datetime(2026, 3, 8, 2, 30), "local", ":20260308T073000Z"),
        ("Asia/Kathmandu", datetime(2026, 1, 1, 12), "local", ":20260101T061500Z"),
        ("UTC", datetime(1, 1, 1), "local", ":00010101T000000Z"),
        ("Europe/Copenhagen", datetime(2026, 1, 1), "date", ";VALUE=DATE:20260101"),
        ("Europe/Copenhagen", datetime(2026, 1, 1, 12), "instant", ":20260101T120000Z"),
        ("Asia/Tokyo", datetime(1, 1, 1, 3), "local", ":00010101T030000"),
        ("America/New_York", datetime(9999, 12, 31, 23), "local", ":99991231T230000"),
    ],
)
def test_a_zone_makes_instants_of_local_deadlines_alone(zone: str, at: datetime, kind: Kind, start: str) -> None:
    body = render([todo(deadline_at=at, deadline_kind=kind)], time_zone=zone)
    assert values(body, "DTSTART") == [start]


@pytest.mark.parametrize(
    ("at", "kind", "end"),
    [
        (datetime(2026, 5, 1), "date", "DTEND;VALUE=DATE:20260502"),  # exclusive: RFC 5545, 3.6.1
        (datetime(2026, 12, 31), "date", "DTEND;VALUE=DATE:20270101"),
        (datetime(9999, 12, 30), "date", "DTEND;VALUE=DATE:99991231"),
        (datetime(9999, 12, 31), "date", ""),  # no year 10000 can be written
        (datetime(2026, 5, 1, 10), "local", "DURATION:PT30M"),
        (datetime(2026, 5, 1, 10), "instant", "DURATION:PT30M"),
        (datetime(9999, 12, 31, 23, 29, 59), "local", "DURATION:PT30M"),
        (datetime(9999, 12, 31, 23, 30), "local", ""),
        (datetime(9999, 12, 31, 23, 30), "instant", ""),
    ],
)
def test_an_event_lasts_so_that_it_can_be_seen(at: datetime, kind: Kind, end: str) -> None:
    body = render([todo(deadline_at=at, deadline_kind=kind)])
    after_start = body.split(b"DTSTART")[1].split(b"\r\n", 1)[1]
    assert after_start.removesuffix(b"TRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").decode() == (
        f"{end}\r\n" if end else ""
    )


def test_the_head_of_a_feed_says_what_apps_ask_for() -> None:
    assert head(name="Home", color="Teal", time_zone="Europe/Berlin") == (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Taskoverflow Calendar//mxm.dk//\r\nCALSCALE:GREGORIAN\r\n"
        b"NAME:Home\r\nX-WR-CALNAME:Home\r\nCOLOR:Teal\r\nX-APPLE-CALENDAR-COLOR:#008080\r\n"
        b"X-WR-TIMEZONE:Europe/Berlin\r\nREFRESH-INTERVAL;VALUE=DURATION:PT15M\r\nX-PUBLISHED-TTL:PT15M\r\n"
    )


def test_a_color_without_a_known_hex_value_is_given_by_its_name_alone() -> None:
    assert head(color="rebeccapurple", subscribed=False).endswith(b"GREGORIAN\r\nCOLOR:rebeccapurple\r\n")


def test_a_file_is_a_head_that_nobody_comes_back_to_its_components_and_the_tail() -> None:
    todos, zone = [todo(1), todo(2, deadline_kind="date")], "Europe/Berlin"
    shown = list(components(todos, uid_suffix="@x", time_zone=zone))
    assert len(shown) == 2
    assert render(todos, uid_suffix="@x", name="Home", time_zone=zone) == (
        head(name="Home", time_zone=zone, subscribed=False) + b"".join(shown) + TAIL
    )


def test_an_unknown_zone_is_an_error_and_no_calendar() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        render([], time_zone="Europe/Atlantis")


def test_a_text_cannot_leave_its_property() -> None:
    attack = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:stolen\r\n\x0bATTENDEE:mailto:a"
    body = render([todo(title=attack, description=attack, todo_id=attack)], uid_suffix=attack, name=attack)
    lines = body.decode().replace("\r\n ", "").split("\r\n")
    assert [line for line in lines if line.startswith(("BEGIN", "END", "UID:stolen", "ATTENDEE"))] == [
        *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR")
    ]


@pytest.mark.parametrize(("length", "lines"), [(67, [75]), (68, [75, 2]), (67 + 74, [75, 75]), (67 + 75, [75, 75, 2])])
def test_a_line_is_folded_only_when_it_has_to_be(length: int, lines: list[int]) -> None:
    folded = render([todo(title="x" * length)]).split(b"SUMMARY")[1].split(b"\r\nDTSTART")[0].split(b"\r\n")
    assert [len(line) for line in folded] == [lines[0] - len("SUMMARY"), *lines[1:]]


@pytest.mark.parametrize("character", ["é", "日", "😀"])
@pytest.mark.parametrize("place", range(60, 70))
def test_a_character_stays_on_one_line_and_fills_it(character: str, place: int) -> None:
    lines = list(physical_lines(render([todo(title="x" * place + character * 60)])))
    width = len(character.encode())
    for line, next_line in pairwise(lines):
        if next_line.startswith(" "):
            assert 75 - width < len(line.encode()) <= 75


@pytest.mark.parametrize("escaped", ["\\", ";", ",", "\n"])
@pytest.mark.parametrize("place", range(60, 80))
def test_an_escape_stays_on_one_line(escaped: str, place: int) -> None:
    for line in physical_lines(render([todo(title="x" * place + escaped * 100)])):
        backslashes = len(line) - len(line.rstrip("\\"))
        assert backslashes % 2 == 0


@given(ARGUMENTS)
@settings(max_examples=150, deadline=None)
def test_every_line_is_short_clean_and_readable_alone(arguments: Arguments) -> None:
    for line in physical_lines(make(arguments)):
        assert not re.search(r"[\x00-\x08\n-\x1f\x7f-\x9f]", line)


@pytest.mark.parametrize("pitfall", PITFALLS, ids=ascii)
def test_no_pitfall_spoils_a_line(pitfall: str) -> None:
    body = render([todo(title="x" * place + pitfall, description=pitfall * 5000) for place in range(80)])
    for line in physical_lines(body):
        assert not re.search(r"[\x00-\x08\n-\x1f\x7f-\x9f]", line)


def physical_lines(body: bytes) -> Iterator[str]:
    """The lines as they stand in the file, each checked for its break, its length and its own UTF-8."""
    *lines, rest = body.split(b"\r\n")
    assert rest == b""
    for line in lines:
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        yield line.decode()
