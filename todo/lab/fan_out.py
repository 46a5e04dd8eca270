"""The tour's step of fan-out: TaskOverflow's own events, by its own sink, to the queues that are subscribed."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson

from todo import events, todo_json
from todo.errors import TodoError
from todo.lab.bench import STEP_SECONDS, Bench
from todo.lab.server import EVENTS_QUEUES
from todo.models import Todo
from todo.queues.connection import Queue, find
from todo.sinks import Sink, SinkUnavailable, open_sink

HAPPENED: tuple[tuple[events.Kind, int], ...] = (
    ("todo.completed", 1),
    ("todo.created", 2),
    ("todo.completed", 2),
    ("todo.created", 1),
)
"""What happens, in which list: all that the two filter policies can make of an event."""
QUIET_SECONDS = 2
"""How long a queue must have nothing, for it to get nothing more."""


def fan_out(bench: Bench) -> None:
    """One topic, three queues, two of them choosy."""
    told = [_event(number, kind, list_id) for number, (kind, list_id) in enumerate(HAPPENED, 1)]
    sink = open_sink(bench.laboratory.events_url)
    try:
        _send(sink, told)
    finally:
        sink.close()
    arrived = {name: _arrived(find(bench.service, name)) for name in EVENTS_QUEUES}
    bench.tell(f"{len(told)} events were sent, once each. In these queues they arrived:")
    bench.grid(
        list(EVENTS_QUEUES),
        {
            f"{event.kind} in list {event.list_id}": [event.uuid in arrived[name] for name in EVENTS_QUEUES]
            for event in told
        },
    )
    twice = [name for name in EVENTS_QUEUES if max(arrived[name].values(), default=0) > 1]
    if twice:
        bench.screen.line()
        bench.tell(f"Some came more than once to {', '.join(twice)}: standard queues promise at least once, no more.")
    first = told[0]
    queues = [name for name in EVENTS_QUEUES if first.uuid in arrived[name]]
    bench.screen.line()
    bench.tell(
        f"The first of them, a task of list {first.list_id} that was ticked off, is in {len(queues)} of"
        f" {len(EVENTS_QUEUES)} queues. Whoever sends it knows of none of them: who wants what is the topic's business."
    )


def _event(number: int, kind: events.Kind, list_id: int) -> events.Envelope:
    """What TaskOverflow would send of this."""
    now = datetime.now(UTC).replace(tzinfo=None)
    is_done = kind == "todo.completed"
    todo = Todo(
        id=number,
        title="Water the plants",
        completed=is_done,
        completed_at=now if is_done else None,
        created_at=now,
        updated_at=now,
        sequence=int(is_done),
        priority=0,
        tags="",
    )
    row: Any = SimpleNamespace(
        id=number,
        uuid=str(uuid4()),
        list_id=list_id,
        revision=number,
        kind=kind,
        about_id=todo.id,
        data=orjson.dumps({"todo": todo_json.from_todo(todo)}).decode(),
        occurred_at=now,
        attempts=0,
    )
    return events.envelope(row, str(uuid4()))


def _send(sink: Sink, told: list[events.Envelope]) -> None:
    try:
        reasons = [reason for _, reason in sink.send(told) if reason]
    except SinkUnavailable as error:
        reasons = [str(error)]
    if reasons:
        raise TodoError(reasons[0])


def _arrived(queue: Queue) -> Counter[str]:
    """How often each event, by its id, is in a queue; they are deleted there."""
    found: Counter[str] = Counter()
    end = time.monotonic() + STEP_SECONDS
    while time.monotonic() < end:
        answer = queue.call("receive_message", MaxNumberOfMessages=10, WaitTimeSeconds=QUIET_SECONDS)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        if not messages:
            break
        for message in messages:
            found[str(orjson.loads(message["Body"])["id"])] += 1
            queue.call("delete_message", ReceiptHandle=message["ReceiptHandle"])
    return found
