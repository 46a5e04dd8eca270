"""Engines and the two kinds of transaction the product knows; refuses to know any table.

*Changing* transactions serialise per list by the row lock that bumping the list takes. *Snapshot* transactions read one
consistent state without a lock. Everything here hides the difference between SQLite and PostgreSQL.
"""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Select,
    create_engine,
    event,
    literal,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.functions import GenericFunction

IDS_PER_STATEMENT = 1_000
"""Most ids that a statement is given: SQLite takes 32,766 parameters, PostgreSQL 65,535."""

SQLITE_BUSY_SECONDS = 5
"""How long a change waits for another process's change to the SQLite file."""

# Every wait has a bound. A server that is gone (no answer, no reset) is found out by the keepalives and by
# tcp_user_timeout; a statement that waits for a lock nobody gives up, by the two timeouts.
_POSTGRESQL_CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "prepare_threshold": 1,  # the statements are few, and each costs more to plan than to run
    "application_name": "taskoverflow",
    # UTC: `now()` is stored into columns without zone.
    # The statements are few, each for one list, and their plans hardly depend on which.
    "options": "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c lock_timeout=10s -c statement_timeout=60s"
    " -c idle_in_transaction_session_timeout=60s",
}


def engine_options(url: str) -> dict[str, Any]:
    """Keyword arguments of `create_engine` for `url`: pool bounds, timeouts, driver settings."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connect_args: dict[str, Any] = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
        if parsed.database in (None, "", ":memory:"):
            return {"poolclass": StaticPool, "connect_args": connect_args}
        return {"pool_size": 8, "max_overflow": 24, "pool_timeout": 10, "connect_args": connect_args}
    return {
        "pool_size": 8,
        "max_overflow": 12,
        "pool_timeout": 10,
        # The connection that was used last knows the statements already, in the server's memory too.
        "pool_use_lifo": True,
        "pool_recycle": 1800,
        "connect_args": dict(_POSTGRESQL_CONNECT_ARGS),
    }


def prepare(engine: Engine) -> Engine:
    """`engine` with what SQLite needs done to each connection. Call once, before the first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "checkout", _check_alive)
    return engine


def open_engine(url: str) -> Engine:
    """An engine of the process's own, for everything but the web side. Opens no connection yet."""
    return prepare(create_engine(url, **engine_options(url)))


def make_folder(url: str) -> None:
    """Make the folder of a SQLite file, readable by its owner alone; nothing for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        Path(str(parsed.database)).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions that keep their rows' values after a commit, so that nothing is read twice."""
    return sessionmaker(engine, expire_on_commit=False)


def begin_change(session: Session) -> Connection:
    """Begin a transaction that writes; its connection, for who needs no objects.

    Ends a transaction that only read; nothing may be pending in it.

    On SQLite it takes the write lock at once: a transaction that reads first and then writes fails with
    `SQLITE_BUSY_SNAPSHOT`, without waiting, when somebody wrote in between.
    """
    session.rollback()
    return session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def begin_snapshot(session: Session) -> Connection:
    """Begin a transaction that sees one state of the database throughout, and cannot write."""
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":  # in WAL mode a read transaction is a snapshot
        return session.connection(execution_options={"sqlite_begin": "DEFERRED"})
    return session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})


def begin_statement(session: Session) -> Connection:
    """Begin what is one statement, to read or to write: it commits by itself, and `commit()` only ends it.

    On PostgreSQL that is one round trip instead of three.
    """
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        return session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
    return session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def begin_read(session: Session) -> Connection:
    """Begin to read by single statements, each of which sees the state of its own moment."""
    if session.get_bind().dialect.name == "sqlite":
        session.rollback()
        return session.connection(execution_options={"sqlite_begin": "DEFERRED"})
    return begin_statement(session)


def plain_rows(
    connection: Connection, statement: Select[*tuple[Any, ...]], parameters: Mapping[str, Any] | None = None
) -> Sequence[Sequence[Any]]:
    """All rows as plain tuples: half the time of SQLAlchemy's, where a list of thousands is read."""
    result = connection.execute(statement, parameters)
    if connection.dialect.name == "sqlite":  # whose dates are texts until SQLAlchemy has read them
        return result.all()
    cursor: Any = result.cursor
    rows: Sequence[Sequence[Any]] = cursor.fetchall()
    result.close()
    return rows


def rows(connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
    """What a statement that returns rows finds, as named tuples; past SQLAlchemy's layers where the driver can.

    They take longer than PostgreSQL does to find or change one row, and a build does so a dozen times. `statement` is
    a constant: what it is compiled to is kept. Errors are SQLAlchemy's.
    """
    if connection.dialect.name == "sqlite":  # whose dates are texts until SQLAlchemy has read them
        return connection.execute(statement, parameters).all()
    text, defaults = _compiled(statement, connection.dialect)
    try:
        cursor: Any = connection.connection.cursor()
        cursor.row_factory = namedtuple_row
        found: Sequence[Any] = cursor.execute(text, {**defaults, **parameters}).fetchall()
    except psycopg.Error as error:
        if connection.connection.dbapi_connection.closed:  # type: ignore[union-attr] # one that is checked out
            connection.invalidate(error)
        raise OperationalError(text, None, error) from error
    return found


@lru_cache(maxsize=100)
def _compiled(statement: Executable, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined] # every statement has it
    return str(compiled), compiled.params


def read_row(engine: Engine, statement: str, value: str) -> tuple[Any, ...] | None:
    """The first row of a SELECT with one `?` for `value`, as the driver gives it, or None.

    As `rows`, and past the transaction as well. SQLite's times are texts here.
    """
    try:
        pooled = engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:  # which SQLAlchemy leaves as they are
        raise OperationalError(statement, (value,), error) from error
    try:
        cursor = pooled.cursor()
        if engine.dialect.name == "sqlite":  # begins no transaction by itself
            return cast("tuple[Any, ...] | None", cursor.execute(statement, (value,)).fetchone())
        connection: Any = pooled.dbapi_connection
        connection.autocommit = True  # one round trip instead of three
        try:
            return cast("tuple[Any, ...] | None", cursor.execute(statement.replace("?", "%s"), (value,)).fetchone())
        finally:
            if not connection.closed:
                connection.autocommit = False
    except engine.dialect.loaded_dbapi.Error as error:
        pooled.invalidate(error)
        raise OperationalError(statement, (value,), error) from error
    finally:
        pooled.close()


class utc_now(GenericFunction[datetime]):  # noqa: N801  (reads as the SQL function it is)
    """The database's clock in UTC, plus so many seconds.

    Time is compared on one clock, the database's: processes on other machines may be an hour off.
    """

    type = DateTime()
    inherit_cache = True

    def __init__(self, plus_seconds: float | ColumnElement[float] = 0) -> None:
        super().__init__(literal(float(plus_seconds)) if isinstance(plus_seconds, int | float) else plus_seconds)


@compiles(utc_now, "sqlite")
def _utc_now_sqlite(element: utc_now, compiler: Any, **keywords: Any) -> str:
    seconds = compiler.process(element.clauses, **keywords)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000')"


@compiles(utc_now, "postgresql")
def _utc_now_postgresql(element: utc_now, compiler: Any, **keywords: Any) -> str:
    seconds = compiler.process(element.clauses, **keywords)
    return f"(timezone('utc', clock_timestamp()) + make_interval(secs => {seconds}))"


class transaction_id(GenericFunction[int]):  # noqa: N801  (reads as the SQL function it is)
    """PostgreSQL's number of the transaction; 0 on SQLite, where one transaction writes at a time."""

    type = BigInteger()
    inherit_cache = True


@compiles(transaction_id, "sqlite")
def _transaction_id_sqlite(_element: transaction_id, _compiler: Any, **_keywords: Any) -> str:
    return "0"


@compiles(transaction_id, "postgresql")
def _transaction_id_postgresql(_element: transaction_id, _compiler: Any, **_keywords: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


def _check_alive(connection: Any, _record: object, _proxy: object) -> None:
    """Discard a connection that the server has closed, so that a restart costs a reconnect and not a failed request.

    A server that closes a connection says so, and a healthy one says nothing while it is not asked: there must be
    nothing to read. SQLAlchemy's `pool_pre_ping` asks, which is a round trip more for each transaction of a build.
    """
    poll = select.poll()
    if not connection.closed:
        poll.register(connection.fileno(), select.POLLIN)
    if connection.closed or poll.poll(0):
        raise InvalidatePoolError("the database server closed the connection")  # and surely the others too


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own; `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers and the one writer do not wait for each other
    cursor.execute("PRAGMA synchronous=FULL")  # what was answered 2xx survives a power cut as well
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    # SQLite's own lower() knows ASCII alone, and searching for "ärger" would miss "Ärger".
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")
