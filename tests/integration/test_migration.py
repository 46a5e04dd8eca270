"""A database of the first version, with everything in it, brought to the newest schema: nothing is lost."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from tests.integration.lists import Lists
from tests.integration.subscribers import titles
from todo import builds, config, database, jobs, schema, todos
from todo.models import Base, Feed

OLD = b"BEGIN:VCALENDAR\r\nPRODID:the first version\r\nEND:VCALENDAR\r\n"
Migrated = tuple[Lists, dict[str, Any], dict[str, list[dict[str, Any]]]]
"""The migrated database, ids of its jobs, and what was in its tables before."""

NOW = "2026-05-01 10:00:00.000000"
COUNTS = {1: 300, 2: 128, 3: 1, 4: 0}
"""How many todos each list has."""


def at_first_version(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            connection.begin()
        settings = schema._config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        connection.commit()


def fill(engine: Engine) -> dict[str, Any]:
    """Lists, todos, a built feed, one that failed, one never built, jobs of all; the jobs' ids by what they are."""
    made = {name: str(uuid.uuid4()) for name in ("done", "told", "keyed", "pending", "failed", "never")}
    asked_at = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    with engine.begin() as connection:

        def run(statement: str, *rows: dict[str, Any]) -> None:
            connection.execute(text(statement), list(rows) or None)

        for list_id in (2, 3, 4):
            run("INSERT INTO lists (id, owner_id, name) SELECT :id, id, 'List' FROM accounts", {"id": list_id})
        run("UPDATE lists SET revision = id * 10, name = 'Home', time_zone = 'Europe/Berlin' WHERE id = 1")
        run("UPDATE lists SET revision = id * 10 WHERE id <> 1")
        # Dealt out in turns, so that the ids of one list have gaps.
        order = [list_id for turn in range(300) for list_id, count in COUNTS.items() if turn < count]
        run(
            "INSERT INTO todos (id, list_id, title, description, completed, deadline_at, deadline_kind, created_at,"
            " updated_at, sequence) VALUES (:id, :list_id, :title, 'text', :completed, :at, :kind, :now, :now, 3)",
            *(
                {
                    "id": 7 + 2 * number,
                    "list_id": list_id,
                    "title": f"todo {number:03}",
                    "completed": number % 3 == 0,
                    "at": NOW if number % 5 else None,
                    "kind": "local" if number % 5 else None,
                    "now": NOW,
                }
                for number, list_id in enumerate(order)
            ),
        )
        feed = "INSERT INTO feeds (id, list_id, is_default, asked_at, built_revision, built_at, failed_revision,"
        feed += " failure, etag, body) VALUES (:id, :id, TRUE, :at, :built, :now, :failed, :failure, :etag, :body)"
        run(
            feed,
            {
                **dict.fromkeys(["failure"]),
                "id": 1,
                "at": asked_at,
                "built": 10,
                "failed": -1,
                "etag": "e1",
                "body": OLD,
                "now": NOW,
            },
            {
                "id": 2,
                "at": asked_at,
                "built": 5,
                "failed": 20,
                "failure": "no ink",
                "etag": "e2",
                "body": OLD,
                "now": NOW,
            },
            {"id": 3, "at": None, "built": -1, "failed": -1, "failure": None, "etag": None, "body": None, "now": None},
        )
        run(
            "INSERT INTO jobs (id, feed_id, revision, idempotency_key, told_at, created_at)"
            " VALUES (:id, :feed, :revision, :key, :told, :now)",
            *(
                {"id": made[name], "feed": feed_id, "revision": revision, "key": key, "told": told, "now": NOW}
                for name, feed_id, revision, key, told in [
                    ("done", 1, 10, None, None),
                    ("told", 1, 3, None, NOW),
                    ("keyed", 1, 9, "a key", NOW),
                    ("pending", 1, 11, None, None),
                    ("failed", 2, 20, None, NOW),
                    ("never", 3, 30, None, None),
                ]
            ),
        )
        if engine.dialect.name == "postgresql":
            for table in ("lists", "todos", "feeds"):
                run(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")  # noqa: S608 (fixed names)
    return made


def rows_of(engine: Engine, table: str, columns: str = "*") -> list[dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY id")).mappings()  # noqa: S608
        return [dict(row) for row in found]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database."""
    url = config.load({"SQLALCHEMY_DATABASE_URI": database_url}).database_url
    engine = database.open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(engine: Engine) -> Migrated:
    """A database of the first version after its upgrade; its jobs; and what was in its tables."""
    at_first_version(engine)
    made = fill(engine)
    before = {
        table: rows_of(engine, table) for table in ("accounts", "installation", "lists", "feeds", "todos", "jobs")
    }
    schema.upgrade(engine.url.render_as_string(hide_password=False))
    return Lists(engine, WINDOW_SECONDS=0), made, before


def test_every_row_is_there_with_the_values_it_had(migrated: Migrated) -> None:
    lists, _, before = migrated
    for table, rows in before.items():
        kept = [name for name in rows[0] if (table, name) not in [("feeds", "body"), ("lists", "behind_since")]]
        after = rows_of(lists.engine, table, ", ".join(kept))
        if table == "lists":  # each with a feed is to be built once more
            rows = [{**row, "revision": row["revision"] + (row["id"] in (1, 2, 3))} for row in rows]
        assert after == [{name: row[name] for name in kept} for row in rows], table


def test_bodies_are_kept_compressed_and_where_there_was_none_there_is_none(migrated: Migrated) -> None:
    lists, _, _ = migrated
    with lists.engine.connect() as connection:
        bodies = {row.feed_id: row.gzip for row in connection.execute(text("SELECT feed_id, gzip FROM feed_bodies"))}
    assert {feed_id: gzip.decompress(bytes(body)) for feed_id, body in bodies.items()} == {1: OLD, 2: OLD}


def test_jobs_that_succeeded_stay_readable(migrated: Migrated) -> None:
    lists, made, _ = migrated
    for name in ("done", "told", "keyed"):
        assert lists.state(made[name]).status == "SUCCESS"
        with lists.sessions() as session:
            calendar = jobs.job_calendar(session, made[name])
        assert (gzip.decompress(calendar.gzip), calendar.etag) == (OLD, "e1")
    assert lists.state(made["failed"]) == jobs.JobState(made["failed"], "FAILURE", "no ink")
    assert lists.state(made["pending"]).status == lists.state(made["never"]).status == "PENDING"
    with lists.sessions() as session:
        again = jobs.request_build(session, 1, ring=lists.ring, idempotency_key="a key")
    assert again.job_id == made["keyed"]


def test_chunks_hold_so_many_todos_each_in_the_order_of_their_ids(migrated: Migrated) -> None:
    lists, _, _ = migrated
    for list_id, count in COUNTS.items():
        found = [row for row in rows_of(lists.engine, "todos") if row["list_id"] == list_id]
        assert [row["chunk"] for row in found] == [number // 128 for number in range(count)]
        assert lists.row(list_id).todos_made == count
    with lists.engine.connect() as connection:
        chunks = connection.execute(text("SELECT list_id, number FROM chunks ORDER BY 1, 2")).all()
    assert [tuple(chunk) for chunk in chunks] == [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0)]


def test_new_columns_say_that_nothing_is_known(migrated: Migrated) -> None:
    lists, _, _ = migrated
    for row in rows_of(lists.engine, "todos"):
        assert (row["completed_at"], row["priority"], row["tags"]) == (None, 0, "")
        assert row["idempotency_key"] is None
    for row in rows_of(lists.engine, "feeds"):
        filters = [row[name] for name in ("name", "completed", "text", "past_days", "future_days", "finished_days")]
        assert filters == [None] * 6
        assert (row["finished"], row["show_as"], bool(row["all_day"]), bool(row["busy_only"])) == (
            "mark",
            "events",
            False,
            False,
        )
        assert (row["token_hash"], row["token_seed"]) == (None, None)


def test_the_next_build_shows_every_todo_and_finishes_the_jobs(migrated: Migrated) -> None:
    lists, made, before = migrated
    assert lists.take_stale() == 1  # without anybody's ring: the content of an event has changed
    assert lists.build() == lists.build(2) == builds.Outcome(built=1)
    for list_id in (1, 2):
        dated = [row for row in before["todos"] if row["list_id"] == list_id and row["deadline_at"]]
        shown = [f"{'✓ ' if row['completed'] else ''}{row['title']}" for row in dated]
        assert titles(lists.body(list_id).encode()) == sorted(shown)
    assert {lists.state(made[name]).status for name in ("done", "told", "keyed", "pending", "failed")} == {"SUCCESS"}
    assert lists.build(3).built == 0  # nobody has asked for it
    assert lists.state(made["never"]).status == "PENDING"


def test_what_is_made_next_goes_on_where_the_old_ones_end(migrated: Migrated) -> None:
    lists, _, before = migrated
    new = lists.add("new", list_id=2)
    assert new > max(row["id"] for row in before["todos"])
    [row] = [row for row in rows_of(lists.engine, "todos") if row["id"] == new]
    assert row["chunk"] == 1
    lists.build(2)
    assert "SUMMARY:new\r\n" in lists.body(2)
    with lists.sessions() as session:
        todos.change(session, 2, [todos.Edit(new, {"completed": True})], now=datetime(2026, 5, 2), ring=lambda _: None)
        assert todos.get(session, 2, new).completed_at == datetime(2026, 5, 2)


def test_rules_of_the_tables_hold_after_it(migrated: Migrated) -> None:
    lists, _, _ = migrated
    with lists.engine.begin() as connection:
        connection.execute(text("DELETE FROM feeds WHERE id = 1"))  # takes its body and its jobs along
    assert [row["id"] for row in rows_of(lists.engine, "jobs") if row["feed_id"] == 1] == []
    assert {row["feed_id"] for row in rows_of(lists.engine, "feed_bodies", "feed_id, feed_id AS id")} == {2}
    for wrong in (
        "UPDATE todos SET priority = 10",
        "UPDATE todos SET deadline_kind = 'never'",
        "UPDATE feeds SET built_revision = -2",
        "INSERT INTO feeds (list_id, is_default) VALUES (2, TRUE)",
        "UPDATE feeds SET token_hash = 'the same'",
        "UPDATE todos SET idempotency_key = 'the same'",
        "INSERT INTO spent_keys (list_id, idempotency_key, deleted_at) SELECT 99, 'a key', created_at FROM lists",
        "INSERT INTO spent_keys (list_id, idempotency_key, deleted_at) SELECT 1, 'the same', created_at FROM lists",
        "INSERT INTO spent_keys (list_id, deleted_at) SELECT 1, created_at FROM lists WHERE id = 1",
        "INSERT INTO spent_keys (list_id, idempotency_key) VALUES (1, 'a key')",
        "INSERT INTO feed_bodies (feed_id, gzip) VALUES (99, '')",
        "INSERT INTO jobs (id, feed_id, revision) VALUES ('x', 99, 1)",
    ):
        with pytest.raises(Exception, match=r"(?i)constraint"), lists.engine.begin() as connection:
            connection.execute(text(wrong))


def test_keys_are_spent_and_go_with_their_list_after_it(migrated: Migrated) -> None:
    lists, _, before = migrated
    doomed = next(row["id"] for row in before["todos"] if row["list_id"] == 3)
    lists.delete(doomed, list_id=3)  # which was made without a key
    keyed = lists.add("keyed", list_id=4, idempotency_key="a key")
    lists.delete(keyed, list_id=4)
    keys = "SELECT list_id, idempotency_key FROM spent_keys"
    with lists.engine.connect() as connection:
        assert connection.execute(text(keys)).all() == [(4, "a key")]
    lists.execute("DELETE FROM lists WHERE id = 4")
    with lists.engine.connect() as connection:
        assert connection.execute(text(keys)).all() == []


def test_a_second_upgrade_changes_nothing(migrated: Migrated) -> None:
    lists, _, _ = migrated
    before = {table: rows_of(lists.engine, table) for table in ("lists", "feeds", "todos", "jobs")}
    schema.upgrade(lists.engine.url.render_as_string(hide_password=False))
    assert {table: rows_of(lists.engine, table) for table in before} == before


@pytest.mark.parametrize("start", ["empty", "first version"])
def test_the_migrated_schema_is_the_models(engine: Engine, start: str) -> None:
    if start != "empty":
        at_first_version(engine)
        fill(engine)
    schema.upgrade(engine.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        # SQLite's own defaults for times have another form, on purpose, and it spells '' in another way.
        defaults = engine.dialect.name == "postgresql"
        options = {"compare_type": True, "compare_server_default": defaults, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_a_list_may_have_more_than_its_default_feed_after_it(migrated: Migrated) -> None:
    lists, _, _ = migrated
    with lists.sessions() as session:
        session.add_all([Feed(list_id=1), Feed(list_id=1)])
        session.commit()
    assert len(rows_of(lists.engine, "feeds")) == 5
