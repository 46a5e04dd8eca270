"""The way to SQS: credentials, region and address from where AWS's own tools find them, and a queue by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from random import random
from threading import Event, Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from dotenv import dotenv_values

from todo.errors import BadInput, NotFound, QueueUnavailable
from todo.queues import addresses
from todo.queues.faults import explain, one_line

REGION = "us-east-1"
"""Where nobody names one; the accounts that learners get are at home there."""

CONNECT_SECONDS = 5
READ_SECONDS = 30
"""Longer than the longest poll, which is 20 s."""
CALL_ATTEMPTS = 3
"""Of the client library, within one call, with growing pauses."""
PATIENCE = 6
"""How often a call that fails in passing is made by `Service.persist`."""
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.25, 8.0

NAME = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9_-]+(\.fifo)?")

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass(frozen=True, slots=True)
class Access:
    """What was said at the command line; None leaves it to the environment, `.env`, and AWS's files."""

    region: str | None = None
    endpoint_url: str | None = None
    profile: str | None = None
    key_id: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


def take_env_file(path: Path, environment: MutableMapping[str, str], *, profile: str | None = None) -> None:
    """Add what the file, if there is one, says of AWS and the environment doesn't.

    Keys are taken together or not at all: somebody's key with another's token is refused. Those of the file yield to a
    profile that was chosen. Names may be in small letters, as in AWS's own files.
    """
    if not path.is_file():
        return
    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {one_line(error)}") from None
    found = {name.upper(): value for name, value in values.items() if value and name.upper().startswith("AWS_")}
    if profile or any(environment.get(name) for name in (*_KEYS, "AWS_PROFILE")):
        found = {name: value for name, value in found.items() if name not in _KEYS}
    for name, value in found.items():
        if not environment.get(name):
            environment[name] = value


class Service:
    """SQS at one address, for several threads at once. Every call is bounded in time, and counted."""

    def __init__(
        self,
        access: Access,
        environment: Mapping[str, str],
        *,
        threads: int = 1,
        connect_seconds: float | None = None,
        read_seconds: float | None = None,
        attempts: int | None = None,
        by_settings: bool = False,
    ) -> None:
        """Does not connect yet. Raises `BadInput` or `QueueUnavailable` for what cannot be used.

        Each call may take `connect_seconds` and `read_seconds`, `attempts` times; a command's patience unless given.
        `by_settings`: what goes wrong is told to people who have settings to change, no options.
        """
        _check_address(access.endpoint_url, "endpoint-url")
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"):
            _check_address(environment.get(name), name)
        self._lock = Lock()
        self.requests = 0
        """How many requests were made, those made again counted."""
        self._by_settings = by_settings
        self._config = Config(
            connect_timeout=connect_seconds or CONNECT_SECONDS,
            read_timeout=read_seconds or READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": attempts or CALL_ATTEMPTS},
            max_pool_connections=threads + 1,
            tcp_keepalive=True,
        )
        try:
            self._session = boto3.Session(access.key_id, access.secret, profile_name=access.profile)
            self._client = self._session.client(
                "sqs",
                region_name=access.region or environment.get("AWS_REGION") or self._session.region_name or REGION,
                endpoint_url=access.endpoint_url,
                config=self._config,
            )
        except BotoCoreError as error:
            raise explain(error, "connect", endpoint="AWS", queue=None, by_settings=by_settings) from None
        except ValueError as error:  # of a configuration file: an address that is none
            raise BadInput(f"AWS's configuration cannot be used: {one_line(error)}") from None
        self.endpoint: str = self._client.meta.endpoint_url
        self.region: str = self._client.meta.region_name
        self._client.meta.events.register("before-send.sqs", self._count)
        self._clients = {"sqs": self._client}

    @property
    def emulator(self) -> str | None:
        """The address, when it isn't AWS's own; without keys that it may hold."""
        return None if addresses.is_of_aws(self.endpoint) else addresses.without_keys(self.endpoint)

    def call(self, operation: str, *, queue: str | None = None, of: str = "sqs", **arguments: Any) -> dict[str, Any]:
        """What the service answers. `operation` is in snake case, `queue` a name for messages; `of` is SQS, or another
        service of the same region and keys.

        Raises `NotFound` when the queue isn't there, `BadInput`, or `QueueUnavailable`.
        """
        try:
            answer: dict[str, Any] = getattr(self._client_of(of), operation)(**arguments)
        except (BotoCoreError, ClientError) as error:
            endpoint = self.emulator or (self.endpoint if of == "sqs" else f"AWS's {of}")
            raise explain(
                error, operation, endpoint=endpoint, queue=queue, of=of, by_settings=self._by_settings
            ) from None
        except Exception as error:
            if type(error).__name__ != "ResponseParserError":  # of botocore.parsers, and no BotoCoreError
                raise
            message = f"{self.emulator or self.endpoint} does not answer as SQS does: is the address right?"
            raise QueueUnavailable(message) from None
        return answer

    def persist(self, stop: Event, operation: str, **arguments: Any) -> dict[str, Any]:
        """`call`, made again with growing pauses while it fails in passing and nobody says stop."""
        for attempt in range(PATIENCE):
            try:
                return self.call(operation, **arguments)
            except QueueUnavailable as error:
                if not error.is_passing or attempt == PATIENCE - 1 or pause(stop, attempt):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Let go of connections; calls under way end."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _client_of(self, service: str) -> Any:
        with self._lock:  # making clients is not for several threads at once
            if service not in self._clients:
                self._clients[service] = self._session.client(service, region_name=self.region, config=self._config)
            return self._clients[service]

    def _count(self, **_: Any) -> None:
        with self._lock:
            self.requests += 1


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue that is there, and what has to be known of it to use it."""

    service: Service
    name: str
    url: str
    is_fifo: bool
    content_based_deduplication: bool | None
    """None when the credentials may not ask."""
    visibility_seconds: int
    bytes_max: int

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """`Service.call` about this queue."""
        return self.service.call(operation, queue=self.name, QueueUrl=self.url, **arguments)

    def persist(self, stop: Event, operation: str, **arguments: Any) -> dict[str, Any]:
        """`Service.persist` about this queue."""
        return self.service.persist(stop, operation, queue=self.name, QueueUrl=self.url, **arguments)


def find(service: Service, name: str) -> Queue:
    """The queue of this name. Raises `NotFound` when there is none."""
    url = url_of(service, name)
    attributes: dict[str, str] = {}
    try:
        answer = service.call("get_queue_attributes", queue=name, QueueUrl=url, AttributeNames=["All"])
        attributes = answer.get("Attributes", {})
    except QueueUnavailable as error:
        if error.code not in ("AccessDenied", "AccessDeniedException"):  # those who may only send or receive
            raise
    is_fifo = name.endswith(".fifo")
    by_content = attributes.get("ContentBasedDeduplication") == "true" if attributes and is_fifo else None
    return Queue(
        service,
        name,
        url,
        is_fifo=is_fifo,
        content_based_deduplication=by_content,
        visibility_seconds=int(attributes.get("VisibilityTimeout", 30)),
        bytes_max=int(attributes.get("MaximumMessageSize", 1_048_576)),
    )


def url_of(service: Service, name: str) -> str:
    """The URL of the queue of this name. Raises `NotFound` when there is none, `BadInput` when there can be none."""
    check_name(name)
    try:
        url: str = service.call("get_queue_url", queue=name, QueueName=name)["QueueUrl"]
    except NotFound:
        raise NotFound(f"Unable to find a Queue by this name {name}", field="name") from None
    return url


def check_name(name: str) -> None:
    """Raises `BadInput` when no queue can be called so."""
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{one_line(name)!r:.100} cannot be a queue's name: up to 80 letters, digits, - and _, and .fifo at the"
            " end of a FIFO queue's",
            field="name",
        )


def pause(stop: Event, attempt: int) -> bool:
    """Wait before the next attempt, longer after each, and not all at the same time; whether stop was said."""
    seconds = min(PAUSE_SECONDS * 2**attempt, PAUSE_SECONDS_MAX)
    return stop.wait(seconds * (0.5 + random() / 2))  # noqa: S311 (nothing secret)


def _check_address(address: str | None, field: str) -> None:
    if address and not addresses.is_usable(address):
        raise BadInput(f"{one_line(address)!r:.100} is not an address such as http://127.0.0.1:9324", field=field)
