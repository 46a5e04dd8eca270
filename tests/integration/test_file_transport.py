"""The embedded broker, between processes and threads."""

from __future__ import annotations

import multiprocessing
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.simple import SimpleQueue

from todo.config import Settings
from todo.tasks.celery_app import make_celery, make_folders

DEADLINE_SECONDS = 30.0


def client(folder: Path) -> Celery:
    settings = Settings(DATA_DIR=folder)
    make_folders(settings)
    return make_celery(settings)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with client(tmp_path).connection_for_write() as connection:
        yield connection


def names(folder: Path) -> list[str]:
    """The files of messages, finished or not."""
    return sorted(path.name for path in (folder / "broker").iterdir() if path.is_file())


@pytest.fixture
def name() -> str:
    """A queue of the test's own: kombu remembers for the whole process which queues it has made."""
    return f"queue-{uuid.uuid4()}"


def send(folder: Path, name: str, start: int, count: int) -> None:
    """Runs in a process of its own."""
    with client(folder).connection_for_write() as connection, connection.SimpleQueue(name) as queue:
        for number in range(start, start + count):
            queue.put({"number": number, "padding": "x" * 20_000})


def receive(folder: Path, name: str, stop: str) -> list[int]:
    """Runs in a process of its own: takes messages until there are none, and a file `stop` says there won't be any."""
    received: list[int] = []
    with client(folder).connection_for_read() as connection, connection.SimpleQueue(name) as queue:
        while True:
            last = (folder / stop).exists()
            try:
                message = queue.get(timeout=0.2)
            except queue.Empty:
                if last:
                    return received
            else:
                received.append(message.payload["number"])
                message.ack()


def test_messages_are_read_in_the_order_they_were_put(connection: Connection, name: str) -> None:
    with connection.SimpleQueue(name) as queue:
        for number in range(30):
            queue.put(number)
        assert [queue.get(timeout=1).payload for _ in range(30)] == list(range(30))


def test_between_processes_each_message_arrives_once_and_whole(tmp_path: Path, name: str) -> None:
    client(tmp_path)
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
        readers = [processes.submit(receive, tmp_path, name, "stop") for _ in range(2)]
        writers = [processes.submit(send, tmp_path, name, start, 200) for start in (0, 200)]
        for writer in writers:
            writer.result(DEADLINE_SECONDS)
        (tmp_path / "stop").touch()
        received = [number for reader in readers for number in reader.result(DEADLINE_SECONDS)]
    assert Counter(received) == Counter(range(400))
    assert names(tmp_path) == []


def test_a_message_outlives_whoever_sent_it(tmp_path: Path, name: str) -> None:
    send(tmp_path, name, 5, 1)
    assert len(names(tmp_path)) == 1
    (tmp_path / "stop").touch()
    assert receive(tmp_path, name, "stop") == [5]
    assert names(tmp_path) == []


def test_a_message_that_was_taken_and_not_acknowledged_comes_back_when_its_consumer_leaves(
    tmp_path: Path, name: str
) -> None:
    send(tmp_path, name, 5, 1)
    with client(tmp_path).connection_for_read() as connection, connection.SimpleQueue(name) as queue:
        queue.get(timeout=1)
        assert names(tmp_path) == []
    (tmp_path / "stop").touch()
    assert receive(tmp_path, name, "stop") == [5]


def test_queues_whose_names_end_alike_have_nothing_to_do_with_each_other(connection: Connection, name: str) -> None:
    with connection.SimpleQueue(f"other.{name}") as other, connection.SimpleQueue(name) as this:
        other.put("for the other")
        this.put("for this one")
        assert this.get(timeout=1).payload == "for this one"
        with pytest.raises(SimpleQueue.Empty):
            this.get(timeout=0.1)
        assert other.get(timeout=1).payload == "for the other"


@pytest.mark.parametrize("body", [b"", b"garbage", b"\xff\xfe", b'{"a": ', b"\0\0\0"])
@pytest.mark.parametrize("place", ["0", "9" * 20], ids=["before", "after"])
def test_a_file_that_is_no_message_is_passed_over(
    connection: Connection, name: str, tmp_path: Path, body: bytes, place: str
) -> None:
    with connection.SimpleQueue(name) as queue:
        (tmp_path / "broker" / f"{place}_somebody.{name}.msg").write_bytes(body)
        queue.put("a message")
        assert queue.get(timeout=1).payload == "a message"
        with pytest.raises(SimpleQueue.Empty):
            queue.get(timeout=0.1)
    assert names(tmp_path) == []


def declare(folder: Path, exchange: str, number: int, together: threading.Barrier) -> None:
    with client(folder).connection_for_write() as connection:
        channel = connection.default_channel
        together.wait(DEADLINE_SECONDS)
        Queue(f"{exchange}-{number}", Exchange(exchange, "direct"), f"key-{number}").declare(channel=channel)


def test_processes_that_begin_at_the_same_time_all_find_their_queue(tmp_path: Path, name: str) -> None:
    """Each notes its queue in the same file, which is there as soon as the first has begun to write it."""
    for round_ in range(10):
        exchange, together = f"{name}-{round_}", threading.Barrier(8)
        with ThreadPoolExecutor(8) as threads:
            for done in [threads.submit(declare, tmp_path, exchange, number, together) for number in range(8)]:
                done.result(DEADLINE_SECONDS)
        with client(tmp_path).connection_for_read() as connection:
            noted = {entry.queue for entry in connection.default_channel.get_table(exchange)}
            assert noted == {f"{exchange}-{number}" for number in range(8)}


def test_a_worker_that_waits_looks_up_soon_whatever_it_was_told(connection: Connection, name: str) -> None:
    with connection.SimpleQueue(name) as queue, ThreadPoolExecutor(1) as threads:
        queue.consumer.consume()
        waiting = threads.submit(connection.drain_events, timeout=3_600)
        with pytest.raises(TimeoutError):
            waiting.result(DEADLINE_SECONDS)
        assert waiting.done()
