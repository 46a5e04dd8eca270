"""What a sweep finds, and what becomes of builds that fail, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.lists import LONG_AGO, Interruption, Lists, MakeLists
from todo import builds, jobs

FAR_AHEAD = "2120-01-01 00:00:00.000000"


class Killed(Exception):
    """The end of a process."""


def die() -> None:
    raise Killed


@pytest.fixture
def lists(make_lists: MakeLists) -> Lists:
    return make_lists(WINDOW_SECONDS=0, STALE_SECONDS=5)


def let_time_pass(lists: Lists) -> None:
    lists.execute("UPDATE lists SET behind_since = :then WHERE behind_since IS NOT NULL", then=LONG_AGO)


# The sweep goes by staleness.


def test_a_list_that_is_behind_for_a_short_time_is_left_to_the_bell(lists: Lists) -> None:
    lists.add("one")
    lists.ask()
    assert lists.take_stale() is None


def test_a_list_whose_ring_was_lost_is_found_and_built(lists: Lists) -> None:
    lists.add("one")
    job_id = lists.ask()
    let_time_pass(lists)
    assert lists.take_stale() == 1
    lists.build()
    assert lists.state(job_id).status == "SUCCESS"
    assert lists.take_stale() is None


def test_a_job_for_a_feed_that_nobody_used_is_found_when_its_ring_was_lost(lists: Lists) -> None:
    lists.add("one")
    lists.build()  # nothing to do, and nobody comes back
    lists.ask()
    let_time_pass(lists)
    assert lists.take_stale() == 1


@pytest.mark.parametrize("session", [2, 3], ids=["between claim and read", "between store and end"])
def test_a_list_whose_worker_died_in_the_build_is_found(lists: Lists, session: int) -> None:
    lists.add("one")
    job_id = lists.ask()
    with pytest.raises(Killed):
        lists.build(sessions=Interruption(lists, session, die))
    assert lists.row().queued_at is None  # so no bell would tell
    let_time_pass(lists)
    assert lists.take_stale() == 1
    lists.build()
    assert lists.state(job_id).status == "SUCCESS"
    let_time_pass(lists)
    assert lists.take_stale() is None


def test_a_taken_list_counts_as_fresh_so_that_nobody_else_takes_it(lists: Lists) -> None:
    lists.add("one")
    lists.ask()
    let_time_pass(lists)
    assert [lists.take_stale(), lists.take_stale()] == [1, None]


def test_a_list_that_got_nearer_but_is_behind_again_is_not_stale(lists: Lists) -> None:
    lists.add("one")
    lists.ask()
    let_time_pass(lists)
    lists.build(sessions=Interruption(lists, 3, lambda: lists.add("two")))
    assert lists.row().behind_since is not None
    assert lists.take_stale() is None


def test_after_the_clock_was_set_back_a_list_is_found_all_the_same(lists: Lists) -> None:
    lists.add("one")
    lists.ask()
    lists.execute("UPDATE lists SET behind_since = :then", then=FAR_AHEAD)
    assert lists.take_stale() == 1


def test_many_sweeps_at_once_share_the_stale_lists(lists: Lists) -> None:
    ids = [lists.make_list() for _ in range(12)]
    for list_id in ids:
        lists.add("one", list_id)
    let_time_pass(lists)
    together = threading.Barrier(4)

    def sweep() -> list[int]:
        together.wait(10)
        taken = []
        while (list_id := lists.take_stale()) is not None:
            taken.append(list_id)
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [future.result(20) for future in [threads.submit(sweep) for _ in range(4)]]
    assert sorted(list_id for some in taken for list_id in some) == ids


def test_a_sweep_does_not_wait_for_a_list_that_somebody_holds(lists: Lists) -> None:
    if lists.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one lock for all rows")
    held, free = lists.make_list(), lists.make_list()
    for list_id in (held, free):
        lists.add("one", list_id)
    let_time_pass(lists)
    with lists.engine.begin() as connection:
        connection.execute(text("SELECT id FROM lists WHERE id = :id FOR UPDATE"), {"id": held})
        assert [lists.take_stale(), lists.take_stale()] == [free, None]
    assert lists.take_stale() == held


# A build that fails is the job's outcome.


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Rendering fails until the patch is undone."""

    def fail(*arguments: Any, **keywords: Any) -> bytes:
        raise ValueError("the moon is full")

    with monkeypatch.context() as patch:
        patch.setattr("todo.gzip_pieces.join", fail)
        yield patch


def test_a_calendar_that_cannot_be_rendered_fails_its_jobs_with_the_reason_and_is_not_tried_for_ever(
    lists: Lists, broken: pytest.MonkeyPatch
) -> None:
    lists.add("one")
    job_id = lists.ask()
    lists.build()
    assert lists.state(job_id) == jobs.JobState(job_id, "FAILURE", "ValueError: the moon is full")
    assert lists.build() == builds.Outcome(built=0)
    let_time_pass(lists)
    assert lists.take_stale() is None


@pytest.mark.parametrize("healed_by", ["a change", "a job"])
def test_the_next_change_or_job_tries_again(lists: Lists, broken: pytest.MonkeyPatch, healed_by: str) -> None:
    lists.add("one")
    failed = lists.ask()
    lists.build()
    broken.undo()
    lists.rung.clear()
    if healed_by == "a change":
        lists.add("two")
    else:
        lists.ask()
    assert lists.rung == [1]
    lists.build()
    assert lists.state(failed).status == "SUCCESS"


def test_a_calendar_that_was_built_survives_a_failure(lists: Lists, broken: pytest.MonkeyPatch) -> None:
    broken.undo()
    lists.add("one")
    built = lists.ask()
    lists.build()
    broken.setattr("todo.gzip_pieces.join", lambda *_, **__: 1 / 0)
    lists.add("two")
    failed = lists.ask()
    lists.build()
    assert lists.state(built).status == "SUCCESS"
    assert lists.state(failed).status == "FAILURE"
    assert "SUMMARY:one" in lists.body()
