"""The API's activity: what happened to a list, in figures over time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from todo import activity, todos
from todo.models import db
from todo.views.openapi import answers
from todo.views.routes import id_of, json_response
from todo.views.values import digits

activity_api = APIBlueprint("activity", __name__, url_prefix="/api/v1", tag="TaskOverflow")

MINUTES_MAX = activity.KEPT_DAYS * 1_440


class ActivityQuery(BaseModel):
    """Which span of time, and how finely."""

    model_config = ConfigDict(frozen=True)

    minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX), BeforeValidator(digits)] = Field(
        60, description="The last so many minutes; the one under way is the last."
    )
    buckets: Annotated[int, Field(ge=1, le=activity.BUCKETS_MAX), BeforeValidator(digits)] = Field(
        60, description="At most so many equal parts, each a whole number of minutes long."
    )


@activity_api.get("/lists/<list_id>/activity")
@activity_api.input(ActivityQuery, location="query")
@activity_api.doc(responses=answers({200: ("The figures, the oldest part first", "Activity")}, errors=[400, 404]))
def get_activity(list_id: str, query_data: ActivityQuery) -> Response:
    """What happened to a list: changes, builds, fetches by calendar apps, and what those did not have to be sent.

    `fetches` are all of them, `not_modified` those among them that were answered 304. Counted by the minute, a few
    seconds late, and kept for 30 days.
    """
    found = todos.get_list(db.session(), id_of(list_id, "list_id"))
    now = datetime.now(UTC).replace(tzinfo=None)
    series = activity.read(db.session(), found.id, minutes=query_data.minutes, buckets=query_data.buckets, now=now)
    return json_response(
        {
            "list_id": found.id,
            "from": _text(series.start),
            "to": _text(series.end),
            "bucket_minutes": series.bucket_minutes,
            "series": [
                {"from": _text(series.bucket_start(index)), **asdict(figures)}
                for index, figures in enumerate(series.buckets)
            ],
            "totals": asdict(series.totals),
            "summary": activity.summary(series.totals),
        }
    )


def _text(at: datetime) -> str:
    return f"{at.isoformat()}Z"
