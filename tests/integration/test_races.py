"""Two processes at one list at the same moment, in the order that could lose or double something. PostgreSQL alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.lists import NOW, Lists, empty, migrated
from tests.servers.process import wait_until
from todo import build_statements, builds, gzip_pieces, jobs, todos
from todo.errors import Gone


@pytest.fixture
def lists(request: pytest.FixtureRequest) -> Iterator[Lists]:
    with migrated("postgresql", request) as engine:
        yield Lists(empty(engine), WINDOW_SECONDS=0)


def waits_for_a_lock(lists: Lists) -> bool:
    with lists.engine.connect() as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(connection.execute(text(waiting)).scalar())


def while_a_job_is_made(lists: Lists, monkeypatch: pytest.MonkeyPatch, action: Any) -> str:
    """Run `action` in a thread that comes to wait for the list's lock, which the job's request holds; the job's id."""
    original = jobs.default_feed
    thread = threading.Thread(target=action)

    def held(*arguments: Any) -> Any:
        found = original(*arguments)
        thread.start()
        wait_until(lambda: waits_for_a_lock(lists), 10, "the other waits for the lock")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "default_feed", held)
        job_id = lists.ask()
    thread.join()
    return job_id


def test_a_bell_that_is_handled_while_the_first_job_is_made_does_not_unmark_the_list(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.add("one")
    job_id = while_a_job_is_made(lists, monkeypatch, lists.build)
    assert lists.row().behind_since is not None or lists.state(job_id).status == "SUCCESS"
    lists.build()
    assert lists.state(job_id).status == "SUCCESS"


def test_a_retry_that_is_made_while_a_failed_build_ends_leaves_the_list_behind(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.add("one")
    lists.ask()
    with monkeypatch.context() as patch:
        patch.setattr(gzip_pieces, "join", lambda *_, **__: 1 / 0)
        lists.build()
    assert lists.feed().failed_revision == 1

    def release() -> None:
        with lists.sessions() as session:
            parameters = builds._parameters(1, lists.settings)
            session.execute(build_statements.LOCK, parameters)
            session.execute(build_statements.RELEASE, parameters)
            session.commit()

    job_id = while_a_job_is_made(lists, monkeypatch, release)
    assert lists.row().behind_since is not None
    lists.build()
    assert lists.state(job_id).status == "SUCCESS"


@pytest.mark.parametrize("first", ["deletion", "creation"])
def test_a_creation_sent_again_while_its_todo_is_deleted_makes_no_other(
    lists: Lists, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    made = lists.add("once", idempotency_key="a key")
    answers: list[object] = []

    def again() -> None:
        with lists.sessions() as session:
            try:
                found, _ = todos.create_once(
                    session, 1, {"title": "twice"}, idempotency_key="a key", now=NOW, ring=lists.ring
                )
                answers.append((found.id, found.title))
            except Gone as gone:
                answers.append(gone.field)

    def delete() -> None:
        lists.delete(made)

    holder, waiter = (delete, again) if first == "deletion" else (again, delete)
    original = todos.lock_list
    thread = threading.Thread(target=waiter)

    def held(*arguments: Any) -> Any:
        locked = original(*arguments)
        if not thread.ident:  # the first to have the lock; the other comes by here too
            thread.start()
            wait_until(lambda: waits_for_a_lock(lists), 10, "the other waits for the lock")
        return locked

    with monkeypatch.context() as patch:
        patch.setattr(todos, "lock_list", held)
        holder()
        thread.join()
    assert answers == (["Idempotency-Key"] if first == "deletion" else [(made, "once")])
    with lists.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM todos")).scalar() == 0
        assert connection.execute(text("SELECT idempotency_key FROM spent_keys")).scalars().all() == ["a key"]
