"""Tells in one line what the database, or its schema, is not fit for. Imports nothing before it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from todo import interrupts
from todo.errors import TodoError


@contextmanager
def about_the_database() -> Iterator[None]:
    """Have what the database, or its schema, is not fit for be told in one line."""
    with interrupts.ending_at_once():
        from alembic.util.exc import CommandError
        from sqlalchemy.exc import DatabaseError

    try:
        yield
    except DatabaseError as error:
        reason = _first_line(error.orig)
        raise TodoError(f"{_database()} refuses: {reason}; mend SQLALCHEMY_DATABASE_URI or the database") from error
    except CommandError as error:  # the schema was made by a newer version of this program
        raise TodoError(f"{_database()} cannot be brought up to date: {_first_line(error)}") from error


def _database() -> str:
    """The database for a message: its URL without the password."""
    from sqlalchemy.engine import make_url

    from todo import config

    return make_url(config.load().database_url).render_as_string(hide_password=True)


def _first_line(error: BaseException | None) -> str:
    return (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
