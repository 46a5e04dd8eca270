"""Events to a topic exchange of RabbitMQ, by their type; it keeps those for which somebody has bound a queue."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from amqp import Channel, Connection, Message
from amqp.exceptions import AccessRefused, AMQPError, NotFound

from todo.events import Envelope
from todo.sinks import BOUND_SECONDS, CONTENT_TYPE, FLYING_BYTES, SinkUnavailable, address
from todo.sinks.order import in_order

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 3.0
_SEND_SECONDS = BOUND_SECONDS - 1
_START_SECONDS = 4.0
"""After so long nothing more is sent, so that what is on its way can be confirmed in time."""
_IDLE_SECONDS = 1.0
_HEARTBEAT_SECONDS = 4
"""Of who follows: a server that is silent for twice as long is gone."""

_PORTS = {"amqp": 5672, "amqps": 5671}
_PERSISTENT = 2
# The library has the kernel end a connection whose other side takes nothing for one second, as a busy server does.
_PATIENCE = {socket.TCP_USER_TIMEOUT: int(BOUND_SECONDS * 1_000)} if hasattr(socket, "TCP_USER_TIMEOUT") else {}
_FAULTS = (AMQPError, OSError)


def open_sink(url: str) -> AmqpSink:
    """The sink at `amqp://user:password@host/<virtual host>/<exchange>`, or `amqps://…`.

    Without a virtual host it is "/".
    """
    scheme = url.partition("://")[0]
    return AmqpSink(address.read(url, f"{scheme}://user:password@host:{_PORTS[scheme]}/vhost/events"), scheme)


class AmqpSink:
    """One exchange."""

    def __init__(self, where: address.Address, scheme: str) -> None:
        self._where = where
        parts = urlsplit(f"//{where.hosts}")
        self._host = f"{where.hosts}" if parts.port else f"{where.hosts}:{_PORTS[scheme]}"
        self._tls: dict[str, Any] | bool = {"server_hostname": parts.hostname} if scheme == "amqps" else False
        self._publisher: _Publisher | None = None

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Send them one after the other, no more at once than a slow server confirms in time."""
        began = time.monotonic()
        sent = 0
        outcomes: dict[int, str | None] = {}
        trouble: SinkUnavailable | None = None
        try:
            if self._publisher is None:
                self._publisher = _Publisher(self._connect(), self._where.name)
            sent = self._publisher.publish(events, outcomes, began + _START_SECONDS, began + _SEND_SECONDS)
        except _FAULTS as error:
            trouble = self._unavailable(error)
        if trouble is None and len(outcomes) < sent:
            trouble = SinkUnavailable(f"RabbitMQ at {self._host} did not take every event: a queue may be full")
        if trouble is not None:
            self.close()
        yield from in_order(events, outcomes)
        if trouble is not None:
            raise trouble

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:  # noqa: ARG002 (an exchange holds none)
        """What the exchange gives a queue of its own, which ends with the connection."""
        arrived: list[bytes] = []
        connection: Connection | None = None
        try:
            connection = self._connect(heartbeat=_HEARTBEAT_SECONDS)
            channel = connection.channel()
            _ensure_exchange(connection, self._where.name)
            queue = channel.queue_declare(exclusive=True, auto_delete=True).queue
            channel.queue_bind(queue, self._where.name, routing_key="#")

            def arrive(message: Message) -> None:
                arrived.append(message.body if isinstance(message.body, bytes) else message.body.encode())

            channel.basic_consume(queue, no_ack=True, callback=arrive)
            yield None
            while True:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=_IDLE_SECONDS)
                connection.heartbeat_tick()
                if not arrived:
                    yield None
                while arrived:
                    yield arrived.pop(0)
        except _FAULTS as error:
            raise self._unavailable(error) from None
        finally:
            if connection is not None:
                _end(connection)

    def close(self) -> None:
        """Close the connection."""
        if self._publisher is not None:
            _end(self._publisher.connection)
            self._publisher = None

    def _connect(self, heartbeat: int = 0) -> Connection:
        has_no_credentials = self._where.user is None and self._where.password is None
        connection = Connection(
            self._host,
            userid=self._where.user or "guest",
            # Of nobody who is named: an empty password is one that was forgotten, or a variable that is not set.
            password=self._where.password or ("guest" if has_no_credentials else ""),
            login_method="PLAIN",
            virtual_host=self._where.place or "/",
            ssl=self._tls,
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_ANSWER_SECONDS,
            write_timeout=_ANSWER_SECONDS,
            heartbeat=heartbeat,
            socket_settings=_PATIENCE,
        )
        try:
            connection.connect()
        except BaseException:
            connection.collect()
            raise
        return connection

    def _unavailable(self, error: Exception) -> SinkUnavailable:
        server = f"RabbitMQ at {self._host}"
        if self._publisher is not None and self._publisher.is_blocked:
            return SinkUnavailable(f"{server} takes no messages now: its memory or disk is nearly full")
        if isinstance(error, TimeoutError):
            return SinkUnavailable(f"{server} does not answer in time")
        if isinstance(error, AccessRefused):
            return SinkUnavailable(f"{server} refuses this user, or what it may do: {error}")
        return SinkUnavailable(f"{server} takes no events: {str(error) or type(error).__name__}")


class _Publisher:
    """A connection with a channel whose messages are confirmed."""

    def __init__(self, connection: Connection, exchange: str) -> None:
        self.connection = connection
        self.is_blocked = False
        self._exchange = exchange
        self._sent = 0
        self._unconfirmed: dict[int, Envelope] = {}
        self._flying_bytes = 0
        self._outcomes: dict[int, str | None] = {}
        connection.on_blocked = self._on_blocked
        connection.on_unblocked = self._on_unblocked
        try:
            _ensure_exchange(connection, exchange)
            self._channel: Channel = connection.channel()
            self._channel.confirm_select()
        except BaseException:
            connection.collect()
            raise
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)

    def publish(
        self, events: Sequence[Envelope], outcomes: dict[int, str | None], last_start: float, deadline: float
    ) -> int:
        """Fill `outcomes` with the ids of those that were confirmed; how many were sent. Raises what the library does.

        None is sent after `last_start`.
        """
        self._outcomes = outcomes
        sent = 0
        for event in events:
            while self._flying_bytes > FLYING_BYTES:
                self.connection.drain_events(timeout=_left(deadline))
            if time.monotonic() >= last_start:
                break
            self._sent += 1
            self._unconfirmed[self._sent] = event
            self._flying_bytes += len(event.json)
            sent += 1
            self._channel.basic_publish(
                _message(event), self._exchange, routing_key=event.kind, timeout=_left(deadline)
            )
        while self._unconfirmed:
            self.connection.drain_events(timeout=_left(deadline))
        return sent

    def _on_ack(self, tag: int, multiple: bool) -> None:
        for event in self._take(tag, multiple=multiple):
            self._outcomes[event.id] = None

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._take(tag, multiple=multiple)

    def _take(self, tag: int, *, multiple: bool) -> list[Envelope]:
        tags = [number for number in self._unconfirmed if number <= tag] if multiple else [tag]
        events = [self._unconfirmed.pop(number) for number in tags]
        self._flying_bytes -= sum(len(event.json) for event in events)
        return events

    def _on_blocked(self, _reason: str) -> None:
        self.is_blocked = True

    def _on_unblocked(self) -> None:
        self.is_blocked = False


def _message(event: Envelope) -> Message:
    return Message(
        event.json,
        content_type=CONTENT_TYPE,
        delivery_mode=_PERSISTENT,
        message_id=event.uuid,
        type=event.kind,
        application_headers={"list": event.list_id},
    )


def _ensure_exchange(connection: Connection, name: str) -> None:
    # Asked for first: who may not make exchanges may still use one that is there.
    try:
        connection.channel().exchange_declare(name, "topic", passive=True)
    except NotFound:
        connection.channel().exchange_declare(name, "topic", durable=True, auto_delete=False)


def _end(connection: Connection) -> None:
    """Close it in good order, which the server has a moment to answer."""
    with suppress(Exception):
        connection.transport.sock.settimeout(_IDLE_SECONDS)
        connection.close()
    connection.collect()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
