"""Brings a database's schema up to date with Alembic; knows no table.

An empty database is filled by whoever comes first. One that already has a schema is changed by `upgrade` alone (what
`taskoverflow up` and `taskoverflow db upgrade` call), so that a roll-over of several servers migrates once.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from todo import database
from todo.errors import SchemaMismatch

# Any number that nothing else in the database locks by.
_ADVISORY_LOCK = 6400_2026


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema; does nothing when it is there already.

    Several processes may call it at once: one migrates, the others wait for it.
    """
    engine = database.open_engine(url)
    database.make_folder(url)
    try:
        _upgrade(engine)
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The schema's revision in the database at `url`; None when it is empty."""
    engine = database.open_engine(url)
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file and file != ":memory:" and not Path(file).exists():
        return None  # connecting would make it
    try:
        with engine.connect() as connection:
            return _revision(connection)
    finally:
        engine.dispose()


def ensure(engine: Engine) -> None:
    """Fill an empty database, and leave any other as it is.

    Raises `SchemaMismatch` when its schema is older than this code. A newer one, which this code doesn't know, is let
    pass: while servers are replaced one by one, old ones run beside the migrated database.
    """
    database.make_folder(str(engine.url))
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision is None:
        _upgrade(engine)
        return
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if revision in known and revision != scripts.get_current_head():
        raise SchemaMismatch("the database's schema is older than this program; run `taskoverflow db upgrade` first")


def _upgrade(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Two processes that create the same tables at once: one of them would fail. No lock_timeout
            # here, migrations may take their time; the lock goes with the transaction.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        else:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            connection.begin()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
