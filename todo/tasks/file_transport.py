"""The embedded broker: kombu's file transport, with messages that appear and vanish whole.

kombu 5.7 writes a message into the file that readers look for: of 4,000 messages that another process polled for, three
were read half written, which raises in the consumer and loses them. Here a message gets its name when it is complete.
"""

from __future__ import annotations

import fcntl
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

import structlog
from kombu.transport import filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

from todo.tasks import foreign_messages

_log = structlog.get_logger(__name__)

_LOOK_UP_SECONDS = 0.2


class Channel(filesystem.Channel):
    """A channel whose writes are one rename each, which the file system does at once or not at all."""

    Message = foreign_messages.Message

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder = Path(self.data_folder_out)
        # Digits enough for the names to sort as the numbers do: messages are read in the order they were put.
        name = f"{time_ns():020}_{uuid.uuid4()}"
        unfinished = folder / f".{name}"
        unfinished.write_bytes(str_to_bytes(dumps(payload)))
        unfinished.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str) -> Any:
        folder = Path(self.data_folder_in)
        for path in sorted(folder.glob(f"*.{queue}.msg")):
            if path.name.partition(".")[2] != f"{queue}.msg":  # the queue `a` has no part in the queue `b.a`
                continue
            taken = path.with_name(f".{path.name}.taken")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another consumer was quicker
                continue
            payload = taken.read_bytes()
            taken.unlink()
            try:
                return loads(bytes_to_str(payload))
            except ValueError as error:  # somebody else's: kombu would end the worker
                _log.warning("foreign_message_dropped", error=f"{type(error).__name__}: {error}"[:300])
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file = self._exchange_file(exchange)
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self.control_folder.mkdir(exist_ok=True)
        # kombu makes the file before it locks it: whoever reads it in between ends with an error.
        with (self.control_folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            bindings = self.get_table(exchange)
            if binding not in bindings:
                unfinished = file.with_name(f".{uuid.uuid4()}")
                unfinished.write_bytes(str_to_bytes(dumps([binding, *bindings])))
                unfinished.rename(file)


class Transport(filesystem.Transport):
    """What `broker_transport` names."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Wait for a message, a fifth of a second at most: a worker that is told to stop looks up only in between."""
        super().drain_events(connection, timeout=min(timeout or _LOOK_UP_SECONDS, _LOOK_UP_SECONDS))
