"""How long the verdict on a long log takes, from the file to the text and the page; one process, which starts anew.

Run as a module with a log's name it is that process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage

from benchmarks.table import Figure
from todo.queues.log import judge_lines
from todo.queues.records import Began, Deleted, Ended, Received, Record, Sent, to_line
from todo.queues.report import html, render

MESSAGES = 1_000_000
SECONDS_MAX = 10
ROOM_SECONDS = 120

_QUEUE, _SENDER, _RECEIVER = "csse6400_prac", "Client 1", "hello"
_START, _INTERVAL = 1_763_700_000.0, 0.0002
_PLACES = 8
"""How far messages overtake each other; every thousandth comes twice."""


def measure() -> list[Figure]:
    """Three figures: seconds of a log of sent, received and deleted messages, of received ones alone, and memory."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for what, is_whole in (("sent, received and deleted", True), ("received", False)):
            log = Path(folder) / "log.jsonl"
            with log.open("wb") as file:
                lines = sum(file.write(to_line(record)) > 0 for record in _records(is_whole=is_whole))
            seconds, megabytes = _measured(log)
            shown = f"{seconds:.1f} s"
            figures.append(
                Figure(
                    f"report over {MESSAGES:,} messages {what}: {lines:,} lines, {log.stat().st_size / 1e6:,.0f} MB",
                    ours=shown,
                    asked=f"< {SECONDS_MAX} s",
                    measured=shown,
                    passed=seconds < SECONDS_MAX,
                )
            )
            figures.append(Figure("… peak memory", ours=f"{megabytes:.0f} MB"))
    return figures


def _measured(log: Path) -> tuple[float, float]:
    """Seconds of reading and reporting, and the peak of the process's memory in megabytes."""
    command = [sys.executable, "-m", "benchmarks.queue_report", str(log)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=ROOM_SECONDS)
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def _records(*, is_whole: bool) -> Iterator[Record]:
    """A run in which deletions follow ten messages behind, and sends are ahead of all."""
    chance = Random(6400)
    order = sorted(range(MESSAGES), key=lambda number: number + chance.uniform(0, _PLACES))
    ids = Random(1)  # the same ids again for whoever is behind
    numbers = [ids.getrandbits(128) for _ in range(MESSAGES)]

    def message_id(number: int) -> str:
        text = f"{numbers[number]:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    yield Began(_START, _RECEIVER, _QUEUE, False, None)
    for place, number in enumerate(order):
        at = _START + place * _INTERVAL
        if is_whole:
            yield Sent(at, _SENDER, _QUEUE, place, message_id(place))
        for again in range(1 + (place % 1000 == 0)):
            told = (message_id(number), _SENDER, number, None, 0, 1)
            yield Received(at + 0.02 + again * 0.00001, _RECEIVER, _QUEUE, *told, _START + number * _INTERVAL)
        if is_whole:
            yield Deleted(at + 0.03, _RECEIVER, _QUEUE, message_id(number))
    yield Ended(_START + MESSAGES * _INTERVAL, _RECEIVER, _QUEUE, 3 * MESSAGES // 10)


def main(log: str) -> None:
    """Report as the command does, and print the seconds and the peak of memory."""
    started = time.perf_counter()
    with Path(log).open("rb") as lines:
        verdict = judge_lines(lines)
    assert verdict.queues[0].messages == MESSAGES
    assert render(verdict, width=120, color=True)
    assert html(verdict)
    print(time.perf_counter() - started, getrusage(RUSAGE_SELF).ru_maxrss / 1000)


if __name__ == "__main__":
    main(sys.argv[1])
