"""The tour's steps with one queue each: what a queue promises and what not, shown by doing it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from todo.lab.bench import STEP_SECONDS, Bench
from todo.queues import catalog
from todo.queues.connection import Queue
from todo.queues.messages import Handed, read
from todo.queues.records import Deleted
from todo.queues.tally import Tally

POISON = 10
"""Every so many-th message fails whoever handles it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour."""

    title: str
    text: str
    """What is about to happen, and what to look at."""
    run: Callable[[Bench], None]


def standard(bench: Bench) -> None:
    """A hundred messages by way of a standard queue."""
    queue, tally = bench.queue("tour-standard"), Tally()
    bench.publish(queue, tally, count=100)
    bench.receive(queue, tally)
    bench.verdict(tally)


def fifo(bench: Bench) -> None:
    """The same by way of a FIFO queue."""
    queue, tally = bench.queue("tour.fifo", content_based_deduplication=True), Tally()
    bench.publish(queue, tally, count=100)
    bench.receive(queue, tally)
    bench.verdict(tally)


def groups(bench: Bench) -> None:
    """Four groups, four consumers."""
    queue, tally = bench.queue("tour-groups.fifo", content_based_deduplication=True), Tally()
    bench.publish(queue, tally, count=100, groups=4)
    bench.receive(queue, tally, consumers=4, batch=3)
    bench.verdict(tally)


def deduplication(bench: Bench) -> None:
    """Everything twice, the second time after the first was received and deleted."""
    queue, tally = bench.queue("tour-duplicates.fifo", content_based_deduplication=True), Tally()
    bench.publish(queue, tally, count=50, copies=1)
    bench.receive(queue, tally)
    bench.publish(queue, tally, count=50)
    bench.receive(queue, tally, seconds=2.0)
    bench.verdict(tally)


def visibility(bench: Bench) -> None:
    """One receiver that deletes nothing, and one that comes later."""
    queue, tally = bench.queue("tour-visibility", visibility_seconds=2), Tally()
    bench.publish(queue, tally, count=20)
    bench.receive(queue, tally, client="forgetful", seconds=1.0, crash=1.0)
    bench.receive(queue, tally, client="careful")
    bench.verdict(tally)


def crash(bench: Bench) -> None:
    """Consumers of which one in four fails before it deletes."""
    queue, tally = bench.queue("tour-crash", visibility_seconds=2), Tally()
    bench.publish(queue, tally, count=60)
    bench.receive(queue, tally, consumers=3, crash=0.25)
    bench.verdict(tally)


def dead_letters(bench: Bench) -> None:
    """Messages that fail every time, and their way out and back."""
    dead = bench.queue("tour-dead-letters")
    queue = bench.queue("tour-poison", visibility_seconds=1, dead_letter_queue=dead.name, receives_max=3)
    tally = Tally()
    bench.publish(queue, tally, count=50)
    _handle(bench, queue, tally, fails=lambda message: (message.record.sequence or 0) % POISON == 0)
    bench.verdict(tally)
    card = catalog.card(bench.service, dead.name)
    bench.tell(f"{dead.name} holds {card.available}. The fault is mended: move them back, and handle them once more.")
    for move in catalog.redrive(bench.service, dead.name):
        last = move
    after = Tally()
    _handle(bench, queue, after, fails=lambda _: False)
    handled = len(after.book(queue.name).rows)
    bench.tell(f"Redrive {last.status.lower()}: {last.moved} moved back, {handled} of them handled.")


def _handle(bench: Bench, queue: Queue, tally: Tally, *, fails: Callable[[Handed], bool]) -> None:
    """Receive and delete until nothing is left, except for messages that fail; those are not deleted."""
    end = time.monotonic() + STEP_SECONDS
    tally.add(bench.began(queue, "subscriber"))
    while time.monotonic() < end:
        answer = queue.call(
            "receive_message",
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        raw: list[dict[str, Any]] = answer.get("Messages", [])
        if not raw and _is_empty(bench, queue):
            return
        for message in raw:
            handed = read(message, at=time.time(), client="subscriber", queue=queue.name, consumer=0)
            tally.add(handed.record)
            if not fails(handed):
                queue.call("delete_message", ReceiptHandle=handed.receipt)
                tally.add(Deleted(time.time(), "subscriber", queue.name, handed.record.message_id))


def _is_empty(bench: Bench, queue: Queue) -> bool:
    card = catalog.card(bench.service, queue.name)
    return not (card.available or card.in_flight or card.delayed)


SINGLE = (
    Step(
        "Standard queues",
        "One publisher sends 100 numbered messages to a standard queue, then one subscriber receives them. Each dot is"
        " a delivery: were all in order, the dots would be a straight line.",
        standard,
    ),
    Step(
        "FIFO queues",
        "The same with a FIFO queue, whose name ends with .fifo. Every message carries a message group; here it is one"
        " group for all.",
        fifo,
    ),
    Step(
        "Message groups",
        "A FIFO queue keeps the order within each group alone. 100 messages in four groups, and four consumers: while"
        " one has messages of a group, no other gets any of it, and the other groups go on.",
        groups,
    ),
    Step(
        "Deduplication",
        "50 messages are sent twice, and all 50 once more after they were received and deleted. With content-based"
        " deduplication the queue knows a body again for five minutes.",
        deduplication,
    ),
    Step(
        "Visibility timeout",
        "A message that was received is not gone: it is hidden for a while, here 2 seconds, and comes again unless it"
        " was deleted. The first subscriber deletes nothing, the second does.",
        visibility,
    ),
    Step(
        "Crash before delete",
        "Three consumers, and one message in four whose consumer fails after it received it. That is why one deletes"
        " only after the work is done, and why work must bear being done twice.",
        crash,
    ),
    Step(
        "Dead letters",
        f"Every {POISON}th of 50 messages fails whoever handles it. After three receives the queue moves such a message"
        " to its dead-letter queue, where it troubles nobody, until a redrive moves it back.",
        dead_letters,
    ),
)
