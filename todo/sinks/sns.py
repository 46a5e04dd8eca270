"""Events to a topic of SNS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

from todo.errors import BadSetting, TodoError
from todo.events import Envelope
from todo.queues.connection import Service
from todo.sinks import SinkUnavailable
from todo.sinks.aws import AwsSink, text_of

_ARN = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
_WAIT_SECONDS = 1
_QUEUE_KEEPS_SECONDS = 3_600


def open_sink(url: str) -> SnsSink:
    """The sink at `sns://<topic's ARN>`."""
    arn = url.partition("://")[2]
    found = _ARN.fullmatch(arn)
    if found is None:
        raise BadSetting("EVENTS_URL: must be like sns://arn:aws:sns:us-east-1:123456789012:events, the topic's ARN")
    return SnsSink(arn, found[1])


class SnsSink(AwsSink):
    """One topic."""

    # A topic takes up to 1 MiB only if its MaximumMessageSize says so, of all entries of a call together.
    bytes_max = 262_144

    def __init__(self, arn: str, region: str) -> None:
        super().__init__(is_fifo=arn.endswith(".fifo"), region=region)
        self._arn = arn

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:  # noqa: ARG002 (a topic holds none)
        """What the topic gives a queue that is made for it, and deleted at the end."""
        try:
            service = self.new_service()
            queue = _Queue(service, self._arn, is_fifo=self.is_fifo)
        except TodoError as error:
            raise SinkUnavailable(error) from None
        try:
            queue.subscribe()
            yield None
            while True:
                messages = queue.receive()
                if not messages:
                    yield None
                for message in messages:
                    yield message.encode()
        except TodoError as error:
            raise SinkUnavailable(error) from None
        finally:
            queue.remove()

    def _find(self, service: Service) -> None:
        """A topic is known by its ARN."""

    def _post(self, service: Service, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return service.call(
            "publish_batch", of="sns", queue=self._arn, TopicArn=self._arn, PublishBatchRequestEntries=entries
        )

    def _entry(self, event: Envelope) -> dict[str, Any]:
        return {"Message": text_of(event)}


class _Queue:
    """A queue that a topic may fill."""

    def __init__(self, service: Service, topic: str, *, is_fifo: bool) -> None:
        self._service = service
        self._topic = topic
        self._subscription: str | None = None
        self._name = f"taskoverflow-tail-{uuid4().hex[:16]}{'.fifo' if is_fifo else ''}"
        _, partition, _, region, account, _ = topic.split(":")
        self._arn = f"arn:{partition}:sqs:{region}:{account}:{self._name}"
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": self._arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            },
        }
        attributes = {"MessageRetentionPeriod": str(_QUEUE_KEEPS_SECONDS), "Policy": json.dumps(policy)}
        if is_fifo:
            attributes["FifoQueue"] = "true"
        self._url = service.call("create_queue", QueueName=self._name, Attributes=attributes)["QueueUrl"]

    def subscribe(self) -> None:
        answer = self._service.call(
            "subscribe",
            of="sns",
            queue=self._topic,
            TopicArn=self._topic,
            Protocol="sqs",
            Endpoint=self._arn,
            Attributes={"RawMessageDelivery": "true"},
            ReturnSubscriptionArn=True,
        )
        self._subscription = answer["SubscriptionArn"]

    def receive(self) -> list[str]:
        answer = self._service.call(
            "receive_message",
            queue=self._name,
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=_WAIT_SECONDS,
        )
        messages = answer.get("Messages", [])
        if messages:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            self._service.call("delete_message_batch", queue=self._name, QueueUrl=self._url, Entries=entries)
        return [message["Body"] for message in messages]

    def remove(self) -> None:
        if self._subscription is not None:
            with suppress(TodoError):
                self._service.call("unsubscribe", of="sns", SubscriptionArn=self._subscription)
        with suppress(TodoError):
            self._service.call("delete_queue", queue=self._name, QueueUrl=self._url)
