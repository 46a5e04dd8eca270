"""What a feed's calendar is put together from: a piece for each chunk of its list's todos, rendered and compressed.

Processes remember the pieces, and a build renders those that changed. A chunk belongs to its todos for good, so the
same todos are always cut into the same pieces, whoever builds.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from todo import build_statements as statements
from todo import database, gzip_pieces, ics
from todo.cache import Cache
from todo.gzip_pieces import Piece

REMEMBERED_OCTETS = 100_000_000
"""Most octets of pieces that a worker remembers; 100,000 todos are 3 million."""

_SHORT = 200  # todos
_SHORT_TODOS = statements.TODOS.limit(_SHORT + 1)
_ROWS_AT_ONCE = 2_000
_CHUNKS_AT_ONCE = 16
_PIECE_OCTETS = 300  # what a piece takes besides its content
_FIELDS = tuple(field.name for field in fields(ics.Look))


@dataclass(frozen=True)
class RememberedPieces:
    """A feed's pieces by the numbers of their chunks, as they were at a revision; `made_with` all else they show."""

    made_with: tuple[object, ...]
    revision: int
    pieces: Mapping[int, Piece]


PieceCache = Cache[RememberedPieces]
"""By a feed's id, so that each feed is remembered once."""


def piece_cache() -> PieceCache:
    """An empty cache of pieces."""
    return Cache(REMEMBERED_OCTETS, _octets_of)


def _octets_of(remembered: RememberedPieces) -> int:
    return sum(len(piece.deflated) + _PIECE_OCTETS for piece in remembered.pieces.values())


def make(connection: Connection, feed: Any, cache: PieceCache) -> tuple[list[Piece], datetime | None]:
    """The calendar in pieces (its head, the chunks that show something, its tail), and until when they hold (UTC).

    `feed` is a row of `build_statements.FEEDS_BEHIND`, read in the snapshot that `connection` is in. Only chunks
    that changed since `cache` has them are read and rendered.
    """
    look = _look_of(feed)
    today, expires_at = _day_of(look, feed.now, feed.time_zone)
    made_with = (feed.list_id, look, today, feed.time_zone, feed.uuid)  # SQLite gives ids of deleted feeds out again
    remembered = cache.get(feed.id)
    # A later revision than the list's: another build was quicker, or the database is a restored one.
    if remembered is not None and (remembered.made_with != made_with or remembered.revision > feed.revision):
        remembered = None
    known = dict(remembered.pieces) if remembered else {}
    since = remembered.revision if remembered else None
    for number, todos in _todos_by_chunk(connection, feed.list_id, since, known.keys()):
        piece = gzip_pieces.compress(
            ics.components(
                cast("list[ics.CalendarTodo]", todos),
                look=look,
                uid_suffix=f"@{feed.uuid}",
                time_zone=feed.time_zone,
                today=today,
            )
        )
        known.pop(number, None)
        if piece.parts:
            known[number] = piece
    cache.put(feed.id, RememberedPieces(made_with, feed.revision, known))
    head = ics.head(name=feed.name or feed.list_name, color=feed.color, time_zone=feed.time_zone)
    chunks = (known[number] for number in sorted(known))
    return [gzip_pieces.compress([head]), *chunks, gzip_pieces.compress([ics.TAIL])], expires_at


def _todos_by_chunk(
    connection: Connection, list_id: int, since: int | None, known: Collection[int]
) -> Iterator[tuple[int, list[Sequence[Any]]]]:
    """The todos of each chunk that changed after the revision `since`, of all chunks when it is None.

    A chunk that is `known` and has lost all its todos comes with none. What is short is read whole: one question is
    quicker than two.
    """
    of_list = {"of_list": list_id}
    if since is None or len(known) <= 1:
        short = database.rows(connection, _SHORT_TODOS, of_list)
        if len(short) <= _SHORT:
            found = dict(_by_chunk(short))
            yield from ((number, found.get(number, [])) for number in sorted(found.keys() | known))
            return
    if since is None:
        # In parts: the rows of 100,000 todos at once are 200 MB.
        result = connection.execute(statements.TODOS, of_list, execution_options={"yield_per": _ROWS_AT_ONCE})
        yield from _by_chunk(result)
        return
    numbers = sorted(connection.scalars(statements.CHANGED_CHUNKS, {**of_list, "since_revision": since}))
    for start in range(0, len(numbers), _CHUNKS_AT_ONCE):
        some = numbers[start : start + _CHUNKS_AT_ONCE]
        found = dict(
            _by_chunk(database.plain_rows(connection, statements.TODOS_OF_CHUNKS, {**of_list, "numbers": some}))
        )
        for number in some:
            yield number, found.get(number, [])


def _by_chunk(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[Sequence[Any]]]]:
    for number, chunk in itertools.groupby(rows, key=itemgetter(0)):
        yield number, [row[1:] for row in chunk]


def _look_of(feed: Any) -> ics.Look:
    """The look of a feed, or of a row with its columns."""
    return ics.Look(**{name: getattr(feed, name) for name in _FIELDS})


def _day_of(look: ics.Look, now: datetime, time_zone: str | None) -> tuple[date | None, datetime | None]:
    """The day it is in the list's zone (UTC without one) and when that ends; None for a look without days.

    `now` and the end are UTC without zone.
    """
    if not look.changes_with_time:
        return None, None
    local = now.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone) if time_zone else UTC)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return local.date(), tomorrow.astimezone(UTC).replace(tzinfo=None)
