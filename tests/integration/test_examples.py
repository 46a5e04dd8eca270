"""The consumers in examples/: each run as it is against the real thing, with events that come twice and a kill."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from tests.conformance.lab_server import LabServer
from tests.conftest import running
from tests.integration.sink_places import FilePlace, KafkaPlace, Place, RabbitPlace, RedisPlace, SnsPlace, SqsPlace
from tests.processes import Watched, wait_for
from tests.servers import KafkaServer, RabbitServer, RedisServer
from todo.events import Envelope
from todo.sinks import open_sink

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
TODOS = 12


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with running(LabServer) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


class Story:
    """What happens to some todos, and how it ends."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._source = f"urn:uuid:{uuid4()}"
        self._number = 0
        self._completed: dict[int, bool] = {}
        self._next_id = 1
        self.last: dict[int, str] = {}

    @property
    def open(self) -> int:
        return list(self._completed.values()).count(False)

    def go_on(self, count: int) -> list[Envelope]:
        return [self._next() for _ in range(count)]

    def _next(self) -> Envelope:
        choices = ["todo.created"] if len(self._completed) < TODOS else []
        if self._completed:
            choices += ["todo.changed", "todo.completed", "todo.reopened", "todo.deleted", "calendar.built"]
        kind = self._random.choice(choices)
        if kind == "todo.created":
            todo_id, self._next_id = self._next_id, self._next_id + 1
            self._completed[todo_id] = False
        else:
            todo_id = self._random.choice(list(self._completed))
        if kind in ("todo.completed", "todo.reopened"):
            self._completed[todo_id] = kind == "todo.completed"
        completed = self._completed[todo_id]
        if kind == "todo.deleted":
            del self._completed[todo_id]
        self._number += 1
        if kind != "calendar.built":
            self.last[todo_id] = f"{self._number:020}"
        list_id = todo_id % 3 + 1
        about = "feeds" if kind == "calendar.built" else "todos"
        uuid = str(uuid4())
        content = {
            "specversion": "1.0",
            "id": uuid,
            "source": self._source,
            "type": kind,
            "subject": f"lists/{list_id}/{about}/{todo_id}",
            "partitionkey": str(list_id),
            "sequence": f"{self._number:020}",
            "data": {} if kind == "calendar.built" else {"todo": {"id": todo_id, "completed": completed}},
        }
        return Envelope(self._number, uuid, kind, list_id, json.dumps(content).encode())  # type: ignore[arg-type]


def counts_right(place: Place, command: list[str], state: Path) -> None:
    story = Story(seed=7)
    sink = open_sink(place.url)

    def send(events: list[Envelope]) -> None:
        assert [one for one, reason in sink.send(events) if reason is None]

    def seen() -> dict[int, str]:
        if not state.exists():
            return {}
        with sqlite3.connect(state) as db:
            tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'tasks'").fetchone()
            rows = db.execute("SELECT name, sequence FROM tasks").fetchall() if tables[0] else []
        db.close()
        return {int(name.rpartition("/")[2]): sequence for name, sequence in rows}

    def start() -> Watched:
        return Watched([sys.executable, str(EXAMPLES / command[0]), *command[1:], str(state)])

    program = start()
    try:
        first = story.go_on(60)
        send(first)
        wait_for(lambda: len(seen()) > 5, lambda: f"{seen()} {program.lines}")
        program.process.kill()  # in the middle, of what was sent or of its answers
    finally:
        program.end()
    second = story.go_on(60)
    send(first[20:] + second[:40])  # as a relay does that was killed before it could mark
    program = start()
    try:
        send(second[20:])
        send(second[30:50])
        wait_for(lambda: seen() == story.last, lambda: f"{seen()} {story.last} {program.lines}")
        wait_for(lambda: program.lines[-1:] == [b"%d" % story.open], lambda: f"{story.open} {program.lines}")
    finally:
        program.end()
        sink.close()


def test_redis(redis_server: RedisServer, tmp_path: Path) -> None:
    place = RedisPlace(redis_server)
    database, _, stream = place.url.rpartition("/")
    counts_right(place, ["redis_stream.py", database, stream], tmp_path / "open.sqlite")


def test_rabbitmq(rabbitmq_server: RabbitServer, tmp_path: Path) -> None:
    place = RabbitPlace(rabbitmq_server)
    broker, _, exchange = place.url.rpartition("/")
    connection = place.connect()  # the queue is there before the first event, as after a first run
    channel = connection.channel()
    channel.queue_declare("open-tasks", durable=True, auto_delete=False)
    channel.queue_bind("open-tasks", exchange, routing_key="todo.*")
    connection.close()
    counts_right(place, ["rabbitmq.py", broker, exchange], tmp_path / "open.sqlite")


def test_kafka(kafka_server: KafkaServer, tmp_path: Path) -> None:
    place = KafkaPlace(kafka_server)
    topic = place.url.rpartition("/")[2]
    counts_right(place, ["kafka.py", kafka_server.address, topic], tmp_path / "open.sqlite")


def test_file(tmp_path: Path) -> None:
    place = FilePlace(tmp_path / "events.jsonl")
    place.path.write_bytes(b'{"half')
    counts_right(place, ["file.py", str(place.path)], tmp_path / "open.sqlite")


@pytest.mark.parametrize("is_fifo", [False, True], ids=["standard", "fifo"])
def test_sqs(lab: LabServer, tmp_path: Path, *, is_fifo: bool) -> None:
    place = SqsPlace(lab, is_fifo=is_fifo, attributes={"VisibilityTimeout": "3"})
    counts_right(place, ["sqs.py", place.name], tmp_path / "open.sqlite")


@pytest.mark.parametrize("raw", ["true", "false"])
def test_sns(lab: LabServer, tmp_path: Path, raw: str) -> None:
    place = SnsPlace(lab, is_fifo=False)
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName=f"mine-{raw}", Attributes={"VisibilityTimeout": "3"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = place.url.partition("://")[2]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": raw})
    counts_right(place, ["sqs.py", f"mine-{raw}"], tmp_path / "open.sqlite")


def test_each_is_short_and_says_how_to_run_it() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 40
        assert path.name in readme
