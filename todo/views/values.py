"""The values that requests are made of: texts, deadlines, tags, each with its rule and what JSON Schema says of it."""

from __future__ import annotations

import re
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from todo import deadlines
from todo.deadlines import Deadline
from todo.models.todo import DESCRIPTION_MAX, PRIORITY_MAX, TAG_MAX, TAGS_MAX, TITLE_MAX

# Every control character but TAB and LF (CR has become LF), and halves of surrogate pairs, which no UTF-8 has.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# The same, and what is no blank either, for JSON Schema. Spelled out, because `\s` means something else to each reader;
# without surrogates, because not every reader knows them.
_ALLOWED = "[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]"
_ALLOWED_IN_LINE = "[^\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f]"
_NOT_BLANK = "[^\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"


def text(value: str) -> str:
    """`value` with line feeds for line breaks of any kind; refuses other control characters."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _FORBIDDEN.search(value)
    if found:
        raise PydanticCustomError(
            "control_character",
            "must not contain the character U+{code} (at position {position})",
            {"code": f"{ord(found[0]):04X}", "position": found.start()},
        )
    return value


def not_blank(value: str) -> str:
    """`value`, unless it is blank."""
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return value


def _deadline(value: str) -> Deadline:
    try:
        return deadlines.parse(value)
    except ValueError as error:
        raise PydanticCustomError("deadline", "{reason}", {"reason": str(error)}) from None


def zone(name: str) -> str:
    """`name`, if it is a time zone's."""
    # `localtime` is whatever each machine says, and `Factory` a zone of none
    if name not in available_timezones() or name in ("localtime", "Factory"):
        raise PydanticCustomError("time_zone", "must be an IANA time zone such as Europe/Berlin")
    return name


def digits(value: Any) -> Any:
    """`value`, unless it is a text that is no whole number of at most ten ASCII digits."""
    # int() takes digits of every script, underscores and blanks
    if isinstance(value, str) and not re.fullmatch("-?[0-9]{1,10}", value):
        raise PydanticCustomError("whole_number", "must be a whole number")
    return value


_LOCAL_DEADLINE = (
    "^[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?$"
)

Title = Annotated[
    StrictStr,
    Field(min_length=1, max_length=TITLE_MAX),
    AfterValidator(text),
    AfterValidator(not_blank),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": TITLE_MAX,
            "pattern": f"^{_ALLOWED}*{_NOT_BLANK}{_ALLOWED}*$",
            "description": f"1 to {TITLE_MAX} characters, not all blank, no control characters.",
            "examples": ["Buy milk"],
        }
    ),
]
Description = Annotated[
    StrictStr,
    Field(max_length=DESCRIPTION_MAX),
    AfterValidator(text),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": DESCRIPTION_MAX,
            "pattern": f"^{_ALLOWED}*$",
            "description": f"Up to {DESCRIPTION_MAX:,} characters, no control characters but tab and line breaks.",
            "examples": ["Two litres"],
        }
    ),
]
SearchText = Annotated[
    str,
    Field(max_length=TITLE_MAX),
    AfterValidator(text),
    WithJsonSchema({"type": "string", "maxLength": TITLE_MAX, "pattern": f"^{_ALLOWED}*$"}),
]


def _schema(allowed: str, most: int) -> WithJsonSchema:
    pattern = f"^{allowed}*{_NOT_BLANK}{allowed}*$"
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": most, "pattern": pattern})


def _line(value: str) -> str:
    if "\n" in value:
        raise PydanticCustomError("line_break", "must not contain a line break")
    return value


FeedName = Annotated[
    StrictStr,
    Field(min_length=1, max_length=TITLE_MAX),
    AfterValidator(text),
    AfterValidator(_line),
    AfterValidator(not_blank),
    _schema(_ALLOWED_IN_LINE, TITLE_MAX),
]
FilterText = Annotated[
    StrictStr,
    Field(min_length=1, max_length=TITLE_MAX),
    AfterValidator(text),
    AfterValidator(not_blank),
    _schema(_ALLOWED, TITLE_MAX),
]
DeadlineText = Annotated[
    StrictStr,
    AfterValidator(_deadline),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
                {"type": "string", "pattern": _LOCAL_DEADLINE},
            ],
            "description": "A day; a moment with its offset, kept as an instant and given back in UTC; or a date and "
            "time without offset, which is the reader's wall clock. A space may stand for the T.",
            "examples": ["2026-05-01", "2026-05-01T14:00:00", "2026-05-01T14:00:00+02:00"],
        }
    ),
]
Priority = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=PRIORITY_MAX,
        description="1 is the highest, 9 the lowest, 0 none.",
    ),
]


Tags = Annotated[
    list[
        Annotated[
            StrictStr,
            Field(min_length=1, max_length=TAG_MAX),
            AfterValidator(text),
            AfterValidator(_line),
            AfterValidator(not_blank),
            _schema(_ALLOWED_IN_LINE, TAG_MAX),
        ]
    ],
    Field(max_length=TAGS_MAX, description="CATEGORIES in the calendar.", examples=[["home", "shopping"]]),
]
