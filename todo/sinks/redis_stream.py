"""Events in a stream of Redis, which keeps about the newest hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

from todo.errors import BadSetting
from todo.events import Envelope
from todo.sinks import SinkUnavailable, address

LENGTH_MAX = 100_000
"""How many events the stream keeps, or a few more: Redis frees whole blocks of them."""

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 5.0
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
        """Add all of them in one transaction, so that a list's events arrive in order or not at all."""
        try:
            with self._client.pipeline(transaction=True) as pipeline:
                for event in events:
                    fields: dict[Any, Any] = {"json": event.json, "id": event.uuid, "type": event.kind}
                    pipeline.xadd(self._stream, fields, maxlen=LENGTH_MAX, approximate=True)
                pipeline.execute()
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from None
        yield from ((event, None) for event in events)

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
