"""What the API says of queues, made up: for states of the page that take long to come about by themselves."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route

LONG_NAME = "q" * 75 + ".fifo"
START = 1_930_000_000 // 600 * 600

_CARD: dict[str, Any] = {
    "name": "ical",
    "type": "Standard",
    "created_at": "2031-02-28T10:00:00Z",
    "available": 12_345,
    "in_flight": 1,
    "delayed": 0,
    "encryption": "SSE-SQS",
    "content_based_deduplication": None,
    "dead_letter_queue": "ical-dlq",
    "receives_max": 5,
    "dead_letters_of": [],
}
_FIFO = {"name": LONG_NAME, "type": "FIFO", "content_based_deduplication": True, "dead_letter_queue": None}
CARDS: list[dict[str, Any]] = [
    _CARD,
    _CARD | {"name": "ical-dlq", "dead_letter_queue": None, "receives_max": None, "dead_letters_of": ["ical"]},
    _CARD | _FIFO,
]
BROKER_CARD: dict[str, Any] = dict.fromkeys(_CARD) | {"name": "ical", "available": 3, "dead_letters_of": []}


def source(**new: Any) -> dict[str, Any]:
    """SQS with three queues, unless told otherwise."""
    return {
        "source": "sqs",
        "kind": "SQS",
        "address": "http://127.0.0.1:6401",
        "region": "us-east-1",
        "emulator": True,
        "queues": CARDS,
        "trouble": None,
        **new,
    }


BROKER = source(source="broker", kind="Redis", address="redis://localhost/0", region=None, emulator=False)
BROKER["queues"] = [BROKER_CARD]


def details(name: str) -> dict[str, Any]:
    """One queue of SQS."""
    [card] = [card for card in CARDS if card["name"] == name]
    return {
        **card,
        "url": f"http://127.0.0.1:6401/123456789012/{name}",
        "arn": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage"}]},
        "visibility_seconds": 300,
        "retention_seconds": 345_600,
        "delay_seconds": 0,
        "wait_seconds": 0,
        "bytes_max": 1_048_576,
        "consumers": None,
    }


def figures(**new: Any) -> dict[str, Any]:
    """Ten minutes by seconds: something was sent in the fifth minute alone, and nothing known before the second."""
    none = [0] * 600
    sent = [7 if 240 <= second < 300 else 0 for second in range(600)]
    known = [None if second < 60 else 4 if 240 <= second < 300 else 0 for second in range(600)]
    return {
        "origin": "laboratory",
        "step_seconds": 1,
        "from": START,
        "sent": sent,
        "received": sent,
        "deleted": none,
        "empty_receives": none,
        "available": known,
        "in_flight": known,
        "delayed": none,
        "oldest_seconds": [None if value is None else value * 20 for value in known],
        **new,
    }


def message(number: int, **new: Any) -> dict[str, Any]:
    """A dead letter."""
    return {
        "message_id": f"6f1c1e8e-0000-4000-8000-{number:012}",
        "sent_at": "2031-03-04T10:00:00Z",
        "receives": 6,
        "group": None,
        "body": json.dumps({"task": "ical", "args": [number]}),
        "is_cut": False,
        "attributes": {"run": "a349283f4348"},
        "source_queue": "ical",
        **new,
    }


def answer(page: Page, path: str, content: Any, status: int = 200) -> None:
    """Have this said of queues; `path` is what follows `/api/v1/queues`, a pattern."""

    def say(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(status=status, json=content)
        else:
            route.fallback()

    page.route(f"**/api/v1/queues{path}", say)


def answer_all(page: Page, name: str = "ical-dlq", *, is_writable: bool = True) -> None:
    """Have all of it said, of a queue of SQS and beside others."""
    sources = [source(), BROKER, source(source="far", kind="RabbitMQ", queues=[], trouble="It does not answer")]
    answer(page, "", {"is_writable": is_writable, "sources": sources})
    answer(page, f"/sqs/{name}", details(name))
    answer(page, f"/sqs/{name}/figures?*", figures())
    messages = [message(1), message(2, body="W" * 300, is_cut=True, group="a")]
    answer(page, f"/sqs/{name}/messages?*", {"messages": messages, "is_all": False, "note": None})
    answer(page, f"/sqs/{name}/redrive", {"status": "RUNNING", "moved": 12, "total": 40, "reason": None})
