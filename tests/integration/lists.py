"""A list in a real database, and the use cases on it as the edges call them, without web server, broker or worker."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from todo import builds, config, database, jobs, schema, todos
from todo.models import Feed, FeedBody, List
from todo.models.list import DEFAULT_LIST_ID

NOW = datetime(2026, 4, 1, 12)
LONG_AGO = "2020-01-01 00:00:00.000000"


MakeLists = Callable[..., "Lists"]


@contextmanager
def migrated(kind: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database of this kind (`sqlite` or `postgresql`) with the product's tables. `empty` it before each test."""
    if kind == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("lists")
        url = f"sqlite:///{folder / 'lists.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_server").database(f"lists_{uuid.uuid4().hex}")
    url = config.load({"SQLALCHEMY_DATABASE_URI": url}).database_url
    schema.upgrade(url)
    engine = database.open_engine(url)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> Engine:
    """The database as the migrations left it."""
    with engine.begin() as connection:
        for table in ("jobs", "feeds", "todos", "spent_keys", "chunks", "activity", "events"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (fixed names)
        connection.execute(text("DELETE FROM lists WHERE id <> 1"))
        connection.execute(
            text(
                "UPDATE lists SET time_zone = NULL, revision = 0, queued_at = NULL, behind_since = NULL,"
                " build_started_at = NULL, building_revision = -1, builds = 0, todos_made = 0"
            )
        )
    return engine


class Lists:
    """The lists of a migrated database. `rung` collects the rings: list ids, in order."""

    def __init__(self, engine: Engine, **settings: Any) -> None:
        self.engine = engine
        self.sessions: sessionmaker[Session] = database.sessions(engine)
        self.settings = config.load(
            {"SQLALCHEMY_DATABASE_URI": engine.url.render_as_string(hide_password=False), **settings}
        )
        self.rung: list[int] = []

    def ring(self, list_id: int, _job_id: str | None = None) -> None:
        """The bell."""
        self.rung.append(list_id)

    def add(self, title: str, list_id: int = DEFAULT_LIST_ID, **columns: Any) -> int:
        """A dated todo's id."""
        values: Mapping[str, Any] = {
            "title": title,
            "completed": False,
            "deadline_at": NOW,
            "deadline_kind": "local",
            **columns,
        }
        with self.sessions() as session:
            return todos.create(session, list_id, values, now=NOW, ring=self.ring).id

    def change(self, todo_id: int, list_id: int = DEFAULT_LIST_ID, **columns: Any) -> None:
        """Edits a todo."""
        with self.sessions() as session:
            todos.change(session, list_id, [todos.Edit(todo_id, columns)], now=NOW, ring=self.ring)

    def delete(self, todo_id: int, list_id: int = DEFAULT_LIST_ID) -> None:
        """Deletes a todo."""
        with self.sessions() as session:
            todos.change(session, list_id, [todos.Edit(todo_id, {}, deleted=True)], now=NOW, ring=self.ring)

    def ask(self, list_id: int = DEFAULT_LIST_ID) -> str:
        """A job's id."""
        with self.sessions() as session:
            return jobs.request_build(session, list_id, ring=self.ring, tell=False).job_id

    def state(self, job_id: str) -> jobs.JobState:
        """How far a job is."""
        with self.sessions() as session:
            return jobs.job_state(session, job_id)

    def build(self, list_id: int = DEFAULT_LIST_ID, **options: Any) -> builds.Outcome:
        """What a worker does on a ring."""
        return builds.build_list(options.pop("sessions", self.sessions), list_id, self.settings, **options)

    def take_stale(self) -> int | None:
        """What a sweep finds."""
        with self.sessions() as session:
            return builds.take_stale(session, self.settings)

    def make_list(self) -> int:
        """One more list's id."""
        with self.sessions() as session:
            made = List(owner_id=session.execute(text("SELECT id FROM accounts")).scalar_one())
            session.add(made)
            session.commit()
            return made.id

    def execute(self, statement: str, **parameters: Any) -> None:
        """A statement, committed: what the product itself never does."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def row(self, list_id: int = DEFAULT_LIST_ID) -> List:
        """The list as it is now."""
        with self.sessions() as session:
            return session.get_one(List, list_id)

    def feed(self, list_id: int = DEFAULT_LIST_ID) -> Feed:
        """The list's default feed as it is now."""
        with self.sessions() as session:
            return session.query(Feed).filter_by(list_id=list_id, is_default=True).one()

    def body(self, list_id: int = DEFAULT_LIST_ID) -> str:
        """The calendar that the feed serves."""
        with self.sessions() as session:
            found = session.get(FeedBody, self.feed(list_id).id)
        return gzip.decompress(found.gzip).decode() if found else ""


class Interruption:
    """Sessions of which the n-th is opened only after something else has happened.

    A build opens one for its claim, one for each feed that it reads and stores, and one at its end.
    """

    def __init__(self, lists: Lists, before: int, action: Callable[[], object]) -> None:
        self._sessions, self._left, self._action = lists.sessions, before, action

    def __call__(self) -> Session:
        self._left -= 1
        if self._left == 0:
            self._action()
        return self._sessions()
