"""The worker's own clock, with actions that only take notes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.servers import wait_until
from todo.tasks.sweeper import Sweeper

DEADLINE_SECONDS = 10.0
NEVER = 3_600.0

Make = Callable[..., Sweeper]


@pytest.fixture
def visited() -> list[int]:
    """Ids of the lists that were visited, in order."""
    return []


@pytest.fixture
def make(visited: list[int]) -> Iterator[Make]:
    """Makes a sweeper that takes notes of its visits; what is given replaces that."""
    made: list[Sweeper] = []

    def make(
        *,
        sweep: Callable[[], None] = lambda: None,
        visit: Callable[[int], None] = visited.append,
        interval_seconds: float = NEVER,
    ) -> Sweeper:
        made.append(Sweeper("test", sweep=sweep, visit=visit, interval_seconds=interval_seconds))
        return made[-1]

    yield make
    for sweeper in made:
        sweeper.stop()
        if sweeper._thread is not None:
            sweeper._thread.join(DEADLINE_SECONDS)


def eventually(condition: Callable[[], object], what: str) -> None:
    wait_until(condition, DEADLINE_SECONDS, what)


def test_it_sweeps_at_once_and_again_and_again(make: Make) -> None:
    sweeps: list[None] = []
    make(sweep=lambda: sweeps.append(None), interval_seconds=0.001).start()
    eventually(lambda: len(sweeps) >= 3, "three sweeps")


def test_started_twice_it_is_one_thread(make: Make) -> None:
    sweeper = make()
    sweeper.start()
    first = sweeper._thread
    sweeper.start()
    assert sweeper._thread is first


def test_it_visits_a_list_once_its_time_has_come_and_not_before(make: Make, visited: list[int]) -> None:
    sweeper = make()
    asked = time.monotonic()
    sweeper.visit_in(7, 0.05)
    eventually(lambda: visited == [7], "the visit")
    assert time.monotonic() - asked >= 0.05
    assert sweeper._due == {}


def test_lists_are_visited_in_the_order_of_their_times(make: Make, visited: list[int]) -> None:
    sweeper = make()
    sweeper.visit_in(1, 0.1)
    sweeper.visit_in(2, 0.05)
    sweeper.visit_in(3, 0)
    eventually(lambda: len(visited) == 3, "three visits")
    assert visited == [3, 2, 1]


@pytest.mark.parametrize("seconds", [(NEVER, 0.0), (0.0, NEVER)], ids=["earlier last", "earlier first"])
def test_asked_twice_it_visits_at_the_earlier_time_and_once(
    make: Make, visited: list[int], seconds: tuple[float, float]
) -> None:
    gate = threading.Event()

    def visit(list_id: int) -> None:
        gate.wait(DEADLINE_SECONDS)
        visited.append(list_id)

    sweeper = make(visit=visit)
    sweeper.visit_in(0, 0)  # it waits at the gate, while the two below are noted
    eventually(lambda: sweeper._due == {}, "the gate is reached")
    for time_left in seconds:
        sweeper.visit_in(7, time_left)
    gate.set()
    eventually(lambda: 7 in visited, "the visit")
    assert visited == [0, 7]
    assert sweeper._due == {}


def test_asked_while_it_visits_it_visits_once_more(make: Make) -> None:
    visits: list[int] = []

    def visit(list_id: int) -> None:
        visits.append(list_id)
        if len(visits) == 1:
            sweeper.visit_in(list_id, 0)

    sweeper = make(visit=visit)
    sweeper.visit_in(7, 0)
    eventually(lambda: len(visits) == 2, "two visits")


def test_neither_a_sweep_nor_a_visit_that_fails_ends_it(make: Make) -> None:
    sweeps: list[None] = []
    visits: list[int] = []

    def sweep() -> None:
        sweeps.append(None)
        raise ConnectionError("no database")

    def visit(list_id: int) -> None:
        visits.append(list_id)
        raise ConnectionError("no database")

    sweeper = make(sweep=sweep, visit=visit, interval_seconds=0.001)
    sweeper.start()
    for list_id in (1, 2):
        sweeper.visit_in(list_id, 0)
    eventually(lambda: len(visits) == 2 and len(sweeps) >= 3, "it goes on")


def test_stopped_it_ends_at_once_and_can_be_started_again(make: Make, visited: list[int]) -> None:
    sweeper = make()
    sweeper.visit_in(1, NEVER)
    thread = sweeper._thread
    assert thread is not None
    sweeper.stop()
    thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()
    sweeper.visit_in(2, 0)
    eventually(lambda: visited == [2], "a visit after the new start")
