"""The tour, as a learner meets it and as a script runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.processes import Watched
from todo.lab.tour import STEPS

COMMAND = "from todo.cli import cli, main; from todo.lab_cli import lab; cli.add_command(lab, 'lab'); main()"
TITLES = [f"{number} of 10  {step.title}" for number, step in enumerate(STEPS, 1)]
SAYS = {
    1: "The standard queue let messages overtake each other",
    2: "FIFO kept the order within its one group.",
    3: "FIFO kept the order within each of 4 groups.",
    4: "100 of 100 resends were dropped by content-based deduplication.",
    5: "20 deliveries were redeliveries",
    6: "All 60 messages arrived.",
    7: "Redrive completed",
    8: "30 notices were published",
    9: "the backlog grew",
    10: "60 changes in 6 seconds",
}


def command(*options: str) -> list[str]:
    return [sys.executable, "-c", COMMAND, "lab", "tour", *options]


@pytest.mark.slow
def test_all_ten_steps_run_without_being_asked_anything() -> None:
    ended = subprocess.run(
        command("--yes"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line for line in ended.stdout.splitlines() if line in TITLES] == TITLES
    text = " ".join(ended.stdout.split())
    assert {number for number, sentence in SAYS.items() if sentence not in text} == set()
    assert "\x1b" not in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


@pytest.fixture
def watched() -> Iterator[Watched]:
    tour = Watched(command("--yes", "--step", "10"))
    yield tour
    tour.end()


def test_the_last_step_leaves_no_process_behind_when_interrupted(watched: Watched) -> None:
    watched.see(TITLES[9].encode())
    watched.see_like(rb"in two seconds\..*")
    from tests.processes import wait_for

    wait_for(lambda: len(watched.living()) > 2, lambda: "the product started")
    os.kill(watched.process.pid, signal.SIGINT)
    assert watched.process.wait(30) == 130
    watched.leaves_nothing()


def test_enter_goes_on_and_the_end_of_input_does_too() -> None:
    steps = ("--step", "8", "--step", "2")
    ended = subprocess.run(command(*steps), input="\n", capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0
    assert ended.stdout.count("Enter goes on, Ctrl-C ends.") == 1
    assert [line for line in ended.stdout.splitlines() if line in TITLES] == [TITLES[1], TITLES[7]]
    ended = subprocess.run(command(*steps), input="", capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0
    assert TITLES[7] in ended.stdout
