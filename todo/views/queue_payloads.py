"""Shapes of what goes in and out over HTTP about queues: queries to typed values, cards to JSON, and their schemas."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from todo.queues.cards import COUNTS, LEVELS, SPANS, Card, Details, Figures, Letters, Move
from todo.queues.console import Overview
from todo.views.json_schema import closed_object, reference
from todo.views.values import digits

LETTERS_MAX = 50
PER_SECOND_MAX = 500
NAME_MAX = 80


def _span(value: int) -> int:
    if value not in SPANS:
        raise PydanticCustomError("span", "must be {spans}", {"spans": " or ".join(map(str, SPANS))})
    return value


class FiguresQuery(BaseModel):
    """How far back."""

    model_config = ConfigDict(frozen=True)

    span: Annotated[
        int,
        BeforeValidator(digits),
        AfterValidator(_span),
        WithJsonSchema({"type": "integer", "enum": list(SPANS), "default": SPANS[0]}),
    ] = Field(SPANS[0], description="The last so many seconds; CloudWatch has the last 10,800 at most.")


class LettersQuery(BaseModel):
    """How many."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=LETTERS_MAX), BeforeValidator(digits)] = Field(
        20, description="At most so many."
    )


class NewRedrive(BaseModel):
    """Where a dead-letter queue's messages go, and how fast."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[StrictStr, Field(min_length=1, max_length=NAME_MAX)] | None = Field(
        None, description="Name of the queue to move them to; null: where each came from."
    )
    per_second: Annotated[int, Field(strict=True, ge=1, le=PER_SECOND_MAX)] | None = Field(
        None, description="Messages a second at most; null: as fast as SQS finds right."
    )


def overview_json(overview: Overview) -> dict[str, Any]:
    """A source with its queues."""
    about = overview.about
    return {
        "source": overview.source,
        "kind": about.kind,
        "address": about.address,
        "region": about.region,
        "emulator": about.is_emulator,
        "queues": [card_json(card) for card in overview.cards],
        "trouble": overview.trouble,
    }


def card_json(card: Card | Details) -> dict[str, Any]:
    """A queue, with as much as is known of it."""
    return {**vars(card), "created_at": _moment(card.created_at)}


def figures_json(figures: Figures) -> dict[str, Any]:
    """A queue over time."""
    return {
        "origin": figures.origin,
        "step_seconds": figures.step_seconds,
        "from": figures.start,
        **figures.columns,
    }


def letters_json(letters: Letters) -> dict[str, Any]:
    """Messages of a dead-letter queue."""
    messages = [{**vars(letter), "sent_at": _moment(letter.sent_at)} for letter in letters.messages]
    return {"messages": messages, "is_all": letters.is_all, "note": letters.note}


def move_json(move: Move) -> dict[str, Any]:
    """How far a redrive is."""
    return dict(vars(move))


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


_TEXT = {"type": "string"}
_OPTIONAL_TEXT = {"type": ["string", "null"]}
_OPTIONAL_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_OPTIONAL_COUNT = {"type": ["integer", "null"], "minimum": 0}
_OPTIONAL_SWITCH = {"type": ["boolean", "null"]}
_CARD = {
    "name": _TEXT,
    "type": {"type": ["string", "null"], "enum": ["Standard", "FIFO", None]},
    "created_at": _OPTIONAL_MOMENT,
    "available": _OPTIONAL_COUNT,
    "in_flight": _OPTIONAL_COUNT,
    "delayed": _OPTIONAL_COUNT,
    "encryption": _OPTIONAL_TEXT,
    "content_based_deduplication": _OPTIONAL_SWITCH,
    "dead_letter_queue": _OPTIONAL_TEXT,
    "receives_max": _OPTIONAL_COUNT,
    "dead_letters_of": {
        "type": "array",
        "items": _TEXT,
        "description": "The queues whose dead letters come here.",
    },
}
_DETAILS = {
    **_CARD,
    "url": _OPTIONAL_TEXT,
    "arn": _OPTIONAL_TEXT,
    "policy": {"type": ["object", "null"]},
    **dict.fromkeys(
        ("visibility_seconds", "retention_seconds", "delay_seconds", "wait_seconds", "bytes_max", "consumers"),
        _OPTIONAL_COUNT,
    ),
}
_COLUMN = {"type": "array", "items": {"type": ["number", "null"]}}
_LETTER = {
    "message_id": _TEXT,
    "sent_at": _OPTIONAL_MOMENT,
    "receives": {"type": "integer", "minimum": 0},
    "group": _OPTIONAL_TEXT,
    "body": _TEXT,
    "is_cut": {"type": "boolean"},
    "attributes": {"type": "object", "additionalProperties": _TEXT},
    "source_queue": _OPTIONAL_TEXT,
}
_MOVES = ["NONE", "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"]

SCHEMAS: dict[str, dict[str, Any]] = {
    "Queue": closed_object(_CARD),
    "QueueDetails": closed_object(_DETAILS),
    "QueueSource": closed_object(
        {
            "source": {"type": "string", "enum": ["sqs", "broker"]},
            "kind": {"type": "string", "enum": ["SQS", "Redis", "RabbitMQ", "files"]},
            "address": _TEXT,
            "region": _OPTIONAL_TEXT,
            "emulator": {"type": "boolean", "description": "Whether it is an SQS that isn't AWS's own."},
            "queues": {"type": "array", "items": reference("Queue")},
            "trouble": {"type": ["string", "null"], "description": "Why there are no queues to be seen."},
        }
    ),
    "Queues": closed_object(
        {
            "is_writable": {"type": "boolean", "description": "Whether messages may be moved here."},
            "sources": {"type": "array", "items": reference("QueueSource")},
        }
    ),
    "QueueFigures": closed_object(
        {
            "origin": {
                "type": ["string", "null"],
                "enum": ["CloudWatch", "laboratory", None],
                "description": "Who counted; null: nobody does, and the lists are empty.",
            },
            "step_seconds": {"type": "integer", "minimum": 1},
            "from": {"type": "integer", "description": "When the first step began, seconds since 1970."},
            **dict.fromkeys((*COUNTS, *LEVELS), _COLUMN),
        }
    ),
    "DeadLetters": closed_object(
        {
            "messages": {"type": "array", "items": closed_object(_LETTER), "maxItems": LETTERS_MAX},
            "is_all": {"type": "boolean"},
            "note": _OPTIONAL_TEXT,
        }
    ),
    "Redrive": closed_object(
        {
            "status": {"type": "string", "enum": _MOVES},
            "moved": {"type": "integer", "minimum": 0},
            "total": _OPTIONAL_COUNT,
            "reason": _OPTIONAL_TEXT,
        }
    ),
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "source": {"type": "string", "enum": ["sqs", "broker"]},
    "name": {"type": "string", "minLength": 1, "maxLength": NAME_MAX},
}
