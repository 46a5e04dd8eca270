"""The service under test in a few words: queues of random names, sending, receiving with patience."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from todo.lab.disorder import HOLD_SECONDS

PATIENCE_SECONDS = 20.0
QUIET_SECONDS = 1.5 * HOLD_SECONDS
"""The laboratory hides nothing for longer than it holds messages back; of others nobody knows."""


class Patience:
    """How long to wait for what a service may take its time for."""

    seconds = PATIENCE_SECONDS
    is_laboratory = False


class Queue:
    """A queue that a test made."""

    def __init__(self, sqs: Any, name: str, url: str) -> None:
        self.sqs = sqs
        self.name = name
        self.url = url

    @property
    def arn(self) -> str:
        arn: str = self.attributes()["QueueArn"]
        return arn

    def attributes(self, *names: str) -> dict[str, str]:
        """Those attributes; all of them when none is named."""
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names) or ["All"])
        found: dict[str, str] = answer.get("Attributes", {})
        return found

    def change(self, **attributes: str) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=attributes)

    def send(self, body: str = "text", **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **options)
        return answer

    def send_batch(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        return answer

    def ask(self, count: int = 10, wait: int = 1, **options: Any) -> list[dict[str, Any]]:
        """One receive."""
        found: list[dict[str, Any]] = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=count,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            **options,
        ).get("Messages", [])
        return found

    def stays_empty(self, after: int = 0) -> bool:
        """Whether nothing is handed out, nor after so many seconds, at which something would come if it were there."""
        if not Patience.is_laboratory:
            return not self.ask(wait=after + 1)
        deadline = time.monotonic() + after + QUIET_SECONDS
        while not (found := self.ask(wait=0)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return not found

    def receive(self, count: int = 1, **options: Any) -> list[dict[str, Any]]:
        """So many different messages, in the order in which they came; a test fails when they do not all come."""
        found: dict[str, dict[str, Any]] = {}
        deadline = time.monotonic() + Patience.seconds
        while len(found) < count and time.monotonic() < deadline:
            for message in self.ask(min(10, count - len(found)), 2, **options):
                found.setdefault(message["MessageId"], message)
        assert len(found) == count, f"{len(found)} of {count} messages came"
        return list(found.values())

    def one(self, **options: Any) -> dict[str, Any]:
        return self.receive(1, **options)[0]

    def delete(self, message: dict[str, Any]) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def hide(self, message: dict[str, Any], seconds: int) -> None:
        self.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )

    def counts(self) -> tuple[int, int, int]:
        """Messages available, in flight and delayed; on AWS not quite those of now."""
        prefix = "ApproximateNumberOfMessages"
        found = self.attributes(prefix, f"{prefix}NotVisible", f"{prefix}Delayed")
        return int(found[prefix]), int(found[f"{prefix}NotVisible"]), int(found[f"{prefix}Delayed"])


class Service:
    """The service under test."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.sqs = client("sqs")
        self._client = client
        self._removals: list[Callable[[], object]] = []

    @property
    def sns(self) -> Any:
        return self._client("sns")

    def name(self, *, fifo: bool = False) -> str:
        return f"conformance-{uuid.uuid4().hex[:16]}{'.fifo' if fifo else ''}"

    def queue(self, **attributes: str) -> Queue:
        """A new queue; a FIFO queue when an attribute says so."""
        name = self.name(fifo=attributes.get("FifoQueue") == "true")
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self._removals.append(lambda: self.sqs.delete_queue(QueueUrl=url))
        return Queue(self.sqs, name, url)

    def fifo(self, **attributes: str) -> Queue:
        """A new FIFO queue with content-based deduplication, unless said otherwise."""
        return self.queue(**{"FifoQueue": "true", "ContentBasedDeduplication": "true", **attributes})

    def topic(self, **attributes: str) -> str:
        """The ARN of a new topic."""
        name = self.name(fifo=attributes.get("FifoTopic") == "true")
        arn: str = self.sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
        self._removals.append(lambda: self.sns.delete_topic(TopicArn=arn))
        return arn

    def remove_all(self) -> None:
        for removal in reversed(self._removals):
            with suppress(ClientError):  # the test did it
                removal()


def code_of(error: Any) -> str:
    """The code of a refusal, without the prefix of the older protocol."""
    code: str = error.value.response["Error"]["Code"]
    return code.removeprefix("AWS.SimpleQueueService.")


def eventually(condition: Callable[[], object]) -> None:
    """Wait until it holds: on AWS a change may take a minute to be seen everywhere."""
    deadline = time.monotonic() + Patience.seconds
    while not condition():
        assert time.monotonic() < deadline, "it never held"
        time.sleep(0.1)
