"""What a feed's calendar is put together from: a piece for each chunk of its list's todos, rendered and compressed.

Processes remember the pieces, and a build renders those that changed. A chunk belongs to its todos for good, so the
same todos are always cut into the same pieces, whoever builds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


Stamped = tuple[int | None, Piece | None]
"""A chunk's stamp, None when it was not read, and its piece, None when it shows nothing."""


@dataclass(frozen=True)
class RememberedPieces:
    """A feed's pieces by the numbers of their chunks; `made_with` is all else that they show."""

    made_with: tuple[object, ...]
    pieces: Mapping[int, Stamped]


PieceCache = Cache[RememberedPieces]
"""By a feed's id, so that each feed is remembered once."""


def piece_cache() -> PieceCache:
    """An empty cache of pieces."""
    return Cache(REMEMBERED_OCTETS, _octets_of)


def _octets_of(remembered: RememberedPieces) -> int:
    return sum(len(piece.deflated if piece else b"") + _PIECE_OCTETS for _, piece in remembered.pieces.values())


def make(connection: Connection, feed: Any, cache: PieceCache) -> tuple[list[Piece], datetime | None]:
    """The calendar in pieces (its head, the chunks that show something, its tail), and until when they hold (UTC).

    `feed` is a row of `build_statements.FEEDS_BEHIND`, read in the snapshot that `connection` is in. Only chunks
    that changed since `cache` has them are read and rendered.
    """
    look = _look_of(feed)
    today, expires_at = _day_of(look, feed.now, feed.time_zone)
    made_with = (feed.list_id, look, today, feed.time_zone, feed.uuid)
    remembered = cache.get(feed.id)
    known = remembered.pieces if remembered is not None and remembered.made_with == made_with else {}

    def piece(todos: Sequence[Sequence[Any]]) -> Piece | None:
        made = gzip_pieces.compress(
            ics.components(
                cast("Sequence[ics.CalendarTodo]", todos),
                look=look,
                uid_suffix=f"@{feed.uuid}",
                time_zone=feed.time_zone,
                today=today,
            )
        )
        return made if made.parts else None

    pieces = _pieces(connection, feed.list_id, known, piece)
    cache.put(feed.id, RememberedPieces(made_with, pieces))
    name = feed.name or ("Busy" if feed.busy_only else feed.list_name)
    head = ics.head(name=name, color=feed.color, time_zone=feed.time_zone)
    chunks = (pieces[number][1] for number in sorted(pieces))
    shown = [chunk for chunk in chunks if chunk is not None]
    return [gzip_pieces.compress([head]), *shown, gzip_pieces.compress([ics.TAIL])], expires_at


def _pieces(
    connection: Connection,
    list_id: int,
    known: Mapping[int, Stamped],
    piece: Callable[[Sequence[Sequence[Any]]], Piece | None],
) -> dict[int, Stamped]:
    """The list's chunks by number; a `piece` is made of those whose stamp is not the `known` one.

    What is short is read whole, without stamps: one question is quicker than two.
    """
    of_list = {"of_list": list_id}
    if len(known) <= 1:
        short = database.rows(connection, _SHORT_TODOS, of_list)
        if len(short) <= _SHORT:
            return {number: (None, piece(todos)) for number, todos in _by_chunk(short)}
    stamps = dict(database.rows(connection, statements.CHUNKS, of_list))
    if not known:
        # In parts: the rows of 100,000 todos at once are 200 MB.
        result = connection.execute(statements.TODOS, of_list, execution_options={"yield_per": _ROWS_AT_ONCE})
        return {number: (stamps.get(number), piece(todos)) for number, todos in _by_chunk(result)}
    changed = [number for number, stamp in stamps.items() if number not in known or known[number][0] != stamp]
    pieces = dict(known)
    for start in range(0, len(changed), _CHUNKS_AT_ONCE):
        some = changed[start : start + _CHUNKS_AT_ONCE]
        rows = database.plain_rows(connection, statements.TODOS_OF_CHUNKS, {**of_list, "numbers": some})
        found = dict(_by_chunk(rows))
        pieces.update((number, (stamps[number], piece(found.get(number, [])))) for number in some)
    return pieces


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
