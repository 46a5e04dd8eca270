"""The product's own broker as the console looks at it: Redis, or the embedded broker's files; `rabbitmq` has the other.

Each knows the queue that jobs go through, how much waits there, and little else. Nobody counts over time.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from todo.errors import NotFound, QueueUnavailable, Unsuited
from todo.queues import wording
from todo.queues.asking import Deadline
from todo.queues.cards import About, Card, Details, Figures, Letters, Move, no_figures

if TYPE_CHECKING:
    from redis import Redis

ANSWER_SECONDS = 1.0
# How kombu keeps what waits: a list for each step of priority, and one hash for all that consumers hold.
_REDIS_PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")
_REDIS_HELD = "unacked"


class BrokerUrl:
    """A broker's URL in its parts, and an `address` that may be shown: without user, password and options."""

    def __init__(self, url: str, port: int) -> None:
        """`port` is used where the URL has none."""
        scheme, _, rest = url.partition(";")[0].partition("://")  # further ones are kombu's to fall back on
        self.is_secure = scheme in ("rediss", "amqps")
        try:
            parts = urlsplit(f"http://{rest}")
            self.host = unquote(parts.hostname or "") or "localhost"
            self.port = parts.port or port
        except ValueError:
            self.is_usable = False
        else:
            # An @ behind the host is what a password leaves that holds a / and is not quoted.
            self.is_usable = "@" not in f"{parts.path}{parts.query}{parts.fragment}"
            self.user = unquote(parts.username or "") or None
            self.password = unquote(parts.password or "") or None
            self.path = unquote(parts.path[1:])
            self.options = dict(parse_qsl(parts.query))
        self.address = "CELERY_BROKER_URL"
        if self.is_usable:
            host = f"[{self.host}]" if ":" in self.host else self.host
            self.address = f"{scheme}://{host}:{self.port}/{self.path}".rstrip("/")

    def check(self) -> None:
        """Raise `QueueUnavailable` when it cannot be used."""
        if not self.is_usable:
            raise QueueUnavailable("CELERY_BROKER_URL is no address: characters such as / in a password are quoted")


class Broker:
    """What all brokers have in common: one queue, and no figures, no dead letters."""

    name = "broker"
    kind: Literal["Redis", "RabbitMQ", "files"]

    def __init__(self, queue: str, address: str) -> None:
        self._queue = queue
        self._address = address

    def about(self) -> About:
        """Where it is."""
        return About(self.kind, self._address)

    def slow(self) -> str:
        """What to say when its answer takes too long."""
        return f"{self._address} does not answer in time"

    def cards(self, deadline: Deadline) -> list[Card]:  # noqa: ARG002 (others need it)
        """The queue, if it is there."""
        found = self._look()
        if found is None:
            return []
        return [Card(found.name, available=found.available, in_flight=found.in_flight)]

    def card(self, name: str) -> Details:
        """The queue. Raises `NotFound` for any other."""
        found = self._look() if name == self._queue else None
        if found is None:
            raise NotFound(f"Unable to find a Queue by this name {wording.name(name, 100)}", field="name")
        return found

    def figures(self, name: str, span_seconds: int) -> Figures:  # noqa: ARG002 (others need it)
        """None: nobody counts."""
        self.card(name)
        return no_figures()

    def letters(self, name: str, limit: int) -> Letters:  # noqa: ARG002 (others need it)
        """Raises `Unsuited`."""
        raise self._unsuited(name)

    def redrive(self, name: str, *, to: str | None, per_second: int | None) -> Move:  # noqa: ARG002 (others need it)
        """Raises `Unsuited`."""
        raise self._unsuited(name)

    def last_move(self, name: str) -> Move:
        """Raises `Unsuited`."""
        raise self._unsuited(name)

    def close(self) -> None:
        """Let go of connections."""

    def _look(self) -> Details | None:
        """The queue as it is now; None when it is not there."""
        raise NotImplementedError

    def _unsuited(self, name: str) -> Unsuited:
        self.card(name)
        return Unsuited(f"{wording.name(name)} is no dead-letter queue: TaskOverflow keeps none on {self.kind}")


class RedisBroker(Broker):
    """Redis."""

    kind = "Redis"

    def __init__(self, queue: str, url: BrokerUrl) -> None:
        """Does not connect yet."""
        super().__init__(queue, url.address)
        self._url = url
        self._lock = Lock()
        self._client: Redis | None = None

    def _look(self) -> Details | None:
        """In flight is what workers hold, of all queues of this database."""
        from redis import exceptions

        client = self._connected()
        try:
            pipe = client.pipeline(transaction=False)
            for priority in _REDIS_PRIORITIES:
                pipe.llen(f"{self._queue}{priority}")
            pipe.hlen(_REDIS_HELD)
            *waiting, held = pipe.execute()
        except (exceptions.AuthenticationError, exceptions.NoPermissionError):
            raise QueueUnavailable(f"{self._address} refuses the user or password of CELERY_BROKER_URL") from None
        except exceptions.TimeoutError:
            raise QueueUnavailable(self.slow(), is_passing=True) from None
        except exceptions.ConnectionError:
            raise QueueUnavailable(f"{self._address} cannot be reached", is_passing=True) from None
        except exceptions.RedisError as error:
            raise QueueUnavailable(f"{self._address} refuses to answer: {wording.name(str(error), 200)}") from None
        return Details(self._queue, available=sum(waiting), in_flight=held)

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _connected(self) -> Redis:
        self._url.check()
        with self._lock:
            if self._client is None:
                from redis import Redis
                from redis.backoff import NoBackoff
                from redis.exceptions import ConnectionError as LostConnection
                from redis.retry import Retry

                options = self._url.options
                required = options.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
                if not (self._url.path or "0").isdigit() or required not in ("required", "optional", "none"):
                    raise QueueUnavailable("CELERY_BROKER_URL is no address such as redis://localhost:6379/0")
                tls: dict[str, Any] = {
                    "ssl": True,
                    "ssl_cert_reqs": required,
                    "ssl_ca_certs": options.get("ssl_ca_certs"),
                    "ssl_certfile": options.get("ssl_certfile"),
                    "ssl_keyfile": options.get("ssl_keyfile"),
                }
                self._client = Redis(
                    host=self._url.host,
                    port=self._url.port,
                    db=int(self._url.path or "0"),
                    username=self._url.user,
                    password=self._url.password,
                    socket_connect_timeout=ANSWER_SECONDS,
                    socket_timeout=ANSWER_SECONDS,
                    # Once more at once: a kept connection may have died with a Redis that was restarted.
                    retry=Retry(NoBackoff(), 1, supported_errors=(LostConnection,)),
                    protocol=2,
                    **(tls if self._url.is_secure else {}),
                )
            return self._client


class FilesBroker(Broker):
    """The embedded broker: a file for each message."""

    kind = "files"

    def __init__(self, queue: str, folder: Path) -> None:
        super().__init__(queue, "DATA_DIR/broker")
        self._folder = folder

    def _look(self) -> Details | None:
        """A message that is taken has no file any more, so what is in flight is not known."""
        ending = f"{self._queue}.msg"
        try:
            with os.scandir(self._folder) as files:
                waiting = sum(file.name.partition(".")[2] == ending for file in files)
        except FileNotFoundError:
            waiting = 0
        except OSError as error:
            raise QueueUnavailable(f"{self._address} cannot be read ({error.strerror})") from None
        return Details(self._queue, available=waiting)
