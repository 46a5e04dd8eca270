"""Publishes numbered messages, in batches and by several threads. Knows no terminal."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Event, Lock
from typing import Any

from todo.errors import BadInput
from todo.queues.connection import PATIENCE, Queue, pause
from todo.queues.faults import one_line
from todo.queues.ledger import Ledger
from todo.queues.messages import BYTES_MAX, attributes_of, body_of, bytes_of, check_extra, check_text, group_of
from todo.queues.records import Sent

BATCH_MAX = 10
"""AWS's limit on the messages of one call."""
CALLS_A_SECOND = 10
"""A rate is kept by about so many calls a second, of fewer messages each, rather than by full batches now and then."""

Place = tuple[int, int]
"""A message's sequence and copy."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What to publish."""

    client: str
    count: int = 100
    prepend: str = ""
    rate: float | None = None
    """Messages per second, copies counted; None as fast as it goes."""
    batch: int = BATCH_MAX
    concurrency: int = 1
    groups: int = 1
    copies: int = 0
    """How often each message is sent again on purpose."""
    size: int = 0
    """Bytes that a shorter text is filled up to."""
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """How many messages that makes, copies counted."""
        return self.count * (1 + self.copies)


class Publisher:
    """Publishes one publication, once.

    A standard queue's messages are taken by whichever thread is free. A FIFO queue's group is always sent by the
    same thread, one call after the other: two calls at once would spoil the order that the queue is there to keep.
    """

    def __init__(
        self,
        queue: Queue,
        publication: Publication,
        ledger: Ledger,
        stop: Event,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises `BadInput` for what the queue would refuse."""
        self._queue, self._publication, self._ledger, self._stop, self._clock = queue, publication, ledger, stop, clock
        self._run = uuid.uuid4().hex[:12]
        self._lock = Lock()
        self._next = 0
        self._start = 0.0
        self.refused: Counter[str] = Counter()
        """Messages that the queue did not take, by its reason."""
        self.again = 0
        """Messages that went in at a later attempt, and so behind others of their batch."""
        check_text(publication.client, "client-name")
        check_text(publication.prepend, "prepend", may_be_empty=True)
        check_extra(publication.attributes)
        if publication.groups > 1 and not queue.is_fifo:
            raise BadInput(f"{queue.name} is a standard queue; only .fifo queues keep groups apart", field="groups")
        largest = self._bytes_max()
        if largest > queue.bytes_max:
            raise BadInput(
                f"a message would have {largest:,} bytes with its attributes, and {queue.name} takes"
                f" {queue.bytes_max:,} (MaximumMessageSize)",
                field="size",
            )
        self._step = max(1, min(publication.batch, BYTES_MAX // largest))
        if publication.rate:
            self._step = max(1, min(self._step, int(publication.rate / CALLS_A_SECOND)))

    def jobs(self) -> list[Callable[[], None]]:
        """What each thread has to do."""
        self._start = time.monotonic()
        threads = self._publication.concurrency
        if not self._queue.is_fifo:
            return [self._any_messages] * threads
        groups = self._publication.groups
        return [self._groups_messages(number, min(threads, groups)) for number in range(min(threads, groups))]

    def _any_messages(self) -> None:
        while batch := self._take():
            self._send(batch)

    def _take(self) -> list[int]:
        """The next places of the publication that nobody took."""
        with self._lock:
            first = self._next
            self._next = min(first + self._step, self._publication.total)
            return list(range(first, self._next))

    def _groups_messages(self, number: int, threads: int) -> Callable[[], None]:
        """Publish the groups that this thread has."""

        def job() -> None:
            places = self._places_of(number, threads)
            while batch := list(islice(places, self._step)):
                self._send(batch)

        return job

    def _places_of(self, number: int, threads: int) -> Iterator[int]:
        times = 1 + self._publication.copies
        for sequence in range(self._publication.count):
            if sequence % self._publication.groups % threads == number:
                yield from range(sequence * times, (sequence + 1) * times)

    def _send(self, places: Sequence[int]) -> None:
        """Send messages in one call, and those of them again that were refused in passing."""
        if self._stop.is_set() or self._wait_for_turn(places[0]):
            return
        entries = [self._entry(place, str(number)) for number, place in enumerate(places)]
        for attempt in range(PATIENCE):
            answer = self._queue.persist(self._stop, "send_message_batch", Entries=entries)
            taken = answer.get("Successful", [])
            self._ledger.note([self._sent(places, entry) for entry in taken])
            failed = {entry["Id"]: entry for entry in answer.get("Failed", [])}
            final = {number for number, failure in failed.items() if failure.get("SenderFault")}
            self._note(len(taken) if attempt else 0, [failed[number] for number in final])
            over = final.union(entry["Id"] for entry in taken)
            entries = [entry for entry in entries if entry["Id"] not in over]
            if not entries:
                return
            if attempt == PATIENCE - 1 or pause(self._stop, attempt):
                self._note(0, [failed.get(entry["Id"], _SILENCE) for entry in entries])
                return

    def _wait_for_turn(self, place: int) -> bool:
        """Whether stop was said before this message was due."""
        if not self._publication.rate:
            return False
        due = self._start + place / self._publication.rate
        return self._stop.wait(max(0.0, due - time.monotonic()))

    def _note(self, again: int, failures: Iterable[dict[str, Any]]) -> None:
        with self._lock:
            self.again += again
            self.refused.update(reason_of(failure) for failure in failures)

    def _place(self, place: int) -> Place:
        sequence, copy = divmod(place, 1 + self._publication.copies)
        return sequence, copy

    def _entry(self, place: int, number: str) -> dict[str, Any]:
        sequence, copy = self._place(place)
        publication = self._publication
        entry: dict[str, Any] = {
            "Id": number,
            "MessageBody": body_of(sequence, prepend=publication.prepend, size=publication.size),
            "MessageAttributes": attributes_of(publication.client, sequence, self._run, copy, publication.attributes),
        }
        if self._queue.is_fifo:
            entry["MessageGroupId"] = self._group(sequence)
            if not self._queue.content_based_deduplication:
                entry["MessageDeduplicationId"] = self._deduplication(sequence)
        return entry

    def _group(self, sequence: int) -> str:
        groups = self._publication.groups
        return group_of(self._publication.client, sequence % groups, groups)

    def _deduplication(self, sequence: int) -> str:
        """What a FIFO queue knows a message again by: its content where the queue goes by that, or may do so for all
        that these credentials can see, and else an id that the copies of a message share."""
        if self._queue.content_based_deduplication is False:
            return f"{self._run}-{sequence}"
        body = body_of(sequence, prepend=self._publication.prepend, size=self._publication.size)
        return hashlib.sha256(body.encode()).hexdigest()

    def _sent(self, places: Sequence[int], answer: dict[str, Any]) -> Sent:
        sequence, copy = self._place(places[int(answer["Id"])])
        return Sent(
            at=self._clock(),
            client=self._publication.client,
            queue=self._queue.name,
            sequence=sequence,
            message_id=answer["MessageId"],
            group=self._group(sequence) if self._queue.is_fifo else None,
            copy=copy,
            deduplication=self._deduplication(sequence) if self._queue.is_fifo else None,
            run=self._run,
        )

    def _bytes_max(self) -> int:
        last = max(self._publication.count - 1, 0)
        publication = self._publication
        attributes = attributes_of(publication.client, last, self._run, publication.copies, publication.attributes)
        return bytes_of(body_of(last, prepend=publication.prepend, size=publication.size), attributes)


def reason_of(failure: dict[str, Any]) -> str:
    """Why one entry of a batch was refused, in one line."""
    return one_line(f"{failure.get('Code', '')}: {failure.get('Message', '')}".strip(": "))


_SILENCE = {"Code": "NoAnswer", "Message": "the service did not say what became of it"}
