"""The API as its clients see it, over the whole web side, with the database behind it open to be looked at."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, Protocol, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, event, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from todo import builds, create_app, database, gzip_pieces
from todo.config import Settings
from todo.models import Activity, Base, Chunk, Event, Feed, Job, List, SpentKey, Todo, db

PREFIX = "/api/v1"


class Answer(Protocol):
    """What is looked at of a response. `json` is anything, without the "or None" that werkzeug's own type has."""

    status_code: int
    headers: Headers
    mimetype: str
    data: bytes
    text: str

    @property
    def json(self) -> Any: ...


class Rings:
    """A bell that only notes who rang it: (list id, job id) in order."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str | None]] = []

    def ring(self, list_id: int, job_id: str | None = None) -> None:
        self.heard.append((list_id, job_id))


class Api:
    """One application on one database. Each call of a method is a request of its own."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self.app = app
        self.engine = engine
        self.sessions = database.sessions(engine)
        self.settings: Settings = app.config["SETTINGS"]
        self.rings = Rings()
        app.config["BELL"] = self.rings
        vars(app.wsgi_app)["_ring"] = self.rings.ring  # feeds' addresses have one of their own

    def client(self) -> FlaskClient:
        """A client for a thread of its own."""
        return self.app.test_client()

    def call(self, method: str, path: str, **how: Any) -> Answer:
        """The answer to a request; `path` is below the API's prefix unless it begins with `//`."""
        full = path[1:] if path.startswith("//") else f"{PREFIX}{path}"
        return cast(Answer, self.client().open(full, method=method, buffered=True, **how))

    def get(self, path: str, **how: Any) -> Answer:
        return self.call("GET", path, **how)

    def post(self, path: str, json: Any = None, **how: Any) -> Answer:
        return self.call("POST", path, **({} if json is None else {"json": json}), **how)

    def put(self, path: str, json: Any) -> Answer:
        return self.call("PUT", path, json=json)

    def patch(self, path: str, json: Any) -> Answer:
        return self.call("PATCH", path, json=json)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def todo(self, title: str = "a todo", **fields: Any) -> dict[str, Any]:
        """A todo made over the API."""
        answer = self.post("/todos", {"title": title, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def titles(self, query: str = "") -> list[str]:
        """The titles that `GET /todos` answers with, in its order."""
        answer = self.get(f"/todos{query}")
        assert answer.status_code == 200, answer.text
        return [todo["title"] for todo in answer.json]

    def add(self, *rows: Mapping[str, Any]) -> list[int]:
        """Ids of todos put straight into the database, which bumps no revision. All rows have the same keys."""
        statement = insert(Todo).returning(Todo.id, sort_by_parameter_order=True)
        with self.engine.begin() as connection:
            values = [{"title": "a todo", "deadline_at": None, **row} for row in rows]
            return list(connection.scalars(statement, values))

    def make_list(self, name: str = "Another") -> int:
        """One more list's id."""
        with self.sessions() as session:
            database.begin_change(session)  # the statistic may be written after what is read here
            made = List(owner_id=session.get_one(List, 1).owner_id, name=name)
            session.add(made)
            session.commit()
            return made.id

    def ask(self, **headers: str) -> Answer:
        """The answer to who asks for a calendar; `_` in a header's name stands for `-`."""
        return self.post("/todos/ical", headers={name.replace("_", "-"): value for name, value in headers.items()})

    def job(self, **headers: str) -> str:
        """Id of a new job."""
        answer = self.ask(**headers)
        assert answer.status_code in (200, 202), answer.text
        task_id: str = answer.json["task_id"]
        return task_id

    def status(self, task_id: str) -> str:
        """How far a job is."""
        answer = self.get(f"/todos/ical/{task_id}/status")
        assert answer.status_code == 200, answer.text
        assert answer.json["task_id"] == task_id
        status: str = answer.json["task_status"]
        return status

    def result(self, task_id: str, **headers: str) -> Answer:
        """What a job hands out."""
        return self.get(f"/todos/ical/{task_id}/result", headers=headers)

    def scalar(self, statement: Any) -> Any:
        with self.sessions() as session:
            return session.scalar(statement)

    def revision(self) -> int:
        """How often the list has changed."""
        revision: int = self.scalar(select(List.revision))
        return revision

    def build_count(self) -> int:
        """How many builds the list has seen."""
        count: int = self.scalar(select(List.builds))
        return count

    def build(self) -> builds.Outcome:
        """What a worker does when the bell rings."""
        return builds.build_list(self.sessions, 1, self.settings)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is sent to the database meanwhile."""
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(self.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(self.engine, "before_cursor_execute", note)

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table but the statistic, which a thread writes when it comes to it."""
        with self.engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
                for table in Base.metadata.sorted_tables
                if table.name != Activity.__tablename__
            }

    def reset(self) -> None:
        """Empty lists again, as in a fresh installation, and no ring heard."""
        with self.sessions() as session:
            database.begin_change(session)
            for model in (Activity, Event, Job, Feed, Chunk, SpentKey, Todo):
                session.execute(delete(model))
            session.execute(delete(List).where(List.id != 1))
            session.execute(update(List).values(_fresh_list(session)))
            session.commit()
        self.rings.heard.clear()


@contextmanager
def in_the_middle_of_builds(action: Callable[[], object]) -> Iterator[None]:
    """Has something done by each build between its reading and its storing."""
    real = gzip_pieces.join

    def join(pieces: Sequence[gzip_pieces.Piece]) -> gzip_pieces.Whole:
        action()
        return real(pieces)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gzip_pieces, "join", join)
        yield


def at_once(*actions: Any) -> list[Any]:
    """What each of the actions gives, all begun at the same moment, each in a thread of its own."""
    together = Barrier(len(actions))

    def run(action: Any) -> Any:
        together.wait(10)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return [future.result() for future in [threads.submit(run, action) for action in actions]]


def break_down() -> None:
    """What a build does that fails."""
    raise RuntimeError("the ink is out")


def _fresh_list(session: Session) -> dict[str, Any]:
    """What the migration gave the list, by column: its defaults."""
    fresh = {"name": "Tasks", "revision": 0, "building_revision": -1, "builds": 0, "todos_made": 0}
    known = {"id", "owner_id", "created_at"}
    return {column.key: fresh.get(column.key) for column in List.__table__.columns if column.key not in known}


@contextmanager
def application(database_url: str, **overrides: Any) -> Iterator[Api]:
    """The API on the database; `overrides` are settings. Builds follow each other without a window."""
    folder = tempfile.mkdtemp(prefix="taskoverflow-api-")
    settings = {"DATA_DIR": folder, "WINDOW_SECONDS": 0, "LOG_LEVEL": "ERROR", **overrides}
    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url, "TESTING": True, **settings})
    with app.app_context():
        engine = db.engine
    try:
        yield Api(app, engine)
    finally:
        engine.dispose()
        shutil.rmtree(folder)
