"""Attributes as SQS takes them, those of messages and those of queues: what is allowed, sizes, digests. Pure.

Each rule is of the Amazon SQS API reference: SendMessage, MessageAttributeValue, SetQueueAttributes. Raises `BadInput`,
whose `field` is "name" when there is no such attribute, "value" when it cannot have this value.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from todo.errors import BadInput

ATTRIBUTES_MAX = 10
# The characters of XML 1.0, which SQS allows in bodies.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NUMBERS = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
CHOICES = {
    "FifoQueue": ("true", "false"),
    "ContentBasedDeduplication": ("true", "false"),
    "SqsManagedSseEnabled": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
DOCUMENTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
RECEIVE_COUNT_MAX = 1000


def check_queue(attributes: Mapping[str, Any]) -> None:
    """Raise when a queue cannot have one of these."""
    for name, value in attributes.items():
        text = str(value)
        if name in NUMBERS:
            low, high = NUMBERS[name]
            allowed = text.isascii() and text.isdecimal() and low <= int(text) <= high
        elif name in CHOICES:
            allowed = text in CHOICES[name] or text.lower() in CHOICES[name]
        elif name in DOCUMENTS:
            allowed = text == "" or _object(text) is not None
        elif name == "KmsMasterKeyId":
            allowed = True
        else:
            raise BadInput(f"Unknown Attribute {name}.", field="name")
        if not allowed:
            raise BadInput(f"Invalid value for the parameter {name}.", field="value")
    redrive = _object(str(attributes.get("RedrivePolicy", ""))) or {}
    if redrive and not 1 <= _whole(redrive.get("maxReceiveCount")) <= RECEIVE_COUNT_MAX:
        raise BadInput(
            f"Value {attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason: Invalid value for "
            f"maxReceiveCount: {redrive.get('maxReceiveCount')}, valid values are from 1 to {RECEIVE_COUNT_MAX} both "
            "inclusive.",
            field="value",
        )


def check_body(body: str) -> None:
    """Raise when a body holds a character that SQS refuses."""
    if found := FORBIDDEN.search(body):
        raise BadInput(f"Invalid binary character '#x{ord(found[0]):X}' was found in the message body", field="value")


def check_message(attributes: Mapping[str, Any]) -> None:
    """Raise when a message cannot have these."""
    if len(attributes) > ATTRIBUTES_MAX:
        raise BadInput(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].",
            field="value",
        )
    for name, attribute in attributes.items():
        if not _value(attribute):
            kind = attribute["DataType"]
            raise BadInput(
                f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
                f"type '{kind}'.",
                field="value",
            )


def size(body: str, attributes: Mapping[str, Any]) -> int:
    """What counts against the maximum size, in bytes: the body, and each attribute's name, type and value."""
    parts = [part for name, each in attributes.items() for part in (name.encode(), each["DataType"].encode())]
    return len(body.encode()) + sum(map(len, parts)) + sum(len(_value(each)) for each in attributes.values())


def digest(attributes: Mapping[str, Any]) -> str:
    """The MD5 that clients compare with their own (Amazon SQS developer guide, message metadata); "" for none."""
    if not attributes:
        return ""
    md5 = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        kind = attributes[name]["DataType"]
        for part in (name.encode(), kind.encode()):
            md5.update(len(part).to_bytes(4, "big") + part)
        value = _value(attributes[name])
        md5.update((b"\2" if kind.startswith("Binary") else b"\1") + len(value).to_bytes(4, "big") + value)
    return md5.hexdigest()


def chosen(attributes: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Those that a receiver asked for: by name, by a prefix such as `client.*`, or `All`."""
    prefixes = tuple(name[:-2] for name in names if name.endswith(".*"))
    wanted = {*names}
    everything = "All" in wanted
    return {
        name: value
        for name, value in attributes.items()
        if everything or name in wanted or (prefixes and name.startswith(prefixes))
    }


def _value(attribute: Mapping[str, Any]) -> bytes:
    value = attribute.get("BinaryValue" if attribute["DataType"].startswith("Binary") else "StringValue")
    return value if isinstance(value, bytes) else (value or "").encode()


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _whole(value: object) -> int:
    """A whole number, given as such or as text; 0 for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
