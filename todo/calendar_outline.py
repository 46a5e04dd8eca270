"""The parts of an iCalendar stream, found without understanding them; quick and safe on hostile input of any size.

A parser builds objects for all it reads, at hundreds of times the cost. This finds where components begin and end, so
that a parser can be given as many as there is time for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

COMPONENTS_MAX = 2_000
COMPONENT_OCTETS_MAX = 65_536  # more is an attachment, or meant ill
OCTETS_MAX = 1_000_000  # of all that is given out, time zones apart; 2,000 usual components are half of it
TIME_ZONES_MAX = 500
DEPTH_MAX = 8  # the deepest that RFC 5545 knows is 3: VCALENDAR, VTIMEZONE, STANDARD
KINDS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"})

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}BEGIN:VCALENDAR[ \t]{0,64}[\r\n]", re.IGNORECASE)
_MARK = re.compile(rb"^(?:\xef\xbb\xbf)?(BEGIN|END):([^\r\n]{0,64})", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")


class Outline(NamedTuple):
    """What a stream holds. Texts are unfolded, with a property a line; `pieces` are as they were written."""

    calendars: int
    properties: str  # those of the first calendar itself
    pieces: list[bytes]  # the first components directly inside of a calendar, without time zones
    too_long: int  # components among them that were left out for their length
    total: int  # all of them, up to where the nesting breaks
    time_zones: list[str]
    kinds: Counter[str]  # how often each of KINDS comes at any depth, `other` for the rest
    broken: str | None  # what is wrong with the nesting, as a part of a sentence


class _BrokenNesting(Exception):
    pass


def is_calendar(body: bytes) -> bool:
    """Whether the first line is a calendar's, after a byte order mark and empty lines at most."""
    return _START.match(body) is not None


def unfolded(text: bytes) -> str:
    """Lines as they were before they were folded (RFC 5545, 3.1); what isn't UTF-8 becomes U+FFFD."""
    return _FOLD.sub("", text.decode(errors="replace"))


def outline(body: bytes) -> Outline:
    """The parts of `body`, up to the bounds above. Never raises."""
    pieces: list[bytes] = []
    time_zones: list[str] = []
    kinds: Counter[str] = Counter()
    calendars = too_long = total = octets = 0
    broken = None
    try:
        for depth, kind, start, end in _components(body):
            if depth == 0:
                calendars += 1
            elif kind == "VTIMEZONE":
                if len(time_zones) < TIME_ZONES_MAX:
                    time_zones.append(unfolded(body[start : min(end, start + COMPONENT_OCTETS_MAX)]))
            elif depth == 1:
                total += 1
                if end - start > COMPONENT_OCTETS_MAX:
                    too_long += 1
                elif len(pieces) < COMPONENTS_MAX and octets + end - start <= OCTETS_MAX:
                    octets += end - start
                    pieces.append(body[start:end])
            if depth:
                kinds[kind if kind in KINDS else "other"] += 1
    except _BrokenNesting as error:
        broken = str(error)
    inside = next(islice(_MARK.finditer(body), 1, 2), None)
    properties = unfolded(body[: min(inside.start() if inside else len(body), COMPONENT_OCTETS_MAX)])
    return Outline(calendars, properties, pieces, too_long, total, time_zones, kinds, broken)


def _components(body: bytes) -> Iterator[tuple[int, str, int, int]]:
    """Depth, kind, start and end of each component when it closes: what is inside of it comes before it."""
    opened: list[tuple[str, int]] = []
    for mark in _MARK.finditer(body):
        kind = mark[2].decode(errors="replace").strip().upper()
        if mark[1].upper() == b"BEGIN":
            if bool(opened) == (kind == "VCALENDAR"):
                raise _BrokenNesting(f"a BEGIN stands in the wrong place in line {_line_number(body, mark)}")
            if len(opened) == DEPTH_MAX:
                raise _BrokenNesting(f"components are more than {DEPTH_MAX} deep in line {_line_number(body, mark)}")
            opened.append((kind, mark.start()))
        else:
            if not opened or opened[-1][0] != kind:
                raise _BrokenNesting(f"an END has no BEGIN in line {_line_number(body, mark)}")
            _, start = opened.pop()
            yield len(opened), kind, start, mark.end()
    if opened:
        raise _BrokenNesting("it stops before its END: it was cut off")


def _line_number(body: bytes, mark: re.Match[bytes]) -> int:
    return body.count(b"\n", 0, mark.start()) + 1
