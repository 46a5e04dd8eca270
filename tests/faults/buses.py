"""Buses that events are sent to, as the tests take them down and up and read what has arrived there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import boto3
import redis
from amqp import Connection

from tests.conformance.lab_server import LabServer
from tests.servers import KafkaServer, RabbitServer, RedisServer, Server
from todo.sinks import open_sink


class Bus(Protocol):
    """One bus. What has arrived stays readable, in the order in which it arrived."""

    url: str
    environment: Mapping[str, str]

    def down(self) -> None:
        """Nobody reaches it any more, or it answers nobody."""

    def up(self) -> None:
        """It is back, with what it had."""

    def arrived(self) -> list[dict[str, Any]]:
        """All events that have arrived so far, again and again."""
        ...


class _Stoppable:
    """A server that is stopped, or frozen where it `hangs`."""

    server: Server
    hangs: bool

    def down(self) -> None:
        if self.hangs:
            self.server.suspend()
        else:
            self.server.stop()

    def up(self) -> None:
        if self.hangs:
            self.server.resume()
        else:
            self.server.start()


class RedisBus(_Stoppable):
    """A stream; `hangs` freezes the server instead of stopping it."""

    environment: Mapping[str, str] = {}

    def __init__(self, server: RedisServer, *, hangs: bool = False) -> None:
        self.server, self.hangs = server, hangs
        self._database = server.database()
        self.url = f"{self._database}/events"

    def arrived(self) -> list[dict[str, Any]]:
        with redis.Redis.from_url(self._database) as client:
            entries: Any = client.xrange("events")
        return [json.loads(fields[b"json"]) for _, fields in entries]


class RabbitBus(_Stoppable):
    """A durable queue that was bound to the exchange before."""

    environment: Mapping[str, str] = {}

    def __init__(self, server: RabbitServer, *, hangs: bool = False) -> None:
        self.server, self.hangs = server, hangs
        self._host = server.virtual_host()
        self.url = f"{self._host}/events"
        self._seen: list[dict[str, Any]] = []
        with self._connect() as connection:
            channel = connection.channel()
            channel.exchange_declare("events", "topic", durable=True, auto_delete=False)
            channel.queue_declare("all", durable=True, auto_delete=False)
            channel.queue_bind("all", "events", routing_key="#")

    def arrived(self) -> list[dict[str, Any]]:
        with self._connect() as connection:
            channel = connection.channel()
            while message := channel.basic_get("all", no_ack=True):
                self._seen.append(json.loads(message.body))
        return self._seen

    def _connect(self) -> Connection:
        host = self._host.rpartition("/")[2]
        return Connection(f"127.0.0.1:{self.server.port}", virtual_host=host, connect_timeout=10, read_timeout=10)


def _client(service: str, server: LabServer) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=server.endpoint, region_name="us-east-1", **keys)


class SqsBus(_Stoppable):
    """A FIFO queue of the laboratory, which hangs: started anew, it would be empty."""

    hangs = True

    def __init__(self, server: LabServer, name: str = "csse6400_prac.fifo", **attributes: str) -> None:
        self.server = server
        self.environment: Mapping[str, str] = server.environment
        self.url = f"sqs://{name}"
        self._seen: list[dict[str, Any]] = []
        self._client = _client("sqs", server)
        if attributes:
            self._client.create_queue(QueueName=name, Attributes=attributes)
        self._queue = self._client.get_queue_url(QueueName=name)["QueueUrl"]

    def arrived(self) -> list[dict[str, Any]]:
        while True:
            answer = self._client.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = answer.get("Messages", [])
            if not messages:
                return self._seen
            for message in messages:
                self._seen.append(json.loads(message["Body"]))
                self._client.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])


class SnsBus(SqsBus):
    """A FIFO topic of the laboratory, which hangs, with a FIFO queue subscribed."""

    def __init__(self, server: LabServer, name: str = "events-topic.fifo") -> None:
        super().__init__(server, name, FifoQueue="true")
        client = _client("sns", server)
        topic = client.create_topic(Name=name, Attributes={"FifoTopic": "true"})["TopicArn"]
        queue = self._client.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        client.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        self.url = f"sns://{topic}"


class KafkaBus:
    """A topic of the mock cluster, which ends its connections and takes no more."""

    environment: Mapping[str, str] = {}

    def __init__(self, server: KafkaServer) -> None:
        self.server = server
        self.url = server.url

    def down(self) -> None:
        self.server.say("down")

    def up(self) -> None:
        self.server.say("up")

    def arrived(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        sink = open_sink(self.url)
        for idle, text in enumerate(sink.follow(from_start=True)):
            if text is not None:
                found.append(json.loads(text))
            elif idle:  # the first None says that it begins
                break
        sink.close()
        return found


class FileBus:
    """A file, whose folder is taken away."""

    environment: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "events"
        self._away = folder / "away"
        self._folder.mkdir()
        self._file = self._folder / "events.jsonl"
        self.url = f"file://{self._file}"

    def down(self) -> None:
        shutil.move(self._folder, self._away)

    def up(self) -> None:
        shutil.move(self._away, self._folder)

    def arrived(self) -> list[dict[str, Any]]:
        if not os.path.exists(self._file):
            return []
        return [json.loads(line) for line in self._file.read_text(encoding="utf-8").splitlines()]
