"""The bell, with a Celery client that takes notes, hangs, or fails."""

from __future__ import annotations

import os
import threading
from typing import Any, cast

from celery import Celery
from kombu.exceptions import OperationalError

from tests.servers import wait_until
from todo.config import Settings
from todo.tasks.bell import BUILD_TASK, Bell
from todo.tasks.celery_app import make_celery

DEADLINE_SECONDS = 10.0


class Client:
    """What the bell uses of a Celery client. `sent` holds (list id, task id); nothing is sent while it hangs."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str | None]] = []
        self.begun = 0
        self.fails = False
        self._goes_on = threading.Event()
        self._goes_on.set()

    def hang(self) -> None:
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def send_task(self, name: str, *, args: list[int], task_id: str | None, **_: Any) -> None:
        assert name == BUILD_TASK
        self.begun += 1
        assert self._goes_on.wait(DEADLINE_SECONDS)
        if self.fails:
            raise OperationalError("no broker")
        self.sent.append((args[0], task_id))


def bell_of(client: Client) -> Bell:
    return Bell(cast("Celery", client))


def eventually(client: Client, sent: list[tuple[int, str | None]]) -> None:
    wait_until(lambda: client.sent == sent, DEADLINE_SECONDS, f"{sent} are sent")


def test_a_ring_is_published_under_its_jobs_id() -> None:
    client = Client()
    bell_of(client).ring(7, "job")
    eventually(client, [(7, "job")])


def test_a_ring_returns_while_the_broker_hangs() -> None:
    client = Client()
    client.hang()
    bell = bell_of(client)

    def ring() -> None:
        for list_id in range(3):
            bell.ring(list_id)

    rings = threading.Thread(target=ring, daemon=True)
    rings.start()
    rings.join(DEADLINE_SECONDS)
    assert not rings.is_alive()
    assert client.sent == []
    client.go_on()
    eventually(client, [(0, None), (1, None), (2, None)])


def test_rings_of_one_list_that_wait_at_the_same_time_are_one() -> None:
    client = Client()
    client.hang()
    bell = bell_of(client)
    bell.ring(1)
    wait_until(lambda: client.begun == 1, DEADLINE_SECONDS, "the first is being sent")
    for _ in range(3):
        bell.ring(1)  # what changed after the first was taken needs one more message
        bell.ring(2)
    client.go_on()
    eventually(client, [(1, None), (1, None), (2, None)])


def test_a_ring_that_cannot_be_published_is_given_up_and_the_next_one_is_tried() -> None:
    client = Client()
    client.fails = True
    bell = bell_of(client)
    bell.ring(1)
    wait_until(lambda: client.begun == 1, DEADLINE_SECONDS, "the first is tried")
    client.fails = False
    bell.ring(2)
    wait_until(lambda: (2, None) in client.sent, DEADLINE_SECONDS, "the second is sent")


def test_a_forked_server_process_rings_too() -> None:
    client = Client()
    bell = bell_of(client)
    bell.ring(1)
    eventually(client, [(1, None)])
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # its thread stayed with the parent
        try:
            bell.ring(2)
            eventually(client, [(1, None), (2, None)])
            os.write(write, b"rung")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        assert answer.read() == b"rung"
    os.waitpid(child, 0)


def test_making_a_client_opens_no_connection() -> None:
    make_celery(Settings(CELERY_BROKER_URL="redis://127.0.0.1:1/0", CELERY_RESULT_BACKEND="redis://127.0.0.1:1/0"))
