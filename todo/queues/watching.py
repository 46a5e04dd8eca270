"""A queue over time, as those know it who count: CloudWatch for AWS's own queues, the laboratory for its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from todo.errors import NotFound
from todo.queues import fetching
from todo.queues.cards import COUNTS, LEVELS, Figures, no_figures
from todo.queues.connection import Service

METRICS = {
    "sent": ("NumberOfMessagesSent", "Sum"),
    "received": ("NumberOfMessagesReceived", "Sum"),
    "deleted": ("NumberOfMessagesDeleted", "Sum"),
    "empty_receives": ("NumberOfEmptyReceives", "Sum"),
    "available": ("ApproximateNumberOfMessagesVisible", "Maximum"),
    "in_flight": ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
    "delayed": ("ApproximateNumberOfMessagesDelayed", "Maximum"),
    "oldest_seconds": ("ApproximateAgeOfOldestMessage", "Maximum"),
}
MINUTE = 60
CLOUDWATCH_SPAN_MAX = 10_800
KEPT_SECONDS = 60.0
"""CloudWatch has news every minute, and costs by the metric; whether an emulator is the laboratory rarely changes."""
KEPT_MAX = 200
ANSWER_SECONDS = 1.0


class Watch:
    """Asks those who count, and remembers for a minute what costs. Safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[tuple[object, ...], tuple[float, Any]] = {}

    def figures(self, service: Service, name: str, span_seconds: int) -> Figures:
        """The queue's figures; none when nobody counts."""
        if service.emulator is None:
            span = min(span_seconds, CLOUDWATCH_SPAN_MAX)
            key = (service.endpoint, service.region, name, span)
            found: Figures = self._remember(key, lambda: from_cloudwatch(service, name, span, self._clock()))
            return found
        if self._remember((service.endpoint,), lambda: is_laboratory(service.endpoint)):
            return from_laboratory(service, name, span_seconds)
        return no_figures()

    def _remember(self, key: tuple[object, ...], ask: Callable[[], Any]) -> Any:
        now = self._clock()
        with self._lock:
            at, value = self._kept.get(key, (0.0, None))
        if 0 <= now - at < KEPT_SECONDS:
            return value
        value = ask()
        if value is None:
            return None
        with self._lock:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[key] = (now, value)
        return value


def from_cloudwatch(service: Service, name: str, span_seconds: int, now: float) -> Figures:
    """The last so many seconds by the minute; None where CloudWatch has nothing, or nothing yet."""
    steps = span_seconds // MINUTE
    start = (int(now) // MINUTE + 1 - steps) * MINUTE
    columns: dict[str, list[float | None]] = {column: [None] * steps for column in METRICS}
    arguments: dict[str, Any] = {
        "MetricDataQueries": [
            {
                "Id": column,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": metric,
                        "Dimensions": [{"Name": "QueueName", "Value": name}],
                    },
                    "Period": MINUTE,
                    "Stat": statistic,
                },
            }
            for column, (metric, statistic) in METRICS.items()
        ],
        "StartTime": datetime.fromtimestamp(start, UTC),
        "EndTime": datetime.fromtimestamp(start + steps * MINUTE, UTC),
    }
    while True:
        answer = service.call("get_metric_data", of="cloudwatch", queue=name, **arguments)
        for result in answer.get("MetricDataResults", []):
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                step = (int(at.timestamp()) - start) // MINUTE
                if 0 <= step < steps:
                    columns[result["Id"]][step] = int(value) if value == int(value) else value
        if not answer.get("NextToken"):
            return Figures("CloudWatch", MINUTE, start, columns)
        arguments["NextToken"] = answer["NextToken"]


def is_laboratory(endpoint: str) -> bool | None:
    """Whether `taskoverflow lab` answers there; None when nobody does."""
    status, content = fetching.get(endpoint, "/lab", seconds=ANSWER_SECONDS)
    if not status:
        return None
    return status == 200 and isinstance(content, dict) and content.get("laboratory") == "taskoverflow"


def from_laboratory(service: Service, name: str, span_seconds: int) -> Figures:
    """What the laboratory counted: the last ten minutes by the second, or six hours by the minute."""
    path = f"/lab/queues/{quote(name, safe='')}/figures?{urlencode({'region': service.region})}"
    status, content = fetching.get(service.endpoint, path, seconds=ANSWER_SECONDS)
    if status == 404:
        raise NotFound(f"Unable to find a Queue by this name {name}", field="name")
    try:
        told = content["seconds" if span_seconds <= 600 else "minutes"]
        columns = {column: list(told[column]) for column in (*COUNTS, *LEVELS)}
        return Figures("laboratory", int(told["step_seconds"]), int(told["from"]), columns)
    except (KeyError, TypeError, ValueError):  # it is none any more
        return no_figures()
