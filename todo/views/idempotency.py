"""The header `Idempotency-Key`: what a client calls a request, so that sending it again does nothing twice."""

from __future__ import annotations

import re

from flask import request

from todo.errors import BadInput

KEY_MAX = 255


def idempotency_key() -> str | None:
    """The request's key, or None when it has none. Raises `BadInput` for one that breaks the rule."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(f"[\x21-\x7e]{{1,{KEY_MAX}}}", key):
        raise BadInput(f"Idempotency-Key must be 1 to {KEY_MAX} visible ASCII characters", field="Idempotency-Key")
    return key
