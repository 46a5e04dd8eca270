"""What a feed's look shows of a list, and as what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.golden.calendars import Arguments, make
from tests.judges.generated import ARGUMENTS
from todo.deadlines import Kind
from todo.ics import CalendarTodo, Look, components, render

TODAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 12)
OPEN = CalendarTodo(1, "Milk", None, NOON, "local", NOON, 0)
FINISHED = OPEN._replace(id=2, completed=True, completed_at=NOON)
UNDATED = OPEN._replace(id=3, deadline_at=None, deadline_kind=None)


def ids(look: Look, *todos: CalendarTodo, today: date | None = TODAY, time_zone: str | None = None) -> list[str]:
    """The UIDs of the calendar's components."""
    body = render(todos, look=look, today=today, time_zone=time_zone).decode()
    return re.findall("^UID:(.*)\r", body, re.MULTILINE)


def lines(look: Look, todo: CalendarTodo, *, time_zone: str | None = None) -> list[str]:
    """The unfolded lines of a todo's components."""
    return b"".join(components([todo], look=look, time_zone=time_zone, today=TODAY)).decode().split("\r\n")[:-1]


def days_off(days: int, kind: Kind = "date", *, completed: bool = False) -> CalendarTodo:
    return OPEN._replace(deadline_at=NOON + timedelta(days=days), deadline_kind=kind, completed=completed)


@pytest.mark.parametrize(("completed", "shown"), [(None, ["1", "2"]), (True, ["2"]), (False, ["1"])])
def test_a_look_shows_finished_todos_or_open_ones(completed: bool | None, shown: list[str]) -> None:
    assert ids(Look(completed=completed), OPEN, FINISHED) == shown


def test_completed_may_be_a_databases_number() -> None:
    row = (*FINISHED[:7], 1, *FINISHED[8:])
    assert b"".join(components([row], look=Look(completed=True))) != b""  # type: ignore[list-item]  # 1 is an int
    assert b"".join(components([row], look=Look(completed=False))) == b""  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ["1", "2"]),
        ("MILK", ["1"]),
        ("straße", ["2"]),
        ("STRASSE", ["2"]),
        ("FUSS", ["2"]),
        ("%", []),
        ("milkfrom", []),  # title and description are two texts
    ],
)
def test_a_text_is_looked_for_in_title_and_description(text: str, shown: list[str]) -> None:
    todos = OPEN._replace(description="from the shop"), OPEN._replace(id=2, title="Zu Fuß", description="Lange Straße")
    assert ids(Look(text=text), *todos) == shown


@pytest.mark.parametrize("kind", ["date", "local", "instant"])
@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize(
    ("look", "days", "shown"),
    [
        (Look(past_days=2), -3, "open"),
        (Look(past_days=2), -2, "both"),
        (Look(past_days=2), 4000, "both"),
        (Look(past_days=0), 0, "both"),
        (Look(past_days=0), -1, "open"),
        (Look(future_days=2), 2, "both"),
        (Look(future_days=2), 3, "neither"),
        (Look(future_days=2), -4000, "both"),
        (Look(future_days=0), 0, "both"),
        (Look(future_days=0), 1, "neither"),
        (Look(past_days=1, future_days=1), -2, "open"),
        (Look(past_days=1, future_days=1), 2, "neither"),
    ],
)
def test_a_window_counts_whole_days_and_keeps_what_is_overdue(
    look: Look, days: int, shown: str, kind: Kind, completed: bool
) -> None:
    expected = ["1"] if shown == "both" or (shown == "open" and not completed) else []
    assert ids(look, days_off(days, kind, completed=completed)) == expected


@pytest.mark.parametrize(
    ("time_zone", "at", "kind", "day"),
    [
        (None, datetime(2026, 5, 1, 23), "instant", date(2026, 5, 1)),
        ("Europe/Berlin", datetime(2026, 5, 1, 22), "instant", date(2026, 5, 2)),
        ("Europe/Berlin", datetime(2026, 5, 1, 21, 59), "instant", date(2026, 5, 1)),
        ("America/New_York", datetime(2026, 5, 1, 3), "instant", date(2026, 4, 30)),
        ("America/New_York", datetime(2026, 5, 1, 3), "local", date(2026, 5, 1)),
        ("America/New_York", datetime(2026, 5, 1), "date", date(2026, 5, 1)),
    ],
)
def test_a_deadlines_day_is_its_own_or_an_instants_in_the_lists_zone(
    time_zone: str | None, at: datetime, kind: Kind, day: date
) -> None:
    todo = OPEN._replace(deadline_at=at, deadline_kind=kind)
    assert ids(Look(future_days=0), todo, today=day, time_zone=time_zone) == ["1"]
    assert ids(Look(future_days=0), todo, today=day - timedelta(days=1), time_zone=time_zone) == []
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}" in lines(Look(all_day=True), todo, time_zone=time_zone)


@pytest.mark.parametrize(("days", "shown"), [(0, []), (1, []), (2, ["2"]), (10**30, ["2"]), (None, ["2"])])
def test_finished_todos_leave_after_their_days(days: int | None, shown: list[str]) -> None:
    assert ids(Look(finished_days=days), FINISHED._replace(completed_at=datetime(2026, 4, 29, 23, 59))) == shown


def test_finished_days_are_those_of_the_lists_zone() -> None:
    todo = FINISHED._replace(completed_at=datetime(2026, 4, 30, 23))
    assert ids(Look(finished_days=0), todo) == []
    assert ids(Look(finished_days=0), todo, time_zone="Europe/Berlin") == ["2"]


def test_open_todos_and_undated_ones_stay_whatever_finished_days_say() -> None:
    look = Look(finished_days=0, show_as="todos")
    assert ids(look, days_off(-400), UNDATED._replace(completed_at=datetime(2020, 1, 1))) == ["1-todo", "3-todo"]


def test_without_the_time_of_finishing_the_last_change_counts() -> None:
    todo = FINISHED._replace(completed_at=None, updated_at=datetime(2026, 4, 29, 8))
    assert ids(Look(finished_days=1), todo) == []
    assert ids(Look(finished_days=2), todo) == ["2"]
    assert "COMPLETED:20260429T080000Z" in lines(Look(show_as="todos"), todo)


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        (Look(), []),
        (Look(show_as="todos"), ["3-todo"]),
        (Look(show_as="both"), ["3-todo"]),
        (Look(show_as="todos", past_days=10**6), []),
        (Look(show_as="todos", future_days=10**6), []),
        (Look(show_as="todos", finished_days=0), ["3-todo"]),
    ],
)
def test_undated_todos_are_no_events_and_in_no_window(look: Look, shown: list[str]) -> None:
    assert ids(look, UNDATED) == shown


@pytest.mark.parametrize("setting", ["past_days", "future_days", "finished_days"])
def test_a_look_that_changes_with_time_needs_to_know_today(setting: str) -> None:
    look = Look(**{setting: 0})  # type: ignore[arg-type]  # mypy takes it for any of the fields
    assert look.changes_with_time
    with pytest.raises(ValueError, match="today"):
        render([OPEN], look=look)


def test_other_looks_do_not_change_with_time() -> None:
    assert not Look().changes_with_time
    assert not Look(completed=True, text="x", finished="hide", all_day=True, alarm_minutes=5).changes_with_time


@pytest.mark.parametrize(
    ("look", "summary"),
    [
        (Look(), ["SUMMARY:✓ Milk"]),
        (Look(finished="mark", show_as="todos"), ["SUMMARY:Milk"]),  # its status says so
        (Look(finished="mark", show_as="both"), ["SUMMARY:✓ Milk", "SUMMARY:Milk"]),
        (Look(finished="show"), ["SUMMARY:Milk"]),
        (Look(finished="hide"), []),
        (Look(finished="hide", completed=True), []),
    ],
)
def test_finished_todos_are_marked_shown_or_hidden(look: Look, summary: list[str]) -> None:
    assert [line for line in lines(look, FINISHED) if line.startswith("SUMMARY")] == summary


def test_open_todos_have_no_mark() -> None:
    assert "SUMMARY:Milk" in lines(Look(), OPEN)


def test_a_todo_may_be_an_event_and_a_todo_under_two_names() -> None:
    look = Look(show_as="both")
    assert ids(look, OPEN, UNDATED, FINISHED) == ["1", "1-todo", "3-todo", "2", "2-todo"]
    assert len(list(components([OPEN, UNDATED], look=look))) == 2
    assert b"\r\nUID:1-todo@x\r\n" in render([OPEN], look=look, uid_suffix="@x")


def test_a_vtodo_has_what_the_todo_has() -> None:
    todo = OPEN._replace(
        description="Two litres", updated_at=datetime(2026, 4, 1), sequence=3, priority=1, tags="a\nb,"
    )
    assert lines(Look(show_as="todos"), todo) == [
        *("BEGIN:VTODO", "UID:1-todo", "DTSTAMP:20260401T000000Z", "LAST-MODIFIED:20260401T000000Z", "SEQUENCE:3"),
        *("SUMMARY:Milk", "DUE:20260501T120000", "DESCRIPTION:Two litres", "CATEGORIES:a,b\\,", "PRIORITY:1"),
        *("STATUS:NEEDS-ACTION", "END:VTODO"),
    ]


def test_a_finished_vtodo_says_so_in_every_way() -> None:
    assert lines(Look(show_as="todos"), FINISHED._replace(completed_at=datetime(2026, 4, 30, 9)))[-5:] == [
        *("DUE:20260501T120000", "STATUS:COMPLETED", "COMPLETED:20260430T090000Z", "PERCENT-COMPLETE:100"),
        "END:VTODO",
    ]


@pytest.mark.parametrize(
    ("kind", "time_zone", "due"),
    [
        ("date", "Europe/Berlin", "DUE;VALUE=DATE:20260501"),
        ("local", None, "DUE:20260501T120000"),
        ("local", "Europe/Berlin", "DUE:20260501T100000Z"),
        ("instant", "Europe/Berlin", "DUE:20260501T120000Z"),
    ],
)
def test_a_vtodo_is_due_when_an_event_would_start(kind: Kind, time_zone: str | None, due: str) -> None:
    assert due in lines(Look(show_as="todos"), OPEN._replace(deadline_kind=kind), time_zone=time_zone)


def test_all_day_leaves_the_day_alone() -> None:
    found = lines(Look(all_day=True, show_as="both"), OPEN)
    assert [line for line in found if line.startswith(("DTSTART", "DTEND", "DUE", "DURATION"))] == [
        *("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260502", "DUE;VALUE=DATE:20260501")
    ]


@pytest.mark.parametrize(
    ("tags", "categories"),
    [("", []), ("a", ["CATEGORIES:a"]), ("a, b\nc;d", [r"CATEGORIES:a\, b,c\;d"]), ("\x07\n\n", [])],
)
def test_tags_are_categories(tags: str, categories: list[str]) -> None:
    assert [line for line in lines(Look(), OPEN._replace(tags=tags)) if line.startswith("CATEGORIES")] == categories


@pytest.mark.parametrize(("priority", "found"), [(0, []), (1, ["PRIORITY:1"]), (9, ["PRIORITY:9"])])
def test_a_priority_is_given_unless_there_is_none(priority: int, found: list[str]) -> None:
    shown = lines(Look(), OPEN._replace(priority=priority))
    assert [line for line in shown if line.startswith("PRIORITY")] == found


@pytest.mark.parametrize(("minutes", "before"), [(0, "PT0M"), (15, "-PT15M"), (10_080, "-PT10080M")])
def test_an_alarm_rings_before_an_event_starts_and_before_a_todo_is_due(minutes: int, before: str) -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Milk"]
    assert lines(Look(alarm_minutes=minutes), OPEN)[-6:] == [*alarm, f"TRIGGER:{before}", "END:VALARM", "END:VEVENT"]
    assert lines(Look(alarm_minutes=minutes, show_as="todos"), OPEN)[-6:] == [
        *(*alarm, f"TRIGGER;RELATED=END:{before}", "END:VALARM", "END:VTODO")  # RFC 5545, 3.8.6.3: it has no start
    ]


@pytest.mark.parametrize(
    ("look", "todo"),
    [
        (Look(show_as="both"), OPEN),
        (Look(show_as="both", alarm_minutes=5), FINISHED),
        (Look(show_as="both", alarm_minutes=5), UNDATED),
    ],
)
def test_no_alarm_without_asking_nor_for_what_is_finished_or_undated(look: Look, todo: CalendarTodo) -> None:
    assert "BEGIN:VALARM" not in lines(look, todo)


@given(ARGUMENTS, st.sampled_from(["events", "todos", "both"]))
@settings(max_examples=100, deadline=None)
def test_times_without_text_tell_nothing_else(
    arguments: Arguments, show_as: Literal["events", "todos", "both"]
) -> None:
    """The calendar of todos with secrets is, octet by octet, that of the same todos without any text."""
    look = replace(arguments.look, text=None, busy_only=True, show_as=show_as)
    bare = [todo._replace(title="", description=None, priority=0, tags="") for todo in arguments.todos]
    body = make(arguments._replace(look=look))
    assert body == make(arguments._replace(look=look, todos=bare))
    assert {line for line in body.split(b"\r\n") if line.startswith(b"SUMMARY")} <= {b"SUMMARY:Busy"}


@pytest.mark.parametrize(("todo", "kept_busy"), [(OPEN, True), (FINISHED, False)])
def test_only_what_is_open_and_has_a_time_keeps_busy(todo: CalendarTodo, kept_busy: bool) -> None:
    expected = "OPAQUE" if kept_busy else "TRANSPARENT"
    assert f"TRANSP:{expected}" in lines(Look(busy_only=True), todo)
    assert "TRANSP:TRANSPARENT" in lines(Look(busy_only=True, all_day=True), todo)
    assert "TRANSP:TRANSPARENT" in lines(Look(), todo)


def test_of_an_event_and_a_todo_only_the_event_has_the_alarm() -> None:
    assert lines(Look(show_as="both", alarm_minutes=5), OPEN).count("BEGIN:VALARM") == 1


@given(ARGUMENTS)
@settings(max_examples=100, deadline=None)
def test_the_components_of_each_todo_are_those_of_it_alone(arguments: Arguments) -> None:
    """So a build may render a list in parts, and remember them."""

    def of(*todos: CalendarTodo) -> list[bytes]:
        _, suffix, _, time_zone, look, today, *_ = arguments
        return list(components(todos, look=look, uid_suffix=suffix, time_zone=time_zone, today=today))

    assert of(*arguments.todos) == [component for todo in arguments.todos for component in of(todo)]
