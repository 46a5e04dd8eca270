"""Gives messages that no Celery client sent a form in which Celery logs and drops them.

kombu 5.7 ends the worker on those it cannot read. Knows no broker; the transports beside it use it.
"""

from __future__ import annotations

import uuid
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps


class Message(virtual.Message):
    """A message of kombu's own transports; one that isn't kombu's has neither headers nor content type."""

    def __init__(self, payload: Any, channel: Any = None, **keywords: Any) -> None:
        try:
            super().__init__(payload, channel=channel, **keywords)
            len(self.body)  # Celery's report of a message that it drops fails on one without a body
        except (AttributeError, LookupError, TypeError, ValueError):
            super().__init__(_wrap(payload), channel=channel, **keywords)


def _wrap(payload: Any) -> dict[str, Any]:
    """The payload as a text, in an envelope that can be acknowledged."""
    properties = payload.get("properties") if isinstance(payload, dict) else None
    if not isinstance(properties, dict):
        properties = {}
    delivery_info = properties.get("delivery_info")
    if not isinstance(delivery_info, dict):
        delivery_info = {}
    return {
        "body": dumps(payload),
        "properties": {
            "delivery_tag": properties.get("delivery_tag") or str(uuid.uuid4()),
            "delivery_info": delivery_info,
        },
    }
