"""Two processes at one list at the same moment, in the order that once lost a job. PostgreSQL, where both can run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.lists import Lists, empty, migrated
from tests.servers.process import wait_until
from todo import build_statements, builds, gzip_pieces, jobs


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
