"""Events in a stream of Redis, which keeps about the newest hundred thousand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

from todo.errors import BadSetting
from todo.events import Envelope
from todo.sinks import BOUND_SECONDS, FLYING_BYTES, SinkUnavailable, address
from todo.sinks.order import first_of

LENGTH_MAX = 100_000
"""How many events the stream keeps, or a few more: Redis frees whole blocks of them."""

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 3.0
_SEND_SECONDS = BOUND_SECONDS - _ANSWER_SECONDS - 0.5
"""How long `send` takes, but for the one octet that it may be waiting for then."""
_START_SECONDS = 3.0
"""After so long no more is sent, so that what was begun can end in time."""
_FIRST_BYTES = 32_768
_QUICK_SECONDS = 0.5
_IDLE_MILLISECONDS = 1_000
_READ_COUNT = 100

_EXAMPLE = "redis://user:password@host:6379/0/events"


def open_sink(url: str) -> RedisSink:
    """The sink at `redis://…/<database>/<stream>`, or `rediss://…`; the database may be left out."""
    parts = address.read(url, _EXAMPLE)
    # A number alone is a database whose stream was forgotten.
    if not (parts.place or "0").isdecimal() or (not parts.place and parts.name.isdecimal()):
        raise BadSetting(f"EVENTS_URL: must be like {_EXAMPLE}")
    split = urlsplit(url, allow_fragments=False)
    with suppress(ValueError, TypeError):
        client = Redis.from_url(
            split._replace(path=f"/{parts.place or 0}").geturl(),
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # the caller tries again, and knows when to stop
        )
        client.connection_pool.connection_class(**client.connection_pool.connection_kwargs)  # looks at the options
        return RedisSink(client, parts.name, parts.hosts)
    raise BadSetting("EVENTS_URL: what follows the question mark is not what redis:// takes")


class RedisSink:
    """One stream."""

    def __init__(self, client: Redis, stream: str, host: str) -> None:
        self._client = client
        self._stream = stream
        self._host = host

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Add them in a few transactions, so that a list's events arrive in order or not at all.

        The first is small, and the next ones larger while they are quick: a slow connection ends each in time.
        """
        began = time.monotonic()
        size = _FIRST_BYTES
        while events:
            started = time.monotonic()
            some = first_of(events, size)
            try:
                self._add(some, began + _SEND_SECONDS)
            except (RedisError, OSError) as error:
                # After an error such as READONLY, too: the address may lead to another server by now.
                self.close()
                raise self._unavailable(error) from None
            yield from ((event, None) for event in some)
            events = events[len(some) :]
            ended = time.monotonic()
            if ended >= began + _START_SECONDS:
                return
            if ended - started < _QUICK_SECONDS:
                size = min(2 * size, FLYING_BYTES)

    def _add(self, events: Sequence[Envelope], deadline: float) -> None:
        # Not by the library's own pipeline, whose time limit is one for each of many writes and reads.
        pool = self._client.connection_pool
        connection: Any = pool.get_connection()
        try:
            commands = [("MULTI",), *map(self._command, events), ("EXEC",)]
            for octets in connection.pack_commands(commands):
                _check(deadline)
                connection.send_packed_command([octets])
            fault: object = None
            for _ in commands:
                _check(deadline)
                try:
                    answer = connection.read_response()
                except ResponseError as error:
                    fault = fault or error
            # The last answer, to EXEC, is a list of what became of each.
            fault = fault or next((one for one in answer if isinstance(one, Exception)), None)
            if isinstance(fault, Exception):
                raise fault
        except BaseException:
            connection.disconnect()
            raise
        finally:
            pool.release(connection)

    def _command(self, event: Envelope) -> tuple[str | bytes | int, ...]:
        fields = ("json", event.json, "id", event.uuid, "type", event.kind)
        return ("XADD", self._stream, "MAXLEN", "~", LENGTH_MAX, "*", *fields)

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        """The `json` of each entry; entries of somebody else's, without one, are passed over."""
        try:
            last: Any = "0-0"
            if not from_start:  # not "$", which would leave out what comes between two reads
                newest: Any = self._client.xrevrange(self._stream, count=1)
                last = newest[0][0] if newest else last
            yield None
            while True:
                answer: Any = self._client.xread({self._stream: last}, count=_READ_COUNT, block=_IDLE_MILLISECONDS)
                for _, entries in answer or ():
                    for last, fields in entries:  # noqa: B007 (read from there on)
                        if b"json" in fields:
                            yield fields[b"json"]
                if not answer:
                    yield None
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from None

    def close(self) -> None:
        """Close the connection."""
        with suppress(RedisError, OSError):
            self._client.close()

    def _unavailable(self, error: RedisError | OSError) -> SinkUnavailable:
        if isinstance(error, NoAnswer | TimeoutError):
            return SinkUnavailable(f"Redis at {self._host} does not answer in time")
        if isinstance(error, AuthenticationError | AuthorizationError):
            return SinkUnavailable(f"Redis at {self._host} does not know this user or password: {error}")
        return SinkUnavailable(f"Redis at {self._host} takes no events: {error}")


def _check(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NoAnswer
