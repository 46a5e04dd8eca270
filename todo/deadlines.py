"""Deadlines as text and as values; knows neither the database nor any calendar format.

A deadline is one of three kinds and stays what it was given as: a whole day, a local time that means the same
clock reading wherever its reader is, or an instant. Guessing a zone for the first two would move them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["date", "local", "instant"]

# [0-9] and not \d, which takes digits of every script.
_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
_OFFSET = r"Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9])"
_DEADLINE = re.compile(rf"{_DATE}(?:[T ]{_TIME}({_OFFSET})?)?")


class Deadline(NamedTuple):
    """A deadline as it is stored: `at` never carries a zone, `kind` says how to read it.

    A `date` is kept as its midnight, an `instant` in UTC.
    """

    at: datetime
    kind: Kind


def parse(text: str) -> Deadline:
    """The deadline that `text` writes in ISO 8601: a date, a time without zone, or one with `Z` or an offset.

    A space may stand for the `T`; seconds and their fraction may be missing, and digits beyond microseconds
    are cut off. Raises ValueError with one sentence on what is wrong, also when an instant leaves the years
    1 to 9999 on its way to UTC.
    """
    match = _DEADLINE.fullmatch(text)
    if match is None:
        raise ValueError("A deadline is written like 2026-05-01, 2026-05-01T10:00:00 or 2026-05-01T10:00:00+02:00.")
    year, month, day, hour, minute, second, fraction, offset, sign, offset_hours, offset_minutes = match.groups()
    try:
        at = datetime(  # noqa: DTZ001 - what the text says about its zone is in `kind`
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "")[:6].ljust(6, "0")),
        )
    except ValueError:
        raise ValueError("There is no such day or time in the calendar.") from None
    if hour is None:
        return Deadline(at, "date")
    if offset is None:
        return Deadline(at, "local")
    if sign is None:
        return Deadline(at, "instant")
    ahead_of_utc = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    try:
        return Deadline(at + ahead_of_utc if sign == "-" else at - ahead_of_utc, "instant")
    except OverflowError:
        raise ValueError("In UTC this deadline leaves the years 1 to 9999.") from None


def to_text(at: datetime, kind: Kind) -> str:
    """The deadline as JSON shows it, with a fraction only when there is one; `parse` reads it back."""
    text = at.isoformat()  # pads years below 1000 to four digits, which strftime doesn't
    if kind == "date":
        return text[:10]
    return f"{text}Z" if kind == "instant" else text
