"""Redis as a broker: kombu's transport, which a message that isn't kombu's cannot end."""

from __future__ import annotations

from typing import Any

import structlog
from kombu.transport import redis

from todo.tasks import foreign_messages

_log = structlog.get_logger(__name__)


class Message(foreign_messages.Message):
    """A message with what kombu notes about each that it hands out, to be able to put it back."""

    def __init__(self, payload: Any, channel: Any = None, **keywords: Any) -> None:
        super().__init__(payload, channel=channel, **keywords)
        self.delivery_info.setdefault("exchange", "")
        self.delivery_info.setdefault("routing_key", "")


class Channel(redis.Channel):
    """A channel that drops what isn't JSON; it is off the queue already."""

    Message = Message

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except ValueError as error:
            _log.warning("foreign_message_dropped", error=f"{type(error).__name__}: {error}"[:300])
            return True


class Transport(redis.Transport):
    """What `redis://` and `rediss://` lead to."""

    Channel = Channel
