"""A queue as AWS's behaves, in moto's place: its attributes checked, its messages kept by `Messages`.

Beside `todo.lab.mends`, which puts it there, `todo.lab.region` and `todo.lab.topics`, the only module that knows
moto's inside.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from moto.sqs import models as moto_models
from moto.sqs.exceptions import InvalidParameterValue, QueueDoesNotExist, ReceiptHandleIsInvalid, SQSException

from todo.errors import BadInput
from todo.lab import attributes as rules
from todo.lab.disorder import Disorder
from todo.lab.figures import Figures
from todo.lab.messages import Message, Messages, State
from todo.lab.receipts import Receipts

VISIBILITY_SECONDS_MAX = 43_200

models: Any = moto_models  # its attributes come and go by name, which no type checker follows

LOCK = threading.RLock()  # one for all queues: a message moves from one to another in one step


class LabQueue(models.Queue):  # type: ignore[misc]
    """moto's queue, its attributes checked, its messages kept by `Messages`."""

    BASE_ATTRIBUTES = [*models.Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]  # noqa: RUF012 (moto's name)
    disorder_of: Callable[[str], Disorder | None]

    def __new__(cls, *_: Any, **__: Any) -> LabQueue:
        """A new queue; moto's own way keeps every one there ever was."""
        return object.__new__(cls)

    def __init__(self, name: str, region: str, account_id: str, **attributes: Any) -> None:
        is_fifo = str(attributes.get("FifoQueue")).lower() == "true"
        if name.endswith(".fifo") and not is_fifo:
            raise InvalidParameterValue("The name of a queue that is not a FIFO queue cannot end in .fifo")
        self.redrive_allow_policy = None
        self.deleted = False
        self.changed = threading.Condition(LOCK)
        self.kept = Messages(is_fifo=is_fifo, disorder=type(self).disorder_of(name))
        self.receipts = Receipts()
        self.figures = Figures(time.time)
        self.sequence = 0
        super().__init__(name, region, account_id, **attributes)
        self.created_timestamp: int = int(time.time())

    def _set_attributes(self, attributes: dict[str, Any], now: float | None = None) -> None:
        given = {name: value for name, value in attributes.items() if value is not None}
        try:
            rules.check_queue(given)
        except BadInput as error:
            unknown = error.field == "name"
            raise SQSException("InvalidAttributeName" if unknown else "InvalidAttributeValue", str(error)) from None
        target = json.loads(given.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
        if target and target.endswith(".fifo") != self.name.endswith(".fifo"):
            raise InvalidParameterValue("The dead-letter queue of a FIFO queue is a FIFO queue, and of no other")
        if "Policy" not in attributes and hasattr(self, "_policy_json"):
            attributes = {**attributes, "Policy": self.policy}
        super()._set_attributes(attributes, now)
        self.last_modified_timestamp: int = int(time.time())

    @property
    def attributes(self) -> dict[str, Any]:
        """As moto's, the redrive policy without spaces, and none that was emptied, as AWS returns them."""
        found: dict[str, Any] = super().attributes
        if not self.redrive_allow_policy:
            del found["RedriveAllowPolicy"]
        if self.redrive_policy:
            found["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        return found

    approximate_number_of_messages = property(lambda self: self.count(State.READY))
    approximate_number_of_messages_delayed = property(lambda self: self.count(State.DELAYED))
    approximate_number_of_messages_not_visible = property(lambda self: self.count(State.IN_FLIGHT))

    def count(self, state: State) -> int:
        """How many messages are in a state."""
        with LOCK:
            return self.kept.count(state, time.time())

    def levels(self) -> dict[str, int]:
        """What `Figures` notes: how many messages where, and how old the oldest is."""
        with LOCK:
            oldest = self.kept.oldest()
            age = int(time.time() - oldest.sent_timestamp / 1000) if oldest else 0
            names = {"available": State.READY, "in_flight": State.IN_FLIGHT, "delayed": State.DELAYED}
            return {**{name: self.count(state) for name, state in names.items()}, "oldest_seconds": max(age, 0)}

    def put(self, message: Message, delay_seconds: float = 0) -> None:
        """Add a message and wake who waits for one."""
        with self.changed:
            self.kept.add(message, time.time(), delay_seconds=delay_seconds)
            self.changed.notify_all()

    def receive(
        self, count: int, wait_seconds: float, visibility_seconds: int, hung_up: Callable[[], bool]
    ) -> list[tuple[Message, str]]:
        """Messages with their receipt handles, as soon as there are any; none when the wait is over."""
        deadline = time.time() + wait_seconds
        with self.changed:
            while not hung_up():
                if self.deleted:
                    raise QueueDoesNotExist
                now = time.time()
                taken = self.kept.take(count, now, visibility_seconds=visibility_seconds, accept=self._accept)
                if taken or now >= deadline:
                    self.figures.count(*(("received", len(taken)) if taken else ("empty_receives", 1)))
                    make = self.receipts.make
                    # Copies: by the time the answer is written, others may have received them again.
                    return [(replace(each), make(each.number, each.approximate_receive_count)) for each in taken]
                self.changed.wait(min(deadline, self.kept.next_change() or deadline) - now)
        return []

    def find(self, handle: str) -> Message | None:
        """The message of a receipt handle, None when it is gone. Raises for one that is none, or expired."""
        read = self.receipts.read(handle)
        if read is None:
            raise ReceiptHandleIsInvalid
        number, receive = read
        self.kept.wake(time.time())
        message = self.kept.find(number)
        if message and self.fifo_queue:
            current = message.state is State.IN_FLIGHT and message.approximate_receive_count == receive
            if not current:
                reason = "Reason: The receipt handle has expired."
                raise InvalidParameterValue(f"Value {handle} for parameter ReceiptHandle is invalid. {reason}")
        return message

    def remove(self, handle: str) -> None:
        """Delete a message; one that is gone already is no error."""
        with self.changed:
            if message := self.find(handle):
                self.kept.delete(message)
                self.figures.count("deleted")
                self.changed.notify_all()  # its group may be unlocked

    def hide(self, handle: str, seconds: int) -> None:
        """Set how long a message in flight stays so."""
        with self.changed:
            message, now = self.find(handle), time.time()
            if message is None:
                reason = "Reason: Message does not exist or is not available for visibility timeout change."
                raise InvalidParameterValue(f"Value {handle} for parameter ReceiptHandle is invalid. {reason}")
            if message.state is not State.IN_FLIGHT:
                raise SQSException("AWS.SimpleQueueService.MessageNotInflight", "The message is not in flight.")
            if now + seconds - message.received_at > VISIBILITY_SECONDS_MAX:
                reason = (
                    f"Total VisibilityTimeout for the message is beyond the limit [{VISIBILITY_SECONDS_MAX} seconds]"
                )
                raise InvalidParameterValue(f"Value {seconds} for parameter VisibilityTimeout is invalid. {reason}")
            self.kept.hide(message, now, seconds)
            self.changed.notify_all()

    def _accept(self, message: Message) -> bool:
        """Whether to hand it out; one too old is dropped, one received too often goes to the dead-letter queue."""
        if message.sent_timestamp / 1000 + self.message_retention_period <= time.time():
            return False
        target = self.dead_letter_queue
        if not (self.redrive_policy and target and not target.deleted):
            return True
        if message.approximate_receive_count < self.redrive_policy["maxReceiveCount"]:
            return True
        target.put(replace(message, state=State.NEW, dead_letter_source=self.queue_arn))
        return False
