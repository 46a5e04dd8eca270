"""Reads a log into a tally: as `records.from_lines` does, and as it refuses, without making each record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from itertools import islice
from operator import itemgetter
from typing import Any

import orjson

from todo.errors import BadInput
from todo.queues.records import KINDS, Deleted, Received, Sent
from todo.queues.tally import Tally
from todo.queues.verdict import Verdict, verdict_of

LINES_AT_ONCE = 128
"""Parsed as one list, which takes half the time of parsing each; more would not stay in the processor's cache."""

_BROKEN = (KeyError, TypeError, ValueError, OverflowError, AttributeError)
_EMPTY = object()

_SIZES = {kind: len(fields(KINDS[kind])) + 1 for kind in KINDS}


def _fields(kind: type[Any], *names: str) -> Callable[[Any], Sequence[Any]]:
    """These fields of a line, in one go; and its run, where records have one."""
    return itemgetter(*names, *(field.name for field in fields(kind) if field.name == "run"))


# How a book is told of a record, and what of it; in the order of the method's parameters.
_FAST: dict[str, tuple[str, Callable[[Any], Sequence[Any]]]] = {
    Received.kind: (
        "receive",
        _fields(
            Received,
            *("at", "client", "message_id", "sender", "sequence", "group", "copy", "receive_count", "sent_at"),
        ),
    ),
    Sent.kind: (
        "send",
        _fields(Sent, "at", "client", "sequence", "message_id", "group", "copy", "deduplication"),
    ),
    Deleted.kind: ("delete", itemgetter("at", "message_id")),
}
_SLOW: tuple[int, dict[str, Callable[..., None]], Callable[[Any], Sequence[Any]]] = (-1, {}, tuple)


def judge_lines(lines: Iterable[bytes]) -> Verdict:
    """The verdict on a log's lines; empty ones are passed over. Raises `BadInput` with the number of a bad one."""
    return judge_logs([("", lines)])


def judge_logs(logs: Iterable[tuple[str, Iterable[bytes]]]) -> Verdict:
    """The verdict on several logs taken together: the lines of each, and its name for the number of a bad one."""
    tally = Tally()
    # Looked up once for each queue and not for each line, which is a third of the work.
    methods = {event: _Methods(tally, method) for event, (method, _) in _FAST.items()}
    fast = {event: (_SIZES[event], methods[event], fields_of) for event, (_, fields_of) in _FAST.items()}
    for name, lines in logs:
        _read(lines, name, tally, fast)
    return verdict_of(tally)


def _read(lines: Iterable[bytes], name: str, tally: Tally, fast: _Fast) -> None:
    rest = iter(lines)
    read = 0
    while some := list(islice(rest, LINES_AT_ONCE)):
        try:
            contents = orjson.loads(b"[" + b",".join(some) + b"]")
        except orjson.JSONDecodeError:
            contents = []
        if len(contents) != len(some):  # an empty line, or a bad one
            contents = [_parsed(line, number, name) for number, line in enumerate(some, read + 1)]
        number = read
        try:
            for content in contents:
                number += 1
                if content is _EMPTY:
                    continue
                size, queues, fields_of = fast.get(content["event"], _SLOW)
                if len(content) == size:
                    queues[content["queue"]](*fields_of(content))
                else:  # fields may be left out, or unknown; the record itself decides
                    tally.add(KINDS[content.pop("event")](**content))
        except _BROKEN:
            raise _bad(number, name) from None
        read += len(some)


class _Methods(dict[str, Callable[..., None]]):
    """A method of each queue's book."""

    def __init__(self, tally: Tally, method: str) -> None:
        super().__init__()
        self._tally = tally
        self._method = method

    def __missing__(self, queue: str) -> Callable[..., None]:
        method: Callable[..., None] = getattr(self._tally.book(queue), self._method)
        self[queue] = method
        return method


_Fast = dict[str, tuple[int, _Methods, Callable[[Any], Sequence[Any]]]]


def _parsed(line: bytes, number: int, name: str) -> Any:
    if not line.strip():
        return _EMPTY
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _bad(number, name) from None


def _bad(number: int, name: str) -> BadInput:
    of = f" of {name}" if name else ""
    return BadInput(f"Line {number}{of} is not a record of the queue laboratory", field="log")
