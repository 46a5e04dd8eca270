"""Ctrl-C at any moment of `taskoverflow queue` and `taskoverflow lab`: exit code 130, and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.queue_sides import Side
from tests.servers import SqsServer

ROOT = str(Path(__file__).parent.parent.parent)
NAMED = ["queue", "--name", "q", "--client-name", "Client 1"]

# The moment is one of the processor's time, so that a busy machine interrupts the same part of the program; whoever
# waits by then uses none, and is interrupted by the clock. Before it is Python's own start, for which nothing in the
# program can provide.
PROGRAM = """
import os, re, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests themselves may run where it is ignored
def interrupt(*_):
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)
    os.kill(os.getpid(), signal.SIGINT)
for number in (signal.SIGPROF, signal.SIGALRM):
    signal.signal(number, interrupt)
signal.setitimer(signal.ITIMER_PROF, float(sys.argv.pop(1)))
signal.setitimer(signal.ITIMER_REAL, 5)
from todo.cli import main
main()
"""
MOMENTS = (0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.0)
AT_ONCE = 8


@pytest.fixture
def side(sqs: SqsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Side:
    monkeypatch.setenv("PYTHONPATH", ROOT)
    monkeypatch.chdir(tmp_path)
    side = Side()
    side.make("q")
    return side


@pytest.mark.parametrize(
    "arguments",
    [
        [*NAMED, "--rate", "1"],
        [*NAMED, "--receive", "--report"],
        ["queue", "report", "-"],
        ["lab", "--port", "0"],
        ["lab", "tour"],
        ["lab", "tour", "--yes"],
    ],
    ids=" ".join,
)
def test_ctrl_c_ends_it_with_130_and_no_traceback(side: Side, arguments: list[str]) -> None:
    for first in range(0, len(MOMENTS), AT_ONCE):
        programs = {
            moment: subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(moment), *arguments],
                stdin=subprocess.PIPE,  # open, as a person's terminal is
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for moment in MOMENTS[first : first + AT_ONCE]
        }
        said = {moment: _rest(program) for moment, program in programs.items()}
        assert {moment: program.returncode for moment, program in programs.items()} == dict.fromkeys(programs, 130)
        assert not [text for text in said.values() if b"Traceback" in text or b"Exception" in text]


def _rest(program: subprocess.Popen[bytes]) -> bytes:
    """What it wrote until it ended; its input stays open for as long."""
    with program:
        assert program.stdout
        written = program.stdout.read()
        program.wait()
    return written
