"""Shapes of feeds over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from todo.models import Feed
from todo.models.list import DEFAULT_LIST_ID
from todo.views.payloads import without_defaults
from todo.views.values import FeedName, FilterText, digits

DAYS_MAX = 36_500
ALARM_MINUTES_MAX = 40_320  # four weeks
WARN_AT_OCTETS = 900_000
"""Google is reported to stop reading a calendar at about 1 MB (ilios/ilios#1345)."""

_Days = Annotated[int, Field(strict=True, ge=0, le=DAYS_MAX)]

# The colors of CSS level 2, which every calendar app that reads RFC 7986's COLOR knows.
Color = Literal[
    "aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon", "navy", "olive", "orange", "purple", "red",
    "silver", "teal", "white", "yellow",
]  # fmt: skip


class NewFeed(BaseModel):
    """A feed to be made. What is not given filters nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FeedName | None = Field(
        default=None, description="What calendar apps call it; null: the list's name, `Busy` for busy times alone."
    )
    completed: StrictBool | None = Field(default=None, description="Only finished todos, or only open ones.")
    text: FilterText | None = Field(
        default=None, description="Only todos with this text in title or description, whatever the case."
    )
    past_days: _Days | None = Field(
        default=None,
        description="Only deadlines from so many days ago on; open todos that are overdue are always in, "
        "those without a deadline never.",
    )
    future_days: _Days | None = Field(default=None, description="Only deadlines until so many days from today.")
    finished: Literal["show", "mark", "hide"] = Field(
        default="mark", description="Finished todos: like the others, with a `✓` before the title, or not at all."
    )
    finished_days: _Days | None = Field(
        default=None, description="Finished todos leave the calendar so many days later; null: never."
    )
    show_as: Literal["events", "todos", "both"] = Field(
        default="events", description="`events` (VEVENT) is what every app shows; `todos` (VTODO) what task apps read."
    )
    all_day: StrictBool = Field(default=False, description="Only the day of each deadline, without its time.")
    alarm_minutes: Annotated[int, Field(strict=True, ge=0, le=ALARM_MINUTES_MAX)] | None = Field(
        default=None,
        description="An alarm so many minutes before each deadline, which for a whole day is its midnight; null: none.",
    )
    busy_only: StrictBool = Field(default=False, description="Times without any text.")
    color: Color | None = Field(default=None, description="The calendar's color, by its name in CSS.")

    def columns(self) -> dict[str, Any]:
        """The fields that were given, as columns."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"list_id"}}


class FeedChange(NewFeed):
    """Fields of a feed to set; those not given stay."""

    model_config = ConfigDict(json_schema_extra=without_defaults)


class NewFeedOfList(NewFeed):
    """A feed to be made."""

    list_id: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] = DEFAULT_LIST_ID


class FeedsQuery(BaseModel):
    """Which list's feeds."""

    model_config = ConfigDict(frozen=True)

    list_id: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(digits)] = Field(
        default=DEFAULT_LIST_ID, description="The list whose feeds."
    )


def feed_json(feed: Feed, url: str | None) -> dict[str, Any]:
    """A feed as the API's JSON object. `url` is its address, None when it has none that can be shown."""
    warnings = []
    if url is None and feed.token_hash is not None:
        warnings.append(
            "Its address was made with another SECRET_KEY: it works, but cannot be shown. Rotate it for a new one."
        )
    if (feed.completed is True and feed.finished == "hide") or (feed.completed is False and feed.finished_days):
        warnings.append("Its filters exclude each other: `completed` and what is to be done with finished todos.")
    if (feed.length or 0) > WARN_AT_OCTETS:
        warnings.append(
            f"The calendar has {feed.length:,} bytes. Google is reported to stop reading at about 1 MB: "
            "narrow the filter, or split it into several feeds."
        )
    return {
        "id": feed.id,
        "list_id": feed.list_id,
        "is_default": feed.is_default,
        **{name: getattr(feed, name) for name in NewFeed.model_fields},
        "url": url,
        "revoked": feed.token_hash is None,
        "webcal_url": url and "webcal" + url[url.index(":") :],
        "built_revision": feed.built_revision,
        "built_at": feed.built_at,
        "etag": feed.etag,
        "bytes": feed.length,
        "todos": feed.shown,
        "failure": feed.failure,
        "warnings": warnings,
    }
