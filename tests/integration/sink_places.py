"""Where events go, of each technology a real one: as a sink finds it, and as a reader of its own does."""

from __future__ import annotations

import json
import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import uuid4

import amqp
import boto3
from confluent_kafka import Consumer, TopicPartition
from redis import Redis

from tests.conformance.lab_server import LabServer
from tests.servers import KafkaServer, RabbitServer, RedisServer, Server
from todo.events import Envelope

PATIENCE_SECONDS = 20.0


def event(number: int, list_id: int = 1, *, octets: int = 100, kind: str = "todo.changed") -> Envelope:
    """An event whose `sequence` is its number."""
    uuid = str(uuid4())
    about = {"specversion": "1.0", "id": uuid, "type": kind, "partitionkey": str(list_id), "sequence": f"{number:020}"}
    content = json.dumps({**about, "data": "x" * octets}).encode()
    return Envelope(number, uuid, kind, list_id, content)  # type: ignore[arg-type]


class Arrived(NamedTuple):
    """An event as a reader gets it: its JSON, and what the technology says of it besides."""

    json: bytes
    uuid: str | None
    kind: str | None
    list_id: int | None


class Place(ABC):
    """A queue, topic, exchange, stream or file that is there and empty."""

    server: Server | None = None
    url: str

    def prepare(self) -> None:  # noqa: B027 (not all need it)
        """Make what must be there; again after a restart of a server that kept nothing."""

    @abstractmethod
    def read(self) -> list[Arrived]:
        """What has arrived since the last time, or all."""

    def down(self) -> None:
        assert self.server is not None
        self.server.stop()

    def up(self) -> None:
        assert self.server is not None
        self.server.start()
        self.prepare()

    def wait_for(self, uuids: set[str]) -> list[Arrived]:
        """All that has come once these have; a test fails when they do not."""
        found: list[Arrived] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not uuids <= {json.loads(one.json)["id"] for one in found}:
            assert time.monotonic() < deadline, f"{len(found)} came"
            found += self.read()
        return found


class RedisPlace(Place):
    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self._database = server.database()
        self.url = f"{self._database}/events"
        self._last: Any = "0-0"

    def read(self) -> list[Arrived]:
        with Redis.from_url(self._database) as client:
            answer: Any = client.xread({"events": self._last}, block=200)
        found = []
        for _, entries in answer or ():
            for self._last, fields in entries:
                found.append(Arrived(fields[b"json"], fields[b"id"].decode(), fields[b"type"].decode(), None))
        return found


class RabbitPlace(Place):
    def __init__(self, server: RabbitServer, arguments: dict[str, Any] | None = None) -> None:
        self.server = server
        self._broker = server.virtual_host()
        self._arguments = arguments
        self.url = f"{self._broker}/events"
        self.prepare()

    def connect(self) -> amqp.Connection:
        host = self._broker.rpartition("/")[2]
        assert self.server is not None
        connection = amqp.Connection(f"127.0.0.1:{self.server.port}", virtual_host=host, connect_timeout=5)
        connection.connect()
        return connection

    def prepare(self) -> None:
        connection = self.connect()
        channel = connection.channel()
        channel.exchange_declare("events", "topic", durable=True, auto_delete=False)
        channel.queue_declare("all", durable=True, auto_delete=False, arguments=self._arguments)
        channel.queue_bind("all", "events", routing_key="todo.*")
        connection.close()

    def read(self) -> list[Arrived]:
        connection = self.connect()
        channel = connection.channel()
        found = []
        while (message := channel.basic_get("all", no_ack=True)) is not None:
            body = message.body if isinstance(message.body, bytes) else message.body.encode()
            assert message.properties["delivery_mode"] == 2
            assert message.properties["content_type"] == "application/cloudevents+json"
            assert message.delivery_info["routing_key"] == message.properties["type"]
            uuid = message.properties["message_id"]
            found.append(Arrived(body, uuid, message.properties["type"], message.headers["list"]))
        connection.close()
        return found


class KafkaPlace(Place):
    def __init__(self, server: KafkaServer) -> None:
        self.server = server
        self.url = server.url
        self._seen: dict[int, int] = {}

    def down(self) -> None:
        assert isinstance(self.server, KafkaServer)
        self.server.say("down")

    def up(self) -> None:
        assert isinstance(self.server, KafkaServer)
        self.server.say("up")

    def read(self) -> list[Arrived]:
        assert isinstance(self.server, KafkaServer)
        topic = self.url.rpartition("/")[2]
        consumer = Consumer({"bootstrap.servers": self.server.address, "group.id": str(uuid4()), "log_level": 0})
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, self._seen.get(number, 0)) for number in partitions])
        found = []
        while (message := consumer.poll(2)) is not None:
            assert message.error() is None, message.error()
            headers = {name: bytes(value).decode() for name, value in cast("Any", message.headers())}
            assert headers["content-type"] == "application/cloudevents+json"
            key = message.key()
            assert isinstance(key, bytes)
            found.append(Arrived(bytes(message.value() or b""), headers["id"], headers["type"], int(key)))
            self._seen[message.partition() or 0] = (message.offset() or 0) + 1
        consumer.close()
        return found


class SqsPlace(Place):
    def __init__(self, server: LabServer, *, is_fifo: bool, attributes: dict[str, str] | None = None) -> None:
        self.server = server
        self.is_fifo = is_fifo
        self._attributes = dict(attributes or {})
        if is_fifo:
            self._attributes["FifoQueue"] = "true"
        self.name = f"events-{uuid4().hex[:8]}{'.fifo' if is_fifo else ''}"
        self.url = f"sqs://{self.name}"
        self.prepare()

    def prepare(self) -> None:
        self._sqs = boto3.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=self.name, Attributes=self._attributes)["QueueUrl"]

    def read(self) -> list[Arrived]:
        messages = self._sqs.receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        found = []
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
            uuid = None
            if self.is_fifo:
                uuid = message["Attributes"]["MessageDeduplicationId"]
                assert message["Attributes"]["MessageGroupId"] == told["list"]
            found.append(Arrived(message["Body"].encode(), uuid, told["type"], int(told["list"])))
        return found


class SnsPlace(SqsPlace):
    """A topic, and the queue that a consumer has subscribed."""

    def __init__(self, server: LabServer, *, is_fifo: bool) -> None:
        super().__init__(server, is_fifo=is_fifo)
        self.url = f"sns://arn:aws:sns:us-east-1:123456789012:{self.name}"

    def prepare(self) -> None:
        super().prepare()
        sns = boto3.client("sns")
        topic = sns.create_topic(Name=self.name, Attributes={"FifoTopic": "true"} if self.is_fifo else {})["TopicArn"]
        queue = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )


class FilePlace(Place):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"file://{path}"
        self._read = 0

    def down(self) -> None:
        self.path.parent.rename(self.path.parent.with_name("away"))

    def up(self) -> None:
        os.rename(self.path.parent.with_name("away"), self.path.parent)

    def read(self) -> list[Arrived]:
        lines = self.path.read_bytes().splitlines()[self._read :] if self.path.exists() else []
        self._read += len(lines)
        return [Arrived(line, None, None, None) for line in lines]
