"""What is kept of one queue's records until a verdict is asked for: columns of numbers, a row for each message.

A message takes about 200 octets, however long its names are. Judges nothing.
"""

from __future__ import annotations

from array import array
from math import inf, nan
from typing import NamedTuple

from todo.queues.records import Began, Ended

SENT, RECEIVED, DELETED, COPY = 1, 2, 4, 8
"""Bits of a row's `flags`."""

LATEST = 253_402_300_800.0
"""The year 10000, in seconds since 1970: a log that tells of later times is no log, and would spoil every plot."""

_ROWS_AT_ONCE = 4096
_UNKNOWN = -1


class Line(NamedTuple):
    """Messages that are in order among themselves: of one run of one client, in one group."""

    sender: str | None
    run: int | str | None
    group: str | None


class _Run:
    """What a client sends from one start to its end."""

    __slots__ = ("began_again", "highest", "lines", "number")

    def __init__(self) -> None:
        self.number = 0
        self.highest = _UNKNOWN
        self.began_again = False
        self.lines: dict[str | None, int] = {}


class Book:
    """What happened on one queue."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, int] = {}  # by the hash of the id: 64 random bits, so a million don't meet
        self.flags = bytearray()
        self.line = array("i")
        self.sequence = array("q")
        self.sent_at = array("d")
        self.queue_sent_at = array("d")
        self.deleted_at = array("d")
        self.deduplication = array("q")
        self.lines: list[Line] = []
        self.sends = 0
        self.copies = 0
        self.answered_again = 0  # sends answered with the id of an earlier one
        self.answered_again_copies = 0
        self.arrival_row = array("i")
        self.arrival_at = array("d")
        self.arrival_client = array("i")
        self.receive_counts: dict[int, int] = {}  # by arrival, where it isn't 1
        self.clients: dict[str, int] = {}
        self.visibility_seconds: list[float] = []
        self.began: list[Began] = []
        self.ended: list[Ended] = []
        self.empty_receives = 0
        self.deletions = 0
        self._runs: dict[str, _Run] = {}
        self._lines: dict[Line, int] = {}

    def begin(self, record: Began) -> None:
        """A client's next numbers may start from 0 again; its visibility timeout counts from now on."""
        _check_time(record.at)
        _check_texts(record.endpoint)
        _check_number(record.visibility_seconds)
        self.began.append(record)
        if record.client in self._runs:
            self._runs[record.client].began_again = True
        self.visibility_seconds[self._client(record.client)] = record.visibility_seconds

    def end(self, record: Ended) -> None:
        """A client's run is over."""
        _check_time(record.at)
        _check_number(record.requests)
        self.ended.append(record)

    def send(
        self,
        at: float,
        client: str,
        sequence: int,
        message_id: str,
        group: str | None,
        copy: int,
        deduplication: str | None,
        name: str | None = None,
    ) -> None:
        """The queue took a message. `name` is the run's, None when the record names none."""
        if not 0 <= at <= LATEST:
            raise ValueError(at)
        self.sends += 1
        if copy:
            self.copies += 1
        key = hash(message_id)
        row = self.rows.get(key)
        if row is None:
            row = self._new_row(key)
        elif self.flags[row] & SENT:
            self.answered_again += 1
            self.answered_again_copies += copy > 0
            return
        run = self._runs.get(client)
        if run is None:
            run = self._runs[client] = _Run()
        if run.began_again and not copy and sequence <= run.highest:
            self._runs[client] = run = _next(run)
        if sequence > run.highest:
            run.highest = sequence
        line = run.lines.get(group) if name is None else self._line(Line(client, name, group))
        if line is None:
            line = run.lines[group] = self._line(Line(client, run.number, group))
        self.line[row] = line
        self.sequence[row] = sequence
        self.sent_at[row] = at
        self.flags[row] |= SENT | COPY if copy else SENT
        if deduplication is not None:
            self.deduplication[row] = hash(deduplication)

    def receive(
        self,
        at: float,
        client: str,
        message_id: str,
        sender: str | None,
        sequence: int | None,
        group: str | None,
        copy: int,
        receive_count: int,
        sent_at: float | None,
        name: str | None = None,
    ) -> None:
        """A message was handed out."""
        if not 0 <= at <= LATEST:
            raise ValueError(at)
        key = hash(message_id)
        row = self.rows.get(key)
        if row is None:
            row = self._new_row(key)
        flags = self.flags[row]
        if not flags & (SENT | RECEIVED):
            self.line[row] = self._line(Line(sender, name, group))
            if sequence is not None:
                self.sequence[row] = sequence
            if copy:
                flags |= COPY
        if sent_at is not None and not flags & SENT:
            _check_time(sent_at)
            self.queue_sent_at[row] = sent_at
        self.flags[row] = flags | RECEIVED
        if receive_count != 1:
            self.receive_counts[len(self.arrival_row)] = int(receive_count)
        self.arrival_row.append(row)
        self.arrival_at.append(at)
        number = self.clients.get(client)
        self.arrival_client.append(self._client(client) if number is None else number)

    def delete(self, at: float, message_id: str) -> None:
        """A message was deleted."""
        if not 0 <= at <= LATEST:
            raise ValueError(at)
        key = hash(message_id)
        row = self.rows.get(key)
        if row is None:  # several clients' logs, one after the other: the rest may follow
            row = self._new_row(key)
        self.deletions += 1
        self.flags[row] |= DELETED
        if at < self.deleted_at[row]:
            self.deleted_at[row] = at

    def last_run(self, client: str | None) -> int | None:
        """The number of the last run that a client told of; None when it told of none."""
        run = self._runs.get(client) if client is not None else None
        return None if run is None else run.number

    def _new_row(self, key: int) -> int:
        row = self.rows[key] = len(self.rows)
        if row == len(self.flags):
            self.flags += bytes(_ROWS_AT_ONCE)
            for integers in (self.line, self.sequence):
                integers.extend([_UNKNOWN] * _ROWS_AT_ONCE)
            self.deduplication.extend([0] * _ROWS_AT_ONCE)
            self.sent_at.extend([nan] * _ROWS_AT_ONCE)
            self.queue_sent_at.extend([nan] * _ROWS_AT_ONCE)
            self.deleted_at.extend([inf] * _ROWS_AT_ONCE)
        return row

    def _line(self, line: Line) -> int:
        number = self._lines.get(line)
        if number is None:
            _check_texts(line.sender, line.group)
            number = self._lines[line] = len(self.lines)
            self.lines.append(line)
        return number

    def _client(self, client: str) -> int:
        if client not in self.clients:
            _check_texts(client)
            self.clients[client] = len(self.clients)
            self.visibility_seconds.append(30)
        return self.clients[client]


def _next(run: _Run) -> _Run:
    following = _Run()
    following.number = run.number + 1
    return following


def _check_time(at: float) -> None:
    if not 0 <= at <= LATEST:
        raise ValueError(at)


def _check_number(number: float) -> None:
    if not 0 <= number < 1 << 63:
        raise ValueError(number)


def _check_texts(*texts: str | None) -> None:
    if not all(text is None or isinstance(text, str) for text in texts):
        raise TypeError(texts)
