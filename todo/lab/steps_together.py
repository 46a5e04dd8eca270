"""The tour's steps in which several parts work together: fan-out, back-pressure, and the calendar's own coalescing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from todo.config import Settings
from todo.errors import TodoError
from todo.lab.bench import Bench
from todo.lab.fan_out import fan_out
from todo.lab.steps import Step
from todo.program import program
from todo.queues import catalog
from todo.queues.tally import Tally

BUSY_SECONDS = 5.0
HANDLING_SECONDS = 0.03
LOOK_SECONDS = 0.1
START_SECONDS = 60.0
CHANGES = 60
CHANGES_SECONDS = 6.0
QUIET_SECONDS = 5.0
"""Longer than the window between two builds, and than counts take to be written."""

Points = list[tuple[float, float]]


def back_pressure(bench: Bench) -> None:
    """A publisher that is faster than one consumer; then there are six."""
    queue = bench.queue("tour-backlog")
    over = threading.Event()
    start = time.monotonic()
    waiting: Points = []
    workers: Points = []

    def consume() -> None:
        while not over.is_set():
            answer = queue.call("receive_message", MaxNumberOfMessages=1, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                time.sleep(HANDLING_SECONDS)  # the work
                queue.call("delete_message", ReceiptHandle=message["ReceiptHandle"])

    consumers = [threading.Thread(target=consume, daemon=True) for _ in range(6)]
    consumers[0].start()
    publisher = threading.Thread(
        target=lambda: bench.publish(queue, Tally(), count=int(60 * BUSY_SECONDS), rate=60), daemon=True
    )
    publisher.start()
    try:
        grown = False
        while (at := time.monotonic() - start) < 4 * BUSY_SECONDS:
            card = catalog.card(bench.service, queue.name)
            waiting.append((at, card.available))
            workers.append((at, 6 if grown else 1))
            if not grown and at > BUSY_SECONDS / 2:
                grown = True
                for consumer in consumers[1:]:
                    consumer.start()
            if grown and not publisher.is_alive() and not card.available and not card.in_flight:
                break
            time.sleep(LOOK_SECONDS)
    finally:
        over.set()
    most = int(max(number for _, number in waiting))
    bench.tell(
        f"With one consumer the backlog grew; the most that waited was {most}. From {BUSY_SECONDS / 2:g} s on there"
        " were six consumers, and it went away. The publisher noticed nothing of either."
    )
    bench.lines("Messages that wait, and consumers", {"waiting": waiting, "consumers": workers})


def coalescing(bench: Bench) -> None:
    """TaskOverflow itself, with the laboratory's queue as its broker."""
    changes: Points = [(0.0, 0.0)]
    bells: Points = []
    with _product(bench) as url:
        _ask(f"{url}/api/v1/todos/ical", {})
        _until(lambda: _sent() > 0)
        before, start = _sent(), time.monotonic()
        for number in range(1, CHANGES + 1):
            _ask(f"{url}/api/v1/todos", {"title": f"Task {number}", "deadline_at": "2030-01-01"})
            changes.append((time.monotonic() - start, float(number)))
            next_at = start + number * CHANGES_SECONDS / CHANGES + (QUIET_SECONDS if number == CHANGES else 0)
            while True:
                at = time.monotonic() - start
                bells += [(at, float(number))] * (_sent() - before - len(bells))
                if start + at >= next_at:
                    break
                time.sleep(min(LOOK_SECONDS / 4, next_at - start - at))
        with urlopen(f"{url}/api/v1/lists/1/activity", timeout=10) as answer:  # noqa: S310 (our own server)
            builds = json.load(answer)["totals"]["builds"] - before
    bench.tell(
        f"{CHANGES} changes in {CHANGES_SECONDS:g} seconds put {len(bells)} messages into the queue ical, and the"
        f" calendar was built {builds} times. A queue cannot do that by itself: the first change rings, and those"
        " after it only leave their mark in the database until the two seconds are over."
    )
    bench.lines("Changes, and messages for the worker", {"changes": changes}, {"a message is sent": bells})


def _sent() -> int:
    from todo.lab import mends
    from todo.lab.server import REGION

    sent: int = mends.queues_of(REGION)["ical"].figures.as_json()["totals"]["sent"]
    return sent


@contextmanager
def _product(bench: Bench) -> Iterator[str]:
    """TaskOverflow in a folder of its own; nothing that is configured outside reaches it."""
    with tempfile.TemporaryDirectory(prefix="taskoverflow-tour-") as folder:
        environment = {name: value for name, value in os.environ.items() if name not in Settings.model_fields}
        environment |= {**bench.laboratory.environment, "CELERY_BROKER_URL": "sqs://"}
        port = _free_port()
        command = [sys.executable, "-m", "todo.cli", "up", "--port", str(port), "--data-dir", folder]
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            url = f"http://127.0.0.1:{port}"
            if not _until(lambda: process.poll() is not None or _answers(f"{url}/api/v1/health")) or process.poll():
                raise TodoError(f"TaskOverflow did not start; try `{program()} up` by itself")
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until(condition: Any) -> bool:
    end = time.monotonic() + START_SECONDS
    while not (found := bool(condition())) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    return found


def _answers(url: str) -> bool:
    try:
        urlopen(url, timeout=2).close()  # noqa: S310 (our own server)
    except (URLError, OSError):
        return False
    return True


def _ask(url: str, content: dict[str, Any]) -> None:
    request = Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})  # noqa: S310
    urlopen(request, timeout=10).close()  # noqa: S310 (our own server)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


TOGETHER = (
    Step(
        "Fan-out",
        "A topic of SNS sends what is published to every queue that subscribed. TaskOverflow's own events go to a topic"
        " with three: the first gets all of them, the second has a filter policy and wants tasks that were ticked off,"
        " the third only what happens in list 1.",
        fan_out,
    ),
    Step(
        "Back-pressure",
        "A publisher sends 60 messages a second, and handling one takes a consumer 30 ms and two calls. The queue"
        " takes up what is too much; how long it is tells when there have to be more consumers.",
        back_pressure,
    ),
    Step(
        "Coalescing",
        f"TaskOverflow itself, with this laboratory as its broker: {CHANGES} tasks are added one after the other, about"
        " ten a second, and the calendar is built anew at most once in two seconds. This takes a while to start.",
        coalescing,
    ),
)
