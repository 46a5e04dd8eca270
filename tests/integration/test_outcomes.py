"""How the outcomes of jobs are told to Celery's result backend: at least once, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.lists import LONG_AGO, Lists, MakeLists
from todo import outcomes


@pytest.fixture
def lists(make_lists: MakeLists) -> Lists:
    return make_lists(WINDOW_SECONDS=0, STALE_SECONDS=5)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Rendering fails until the patch is undone."""

    def fail(*arguments: Any, **keywords: Any) -> bytes:
        raise ValueError("the moon is full")

    with monkeypatch.context() as patch:
        patch.setattr("todo.gzip_pieces.join", fail)
        yield patch


class Backend:
    """Collects what it is told, and is down from time to time."""

    def __init__(self) -> None:
        self.told: dict[str, list[str]] = {}
        self.works_for = 1_000_000

    def tell(self, outcome: outcomes.Outcome) -> None:
        self.works_for -= 1
        if self.works_for < 0:
            raise ConnectionError
        self.told.setdefault(outcome.job_id, []).append("FAILURE" if outcome.failure else "SUCCESS")


def tell(lists: Lists, backend: Backend) -> int:
    with lists.sessions() as session:
        return outcomes.tell_outcomes(session, 1, backend.tell)


def untold(lists: Lists) -> list[int]:
    lists.execute("UPDATE jobs SET created_at = :then", then=LONG_AGO)
    with lists.sessions() as session:
        return outcomes.lists_with_untold_outcomes(session, 5)


def test_each_outcome_is_told_once_when_all_goes_well(lists: Lists) -> None:
    lists.add("one")
    jobs = [lists.ask() for _ in range(3)]
    backend = Backend()
    assert tell(lists, backend) == 0  # none is finished
    assert untold(lists) == []
    lists.build()
    assert untold(lists) == [1]
    assert tell(lists, backend) == 3
    assert tell(lists, backend) == 0
    assert backend.told == {job_id: ["SUCCESS"] for job_id in jobs}
    assert untold(lists) == []


def test_what_a_backend_that_fails_was_not_told_is_told_later(lists: Lists) -> None:
    lists.add("one")
    jobs = [lists.ask() for _ in range(3)]
    lists.build()
    backend = Backend()
    backend.works_for = 1
    with pytest.raises(ConnectionError):
        tell(lists, backend)
    assert untold(lists) == [1]  # nothing was marked before all were told
    backend.works_for = 1_000
    tell(lists, backend)
    assert set(backend.told) == set(jobs)


def test_a_backend_that_fails_among_many_outcomes_is_told_few_of_them_again(lists: Lists) -> None:
    lists.add("one")
    job_id = lists.ask()
    lists.build()
    lists.execute(
        "INSERT INTO jobs (id, feed_id, revision, created_at) WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) "
        "SELECT 'job ' || CAST(i AS VARCHAR), feed_id, revision, created_at FROM n, jobs WHERE jobs.id = :id",
        id=job_id,
    )
    backend = Backend()
    backend.works_for = 1_700
    with pytest.raises(ConnectionError):
        tell(lists, backend)
    backend.works_for = 1_000_000
    assert tell(lists, backend) == 500
    assert len(backend.told) == 2_000


@pytest.mark.parametrize("healed_by", ["a change", "a job"])
def test_a_failure_that_was_told_and_healed_is_told_again_as_a_success(
    lists: Lists, broken: pytest.MonkeyPatch, healed_by: str
) -> None:
    backend = Backend()
    lists.add("one")
    job_id = lists.ask()
    lists.build()
    assert tell(lists, backend) == 1
    broken.undo()
    if healed_by == "a change":
        lists.add("two")
    else:
        lists.ask()
    lists.build()
    tell(lists, backend)
    assert backend.told[job_id] == ["FAILURE", "SUCCESS"]


def test_a_failure_that_heals_while_it_is_told_is_told_again_as_a_success(
    lists: Lists, broken: pytest.MonkeyPatch
) -> None:
    backend = Backend()
    lists.add("one")
    job_id = lists.ask()
    lists.build()

    def tell_slowly(outcome: outcomes.Outcome) -> None:
        if outcome.failure:
            broken.undo()
            lists.add("two")
            lists.build()
        backend.tell(outcome)

    with lists.sessions() as session:
        outcomes.tell_outcomes(session, 1, tell_slowly)
    assert backend.told[job_id] == ["FAILURE", "SUCCESS"]
