"""What the laboratory writes into a message and reads out of one. Pure.

A message is a text and these attributes: `client` says who sent it; `sequence`, `run` and `copy` say which one it is.
The last three are the laboratory's own: a receiver that looks at `client` alone is served as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from todo.errors import BadInput
from todo.queues.records import Received

CLIENT, SEQUENCE, RUN, COPY = "client", "sequence", "run", "copy"
ATTRIBUTES_MAX = 10
"""AWS's limit on the attributes of a message, ours counted."""
EXTRA_MAX = ATTRIBUTES_MAX - 4
BYTES_MAX = 1_048_576
"""AWS's limit on a message with its attributes, and on a batch."""
GROUP_CHARACTERS = 128

_FILLING = "."
_SEQUENCE_MAX = 2**53
_LATEST = 253_402_300_800.0
_NAME = re.compile(r"(?!(?i:aws|amazon)\.)[A-Za-z0-9_-]{1,256}(?:\.[A-Za-z0-9_-]+)*")
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what SQS takes is all but these
_NOT_FOR_GROUPS = re.compile(r"[^!-~]")

Attributes = dict[str, dict[str, str]]


def body_of(sequence: int, *, prepend: str = "", size: int = 0) -> str:
    """The text of a message, filled up to `size` bytes."""
    body = f"{prepend}Message {sequence}"
    missing = size - len(body.encode())
    return f"{body} {_FILLING * (missing - 1)}" if missing > 1 else body + " " * missing


def attributes_of(client: str, sequence: int, run: str, copy: int, extra: Sequence[tuple[str, str]]) -> Attributes:
    """A message's attributes as SQS takes them."""
    attributes: Attributes = {
        CLIENT: {"DataType": "String", "StringValue": client},
        SEQUENCE: {"DataType": "Number", "StringValue": str(sequence)},
        RUN: {"DataType": "String", "StringValue": run},
    }
    if copy:
        attributes[COPY] = {"DataType": "Number", "StringValue": str(copy)}
    for name, value in extra:
        attributes[name] = {"DataType": "String", "StringValue": value}
    return attributes


def bytes_of(body: str, attributes: Attributes) -> int:
    """How big SQS finds a message."""
    size = len(body.encode())
    for name, attribute in attributes.items():
        size += len(name.encode()) + len(attribute["DataType"]) + len(attribute["StringValue"].encode())
    return size


def group_of(client: str, number: int, groups: int) -> str:
    """A message group's name: the client's, with a number when it has several. SQS takes no blanks there."""
    name = _NOT_FOR_GROUPS.sub("-", client)[: GROUP_CHARACTERS - 8] or "-"
    return name if groups == 1 else f"{name}-{number}"


def check_text(text: str, field: str, *, may_be_empty: bool = False) -> None:
    """Raises `BadInput` for a text that SQS refuses."""
    if not text and not may_be_empty:
        raise BadInput("SQS takes no empty text", field=field)
    if found := _REFUSED.search(text):
        raise BadInput(f"SQS takes no character {found[0]!a}", field=field)


def check_extra(attributes: Sequence[tuple[str, str]]) -> None:
    """Raises `BadInput` for attributes that SQS refuses, or that are ours."""
    field = "attributes"
    names = [name for name, _ in attributes]
    if len(names) > EXTRA_MAX:
        raise BadInput(f"at most {EXTRA_MAX}: SQS takes {ATTRIBUTES_MAX}, and 4 are in use", field=field)
    for name, value in attributes:
        if name in (CLIENT, SEQUENCE, RUN, COPY) or names.count(name) > 1:
            raise BadInput(f"{name} is there already", field=field)
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!a:.100} is no name that SQS takes", field=field)
        check_text(value, field)


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that was handed to us."""

    record: Received
    body: str
    receipt: str


def read(raw: Mapping[str, Any], *, at: float, client: str, queue: str, consumer: int) -> Handed:
    """A message from an answer of SQS, whoever sent it: what isn't understood is left out."""
    told = raw.get("MessageAttributes") or {}
    system = raw.get("Attributes") or {}
    sent_at = (_number(system.get("SentTimestamp"), int(_LATEST * 1000)) or 0) / 1000
    record = Received(
        at=at,
        client=client,
        queue=queue,
        message_id=raw["MessageId"],
        sender=_text(told, CLIENT),
        sequence=_number(_text(told, SEQUENCE)),
        group=system.get("MessageGroupId"),
        copy=_number(_text(told, COPY)) or 0,
        receive_count=_number(system.get("ApproximateReceiveCount")) or 1,
        sent_at=sent_at or None,
        consumer=consumer,
        run=_text(told, RUN),
    )
    return Handed(record, raw.get("Body", ""), raw["ReceiptHandle"])


def _text(attributes: Mapping[str, Any], name: str) -> str | None:
    attribute = attributes.get(name)
    return attribute.get("StringValue") if attribute else None


def _number(text: object, highest: int = _SEQUENCE_MAX) -> int | None:
    """A whole number from 0 to `highest`; None for everything else."""
    if not isinstance(text, str) or len(text) > 16 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= highest else None
