"""Buses that are away, hang, refuse, or are sent the same again: no event is lost, and nothing else notices."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.lab_server import LabServer
from tests.faults import locks
from tests.faults.audit import FAST, REQUEST_SECONDS, Audit
from tests.faults.buses import Bus, FileBus, KafkaBus, RabbitBus, RedisBus, SnsBus, SqsBus
from tests.running import DEADLINE_SECONDS, Deployment, log_of
from tests.servers.process import wait_until
from tests.slow_proxy import SlowProxy

CHANGES, TODOS = 1_000, 10
ARRIVE_SECONDS = 60.0
"""How long a test waits for a thousand events after the longest pause of the relay."""

SLOW_BYTES_PER_SECOND, SLOW_SECONDS, LARGE = 200_000, 20, 9_000
"""A line that needs so long for what happens; each event has so many bytes."""

KINDS = ["redis", "redis-hung", "rabbitmq", "rabbitmq-hung", "sqs-hung", "sns-hung", "kafka", "file"]


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer(strict=True) as server:
        yield server


@pytest.fixture
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Bus:
    """The bus of this kind; `…-hung` freezes where others stop."""
    kind, _, how = request.param.partition("-")
    if kind == "file":
        return FileBus(tmp_path)
    if kind == "sqs":
        return SqsBus(request.getfixturevalue("lab"))
    if kind == "sns":
        # Another for each test: what is left in a queue would be found by the next.
        return SnsBus(request.getfixturevalue("lab"), f"events-{uuid4().hex[:8]}.fifo")
    server = request.getfixturevalue(f"{kind}_server")
    if kind == "kafka":
        return KafkaBus(server)
    return (RedisBus if kind == "redis" else RabbitBus)(server, hangs=how == "hung")


def deployed(tmp_path: Path, postgres_url: str, url: str, environment: Any = None) -> Deployment:
    settings = {**FAST, **(environment or {}), "SQLALCHEMY_DATABASE_URI": postgres_url, "EVENTS_URL": url}
    return Deployment(tmp_path / "deployment", settings)


@pytest.fixture
def deployment(bus: Bus, tmp_path: Path, postgres_url: str) -> Iterator[Deployment]:
    """Web server and worker that send to the bus."""
    with deployed(tmp_path, postgres_url, bus.url, bus.environment) as deployment:
        deployment.start_web()
        deployment.start_worker()
        yield deployment


def of_todos(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in found if event["type"] != "calendar.built"]


def waiting(deployment: Deployment) -> int:
    standing = deployment.request("GET", "events/standing").json()
    assert standing["refused"] == 0
    return int(standing["waiting"])


def seen_once(bus: Bus) -> list[dict[str, Any]]:
    """The todos' events, each where it was seen first, as a consumer has it that remembers ids."""
    first: dict[str, dict[str, Any]] = {}
    for event in of_todos(bus.arrived()):
        first.setdefault(event["id"], event)
    return list(first.values())


@pytest.mark.parametrize("bus", KINDS, indirect=True)
def test_what_happened_while_the_bus_was_away_arrives_in_order_when_it_is_back(
    bus: Bus, deployment: Deployment
) -> None:
    ids = [deployment.add(f"{number}") for number in range(TODOS)]
    wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "the first events are sent")
    bus.down()
    try:
        with Audit(deployment) as audit:
            for number in range(CHANGES // TODOS):
                audit.change([{"id": todo_id, "title": f"change {number} of {todo_id}"} for todo_id in ids])
            audit.post_and_wait()
            assert audit.slowest_seconds < REQUEST_SECONDS
        assert waiting(deployment) >= CHANGES
    finally:
        bus.up()
    wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "all are sent")
    wait_until(lambda: len(seen_once(bus)) >= CHANGES + TODOS, ARRIVE_SECONDS, "all have arrived")
    first = seen_once(bus)
    assert len(first) == CHANGES + TODOS
    assert [event["sequence"] for event in first] == sorted(event["sequence"] for event in first)
    assert first[-1]["data"]["todo"]["title"] == f"change {CHANGES // TODOS - 1} of {ids[-1]}"


@pytest.mark.slow
@pytest.mark.parametrize("bus", ["redis", "rabbitmq"], indirect=True)
def test_a_slow_bus_gets_everything_in_order_and_slows_no_request(
    bus: RedisBus | RabbitBus, tmp_path: Path, postgres_url: str
) -> None:
    with (
        SlowProxy(bus.server.port) as proxy,
        deployed(tmp_path, postgres_url, bus.url.replace(f":{bus.server.port}/", f":{proxy.port}/")) as deployment,
    ):
        deployment.start_web()
        worker = deployment.start_worker()
        ids = [deployment.add(f"{number}") for number in range(TODOS)]
        wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "the first events are sent")
        proxy.bytes_per_second = SLOW_BYTES_PER_SECOND
        changes = SLOW_BYTES_PER_SECOND * SLOW_SECONDS // LARGE // TODOS
        with Audit(deployment) as audit:
            for number in range(changes):
                text = f"{number} ".ljust(LARGE, "x")
                audit.change([{"id": todo_id, "description": text} for todo_id in ids])
            audit.post_and_wait()
            behind = waiting(deployment)
            assert behind > 0
            # It goes on bit by bit.
            wait_until(lambda: 0 < waiting(deployment) < behind, ARRIVE_SECONDS, "some are marked, and not all")
            audit.change([{"id": ids[0], "description": "last"}])
            assert audit.slowest_seconds < REQUEST_SECONDS
        wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "all are sent")
        first = seen_once(bus)
        assert len(first) == TODOS * (changes + 1) + 1
        assert [event["sequence"] for event in first] == sorted(event["sequence"] for event in first)
        assert first[-1]["data"]["todo"]["description"] == "last"
        assert len(of_todos(bus.arrived())) == len(first)  # slow, but not away: nothing had to be sent again
        assert "events_delayed" not in log_of(worker)


@pytest.mark.parametrize("bus", ["redis", "rabbitmq", "sqs-hung", "sns-hung", "kafka", "file"], indirect=True)
def test_a_worker_killed_between_sending_and_marking_sends_the_same_again(bus: Bus, deployment: Deployment) -> None:
    (worker,) = deployment.parts("worker")
    deployment.add("before")
    wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "the first event is sent")
    locks.freeze(deployment, worker)
    deployment.add("twice")
    with locks.held(deployment, "LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"):
        worker.resume()
        wait_until(lambda: len(of_todos(bus.arrived())) == 2, ARRIVE_SECONDS, "it is sent")
        locks.wait_for_waiting(deployment)
        worker.kill()
    assert waiting(deployment) == 1
    # As if the time of the one that was killed were over.
    with deployment.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE installation SET relay_until = '2026-01-01'")
    deployment.start_worker()
    wait_until(lambda: waiting(deployment) == 0, ARRIVE_SECONDS, "it is sent again")
    if ".fifo" in bus.url:  # which drops the second by its id
        assert [event["data"]["todo"]["title"] for event in of_todos(bus.arrived())] == ["before", "twice"]
        return
    wait_until(lambda: len(of_todos(bus.arrived())) == 3, ARRIVE_SECONDS, "it has arrived again")
    found = of_todos(bus.arrived())
    assert [event["data"]["todo"]["title"] for event in found] == ["before", "twice", "twice"]
    assert found[1] == found[2]


def test_what_the_bus_refuses_is_set_aside_shown_and_sent_again_when_asked(
    lab: LabServer, tmp_path: Path, postgres_url: str
) -> None:
    bus = SqsBus(lab, "small.fifo", FifoQueue="true", MaximumMessageSize="2048")
    with deployed(tmp_path, postgres_url, bus.url, bus.environment) as deployment:
        deployment.start_web()
        deployment.start_worker()
        deployment.add("a")
        answer = deployment.request("POST", "todos", json={"title": "too large", "description": "x" * 4_000})
        assert answer.status_code == 201
        deployment.add("b")
        wait_until(lambda: standing(deployment) == (0, 1), ARRIVE_SECONDS, "the one is set aside, the others are sent")
        assert [event["data"]["todo"]["title"] for event in of_todos(bus.arrived())] == ["a", "b"]
        shown = command(deployment, "events", "ls")
        assert "1 set aside" in shown
        assert "todo.created" in shown
        bus._client.set_queue_attributes(QueueUrl=bus._queue, Attributes={"MaximumMessageSize": "262144"})
        assert "1 will be sent again" in command(deployment, "events", "retry", "--all")
        wait_until(lambda: standing(deployment) == (0, 0), ARRIVE_SECONDS, "it is sent")
        assert [event["data"]["todo"]["title"] for event in of_todos(bus.arrived())] == ["a", "b", "too large"]


def standing(deployment: Deployment) -> tuple[int, int]:
    found = deployment.request("GET", "events/standing").json()
    return found["waiting"], found["refused"]


def command(deployment: Deployment, *arguments: str) -> str:
    """What `taskoverflow` prints."""
    ended = subprocess.run(
        [sys.executable, "-m", "todo.cli", *arguments],
        env=deployment.environment,
        cwd=deployment.folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    return ended.stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gopher://events", "EVENTS_URL: must begin with"),
        ("redis://:secret@127.0.0.1:9/0/events", "events_delayed"),
        ("amqp://somebody:secret@127.0.0.1:9/events", "events_delayed"),
        ("kafka://127.0.0.1:9/events", "events_delayed"),
        ("file:///nowhere/at/all/events.jsonl", "events_delayed"),
    ],
)
def test_a_wrong_address_is_said_in_one_line_and_all_else_works(
    url: str, said: str, tmp_path: Path, postgres_url: str
) -> None:
    with deployed(tmp_path, postgres_url, url) as deployment:
        deployment.start_web()
        worker = deployment.start_worker()
        deployment.add("Milk")
        deployment.wait_for_job(deployment.post_job())
        wait_until(lambda: said in log_of(worker), ARRIVE_SECONDS, "it is said")
        assert "Traceback" not in log_of(worker)
        assert "secret" not in log_of(worker)
        assert sum(said in line for line in log_of(worker).splitlines()) == 1
        assert waiting(deployment) >= 1
