"""The queues of one region, as AWS's behave, in moto's place: sending, deleting, purging, moving; batches of each.

Beside `todo.lab.queue`, `todo.lab.topics` and `todo.lab.mends`, the only module that knows moto's inside.
"""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from moto.sqs import urls
from moto.sqs.exceptions import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    InvalidAttributeName,
    InvalidBatchEntryId,
    InvalidParameterValue,
    MissingParameter,
    PurgeQueueInProgress,
    SQSException,
    TooManyEntriesInBatchRequest,
)

from todo.errors import BadInput
from todo.lab import attributes as rules
from todo.lab import topics
from todo.lab.messages import Message
from todo.lab.queue import LOCK, LabQueue, models
from todo.lab.redrive import Move

BATCH_MAX = 10
MOVES_KEPT_MAX = 1000
PURGE_SECONDS = 60
SEQUENCE_NUMBER_BASE = 18_850_000_000_000_000_000

Failure = dict[str, Any]


class Region(models.SQSBackend):  # type: ignore[misc]
    """The queues of one region."""

    prepared: Sequence[tuple[str, Mapping[str, str]]] = ()
    """Names and attributes of the queues that every region has from the start."""
    prepared_topics: Mapping[str, topics.Subscribers] = MappingProxyType({})
    """The topics that every region has from the start."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.moves: list[Move] = []
        self._is_prepared = False

    @property
    def _url_module(self) -> Any:  # moto derives it from the class's module
        return urls

    def prepare(self) -> None:
        """Make what is there from the start; once."""
        with LOCK:
            if not self._is_prepared:
                self._is_prepared = True
                for name, attributes in self.prepared:
                    known = {key: value.replace("{region}", self.region_name) for key, value in attributes.items()}
                    self.create_queue(name, None, **known)
                topics.prepare(self.account_id, self.region_name, self.prepared_topics)

    def create_queue(self, name: str, tags: dict[str, str] | None = None, **attributes: Any) -> LabQueue:
        """Make a queue, or find the one that has the same name and attributes."""
        with LOCK:
            queue: LabQueue = super().create_queue(name, tags, **attributes)
            return queue

    def delete_queue(self, queue_name: str) -> None:
        """Delete a queue with its messages."""
        with LOCK:
            queue = self.get_queue(queue_name)
            queue.deleted = True
            queue.changed.notify_all()  # who waits for a message is told that there is no queue
            super().delete_queue(queue_name)

    def list_queues(self, queue_name_prefix: str | None) -> list[LabQueue]:
        """Those whose name begins so; moto takes the prefix for a pattern."""
        return [queue for name, queue in list(self.queues.items()) if name.startswith(queue_name_prefix or "")]

    def set_queue_attributes(self, queue_name: str, attributes: dict[str, Any]) -> LabQueue:
        """Change some of a queue's attributes; the others stay."""
        if "FifoQueue" in attributes:
            raise InvalidAttributeName("FifoQueue")
        with LOCK:
            queue: LabQueue = super().set_queue_attributes(queue_name, attributes)
            return queue

    def send_message(
        self,
        queue_name: str,
        message_body: str,
        message_attributes: dict[str, Any] | None = None,
        delay_seconds: int | None = None,
        deduplication_id: str | None = None,
        group_id: str | None = None,
        system_attributes: dict[str, Any] | None = None,
        validate_group_id: bool = True,
    ) -> Message:
        """Take a message; a FIFO queue answers one it knows with the first one's id and keeps no second."""
        with LOCK:
            queue = self.get_queue(queue_name)
            given = message_attributes or {}
            self._check(queue, message_body, given, delay_seconds, deduplication_id, group_id)
            if deduplication_id is not None and not queue.fifo_queue and validate_group_id:  # not so by way of a topic
                reason = "The request include parameter that is not valid for this queue type"
                text = f"Value {deduplication_id} for parameter MessageDeduplicationId is invalid. Reason: {reason}"
                raise InvalidParameterValue(text)
            if deduplication_id is None and queue.content_based_deduplication:
                deduplication_id = hashlib.sha256(message_body.encode()).hexdigest()
            now = time.time()
            message = Message(
                id=str(uuid.uuid4()),
                body=message_body,
                body_md5=hashlib.md5(message_body.encode(), usedforsecurity=False).hexdigest(),
                sent_timestamp=int(now * 1000),
                message_attributes=given,
                attribute_md5=rules.digest(given),
                system_attributes=system_attributes or {},
                group_id=group_id,
                deduplication_id=deduplication_id,
            )
            if queue.fifo_queue:
                per_group = queue.deduplication_scope == "messageGroup"
                key = f"{group_id}\n{deduplication_id}" if per_group else str(deduplication_id)
                if found := queue.kept.known(key, now):
                    message.id, message.sequence_number = found
                    return message
                queue.sequence += 1
                message.sequence_number = str(SEQUENCE_NUMBER_BASE + 256 * queue.sequence)
                queue.kept.remember(key, message, now)
            queue.put(message, queue.delay_seconds if delay_seconds is None else delay_seconds)
            queue.figures.count("sent")
            return message

    def send_message_batch(
        self, queue_name: str, entries: dict[str, dict[str, Any]]
    ) -> tuple[list[Message], list[Failure]]:
        """Take up to ten messages; what is wrong with one does not fail the others."""
        each = list(entries.values())
        _check_batch(each)
        size = sum(rules.size(entry["MessageBody"], entry["MessageAttributes"]) for entry in each)
        if size > models.MAXIMUM_MESSAGE_LENGTH:
            raise BatchRequestTooLong(size)
        sent: list[Message] = []

        def send(entry: dict[str, Any]) -> None:
            message = self.send_message(
                queue_name,
                entry["MessageBody"],
                entry["MessageAttributes"],
                entry["DelaySeconds"],
                entry.get("MessageDeduplicationId"),
                entry.get("MessageGroupId"),
                entry.get("MessageSystemAttributes"),
            )
            message.user_id = entry["Id"]
            sent.append(message)

        self.get_queue(queue_name)
        with LOCK:  # nobody receives the first before the last is there
            return sent, _each(each, send)[1]

    def delete_message(self, queue_name: str, receipt_handle: str) -> None:
        """Delete a message that was received."""
        self.get_queue(queue_name).remove(receipt_handle)

    def delete_message_batch(self, queue_name: str, receipts: list[dict[str, Any]]) -> tuple[list[str], list[Failure]]:
        """Delete up to ten messages."""
        queue = self.get_queue(queue_name)
        _check_batch(receipts)
        return _each(receipts, lambda entry: queue.remove(entry["ReceiptHandle"]))

    def change_message_visibility(self, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        """Set how long a message stays in flight from now on."""
        self.get_queue(queue_name).hide(receipt_handle, int(visibility_timeout))

    def change_message_visibility_batch(
        self, queue_name: str, entries: list[dict[str, Any]]
    ) -> tuple[list[str], list[Failure]]:
        """Set it for up to ten messages."""
        queue = self.get_queue(queue_name)
        _check_batch(entries)
        return _each(entries, lambda entry: queue.hide(entry["ReceiptHandle"], int(entry["VisibilityTimeout"])))

    def purge_queue(self, queue_name: str) -> None:
        """Drop all messages; at most once a minute."""
        queue = self.get_queue(queue_name)
        with LOCK:
            now = time.time()
            if queue.last_purged_at is not None and now - queue.last_purged_at < PURGE_SECONDS:
                raise PurgeQueueInProgress(queue_name)
            queue.last_purged_at = now
            queue.kept.purge()

    def start_move(self, source_arn: str, destination_arn: str | None, per_second: int | None) -> Move:
        """Begin to move a dead-letter queue's messages to one queue, or each to where it came from."""
        with LOCK:
            source = self.by_arn(source_arn)
            if destination_arn is not None:
                self.by_arn(destination_arn)
            if not any(queue.dead_letter_queue is source for queue in self.queues.values()):
                raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
            if any(move.status == "RUNNING" and move.source_arn == source_arn for move in self.moves):
                text = "There is already a task running. Only one active task is allowed for a source queue arn."
                raise SQSException("AWS.SimpleQueueService.UnsupportedOperation", text)

            def move_one() -> bool:
                with LOCK:
                    if source.deleted:
                        raise InvalidParameterValue("The source queue was deleted.")
                    message = source.kept.withdraw(time.time())
                    if message is None:
                        return False
                    try:
                        target = self.by_arn(str(destination_arn or message.dead_letter_source))
                    except SQSException:
                        source.put(message.anew(message.id, message.sent_timestamp))
                        raise
                    target.put(message.anew(str(uuid.uuid4()), int(time.time() * 1000)))
                    return True

            move = Move(source_arn, destination_arn, per_second=per_second, to_move=len(source.kept), move_one=move_one)
            self.moves.append(move)
            del self.moves[:-MOVES_KEPT_MAX]
            return move

    def by_arn(self, arn: str) -> LabQueue:
        """The queue of an ARN."""
        queue: LabQueue | None = self.queues.get(str(arn).rpartition(":")[2])
        if queue is not None and queue.queue_arn == arn:
            return queue
        raise SQSException("ResourceNotFoundException", "The resource that you specified for the ARN doesn't exist.")

    def _check(
        self,
        queue: LabQueue,
        body: str,
        given: dict[str, Any],
        delay_seconds: int | None,
        deduplication_id: str | None,
        group_id: str | None,
    ) -> None:
        if not body:
            raise MissingParameter("MessageBody")
        self._validate_message(queue, "", delay_seconds or 0, deduplication_id, group_id)  # moto's, but for the size
        if rules.size(body, given) > queue.maximum_message_size:
            text = f"Message must be shorter than {queue.maximum_message_size} bytes."
            raise InvalidParameterValue(f"One or more parameters are invalid. Reason: {text}")
        try:
            rules.check_body(body)
        except BadInput as error:
            raise SQSException("InvalidMessageContents", str(error)) from None
        try:
            rules.check_message(given)
        except BadInput as error:
            raise InvalidParameterValue(str(error)) from None
        if not 0 <= (delay_seconds or 0) <= models.MAXIMUM_MESSAGE_DELAY:
            text = f"Value {delay_seconds} for parameter DelaySeconds is invalid. Reason: must be >= 0 and <= 900."
            raise InvalidParameterValue(text)


def _check_batch(entries: Sequence[Mapping[str, Any]]) -> None:
    if len(entries) > BATCH_MAX:
        raise TooManyEntriesInBatchRequest(len(entries))
    ids = [entry["Id"] for entry in entries]
    if not all(re.fullmatch(r"[\w-]{1,80}", each, re.ASCII) for each in ids):
        raise InvalidBatchEntryId
    for number, each in enumerate(ids):
        if each in ids[:number]:
            raise BatchEntryIdsNotDistinct(each)


def _each(
    entries: Sequence[dict[str, Any]], action: Callable[[dict[str, Any]], object]
) -> tuple[list[str], list[Failure]]:
    """The ids of the entries that went well, and what SQS says of the others: one bad entry fails alone."""
    done: list[str] = []
    failed: list[Failure] = []
    for entry in entries:
        try:
            action(entry)
            done.append(entry["Id"])
        except SQSException as error:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": error.message})
    return done, failed
