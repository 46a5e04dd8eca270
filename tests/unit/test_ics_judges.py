"""Calendars put before foreign readers, which must read back exactly what went in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings

from tests.golden.calendars import CALENDARS, FOLDER, Arguments, make
from tests.judges.expected import expected
from tests.judges.generated import ARGUMENTS, PITFALLS
from tests.judges.icaljs import IcalJs
from tests.judges.readers import Judge, read_with_ical, read_with_icalendar
from todo.ics import CalendarTodo, Look


@pytest.fixture(scope="module")
def read_with_icaljs() -> Iterator[Judge]:
    with IcalJs() as judge:
        yield judge


@pytest.fixture(scope="module", params=["icalendar", "ical", "ical.js"])
def reader(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def judge(request: pytest.FixtureRequest, reader: str) -> Judge:
    if reader == "ical.js":
        icaljs: Judge = request.getfixturevalue("read_with_icaljs")
        return icaljs
    return {"icalendar": read_with_icalendar, "ical": read_with_ical}[reader]


@pytest.fixture
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@given(arguments=ARGUMENTS)
@settings(max_examples=150, deadline=None)
def test_a_judge_reads_back_exactly_what_went_in(judge: Judge, reader: str, arguments: Arguments) -> None:
    assert judge(make(arguments)) == expected(arguments, reader)


@pytest.mark.parametrize("pitfall", PITFALLS, ids=ascii)
def test_a_judge_reads_every_pitfall_at_every_place_of_a_line(judge: Judge, reader: str, pitfall: str) -> None:
    texts = [("x" * place + pitfall + "y", "x" * place + pitfall) for place in range(76)]
    texts.append((pitfall, (pitfall * 10_000)[:10_000]))
    day = datetime(2026, 5, 1)
    tag = pitfall.replace("\n", "")
    todos = [CalendarTodo(number, *text, day, "date", day, 0, tags=f"{tag}\nx") for number, text in enumerate(texts)]
    arguments = Arguments(todos, name=pitfall, look=Look(show_as="both", alarm_minutes=5))
    assert judge(make(arguments)) == expected(arguments, reader)


@pytest.mark.parametrize("name", CALENDARS)
def test_a_judge_reads_the_golden_files(judge: Judge, reader: str, name: str) -> None:
    assert judge((FOLDER / name).read_bytes()) == expected(CALENDARS[name], reader)


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_is_its_golden_file_octet_by_octet(name: str) -> None:
    assert make(CALENDARS[name]) == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("machine_zone", ["Asia/Tokyo", "America/New_York"], indirect=True)
def test_the_zone_that_the_machine_is_in_changes_nothing(machine_zone: str) -> None:
    for name, arguments in CALENDARS.items():
        assert make(arguments) == (FOLDER / name).read_bytes()


def test_every_golden_file_has_its_todos() -> None:
    assert {path.name for path in FOLDER.glob("*.ics")} == set(CALENDARS)
