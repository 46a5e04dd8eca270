"""RabbitMQ as the console looks at it: over AMQP, and where its management API answers, what workers hold."""

from __future__ import annotations

import base64
import time
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from todo.errors import QueueUnavailable
from todo.queues import fetching, wording
from todo.queues.brokers import ANSWER_SECONDS, Broker, BrokerUrl
from todo.queues.cards import Details

if TYPE_CHECKING:
    from amqp import Connection

MANAGEMENT_SECONDS = 0.5
SILENT_SECONDS = 60.0
"""How long a management API that did not answer is left alone: mostly there is none."""
GUEST = "guest"


class RabbitBroker(Broker):
    """RabbitMQ, over a connection that is kept; each look is one question on a channel of its own."""

    kind = "RabbitMQ"

    def __init__(self, queue: str, url: BrokerUrl) -> None:
        """Does not connect yet."""
        super().__init__(queue, url.address)
        self._url = url
        self._lock = Lock()
        self._connection: Connection | None = None
        self._silent_until = 0.0

    def _look(self) -> Details | None:
        self._url.check()
        if not self._lock.acquire(timeout=ANSWER_SECONDS):
            raise QueueUnavailable(self.slow(), is_passing=True)
        try:
            counts = self._counts()
        finally:
            self._lock.release()
        if counts is None:
            return None
        available, consumers = counts
        return Details(self._queue, available=available, in_flight=self._held(), consumers=consumers)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _counts(self) -> tuple[int, int] | None:
        """Messages that wait, and consumers; None when there is no such queue."""
        from amqp import exceptions

        while True:
            is_kept = self._connection is not None
            try:
                return self._ask()
            except exceptions.NotFound:
                return None
            except (exceptions.AccessRefused, exceptions.NotAllowed) as error:
                self._drop()
                text = wording.name(str(error.reply_text), 200)
                raise QueueUnavailable(f"{self._address} refuses what CELERY_BROKER_URL says: {text}") from None
            except (OSError, exceptions.AMQPError) as error:
                self._drop()
                if is_kept:  # it may have died with a RabbitMQ that was restarted: once more, over a new one
                    continue
                text = self.slow() if isinstance(error, TimeoutError) else f"{self._address} cannot be reached"
                raise QueueUnavailable(text, is_passing=True) from None

    def _ask(self) -> tuple[int, int]:
        if self._connection is None:
            self._connection = self._connect()
        channel = self._connection.channel()
        declared = channel.queue_declare(self._queue, passive=True)
        channel.close()
        return declared.message_count, declared.consumer_count

    def _connect(self) -> Any:
        from amqp import Connection

        connection = Connection(
            f"{self._url.host}:{self._url.port}",
            userid=self._url.user or GUEST,
            password=self._url.password or GUEST,
            virtual_host=self._url.path or "/",
            login_method="PLAIN",
            ssl=self._url.is_secure,
            connect_timeout=ANSWER_SECONDS,
            heartbeat=0,
        )
        try:
            connection.connect()
            # Its own timeouts are of whole frames, and begin anew when one is interrupted.
            connection.transport.sock.settimeout(ANSWER_SECONDS)
        except BaseException:
            connection.collect()
            raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect()

    def _held(self) -> int | None:
        """How many messages consumers hold, where the management API answers."""
        if time.monotonic() < self._silent_until:
            return None
        url = self._url
        path = f"/api/queues/{quote(url.path or '/', safe='')}/{quote(self._queue, safe='')}"
        keys = f"{url.user or GUEST}:{url.password or GUEST}"
        headers = {"Authorization": f"Basic {base64.b64encode(keys.encode()).decode()}"}
        status, content = fetching.get(management_of(url), path, seconds=MANAGEMENT_SECONDS, headers=headers)
        if status != 200:
            self._silent_until = time.monotonic() + SILENT_SECONDS
            return None
        held = content.get("messages_unacknowledged") if isinstance(content, dict) else None
        return held if isinstance(held, int) else None


def management_of(url: BrokerUrl) -> str:
    """Where the management API is as a rule; on the same host, and with TLS where the broker has it."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    if not url.is_secure:
        return f"http://{host}:15672"
    return f"https://{host}" if host.endswith(".amazonaws.com") else f"https://{host}:15671"
