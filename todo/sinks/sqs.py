"""Events to a queue of SQS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from todo.errors import BadInput, BadSetting
from todo.events import Envelope
from todo.queues.connection import NAME, Service, url_of
from todo.sinks.aws import AwsSink, text_of


def open_sink(url: str) -> SqsSink:
    """The sink at `sqs://<queue's name>`."""
    name = url.partition("://")[2]
    if not NAME.fullmatch(name):
        raise BadSetting("EVENTS_URL: must be like sqs://events or sqs://events.fifo, with the queue's name")
    return SqsSink(name)


class SqsSink(AwsSink):
    """One queue."""

    bytes_max = 1_048_576

    def __init__(self, name: str) -> None:
        super().__init__(is_fifo=name.endswith(".fifo"))
        self._name = name
        self._url = ""

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:  # noqa: ARG002 (nothing is read)
        """Raises `BadInput`."""
        raise BadInput(
            f"What is in the queue {self._name} belongs to those who receive from it, and would be kept from them:"
            " follow the database, or send to a topic"
        )

    def _find(self, service: Service) -> None:
        self._url = url_of(service, self._name)

    def _post(self, service: Service, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return service.call("send_message_batch", queue=self._name, QueueUrl=self._url, Entries=entries)

    def _entry(self, event: Envelope) -> dict[str, Any]:
        return {"MessageBody": text_of(event)}
