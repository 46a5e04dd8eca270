"""The words that JSON Schemas of answers are made of."""

from __future__ import annotations

from typing import Any


def closed_object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def reference(name: str) -> dict[str, str]:
    """The schema of this name in the document."""
    return {"$ref": f"#/components/schemas/{name}"}
