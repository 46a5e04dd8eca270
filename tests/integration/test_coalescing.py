"""How few builds changes, rings and jobs lead to, on SQLite and PostgreSQL."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.lists import Interruption, Lists, MakeLists
from tests.servers import wait_until
from todo import builds
from todo.tasks.sweeper import Sweeper


@pytest.fixture
def lists(make_lists: MakeLists) -> Lists:
    """Lists without a window: each build takes place at once."""
    return make_lists(WINDOW_SECONDS=0)


def test_a_list_rung_for_ten_times_at_once_is_built_once(make_lists: MakeLists) -> None:
    lists = make_lists(WINDOW_SECONDS=60)
    lists.add("one")
    lists.ask()
    together = threading.Barrier(10)

    def ring() -> builds.Outcome:
        together.wait(10)
        return lists.build()

    with ThreadPoolExecutor(10) as threads:
        outcomes = [future.result(20) for future in [threads.submit(ring) for _ in range(10)]]
    assert sum(outcome.built for outcome in outcomes) == 1
    assert lists.row().builds == 1


def test_the_first_change_builds_at_once_and_later_ones_wait_out_the_window(make_lists: MakeLists) -> None:
    lists = make_lists(WINDOW_SECONDS=60)
    lists.add("one")
    lists.ask()
    assert lists.build() == builds.Outcome(built=1)
    lists.add("two")
    outcome = lists.build()
    assert outcome.built == 0
    assert outcome.wait_seconds is not None
    assert 0 < outcome.wait_seconds <= 60
    lists.rung.clear()
    lists.add("three")
    assert lists.rung == []  # the list waits already
    lists.execute("UPDATE lists SET build_started_at = :then", then="2020-01-01 00:00:00.000000")
    assert lists.build() == builds.Outcome(built=1)
    assert "SUMMARY:three" in lists.body()


def test_changes_within_a_time_cost_at_most_one_build_and_one_for_each_window_in_it(make_lists: MakeLists) -> None:
    window = 0.2
    lists = make_lists(WINDOW_SECONDS=window)
    lists.ask()
    lists.build()

    def build(list_id: int) -> None:
        outcome = lists.build(list_id)
        if outcome.wait_seconds is not None:
            clock.visit_in(list_id, outcome.wait_seconds)

    clock = Sweeper("clock", sweep=lambda: None, visit=build, interval_seconds=60)
    before, started, changes = lists.row().builds, time.monotonic(), 0
    while time.monotonic() - started < 5 * window:
        heard = len(lists.rung)
        lists.add("one more")
        changes += 1
        for list_id in lists.rung[heard:]:
            build(list_id)
    wait_until(lambda: lists.feed().built_revision == changes, 20, "the last change is built")
    seconds = time.monotonic() - started
    clock.stop()
    assert 0 < lists.row().builds - before <= 1 + math.ceil(seconds / window)


def test_a_clock_that_was_set_back_keeps_no_list_waiting(make_lists: MakeLists) -> None:
    lists = make_lists(WINDOW_SECONDS=60)
    lists.add("one")
    lists.ask()
    lists.execute("UPDATE lists SET build_started_at = :then", then="2120-01-01 00:00:00.000000")
    assert lists.build() == builds.Outcome(built=1)


def test_a_feed_that_nobody_uses_is_not_built_until_asked_for(lists: Lists) -> None:
    lists.add("one")
    assert lists.build() == builds.Outcome(built=0)
    assert lists.row().behind_since is None  # nor does a sweep come back to it
    lists.ask()
    assert lists.build() == builds.Outcome(built=1)
    lists.execute("UPDATE feeds SET asked_at = :then", then="2020-01-01 00:00:00.000000")
    lists.add("two")
    assert lists.build() == builds.Outcome(built=0)
    lists.rung.clear()
    job_id = lists.ask()
    assert lists.rung == [1]
    assert lists.build() == builds.Outcome(built=1)
    assert lists.state(job_id).status == "SUCCESS"


def test_a_job_is_built_however_short_a_time_makes_a_feed_unused(make_lists: MakeLists) -> None:
    lists = make_lists(WINDOW_SECONDS=0, UNUSED_AFTER_DAYS=1e-12)
    for title in ("one", "two"):
        lists.add(title)
        lists.ask()
        assert lists.build() == builds.Outcome(built=1)


def test_a_list_deleted_in_the_middle_of_its_build_is_nothing_to_worry_about(lists: Lists) -> None:
    list_id = lists.make_list()
    lists.add("gone soon", list_id)
    lists.ask(list_id)

    def delete() -> None:
        lists.execute("DELETE FROM lists WHERE id = :id", id=list_id)

    lists.build(list_id, sessions=Interruption(lists, 2, delete))
    assert lists.build(list_id) == builds.Outcome(built=0)
