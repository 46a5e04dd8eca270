"""The tour, as a learner meets it and as a script runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import pytest

from tests.processes import Watched, wait_for
from todo.lab import tour
from todo.lab.steps import Step
from todo.lab.tour import STEPS
from todo.queues.screen import Screen

COMMAND = "from todo.cli import main; main()"
TITLES = [f"{number} of 10  {step.title}" for number, step in enumerate(STEPS, 1)]
SAYS = {
    1: "The standard queue let messages overtake each other",
    2: "FIFO kept the order within its one group.",
    3: "FIFO kept the order within each of 4 groups.",
    4: "100 of 100 resends were dropped by content-based deduplication.",
    5: "20 deliveries were redeliveries",
    6: "All 60 messages arrived.",
    7: "Redrive completed",
    8: "is in 3 of 3 queues",
    9: "the backlog grew",
    10: "60 changes in 6 seconds",
}


def command(*options: str) -> list[str]:
    return [sys.executable, "-c", COMMAND, "lab", "tour", *options]


def ended(*options: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*options), input=given, capture_output=True, text=True, timeout=110, check=False)


def titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if line in TITLES]


@pytest.mark.slow
def test_each_step_runs_without_being_asked_anything_and_shows_what_it_is_about() -> None:
    parts = ((1, 2, 3, 4, 5, 6), (7, 8, 9), (10,))  # side by side, and about as long as each other: most is waiting
    with ThreadPoolExecutor() as pool:
        options = [[text for number in part for text in ("--step", str(number))] for part in parts]
        tours = list(pool.map(lambda steps: ended("--yes", *steps), options))
    for part, done in zip(parts, tours, strict=True):
        assert (done.returncode, done.stderr) == (0, "")
        assert titles(done.stdout) == [TITLES[number - 1] for number in part]
        text = " ".join(done.stdout.split())
        assert {number for number in part if SAYS[number] not in text} == set()
        assert "\x1b" not in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_all_ten_steps_come_one_after_the_other_unless_some_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def without_work(step: Step) -> Step:
        return replace(step, run=lambda _: done.append(step.title))

    monkeypatch.setattr(tour, "STEPS", [without_work(step) for step in STEPS])
    monkeypatch.setattr(tour, "laboratory", lambda _: nullcontext(SimpleNamespace(url="http://127.0.0.1")))
    monkeypatch.setattr(tour, "Bench", lambda *_: SimpleNamespace(tell=lambda _: None))
    output = StringIO()
    tour.run(Screen(output), numbers=(), seed=1, go_on=lambda: done.append("Enter"))
    assert titles(output.getvalue()) == TITLES
    assert done[::2] == [step.title for step in STEPS]
    assert set(done[1::2]) == {"Enter"}


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched(command("--yes", "--step", "10"))
    yield watched
    watched.end()


def test_the_last_step_leaves_no_process_behind_when_interrupted(watched: Watched) -> None:
    watched.see(TITLES[9].encode())
    watched.see_like(rb"in two seconds\..*")
    wait_for(lambda: len(watched.living()) > 2, lambda: "the product started")
    os.kill(watched.process.pid, signal.SIGINT)
    assert watched.process.wait(30) == 130
    watched.leaves_nothing()


def test_enter_goes_on_and_the_end_of_input_does_too() -> None:
    steps = ("--step", "2", "--step", "1")
    with ThreadPoolExecutor() as pool:
        entered, over = pool.map(lambda given: ended(*steps, given=given), ("\n", ""))
    assert (entered.returncode, over.returncode) == (0, 0)
    assert entered.stdout.count("Enter goes on, Ctrl-C ends.") == 1
    assert titles(entered.stdout) == titles(over.stdout) == TITLES[:2]
