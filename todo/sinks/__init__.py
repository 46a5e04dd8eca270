"""Where events go: one small module for each technology, all of one shape, chosen by the address alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol

from todo.errors import BadSetting
from todo.events import Envelope

BOUND_SECONDS = 10.0
"""How long `Sink.send` may take at the most, and reading from a sink until it gives something or raises."""

CONTENT_TYPE = "application/cloudevents+json"
"""Of an event that is whole in a message's body: CloudEvents' "structured mode"."""

FLYING_BYTES = 131_072
"""How much is on its way at once, before it is known to have arrived: a slow bus settles that much within the bound."""

_REASON_MAX = 300

_MODULES = {
    "sns": "sns",
    "sqs": "sqs",
    "amqp": "amqp",
    "amqps": "amqp",
    "kafka": "kafka",
    "redis": "redis_stream",
    "rediss": "redis_stream",
    "file": "file",
}
_EXTRAS = {"confluent_kafka": "kafka"}
"""The extra of the package that brings a client library. The others come with the package itself."""


class SinkUnavailable(Exception):
    """The sink does not take events at the moment: not reached, credentials refused, too many. `str()` is one line."""

    def __init__(self, message: object) -> None:
        super().__init__(one_line(message))


class Sink(Protocol):
    """A connection to where events go, opened when first used; for one thread."""

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Send these events, those of one list in their order; each as it is settled, with None when it was taken.

        A text of one line is why this event was refused, and would be again: the others go on without it. Raises
        `SinkUnavailable` when no more can be sent now; ends early when its time, `BOUND_SECONDS` at the most, is over.
        What was not given back is to be sent again, though it may have arrived: of one list nothing is given back
        that follows such an event.
        """
        ...

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        """What arrives there from now on, each a CloudEvent in JSON; None now and then while nothing does.

        "Now" is the first `next()`, which gives None. `from_start` begins with the oldest that the sink still holds,
        where it holds any. Takes nothing away from others who read there. Raises `SinkUnavailable`, and `BadInput`
        where that cannot be.
        """
        ...

    def close(self) -> None:
        """End the connection; never raises, and waits for nobody for long."""
        ...


def one_line(words: object) -> str:
    """Words of a library or a server, which may have line breaks and what steers terminals, as they are shown."""
    text = " ".join(str(words).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_REASON_MAX]


def open_sink(url: str) -> Sink:
    """The sink at this address. Does not connect yet. Raises `BadSetting` with one line, that never has a password."""
    scheme, separator, _ = url.partition("://")
    name = _MODULES.get(scheme)
    if not separator or name is None:
        known = ", ".join(f"{scheme}://" for scheme in _MODULES)
        raise BadSetting(f"EVENTS_URL: must begin with one of {known}")
    try:
        module: Any = import_module(f"todo.sinks.{name}")
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        raise BadSetting(
            f"EVENTS_URL: {scheme}:// needs the library {error.name}; pip install 'taskoverflow[{extra}]'"
        ) from None
    sink: Sink = module.open_sink(url)
    return sink
