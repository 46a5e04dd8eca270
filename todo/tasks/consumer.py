"""The worker's consumer: Celery's own, which neither a foreign message can end nor a lost connection silence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import structlog
from celery.worker import consumer
from kombu.asynchronous import set_event_loop

_log = structlog.get_logger(__name__)

_GARBAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a message that was never a task raises. Nothing of a stop, or of a connection that is lost."""


class Consumer(consumer.Consumer):
    """What `worker_consumer` names."""

    def connect(self) -> Any:
        """A connection to the broker; called again when one was lost."""
        if self.hub is not None:
            # Celery 5.7 resets its event loop after a loss, which makes kombu forget that this is the event loop. It
            # would poll SQS no more.
            set_event_loop(self.hub)
        return super().connect()

    def create_task_handler(self, *args: Any, **keywords: Any) -> Callable[[Any], None]:
        """What is called with each message: Celery's handler; what that fails on is dropped.

        Celery 5.7 ends the worker on a message that says it is a task and isn't, such as one whose body is a number.
        RabbitMQ and SQS would then deliver it to the next worker, which ends as well.
        """
        handle = super().create_task_handler(*args, **keywords)

        def handle_or_drop(message: Any) -> None:
            try:
                handle(message)
            except self.connection_errors:
                raise
            except _GARBAGE as error:
                _log.warning("foreign_message_dropped", error=f"{type(error).__name__}: {error}"[:300])
                if not message.acknowledged:
                    message.ack_log_error(logging.getLogger(__name__), self.connection_errors)

        return handle_or_drop
