"""The API's feed doctor: whether a feed is fit for the apps that read it, and which of them do."""

from __future__ import annotations

import gzip
import re
import threading
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from todo import feeds, visitors
from todo.calendar_apps import EXPECTED_DELAY
from todo.models import db
from todo.views.errors import problem
from todo.views.feeds import address_of
from todo.views.openapi import answers
from todo.views.routes import id_of, json_response
from todo.views.subscription import UNCOUNTED

doctor_api = APIBlueprint("doctor", __name__, url_prefix="/api/v1", tag="TaskOverflow")

_EXAMINING = threading.BoundedSemaphore(1)  # one is seconds of processor time, for a calendar of thousands


@doctor_api.get("/feeds/<feed_id>/doctor")
@doctor_api.doc(responses=answers({200: ("The report", "FeedHealth")}, errors=[404, 503]))
def examine_feed(feed_id: str) -> Response:
    """Fetch a feed as a calendar app would, check it with an independent parser, and tell who reads it how often.

    `report` is null while the feed has no address or no calendar yet. One feed at a time is examined: 503 while another
    is.
    """
    feed = feeds.get(db.session(), id_of(feed_id, "feed_id"))
    read_by = [_visitor(visitor) for visitor in visitors.of_feed(db.session(), feed.id)]
    url = address_of(feed)
    db.session.rollback()  # holds no connection while it examines
    if not _EXAMINING.acquire(blocking=False):
        return problem(503, "Another feed is being examined", headers={"Retry-After": "5"})
    try:
        report = None if url is None else _report(url)
    finally:
        _EXAMINING.release()
    return json_response({"feed_id": feed.id, "report": report, "read_by": read_by})


def _report(url: str) -> dict[str, Any] | None:
    from todo import doctor  # with the parser it is large, and few ask

    first = _fetch(url, {"Accept-Encoding": "gzip"})
    if first.status == 503:  # not built in time
        return None
    second = _fetch(url, {"Accept-Encoding": "gzip", **doctor.conditional_headers(first)})
    return doctor.examine(first, second, now=datetime.now(UTC)).to_json()


def _fetch(url: str, headers: dict[str, str]) -> Any:
    """What the feed's address answers, without a network between."""
    from todo import doctor

    path = re.sub("^https?://[^/]+", "", url)
    # As an override: the client makes the environ anew, and would leave out what it does not know.
    asked = EnvironBuilder(path[path.index("/feeds/") :], headers=Headers(headers), environ_overrides={UNCOUNTED: True})
    answer = Client(current_app.wsgi_app).open(asked)
    found = {name.lower(): value for name, value in answer.headers.items()}
    body = gzip.decompress(answer.data) if found.get("content-encoding") == "gzip" else answer.data
    return doctor.Answer(url, answer.status_code, found, body, len(answer.data))


def _visitor(visitor: visitors.Visitor) -> dict[str, Any]:
    delay = EXPECTED_DELAY.get(visitor.app, EXPECTED_DELAY["other"])
    return {
        "app": visitor.app,
        "name": delay.name,
        "last_at": visitor.last_at,
        "requests": visitor.requests,
        "not_modified_share": round(visitor.not_modified / max(1, visitor.requests), 3),
        "interval_seconds": visitor.interval_seconds,
        "expected_delay": delay.usual,
    }
