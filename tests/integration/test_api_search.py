"""Which todos `GET /todos` answers with: filters, the window of days, text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.integration.api import Api

MARGIN = timedelta(hours=1)


def wall_clock(zone: str | None = None) -> datetime:
    return datetime.now(ZoneInfo(zone) if zone else None).replace(tzinfo=None)


def test_without_filters_all_come_newest_first(api: Api) -> None:
    for title in ("first", "second", "third"):
        api.todo(title)
    assert api.titles() == ["third", "second", "first"]


def test_an_empty_list_is_an_empty_array(api: Api) -> None:
    answer = api.get("/todos")
    assert (answer.status_code, answer.json, answer.mimetype) == (200, [], "application/json")


def test_completed_tells_finished_from_open(api: Api) -> None:
    api.todo("open")
    api.todo("finished", completed=True)
    assert api.titles("?completed=true") == ["finished"]
    assert api.titles("?completed=false") == ["open"]


def test_a_window_holds_what_is_due_within_so_many_days_and_what_is_overdue(api: Api) -> None:
    now = wall_clock()
    api.todo("within", deadline_at=(now + timedelta(days=5) - MARGIN).isoformat())
    api.todo("beyond", deadline_at=(now + timedelta(days=5) + MARGIN).isoformat())
    api.todo("overdue", deadline_at="2001-01-01T00:00:00")
    api.todo("undated")
    assert api.titles("?window=5") == ["overdue", "within"]
    assert api.titles("?window=6") == ["overdue", "beyond", "within"]


def test_a_window_of_no_days_holds_what_is_overdue(api: Api) -> None:
    api.todo("overdue", deadline_at=(wall_clock() - MARGIN).isoformat())
    api.todo("due", deadline_at=(wall_clock() + MARGIN).isoformat())
    assert api.titles("?window=0") == ["overdue"]


def test_a_window_holds_the_days_it_reaches(api: Api) -> None:
    today = wall_clock().date()
    api.todo("today", deadline_at=today.isoformat())
    api.todo("in two days", deadline_at=(today + timedelta(days=2)).isoformat())
    api.todo("in four days", deadline_at=(today + timedelta(days=4)).isoformat())
    assert api.titles("?window=2") == ["in two days", "today"]


def test_the_longest_window_reaches_a_century(api: Api) -> None:
    api.todo("far", deadline_at="9999-12-31")
    api.todo("near", deadline_at="2030-01-01")
    assert api.titles("?window=36500") == ["near"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_local_deadlines_are_due_by_the_clock_of_the_lists_zone(api: Api, zone: str) -> None:
    api.patch("/lists/1", {"time_zone": zone})
    limit = wall_clock(zone) + timedelta(days=1)
    api.todo("within", deadline_at=(limit - MARGIN).isoformat())
    api.todo("beyond", deadline_at=(limit + MARGIN).isoformat())
    assert api.titles("?window=1") == ["within"]


@pytest.mark.parametrize("zone", [None, "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_instants_are_due_at_the_same_time_whatever_the_lists_zone(api: Api, zone: str | None) -> None:
    api.patch("/lists/1", {"time_zone": zone})
    limit = datetime.now(UTC) + timedelta(days=1)
    api.todo("within", deadline_at=(limit - MARGIN).isoformat())
    api.todo("beyond", deadline_at=(limit + MARGIN).isoformat())
    assert api.titles("?window=1") == ["within"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("milk", "Buy MILK today"),
        ("MILK", "buy milk"),
        ("ärger", "Viel Ärger"),
        ("ÄRGER", "viel ärger"),
        ("ПРИВЕТ", "скажи привет"),
        ("ωμέγα", "ΩΜΈΓΑ"),
        ("日本", "東京は日本の首都"),
        ("👩‍👧", "family 👩‍👧 day"),
        ("a\tb", "a\tb"),
        ("a&b=c#d+e", "a&b=c#d+e"),
    ],
)
def test_text_is_found_in_titles_and_descriptions_whatever_its_case(api: Api, text: str, found: str) -> None:
    api.todo(found)
    api.todo("described", description=f"… {found} …")
    api.todo("neither", description="nothing of it")
    assert api.titles(f"?q={quote(text)}") == ["described", found]


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "/", "*", "?", "[a]", "^", "'", '"', "%%", "\\%", "/%", "\\_"])
def test_what_is_a_wildcard_elsewhere_is_plain_text(api: Api, wildcard: str) -> None:
    api.todo(f"x{wildcard}y")
    api.todo("xay")
    api.todo("x y")
    assert api.titles(f"?q={quote(wildcard, safe='')}") == [f"x{wildcard}y"]


def test_an_empty_text_finds_all(api: Api) -> None:
    api.todo("one")
    assert api.titles("?q=") == ["one"]


def test_a_text_may_be_as_long_as_a_title(api: Api) -> None:
    api.todo("x" * 255)
    assert api.titles(f"?q={'x' * 255}") == ["x" * 255]


def test_line_breaks_in_a_text_are_those_of_the_todos(api: Api) -> None:
    api.todo("a\r\nb")
    assert api.titles("?q=a%0D%0Ab") == api.titles("?q=a%0Ab") == ["a\nb"]


def test_filters_narrow_each_other(api: Api) -> None:
    api.todo("milk", completed=True, deadline_at="2001-01-01")
    api.todo("milk, open", deadline_at="2001-01-01")
    api.todo("milk, undated", completed=True)
    api.todo("bread", completed=True, deadline_at="2001-01-01")
    assert api.titles("?q=milk&completed=true&window=1") == ["milk"]


def test_parameters_that_mean_nothing_here_are_left_alone(api: Api) -> None:
    api.todo("one")
    assert api.titles("?utm_source=letter") == ["one"]


def test_sorting_by_deadline_puts_the_undated_last_both_ways(api: Api) -> None:
    for title, deadline in [("undated", None), ("late", "2027-01-01"), ("early", "2026-01-01T10:00:00Z")]:
        api.todo(title, deadline_at=deadline)
    assert api.titles("?sort=deadline_at") == ["early", "late", "undated"]
    assert api.titles("?sort=-deadline_at") == ["late", "early", "undated"]


def test_sorting_by_creation_goes_both_ways(api: Api) -> None:
    for title in ("first", "second"):
        api.todo(title)
    assert api.titles("?sort=created_at") == ["first", "second"]
    assert api.titles("?sort=-created_at") == ["second", "first"]


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "deadline_at", "-deadline_at"])
def test_equals_keep_the_order_they_were_made_in(api: Api, sort: str) -> None:
    made = datetime(2026, 1, 1)
    api.add(*[{"title": str(n), "created_at": made, "deadline_at": made} for n in range(5)])
    assert api.titles(f"?sort={sort}") == ["0", "1", "2", "3", "4"]
