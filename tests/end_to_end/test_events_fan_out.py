"""TaskOverflow's events by way of a topic: what happens arrives in the queues that want it, and in no other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.conformance.lab_server import LabServer
from tests.conftest import running
from tests.integration.lists import Lists
from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers import wait_until
from todo.lab.server import ACCOUNT, EVENTS_QUEUES, EVENTS_TOPIC, REGION


class Queues:
    """What arrives in the laboratory's queues, each event once: standard queues hand out some twice."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        self._urls = {name: self._sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in EVENTS_QUEUES}
        self.arrived: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def read(self) -> None:
        for name, url in self._urls.items():
            while messages := self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            ).get("Messages"):
                for message in messages:
                    event = json.loads(message["Body"])
                    told = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
                    assert told == {"type": event["type"], "list": event["partitionkey"]}
                    self.arrived[name][event["id"]] = event
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def has(self, name: str, kind: str, title: str) -> bool:
        return (kind, title) in self.told(name)

    def told(self, name: str) -> list[tuple[str, str]]:
        """Kinds of the events about todos that arrived in a queue, with the todos' titles, as they happened."""
        events = sorted(self.arrived[name].values(), key=lambda event: str(event["sequence"]))
        return [(event["type"], event["data"]["todo"]["title"]) for event in events if "todo" in event["data"]]


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A deployment that sends its events to the laboratory's topic; its web server runs, and no worker yet."""
    with running(LabServer) as lab:
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        settings = {**lab.environment, "EVENTS_URL": f"sns://arn:aws:sns:{REGION}:{ACCOUNT}:{EVENTS_TOPIC}"}
        with Deployment(tmp_path, settings) as deployment:
            deployment.start_web()
            yield deployment


def test_a_tick_arrives_in_the_queues_that_want_it_and_in_no_other(deployment: Deployment) -> None:
    lists = Lists(deployment.engine)  # the API has one list alone
    other_list = lists.make_list()
    deployment.start_worker()
    milk, _ = deployment.add("Milk"), deployment.add("Bread")
    assert deployment.request("PUT", f"todos/{milk}", json={"completed": True}).ok
    lists.change(lists.add("Slides", other_list), other_list, completed=True)

    queues = Queues()
    last = ("events-all", "todo.completed", "Slides")

    def arrived() -> bool:
        queues.read()
        return queues.has(*last)

    wait_until(arrived, DEADLINE_SECONDS, "the last event arrives")
    queues.read()
    own = [("todo.created", "Milk"), ("todo.created", "Bread"), ("todo.completed", "Milk")]
    other = [("todo.created", "Slides"), ("todo.completed", "Slides")]
    assert queues.told("events-all") == own + other
    assert queues.told("events-list-1") == own
    assert queues.told("events-completed") == [own[-1], other[-1]]
    assert {event["type"] for event in queues.arrived["events-completed"].values()} == {"todo.completed"}
    everything = queues.arrived["events-all"]
    about = ("todo.completed", f"lists/1/todos/{milk}")
    (tick,) = (event for event in everything.values() if (event["type"], event["subject"]) == about)
    assert [queues.arrived[name].get(tick["id"]) for name in EVENTS_QUEUES] == [tick] * 3
