"""Message move tasks: the messages of a dead-letter queue going back to where they came from, at a bounded rate.

Knows the two ends only as functions: one hands over a message, the other takes it.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any


class Move:
    """One task. It runs in a thread of its own, which ends with the process at the latest."""

    def __init__(
        self,
        source_arn: str,
        destination_arn: str | None,
        *,
        per_second: int | None,
        to_move: int,
        move_one: Callable[[], bool],
    ) -> None:
        """`move_one` moves a message and returns whether there was one; it may raise, which fails the task."""
        self.source_arn = source_arn
        self.status = "RUNNING"
        self.moved = 0
        self._destination_arn = destination_arn
        self._per_second = per_second
        self._to_move = to_move
        self._move_one = move_one
        self._failure: str | None = None
        self._started = int(time.time() * 1000)
        self._cancelled = threading.Event()
        named = {"taskId": str(uuid.uuid4()), "sourceArn": source_arn}
        self.handle = base64.b64encode(json.dumps(named).encode()).decode()
        threading.Thread(target=self._run, name="redrive", daemon=True).start()

    def cancel(self) -> None:
        """Stop; what was moved stays moved."""
        self.status = "CANCELLING"
        self._cancelled.set()

    def as_result(self) -> dict[str, Any]:
        """The entry of ListMessageMoveTasks; the handle is told as long as the task can be cancelled."""
        entry = {
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source_arn,
            "DestinationArn": self._destination_arn,
            "MaxNumberOfMessagesPerSecond": self._per_second,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self._to_move,
            "FailureReason": self._failure,
            "StartedTimestamp": self._started,
        }
        return {name: value for name, value in entry.items() if value is not None}

    def _run(self) -> None:
        pause = 1 / self._per_second if self._per_second else 0
        try:
            # What arrives while the task runs is moved too, as long as there is something at each look.
            while not self._cancelled.is_set() and self._move_one():
                self.moved += 1
                self._cancelled.wait(pause)
        except Exception as error:  # the thread's last chance to say why
            self._failure = str(error) or type(error).__name__
            self.status = "FAILED"
            return
        self.status = "CANCELLED" if self._cancelled.is_set() else "COMPLETED"
