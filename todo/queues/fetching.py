"""One GET of JSON over HTTP, from an address that the settings name. Follows no redirect, goes through no proxy."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

ANSWER_BYTES_MAX = 1_000_000


def get(address: str, path: str, *, seconds: float, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON; (0, None) when there is none to be had. Each step of it may take so many seconds."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read(ANSWER_BYTES_MAX))
    except (OSError, http.client.HTTPException, ValueError):
        return 0, None
    finally:
        connection.close()
