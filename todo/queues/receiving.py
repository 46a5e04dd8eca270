"""Receives messages by several consumers, and deletes what was received. Knows no terminal."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock
from typing import Any

from todo.errors import QueueUnavailable
from todo.queues.connection import PATIENCE, Queue, pause
from todo.queues.ledger import Ledger
from todo.queues.messages import CLIENT, COPY, RUN, SEQUENCE, Handed, check_text, read
from todo.queues.publishing import BATCH_MAX, reason_of
from todo.queues.records import Deleted, ReceivedNothing

WAIT_SECONDS = 3
"""How long a poll waits, unless told. AWS allows 20 s, at which an idle consumer makes a sixth of the requests; but a
poll cannot be called back without losing sight of what the queue hands to it meanwhile, so Ctrl-C waits for it."""
WAIT_SECONDS_MAX = 20
EMPTYING_SECONDS = 1
"""The same, where an empty answer is what one waits for. Above 0, AWS asks all of its servers instead of some."""

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to receive, and until when."""

    client: str
    consumers: int = 1
    batch: int = BATCH_MAX
    wait_seconds: int = WAIT_SECONDS
    visibility_seconds: int | None = None
    """How long what is received stays hidden from others; None as the queue says."""
    seconds: float | None = None
    """When to end; None for no end."""
    until_empty: bool = False
    """End when nothing is available, delayed or in flight any more."""
    crash: float = 0.0
    """How likely a consumer fails after it received a message and before it deletes it."""


class Receiver:
    """Receives for one subscription, once. A message is shown, then deleted; what can't be shown isn't deleted."""

    def __init__(
        self,
        queue: Queue,
        subscription: Subscription,
        ledger: Ledger,
        stop: Event,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Raises `BadInput` for a client's name that cannot be."""
        check_text(subscription.client, "client-name")
        self._queue, self._subscription, self._ledger, self._stop = queue, subscription, ledger, stop
        self._clock, self._chance = clock, chance
        self._lock = Lock()
        self._end: float | None = None
        self.left: set[str] = set()
        """Ids of messages that were received and are not deleted: they come again."""
        self.crashes = 0
        """How many were left so on purpose."""
        self.refused: Counter[str] = Counter()
        """Deletions that the queue did not do, by its reason."""

    def jobs(self) -> list[Callable[[], None]]:
        """What each consumer has to do."""
        if self._subscription.seconds is not None:
            self._end = time.monotonic() + self._subscription.seconds
        return [partial(self._consume, number) for number in range(self._subscription.consumers)]

    def _consume(self, consumer: int) -> None:
        while not self._stop.is_set():
            wait = self._wait_seconds()
            if wait is None:
                return
            raw = self._poll(wait)
            if raw:
                self._take(raw, consumer)
            elif self._stop.is_set():
                return
            else:
                empty = ReceivedNothing(self._clock(), self._subscription.client, self._queue.name, consumer)
                self._ledger.note([empty])
                if self._subscription.until_empty and self._is_empty():
                    self._stop.set()

    def _wait_seconds(self) -> int | None:
        """How long the next poll waits; None when it is time to end."""
        longest = EMPTYING_SECONDS if self._subscription.until_empty else self._subscription.wait_seconds
        if self._end is None:
            return longest
        rest = self._end - time.monotonic()
        return None if rest <= 0 else min(longest, max(1, int(rest)))

    def _poll(self, wait_seconds: int) -> list[dict[str, Any]]:
        arguments: dict[str, Any] = {
            "MaxNumberOfMessages": self._subscription.batch,
            "WaitTimeSeconds": wait_seconds,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": [CLIENT, SEQUENCE, RUN, COPY],
        }
        if self._subscription.visibility_seconds is not None:
            arguments["VisibilityTimeout"] = self._subscription.visibility_seconds
        if self._queue.is_fifo:  # an answer that got lost on its way is given again, instead of barring its groups
            arguments["ReceiveRequestAttemptId"] = uuid.uuid4().hex
        try:
            messages: list[dict[str, Any]] = self._queue.persist(self._stop, "receive_message", **arguments).get(
                "Messages", []
            )
        except QueueUnavailable:
            if self._stop.is_set():  # then it doesn't matter why there is nothing
                return []
            raise
        return messages

    def _take(self, raw: Sequence[dict[str, Any]], consumer: int) -> None:
        at = self._clock()
        client, queue = self._subscription.client, self._queue.name
        handed = [read(message, at=at, client=client, queue=queue, consumer=consumer) for message in raw]
        ids = {message.record.message_id for message in handed}
        with self._lock:
            self.left |= ids
        if self._ledger.note([message.record for message in handed], [message.body for message in handed]):
            self._delete(self._surviving(handed), consumer)

    def _surviving(self, handed: Sequence[Handed]) -> list[Handed]:
        """The messages that are deleted. On a FIFO queue, a failure leaves those of its group behind it as well: they
        may not overtake it."""
        if not self._subscription.crash:
            return list(handed)
        kept, barred = [], set()
        for message in handed:
            group = message.record.group
            if (self._queue.is_fifo and group in barred) or self._chance() < self._subscription.crash:
                barred.add(group)
            else:
                kept.append(message)
        with self._lock:
            self.crashes += len(handed) - len(kept)
        return kept

    def _delete(self, handed: Sequence[Handed], consumer: int) -> None:
        """Delete messages in one call, and those of them again that were refused in passing."""
        entries = [{"Id": str(number), "ReceiptHandle": message.receipt} for number, message in enumerate(handed)]
        for attempt in range(PATIENCE):
            if not entries:
                return
            answer = self._queue.persist(self._stop, "delete_message_batch", Entries=entries)
            done = {entry["Id"] for entry in answer.get("Successful", [])}
            self._note_deleted([handed[int(number)].record.message_id for number in sorted(done, key=int)], consumer)
            failed = {entry["Id"]: entry for entry in answer.get("Failed", []) if entry["Id"] not in done}
            final = {number for number, failure in failed.items() if failure.get("SenderFault")}
            self._note_refused([failed[number] for number in final])
            entries = [entry for entry in entries if entry["Id"] not in done | final]
            if entries and (attempt == PATIENCE - 1 or pause(self._stop, attempt)):
                self._note_refused([failed.get(entry["Id"], {"Code": "NoAnswer"}) for entry in entries])
                return

    def _note_deleted(self, ids: Sequence[str], consumer: int) -> None:
        at = self._clock()
        client, queue = self._subscription.client, self._queue.name
        with self._lock:
            self.left -= set(ids)
        self._ledger.note([Deleted(at, client, queue, message_id, consumer) for message_id in ids])

    def _note_refused(self, failures: Sequence[dict[str, Any]]) -> None:
        with self._lock:
            self.refused.update(reason_of(failure) for failure in failures)

    def _is_empty(self) -> bool:
        """Whether nothing is in the queue, in flight counted. The queue's counts may lag behind, but it was found empty
        just before; who may not ask for them goes by that alone, and by what is in their own hands."""
        try:
            answer = self._queue.persist(self._stop, "get_queue_attributes", AttributeNames=list(_COUNTS))
        except QueueUnavailable as error:
            if error.code in ("AccessDenied", "AccessDeniedException"):
                return not self.left
            if self._stop.is_set():
                return True
            raise
        counts = answer.get("Attributes", {})
        return not any(int(counts.get(name, 0)) for name in _COUNTS)
