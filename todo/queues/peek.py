"""Looks at the messages of a dead-letter queue. Each is visible to everybody again as soon as the look is over."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from todo.errors import NotFound, QueueUnavailable
from todo.queues.asking import Deadline
from todo.queues.cards import Letter, Letters
from todo.queues.catalog import QueueCard, name_in
from todo.queues.connection import Service

BATCH_MAX = 10
"""AWS's limit on the messages of one call."""
COLLECTING_SECONDS = 0.9
HIDDEN_SECONDS = 10
"""Longer than a look, so that no message comes twice in it; short, should the process die before its end."""
RECEIVES_MAX = 25
EMPTY_RECEIVES_MAX = 3
"""One may ask servers that have nothing while others have."""
BODY_CHARACTERS = 20_000
VALUE_CHARACTERS = 2_000

_NOTE = "SQS counts a look as a receive."
_OF_GROUPS = "Of each message group SQS shows ten at most."


def look(service: Service, card: QueueCard, limit: int) -> Letters:
    """Up to `limit` messages, no id twice. They stay in the queue, and count as received once more."""
    total = card.available + card.in_flight + card.delayed
    found: dict[str, dict[str, Any]] = {}
    receipts: list[str] = []
    try:
        _collect(service, card, min(limit, card.available or limit), found, receipts)
    finally:
        _put_back(service, card, receipts)
    messages = list(found.values())[:limit]
    is_all = len(messages) >= total
    note = f"{_NOTE} {_OF_GROUPS}" if card.type == "FIFO" and not is_all and len(messages) < limit else _NOTE
    return Letters([_letter(message) for message in messages], is_all, note)


def _collect(
    service: Service, card: QueueCard, wanted: int, found: dict[str, dict[str, Any]], receipts: list[str]
) -> None:
    deadline, empty = Deadline(COLLECTING_SECONDS), 0
    for _ in range(RECEIVES_MAX):
        if len(found) >= wanted or empty >= EMPTY_RECEIVES_MAX or not deadline.left:
            return
        answer = service.call(
            "receive_message",
            queue=card.name,
            QueueUrl=card.url,
            # As many as there may be: of a FIFO queue's group nobody gets more while some of it are in flight.
            MaxNumberOfMessages=min(BATCH_MAX, wanted - len(found)),
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=0,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        empty = 0 if messages else empty + 1
        for message in messages:
            receipts.append(message["ReceiptHandle"])
            found.setdefault(message["MessageId"], message)


def _put_back(service: Service, card: QueueCard, receipts: list[str]) -> None:
    for start in range(0, len(receipts), BATCH_MAX):
        entries = [
            {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for number, receipt in enumerate(receipts[start : start + BATCH_MAX])
        ]
        # What cannot be put back comes back by itself, a little later.
        with suppress(QueueUnavailable, NotFound):
            service.call("change_message_visibility_batch", queue=card.name, QueueUrl=card.url, Entries=entries)


def _letter(message: dict[str, Any]) -> Letter:
    system = message.get("Attributes") or {}
    body = _text(message.get("Body", ""))
    return Letter(
        message_id=message["MessageId"],
        sent_at=_time(system.get("SentTimestamp")),
        receives=_whole(system.get("ApproximateReceiveCount")),
        group=system.get("MessageGroupId"),
        body=body[:BODY_CHARACTERS],
        is_cut=len(body) > BODY_CHARACTERS,
        attributes={name: _value(each) for name, each in (message.get("MessageAttributes") or {}).items()},
        source_queue=name_in(system.get("DeadLetterQueueSourceArn")),
    )


def _value(attribute: dict[str, Any]) -> str:
    """An attribute as text, bytes as base64."""
    value = attribute.get("StringValue")
    if value is None:
        value = base64.b64encode(attribute.get("BinaryValue") or b"").decode()
    return _text(value)[:VALUE_CHARACTERS]


def _text(text: str) -> str:
    """The text as UTF-8 can have it."""
    return text.encode("utf-8", "replace").decode()


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text or "") / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
