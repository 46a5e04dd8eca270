from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.deadlines import Deadline, Kind, parse, to_text

OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)


@pytest.mark.parametrize(
    ("text", "at", "kind"),
    [
        ("2026-05-01", datetime(2026, 5, 1), "date"),
        ("0001-01-01", datetime(1, 1, 1), "date"),
        ("2024-02-29", datetime(2024, 2, 29), "date"),
        ("2026-05-01T10:00", datetime(2026, 5, 1, 10), "local"),
        ("2026-05-01 10:00:30", datetime(2026, 5, 1, 10, 0, 30), "local"),
        ("2023-04-03 14:00:00.000000", datetime(2023, 4, 3, 14), "local"),
        ("2026-05-01T10:00:00.5", datetime(2026, 5, 1, 10, 0, 0, 500_000), "local"),
        ("2026-05-01T10:00:00.123456999", datetime(2026, 5, 1, 10, 0, 0, 123_456), "local"),
        ("9999-12-31T23:59:59.999999", datetime(9999, 12, 31, 23, 59, 59, 999_999), "local"),
        ("2026-05-01T10:00Z", datetime(2026, 5, 1, 10), "instant"),
        ("2026-05-01 10:00:00.25Z", datetime(2026, 5, 1, 10, 0, 0, 250_000), "instant"),
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8), "instant"),
        ("2026-05-01T20:00:00-05:30", datetime(2026, 5, 2, 1, 30), "instant"),
        ("2026-05-01T10:00:00-00:00", datetime(2026, 5, 1, 10), "instant"),
        ("2026-05-01T10:00:00+23:59", datetime(2026, 4, 30, 10, 1), "instant"),
    ],
)
def test_a_deadline_is_read_as_the_kind_it_was_given_as(text: str, at: datetime, kind: Kind) -> None:
    assert parse(text) == Deadline(at, kind)


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "20260501", "2026-5-1", "26-05-01", "2026-05-01T", "2026-05-01T10", "2026-121"),
        *(" 2026-05-01", "2026-05-01 ", "2026-05-01\n", "2026-05-01T10:00:00Z\n", "2026-05-01  10:00"),
        *("2026-05-01Z", "2026-05-01+02:00", "2026-05-01t10:00", "2026-05-01T10:00z", "2026-05-01_10:00"),
        *("2026-05-01T10:00:00.", "2026-05-01T10:00:00.1234567890", "2026-05-01T10:00:00,5", "2026-05-01T10:00.5"),
        *("2026-05-01T10:00:00+2", "2026-05-01T10:00:00+0200", "2026-05-01T10:00:00+02", "2026-05-01T10:00:00 Z"),
        *("2026-05-01T10:00:00+24:00", "2026-05-01T10:00:00+02:60", "2026-05-01T10:00:00\u221202:00"),
        *("٢٠٢٦-٠٥-٠١", "2026-05-01T١٠:00:00", "２０２６-05-01", "2026-05-01T10:00:00[Europe/Copenhagen]"),
        *("10000-01-01", "-2026-05-01", "+2026-05-01", "2026-05-01T10:00:00\x00", "\ud800"),
    ],
)
def test_what_is_not_written_like_a_deadline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^A deadline is written like "):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *("0000-01-01", "2026-00-01", "2026-13-01", "2026-05-00", "2026-02-30", "2025-02-29"),
        *("2026-05-01T24:00:00", "2026-05-01T10:60:00", "2026-12-31T23:59:60Z"),
    ],
)
def test_a_day_or_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^There is no such day or time in the calendar\.$"):
        parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
def test_an_instant_outside_the_years_that_utc_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^In UTC this deadline leaves the years 1 to 9999\.$"):
        parse(text)


@pytest.mark.parametrize(
    ("at", "kind", "text"),
    [
        (datetime(2026, 5, 1), "date", "2026-05-01"),
        (datetime(2026, 5, 1), "local", "2026-05-01T00:00:00"),
        (datetime(2026, 5, 1, 10, 0, 0, 5), "local", "2026-05-01T10:00:00.000005"),
        (datetime(2026, 5, 1, 10), "instant", "2026-05-01T10:00:00Z"),
        (datetime(7, 5, 1, 10), "instant", "0007-05-01T10:00:00Z"),
    ],
)
def test_a_deadline_is_written_as_its_kind(at: datetime, kind: Kind, text: str) -> None:
    assert to_text(at, kind) == text


@given(st.datetimes(), st.sampled_from(["date", "local", "instant"]))
def test_a_deadline_that_was_written_is_read_back_the_same(at: datetime, kind: Kind) -> None:
    if kind == "date":
        at = datetime(at.year, at.month, at.day)
    assert parse(to_text(at, kind)) == Deadline(at, kind)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)), OFFSETS)
def test_an_offset_is_taken_off(at: datetime, zone: timezone) -> None:
    text = at.replace(tzinfo=zone).isoformat()
    assert parse(text) == Deadline(at.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None), "instant")


@given(st.text() | st.text(alphabet="0123456789-:TZ .+"))
def test_any_text_is_a_deadline_or_refused_with_a_sentence(text: str) -> None:
    try:
        deadline = parse(text)
    except ValueError as error:
        message = str(error)
    else:
        assert deadline == parse(to_text(*deadline))
        return
    assert message.endswith(".")
