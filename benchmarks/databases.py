"""Fills either side's database with todos, in SQL, and reads what a run left in ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.texts import make_todos
from todo.models.chunk import TODOS_PER_CHUNK

_OUR_COLUMNS = (
    "id, list_id, title, description, completed, deadline_at, deadline_kind, created_at, updated_at, sequence, chunk"
)

_BUMP = "UPDATE lists SET revision = revision + 1, todos_made = (SELECT count(*) FROM todos)"
_MARK_CHUNKS = (
    "INSERT INTO chunks (list_id, number, stamp)"
    " SELECT DISTINCT todos.list_id, todos.chunk, lists.revision FROM todos JOIN lists ON lists.id = todos.list_id"
)

_SHEETS_TABLE = """
CREATE TABLE IF NOT EXISTS todos (
    id serial PRIMARY KEY, title varchar NOT NULL, description varchar, completed boolean NOT NULL,
    deadline_at timestamp, created_at timestamp NOT NULL, updated_at timestamp NOT NULL
)
"""


def fill_ours(url: str, count: int) -> None:
    """Replace all todos of our PostgreSQL database by `count` others; one revision later."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE todos")
            with cursor.copy(f"COPY todos ({_OUR_COLUMNS}) FROM STDIN") as copy:
                for row in _our_rows(count):
                    copy.write_row(row)
            cursor.execute("TRUNCATE chunks")
            cursor.execute(_BUMP)
            cursor.execute(_MARK_CHUNKS)
        connection.execute("VACUUM ANALYZE todos")  # or it comes by itself, in the middle of a round


def fill_ours_embedded(path: Path, count: int) -> None:
    """The same in a SQLite file."""
    connection = sqlite3.connect(path, timeout=10)
    with connection:
        connection.execute("DELETE FROM todos")
        connection.execute("DELETE FROM chunks")
        connection.executemany(
            f"INSERT INTO todos ({_OUR_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (fixed names)
            ([v.isoformat(" ") if hasattr(v, "isoformat") else v for v in row] for row in _our_rows(count)),
        )
        connection.execute(_BUMP)
        connection.execute(_MARK_CHUNKS)
    connection.close()


def fill_sheets(url: str, count: int) -> None:
    """Replace all todos of the baseline's database by `count` others, making its table when there is none."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_SHEETS_TABLE)
            cursor.execute("TRUNCATE todos")
            columns = "id, title, description, completed, deadline_at, created_at, updated_at"
            with cursor.copy(f"COPY todos ({columns}) FROM STDIN") as copy:
                for todo in make_todos(count):
                    times = (todo.deadline_at, todo.created_at, todo.created_at)
                    copy.write_row((todo.id, todo.title, todo.description, False, *times))
        connection.execute("VACUUM ANALYZE todos")


def ours(url: str) -> dict[str, Any]:
    """The list's `revision` and `builds`, and whether it is `settled`: nothing waits, nothing is behind."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT l.revision, l.builds, l.queued_at IS NULL AND f.built_revision = l.revision"
            " FROM lists l JOIN feeds f ON f.list_id = l.id"
        ).fetchone()
    assert row is not None, "no calendar was asked for yet"
    return dict(zip(("revision", "builds", "settled"), row, strict=True))


def ours_settled(url: str) -> bool:
    """Whether every calendar that is in use shows its list's present revision."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM feeds f JOIN lists l ON l.id = f.list_id WHERE f.built_revision < l.revision"
        ).fetchone()
    return row == (0,)


def _our_rows(count: int) -> Iterator[tuple[Any, ...]]:
    for todo in make_todos(count):
        times = (todo.deadline_at, "local", todo.created_at, todo.created_at)
        chunk = (todo.id - 1) // TODOS_PER_CHUNK
        yield (todo.id, 1, todo.title, todo.description, False, *times, 0, chunk)
