"""How fast messages are published and drained, against one message a call, on the laboratory's own server; and in how
much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from unittest.mock import patch

import boto3

from benchmarks import sheets_queue
from benchmarks.table import Figure, middle, milliseconds, ratio
from tests.conformance.lab_server import LabServer
from todo.queues import catalog
from todo.queues.connection import Access, Service, find
from todo.queues.crew import Crew
from todo.queues.ledger import Ledger, Show
from todo.queues.publishing import Publication, Publisher
from todo.queues.receiving import Receiver, Subscription
from todo.queues.records import Record
from todo.queues.screen import Screen

MESSAGES = 1_000
ROUNDS = 3
PUBLISHING_AT_LEAST, DRAINING_AT_LEAST = 5, 3
FEW, MANY = 1_000, 100_000
FLAT_AT_MOST = 1.1

_QUEUE = "from todo.queue_cli import queue; queue.main(prog_name='taskoverflow queue')"
_CHECKOUT = Path(__file__).resolve().parent.parent


def measure() -> list[Figure]:
    """Two figures of time, by the command's defaults, and two of memory, of the command itself."""
    with LabServer(strict=True) as server, patch.dict(os.environ, server.environment):
        return [*_speeds(), *_memory()]


def _speeds() -> list[Figure]:
    service = Service(Access(), os.environ, threads=2)
    client = boto3.client("sqs")
    published: dict[str, list[float]] = {"sheets": [], "ours": []}
    drained: dict[str, list[float]] = {"sheets": [], "ours": []}
    with open(os.devnull, "w") as nowhere:
        for number in range(ROUNDS):  # in turns: what disturbs the machine disturbs both
            url = catalog.create(service, f"sheets-{number}")
            queue = find(service, catalog.create(service, f"ours-{number}").rpartition("/")[2])
            stop = Event()
            ledger = _Ending(stop, Screen(nowhere).messages)
            publisher = Publisher(queue, Publication("Client 1", count=MESSAGES), ledger, stop)
            published["sheets"].append(_seconds(partial(sheets_queue.publish, client, url, MESSAGES)))
            published["ours"].append(_seconds(partial(Crew(stop).work, publisher.jobs(), _nothing)))
            receiver = Receiver(queue, Subscription("Client 2"), ledger, stop)
            drained["sheets"].append(_seconds(partial(sheets_queue.drain, client, url, MESSAGES, nowhere)))
            drained["ours"].append(_seconds(partial(Crew(stop).work, receiver.jobs(), _nothing)))
            assert ledger.sent == ledger.deleted == MESSAGES
    return [
        ratio(f"{what} {MESSAGES:,} messages", middle(times["sheets"]), middle(times["ours"]), at_least, milliseconds)
        for what, times, at_least in (
            ("publishing", published, PUBLISHING_AT_LEAST),
            ("draining", drained, DRAINING_AT_LEAST),
        )
    ]


class _Ending(Ledger):
    """Says stop as soon as everything is deleted: no poll that finds nothing is part of the time."""

    def note(self, records: Sequence[Record], bodies: Sequence[str] = ()) -> bool:
        taken = super().note(records, bodies)
        if self.deleted == MESSAGES:
            self.stop.set()
        return taken

    def __init__(self, stop: Event, show: Show) -> None:
        super().__init__(show=show)
        self.stop = stop


def _nothing() -> None:
    pass


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _memory() -> list[Figure]:
    figures = []
    peaks: dict[str, dict[int, float]] = {"publishing": {}, "draining": {}}
    for count in (FEW, MANY):
        name = f"memory-{count}"
        _run("create", name)
        named = ["--name", name, "--client-name", "C"]
        peaks["publishing"][count] = _run(*named, "--count", str(count))
        peaks["draining"][count] = _run(*named, "--receive", "--until-empty")
    for what, of in peaks.items():
        measured = of[MANY] / of[FEW]
        figures.append(
            Figure(
                f"peak memory, {what} {MANY:,} messages against {FEW:,}",
                ours=f"{of[MANY]:.0f} MB, {of[FEW]:.0f} MB",
                asked=f"≤ {FLAT_AT_MOST:g}×",
                measured=f"{measured:.2f}×",
                passed=measured <= FLAT_AT_MOST,
            )
        )
    return figures


def _run(*arguments: str) -> float:
    """The most resident memory, in megabytes, that the command had until it ended well."""
    process = subprocess.Popen(
        [sys.executable, "-c", _QUEUE, *arguments],
        env={**os.environ, "PYTHONPATH": str(_CHECKOUT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{arguments} ended with {process.returncode}"
    return usage.ru_maxrss / 1000
