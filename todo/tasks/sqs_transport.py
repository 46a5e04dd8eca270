"""SQS as a broker: kombu's transport, which neither a foreign message nor a failing SQS can end.

kombu 5.7 ends the worker when SQS answers a poll with an error, or not at all. Here that is a lost connection, after
which Celery connects anew, with growing pauses, and makes the queue again when it is gone.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.asynchronous.http import Client
from kombu.transport import SQS

from todo.tasks import foreign_messages


class Connection(AsyncSQSConnection):
    """A connection that says when a poll failed."""

    def _on_list_ready(self, parent: Any, markers: Any, operation: Any, response: Any) -> Any:
        if response.status != self.STATUS_CODE_OK:
            raise ConnectionError(f"SQS answered a poll with status {response.status}")
        return super()._on_list_ready(parent, markers, operation, response)


class Channel(SQS.Channel):
    """A channel that takes what only looks like kombu's envelope for a text, as kombu does with everything else."""

    Message = foreign_messages.Message

    _polls: Connection | None = None

    def asynsqs(self, queue: str | None = None) -> Connection:
        """The connection to poll by."""
        if self._polls is None:
            # With an HTTP client of its own: of the one that all channels share, Celery cancels the timers when a
            # connection is lost, and the next channel would wait for ever.
            self._polls = Connection(self.sqs(queue=queue), region=self.region, http_client=Client(self.hub))
        return self._polls

    def close(self) -> None:
        """End; polls under way are given up."""
        super().close()
        if self._polls is not None:
            self._polls._httpclient.close()

    def _envelope_payload(self, payload: Any, raw_text: Any, message: Any, q_url: Any) -> Any:
        properties = payload.get("properties")
        if not isinstance(properties, dict) or not isinstance(properties.get("delivery_info", {}), dict):
            payload = {}
        return super()._envelope_payload(payload, raw_text, message, q_url)


class Transport(SQS.Transport):
    """What `sqs://` leads to."""

    Channel = Channel

    # Any refusal: an expired token, too many requests, a queue that was deleted. It may be over by the next try.
    connection_errors = (*SQS.Transport.connection_errors, ClientError)
