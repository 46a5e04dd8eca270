"""The HTTP edge of events: what happened to a list, streamed, and how far sending it is behind."""

from __future__ import annotations

import re

from apiflask import APIBlueprint
from flask import Response, request

from todo import database, events, relay
from todo.models import db
from todo.models.list import DEFAULT_LIST_ID
from todo.views.live import Event, stream, stream_answers
from todo.views.openapi import answers
from todo.views.routes import json_response

event_api = APIBlueprint("events", __name__, url_prefix="/api/v1", tag="TaskOverflow")

_AT_ONCE = 500


@event_api.get("/events")
@event_api.doc(responses=stream_answers("Events, each with a CloudEvent as its data"))
def follow_events() -> Response:
    """What happens to the list from now on, or since the event with `Last-Event-ID`: Server-Sent Events.

    Each has a CloudEvent 1.0 in JSON as its data; `docs/events` has a JSON Schema for each kind. None is missed by
    connecting again with the last one's id, as a browser's EventSource does, as long as events are kept
    (`EVENTS_RETENTION_DAYS`); `Last-Event-ID: 0` begins with the oldest that is. The stream ends after 5 minutes. A
    server process has room for 8 streams.
    """
    given = request.headers.get("Last-Event-ID")
    make_session = database.sessions(db.engine)
    with make_session() as session:
        uuid = events.installation_uuid(session)
        newest = events.last_id(session)

    def look(known: str | None) -> list[Event]:
        # An id that was not given out yet is of a database that was since restored from a backup.
        if known is None or not re.fullmatch("[0-9]{1,18}", known) or (known == given and int(known) > newest):
            # Where it begins is told at once: who loses the line before the first event misses none.
            return [Event(str(newest), None)]
        with make_session() as session:
            database.begin_read(session)
            rows = events.after(session, int(known), list_id=DEFAULT_LIST_ID, limit=_AT_ONCE)
        return [Event(str(row.id), events.envelope(row, uuid).json) for row in rows]

    return stream(look)


@event_api.get("/events/standing")
@event_api.doc(responses=answers({200: ("How far sending is behind", "EventStanding")}))
def show_standing() -> Response:
    """How many events wait to be sent, for how long, and how many the sink has refused for good."""
    with database.sessions(db.engine)() as session:
        database.begin_read(session)
        found = relay.standing(session)
    return json_response(found._asdict())
