"""The baseline's worker: the sheets' own way, a calendar made with the `icalendar` library from the message's todos.

Celery with its defaults (prefork, one process for each core), broker and result backend from the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from celery import Celery
from icalendar import Calendar, Event

celery = Celery("sheets")
celery.conf.broker_url = os.environ.get("CELERY_BROKER_URL")
celery.conf.result_backend = os.environ.get("CELERY_RESULT_BACKEND")
celery.conf.task_default_queue = "ical"


@celery.task(name="ical")  # type: ignore[untyped-decorator] # Celery ships no types for it
def create_ical(todos: list[dict[str, Any]]) -> str:
    """The iCalendar text of todos as the API's JSON gives them."""
    return calendar_text(todos)


def calendar_text(todos: Iterable[Mapping[str, Any]]) -> str:
    """The same, called directly: what rendering is compared with."""
    calendar = Calendar()
    calendar.add("prodid", "-//Taskoverflow Calendar//mxm.dk//")
    calendar.add("version", "2.0")
    for todo in todos:
        event = Event()
        event.add("uid", todo["id"])
        event.add("summary", todo["title"])
        event.add("description", todo["description"])
        event.add("dtstart", datetime.strptime(todo["deadline_at"], "%Y-%m-%dT%H:%M:%S"))  # noqa: DTZ007 (as the sheets)
        calendar.add_component(event)
    octets: bytes = calendar.to_ical()
    return octets.decode()
