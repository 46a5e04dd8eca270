"""Reads and writes JSON for the web side; stricter than the standard library, because what it lets in is stored."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson
from flask import Request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import UnsupportedMediaType

from todo.errors import BadInput

DEPTH_MAX = 64
"""Deepest nesting of arrays and objects that a body may have."""


class StrictJSONProvider(JSONProvider):
    """orjson writes; the standard library reads, told to refuse what has no one meaning."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """JSON text of `obj`."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """The value of a JSON text, as `read` gives it."""
        return read(s if isinstance(s, bytes) else s.encode())


class StrictRequest(Request):
    """A request whose JSON body must be there, must be called JSON, and must have one meaning."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """The body's value, never None. Raises `BadInput`, or 415 for another content type, whatever is asked."""
        data = self.get_data()
        if not data:
            raise BadInput("The body is empty; it must be JSON", field="body")
        if not self.is_json:
            raise UnsupportedMediaType("Content-Type must be application/json")
        value = read(data)
        if value is None:
            raise BadInput("The body must not be null", field="body")
        return value


def read(data: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `BadInput` with `field` "body", or the key that comes twice.

    Refuses what the standard library lets through: NaN and Infinity, numbers too large for a float, keys given twice,
    nesting deeper than `DEPTH_MAX`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"The body is not UTF-8 (at byte {error.start})", field="body") from None
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_without_duplicates,
        )
    except RecursionError:
        raise BadInput(f"The body is nested deeper than {DEPTH_MAX} levels", field="body") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"The body is not JSON: {error.msg} at character {error.pos}", field="body") from None
    except ValueError:  # an integer of over 4,300 digits
        raise BadInput("The body holds a number that is too large", field="body") from None
    if _depth_exceeds(value, DEPTH_MAX):
        raise BadInput(f"The body is nested deeper than {DEPTH_MAX} levels", field="body")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise BadInput(f"{name} is not JSON", field="body")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BadInput("The body holds a number that is too large", field="body")
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadInput(f"The field {key[:64]!r} is given twice", field=key[:64])
            seen.add(key)
    return result


def _depth_exceeds(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)
