"""The queues that are there, as AWS's console shows them, and what one does with whole queues. Knows no terminal."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from todo.errors import BadInput, NotFound, QueueUnavailable
from todo.queues.connection import Service, check_name, url_of

ASKED_AT_ONCE = 8
PAGE_QUEUES = 1000
"""AWS's limit on the queues of one answer."""
ARN = re.compile(r"arn:[^:]*:sqs:[^:]*:[^:]*:([A-Za-z0-9_.-]+)")
MOVE_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class QueueCard:
    """What the console shows of a queue. Counts are approximate, as AWS's own."""

    name: str
    url: str
    arn: str
    type: str
    """`FIFO` or `Standard`."""
    created_at: datetime | None
    available: int
    in_flight: int
    delayed: int
    encryption: str
    """`SSE-SQS`, `SSE-KMS` with its key, or `Disabled`."""
    content_based_deduplication: bool | None
    """None for standard queues."""
    visibility_seconds: int
    retention_seconds: int
    delay_seconds: int
    wait_seconds: int
    bytes_max: int
    policy: dict[str, Any] | None
    dead_letter_queue: str | None
    """Name of the queue for messages that were received too often."""
    receives_max: int | None
    """After how many receives a message goes there."""


def cards(service: Service, prefix: str = "") -> list[QueueCard]:
    """All queues of the region whose names begin so, by name; those that are deleted meanwhile are left out."""
    found_urls = list(urls(service, prefix))
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        found = pool.map(lambda url: card_or_none(service, url), found_urls)
        return sorted((card for card in found if card), key=lambda card: card.name)


def card(service: Service, name: str) -> QueueCard:
    """One queue. Raises `NotFound`."""
    url = url_of(service, name)
    answer = service.call("get_queue_attributes", queue=name, QueueUrl=url, AttributeNames=["All"])
    return card_of(url, answer.get("Attributes", {}))


def card_of(url: str, attributes: dict[str, str]) -> QueueCard:
    """The card of a queue with these attributes, as SQS gives them."""
    name = name_of(url)
    is_fifo = name.endswith(".fifo")
    redrive = _object(attributes.get("RedrivePolicy")) or {}
    return QueueCard(
        name=name,
        url=url,
        arn=attributes.get("QueueArn", ""),
        type="FIFO" if is_fifo else "Standard",
        created_at=_time(attributes.get("CreatedTimestamp")),
        available=_number(attributes, "ApproximateNumberOfMessages"),
        in_flight=_number(attributes, "ApproximateNumberOfMessagesNotVisible"),
        delayed=_number(attributes, "ApproximateNumberOfMessagesDelayed"),
        encryption=_encryption(attributes),
        content_based_deduplication=attributes.get("ContentBasedDeduplication") == "true" if is_fifo else None,
        visibility_seconds=_number(attributes, "VisibilityTimeout"),
        retention_seconds=_number(attributes, "MessageRetentionPeriod"),
        delay_seconds=_number(attributes, "DelaySeconds"),
        wait_seconds=_number(attributes, "ReceiveMessageWaitTimeSeconds"),
        bytes_max=_number(attributes, "MaximumMessageSize"),
        policy=_object(attributes.get("Policy")),
        dead_letter_queue=name_in(redrive.get("deadLetterTargetArn")),
        receives_max=int(redrive["maxReceiveCount"]) if redrive.get("maxReceiveCount") else None,
    )


def create(
    service: Service,
    name: str,
    *,
    content_based_deduplication: bool = False,
    visibility_seconds: int | None = None,
    dead_letter_queue: str | None = None,
    receives_max: int = 3,
) -> str:
    """Make a queue, a FIFO one if its name ends so; its URL. One that is there already, made alike, is as good."""
    check_name(name)
    is_fifo = name.endswith(".fifo")
    if content_based_deduplication and not is_fifo:
        raise BadInput("only FIFO queues have it; their names end with .fifo", field="content-based-deduplication")
    attributes: dict[str, str] = {}
    if is_fifo:
        attributes |= {
            "FifoQueue": "true",
            "ContentBasedDeduplication": "true" if content_based_deduplication else "false",
        }
    if visibility_seconds is not None:
        attributes["VisibilityTimeout"] = str(visibility_seconds)
    if dead_letter_queue is not None:
        if dead_letter_queue.endswith(".fifo") != is_fifo:
            raise BadInput("a FIFO queue needs a FIFO one, a standard queue a standard one", field="dead-letter")
        target = card(service, dead_letter_queue).arn
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": receives_max})
    url: str = service.call("create_queue", queue=name, QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def delete(service: Service, name: str) -> None:
    """Delete a queue with all that is in it. Raises `NotFound`."""
    service.call("delete_queue", queue=name, QueueUrl=url_of(service, name))


def purge(service: Service, name: str) -> None:
    """Delete all messages of a queue; AWS takes up to a minute. Raises `NotFound`."""
    service.call("purge_queue", queue=name, QueueUrl=url_of(service, name))


@dataclass(frozen=True, slots=True)
class Move:
    """How far the messages of a dead-letter queue were moved."""

    status: str
    moved: int
    total: int | None
    reason: str | None


def redrive(
    service: Service,
    name: str,
    *,
    to: str | None = None,
    per_second: int | None = None,
    rest: Callable[[float], object] = time.sleep,
) -> Iterator[Move]:
    """Move a dead-letter queue's messages to where they came from, or to the queue `to`; how it goes on, until it is
    over. It goes on at the service when nobody looks any more. Raises `NotFound`."""
    source = card(service, name).arn
    begin_move(service, name, source, to=card(service, to).arn if to is not None else None, per_second=per_second)
    while True:
        move = last_move(service, name, source)
        if move is None:  # nobody knows of it any more
            yield Move("COMPLETED", 0, None, None)
            return
        yield move
        if move.status not in ("RUNNING", "CANCELLING"):
            return
        rest(MOVE_LOOK_SECONDS)


def begin_move(service: Service, name: str, arn: str, *, to: str | None, per_second: int | None) -> None:
    """Have the messages of the dead-letter queue with this name and ARN moved; `to` is another queue's ARN."""
    arguments: dict[str, Any] = {"SourceArn": arn}
    if to is not None:
        arguments["DestinationArn"] = to
    if per_second is not None:
        arguments["MaxNumberOfMessagesPerSecond"] = per_second
    service.call("start_message_move_task", queue=name, **arguments)


def last_move(service: Service, name: str, arn: str) -> Move | None:
    """How far the last move out of the queue with this name and ARN is; None when there was none lately."""
    answer = service.call("list_message_move_tasks", queue=name, SourceArn=arn, MaxResults=1)
    tasks = answer.get("Results", [])
    if not tasks:
        return None
    task = tasks[0]
    return Move(
        task.get("Status", ""),
        int(task.get("ApproximateNumberOfMessagesMoved", 0)),
        task.get("ApproximateNumberOfMessagesToMove"),
        task.get("FailureReason"),
    )


def givers(service: Service, name: str, url: str) -> list[str]:
    """Names of the queues whose dead letters go to this one."""
    arguments: dict[str, Any] = {"QueueUrl": url, "MaxResults": PAGE_QUEUES}
    found: list[str] = []
    while True:
        answer = service.call("list_dead_letter_source_queues", queue=name, **arguments)
        found += [name_of(each) for each in answer.get("queueUrls", [])]
        if not answer.get("NextToken"):
            return sorted(found)
        arguments["NextToken"] = answer["NextToken"]


def name_of(url: str) -> str:
    """The queue's name in its URL."""
    return url.rstrip("/").rpartition("/")[2]


def name_in(arn: object) -> str | None:
    """The queue's name in an ARN; None when it is none."""
    found = ARN.fullmatch(arn) if isinstance(arn, str) else None
    return found[1] if found else None


def urls(service: Service, prefix: str = "") -> Iterator[str]:
    """The URLs of all queues of the region whose names begin so."""
    arguments: dict[str, Any] = {"MaxResults": PAGE_QUEUES}
    if prefix:
        arguments["QueueNamePrefix"] = prefix
    while True:
        answer = service.call("list_queues", **arguments)
        yield from answer.get("QueueUrls", [])
        if not answer.get("NextToken"):
            return
        arguments["NextToken"] = answer["NextToken"]


def card_or_none(service: Service, url: str) -> QueueCard | None:
    """The card of the queue with this URL; None when it is gone."""
    try:
        answer = service.call("get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    except NotFound:
        return None
    except QueueUnavailable as error:
        if error.code not in ("AccessDenied", "AccessDeniedException"):
            raise
        answer = {}  # one that may be seen and not asked
    return card_of(url, answer.get("Attributes", {}))


def _encryption(attributes: dict[str, str]) -> str:
    if key := attributes.get("KmsMasterKeyId"):
        return f"SSE-KMS ({key})"
    return "SSE-SQS" if attributes.get("SqsManagedSseEnabled") == "true" else "Disabled"


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text or ""), UTC)  # emulators give fractions
    except (ValueError, OverflowError, OSError):
        return None


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isdigit() else 0


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        content = json.loads(text or "null")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
