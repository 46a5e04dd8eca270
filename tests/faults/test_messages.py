"""Messages that come more than once, in a wrong order, long after their time, or from somebody else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import cast

import pytest
from redis import Redis

from tests.faults import locks
from tests.faults.audit import BOUND_SECONDS, Audit
from tests.running import Deployment, logged_since
from tests.servers import wait_until
from tests.servers.process import Process
from todo.tasks.bell import BUILD_TASK


def through(worker: Process, messages: int) -> Callable[[], None]:
    """A function that waits until so many messages, counted from now, are through."""
    new_lines = logged_since(worker)
    return lambda: wait_until(
        lambda: new_lines().count(" succeeded in ") >= messages, BOUND_SECONDS, f"{messages} messages are through"
    )


@pytest.mark.parametrize("setup", ["redis-postgresql", "rabbitmq-postgresql", "files-sqlite"])
def test_the_same_message_ten_times_is_one_build(deployment: Deployment, audit: Audit, worker: Process) -> None:
    builds = deployment.query("SELECT builds FROM lists")
    locks.freeze(audit.deployment, worker)
    job_id = audit.work()
    for _ in range(10):
        deployment.client.send_task(BUILD_TASK, args=[1], task_id=job_id)
    wait_for_messages = through(worker, 10)
    worker.resume()
    wait_for_messages()
    deployment.wait_for_job(job_id, BOUND_SECONDS)
    assert deployment.query("SELECT builds FROM lists") == builds + 1
    audit.settle()


def test_messages_in_any_order_and_again_later_change_nothing(
    deployment: Deployment, audit: Audit, worker: Process
) -> None:
    locks.freeze(audit.deployment, worker)
    for _ in range(5):
        audit.work()
        deployment.client.send_task(BUILD_TASK, args=[1])
    with Redis.from_url(deployment.settings["CELERY_BROKER_URL"]) as redis:
        # Five, and one bell; the first is in the frozen worker's socket.
        wait_until(lambda: redis.llen("ical") == 5, BOUND_SECONDS, "the messages wait")
        messages = cast("list[bytes]", redis.lpop("ical", 5))
        random.Random(1).shuffle(messages)
        redis.lpush("ical", *messages)
        worker.resume()
        audit.settle()
        builds = deployment.query("SELECT builds FROM lists")
        wait_for_messages = through(worker, len(messages))
        redis.lpush("ical", *messages)
        wait_for_messages()
    assert deployment.query("SELECT builds FROM lists") == builds
    audit.settle()


@pytest.mark.parametrize("setup", ["redis-postgresql", "files-sqlite"])
def test_a_message_about_no_list_harms_nothing(deployment: Deployment, audit: Audit, worker: Process) -> None:
    new_lines = logged_since(worker)
    nonsense = [2, -1, 0, 2**31, 2**63, 2**200, "1; DROP TABLE todos", "\0", None, [1], {}, 1e999]
    for list_id in nonsense:
        deployment.client.send_task(BUILD_TASK, args=[list_id])
    wait_until(lambda: new_lines().count(" received") >= len(nonsense), BOUND_SECONDS, "all have come")
    audit.work()
    audit.settle()
    assert worker.running()
