"""moto's SQS and SNS with what they do otherwise than AWS mended, in one place.

`install` puts it in place, for the whole process. What is mended, each held by the conformance suite:

- deduplication outlives the deletion of the message, spans five minutes, and heeds `DeduplicationScope`;
- a repeated send is answered with the first one's MessageId and SequenceNumber; sequence numbers rise;
- a long poll sleeps, and wakes when a message arrives, becomes visible, or its group is unlocked;
- a receiver that hung up takes no message along; two receivers never take the same;
- sizes are bytes, attributes included; bad attributes, bodies and batch entries are refused as AWS refuses them;
- timestamps are whole numbers, a queue's policy survives other changes, `RedriveAllowPolicy` is kept until
  it is emptied;
- moving to a dead-letter queue never drops a message as a duplicate; redrive works, with progress and cancelling;
- a receipt handle that expired is refused on FIFO queues, and so is hiding a message that is not in flight;
- a deleted queue that subscribed to a topic does not fail the publication; a FIFO topic knows duplicates by content.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.sns import urls as topic_urls
from moto.sns.models import Subscription
from moto.sqs import urls
from moto.sqs.exceptions import InvalidParameterValue, MaxVisibilityTimeout, SQSException
from moto.sqs.responses import SQSResponse

from todo.lab import attributes as rules
from todo.lab.disorder import Disorder
from todo.lab.messages import Message
from todo.lab.queue import VISIBILITY_SECONDS_MAX, LabQueue, models
from todo.lab.region import Region
from todo.lab.topics import Subscribers, TopicAnswers

RECEIVED_MAX = 10
WAIT_SECONDS_MAX = 20
MOVES_TOLD_MAX = 10
MOVES_PER_SECOND_MAX = 500


class Answers(SQSResponse):
    """moto's reading of requests and writing of answers, with what it lacks."""

    @property
    def sqs_backend(self) -> Region:
        """The region that the request is for, with the queues that are there from the start."""
        region: Region = models.sqs_backends[self.current_account][self.region]
        region.prepare()
        return region

    def receive_message(self) -> ActionResult:
        """Hand out messages."""
        queue: LabQueue = self.sqs_backend.get_queue(self._get_queue_name())
        count = self._whole("MaxNumberOfMessages", 1, 1, RECEIVED_MAX)
        wait = self._whole("WaitTimeSeconds", queue.receive_message_wait_time_seconds, 0, WAIT_SECONDS_MAX)
        visibility = self._get_param("VisibilityTimeout", queue.visibility_timeout)
        if not 0 <= visibility <= VISIBILITY_SECONDS_MAX:
            raise MaxVisibilityTimeout
        connection = self.normalized_request.environ.get("werkzeug.socket")
        received = queue.receive(count, wait, visibility, lambda: connection is not None and _hung_up(connection))
        asked = {*self._get_param("AttributeNames", []), *self._get_param("MessageSystemAttributeNames", [])}
        own = self._get_param("MessageAttributeNames", [])
        messages = [_as_received(message, handle, asked, own) for message, handle in received]
        return ActionResult({"Messages": messages} if messages else {})

    def start_message_move_task(self) -> ActionResult:
        """Begin a redrive."""
        per_second = self._get_param("MaxNumberOfMessagesPerSecond")
        if per_second is not None:
            self._whole("MaxNumberOfMessagesPerSecond", None, 1, MOVES_PER_SECOND_MAX)
        move = self.sqs_backend.start_move(self._get_param("SourceArn"), self._get_param("DestinationArn"), per_second)
        return ActionResult({"TaskHandle": move.handle})

    def list_message_move_tasks(self) -> ActionResult:
        """A dead-letter queue's redrives, the newest first."""
        count = self._whole("MaxResults", 1, 1, MOVES_TOLD_MAX)
        source = self.sqs_backend.by_arn(self._get_param("SourceArn"))
        moves = [move for move in reversed(self.sqs_backend.moves) if move.source_arn == source.queue_arn]
        return ActionResult({"Results": [move.as_result() for move in moves[:count]]})

    def cancel_message_move_task(self) -> ActionResult:
        """Stop a redrive."""
        handle = self._get_param("TaskHandle")
        running = [move for move in self.sqs_backend.moves if move.handle == handle and move.status == "RUNNING"]
        if not running:
            raise SQSException("ResourceNotFoundException", "Task does not exist.")
        running[0].cancel()
        return ActionResult({"ApproximateNumberOfMessagesMoved": running[0].moved})

    def _whole(self, name: str, default: int | None, low: int, high: int) -> int:
        value = self._get_param(name, default)
        if not low <= value <= high:
            reason = f"Reason: Must be between {low} and {high}, if provided."
            raise InvalidParameterValue(f"Value {value} for parameter {name} is invalid. {reason}")
        return int(value)


def install(
    disorder_of: Callable[[str], Disorder | None],
    queues: Sequence[tuple[str, Mapping[str, str]]] = (),
    topics: Mapping[str, Subscribers] | None = None,
) -> None:
    """Mend moto for the rest of this process. `disorder_of` says for a queue's name how it is out of order.

    `queues` are the names and attributes of those that every region has from the start, {region} in them is its name;
    `topics` those that send to them.
    """
    LabQueue.disorder_of = staticmethod(disorder_of)
    Region.prepared = queues
    Region.prepared_topics = topics or {}
    models.Queue = LabQueue
    models.sqs_backends.backend = Region
    urls.url_paths = dict.fromkeys(urls.url_paths, Answers.dispatch)
    topic_urls.url_paths = {**topic_urls.url_paths, "{0}/$": TopicAnswers.dispatch}
    Subscription.publish = _publishing(Subscription.publish)  # type: ignore[method-assign]


def queues_of(region: str) -> dict[str, LabQueue]:
    """A region's queues by name. Raises `KeyError` for a region that AWS does not have."""
    backend: Region = models.sqs_backends[DEFAULT_ACCOUNT_ID][region]
    backend.prepare()
    return dict(backend.queues)


def every_queue() -> Iterator[LabQueue]:
    """The queues of all regions and accounts that were asked for so far."""
    for regions in list(models.sqs_backends.values()):
        for region in list(regions.values()):
            yield from list(region.queues.values())


def _publishing(moto_publish: Callable[..., None]) -> Callable[..., None]:
    def publish(
        subscription: Any, message: str, message_id: str, *, deduplication_id: str | None = None, **rest: Any
    ) -> None:
        if subscription.topic.fifo_topic and deduplication_id is None:
            deduplication_id = hashlib.sha256(message.encode()).hexdigest()
        subscription.topic.sent_notifications.clear()  # moto keeps them all
        try:
            moto_publish(subscription, message, message_id, deduplication_id=deduplication_id, **rest)
        except SQSException:
            # The queue is gone, or refuses the message. To the publisher that is no failure, and the other
            # subscribers get theirs.
            return

    return publish


def _as_received(message: Message, handle: str, asked: set[str], own: list[str]) -> dict[str, Any]:
    trace = message.system_attributes.get("AWSTraceHeader") or {}
    known = {
        "AWSTraceHeader": trace.get("StringValue"),
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        "ApproximateReceiveCount": message.approximate_receive_count,
        "DeadLetterQueueSourceArn": message.dead_letter_source,
        "MessageDeduplicationId": message.deduplication_id,
        "MessageGroupId": message.group_id,
        "SenderId": models.DEFAULT_SENDER_ID,
        "SentTimestamp": message.sent_timestamp,
        "SequenceNumber": message.sequence_number,
    }
    told = {
        name: str(value) for name, value in known.items() if value is not None and (name in asked or "All" in asked)
    }
    chosen = rules.chosen(message.message_attributes, own)
    answer = {
        "MessageId": message.id,
        "ReceiptHandle": handle,
        "MD5OfBody": message.body_md5,
        "Body": message.body,
        "Attributes": told,
        "MessageAttributes": chosen,
        "MD5OfMessageAttributes": rules.digest(chosen),
    }
    return {name: value for name, value in answer.items() if value}


def _hung_up(connection: socket.socket) -> bool:
    """Whether the client closed the connection; what it would have received is better left to others."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
