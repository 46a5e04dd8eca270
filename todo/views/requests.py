"""What is done around every request: an id, a query with one meaning, security headers, one log line.

The log line names the path's rule and never the path.
"""

from __future__ import annotations

import re
import time
import uuid
from urllib.parse import parse_qsl

import structlog
from flask import Flask, Response, g, request

from todo.errors import BadInput

_log = structlog.get_logger(__name__)

# The page's own files alone; nothing from elsewhere, nothing inline, in nobody's frame.
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
# Swagger UI's page has an inline script, inline styles and images in its style sheet.
_DOCS_POLICY = f"{_POLICY}; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


def install(app: Flask) -> None:
    """Give `app` its request ids, headers and log lines."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if re.fullmatch("[0-9A-Za-z._-]{1,64}", given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.before_request
    def refuse_ambiguous_query() -> None:
        """Refuse a parameter given twice, of which all but one would be ignored, and bytes that are not UTF-8."""
        seen: set[str] = set()
        # As bytes, one character each: werkzeug's own reading keeps what it cannot decode as `%FF`.
        query = request.query_string.decode("latin-1")
        for name, value in parse_qsl(query, keep_blank_values=True, encoding="latin-1"):
            if name in seen:
                raise BadInput(f"{name[:64]} is given twice", field=name[:64])
            seen.add(name)
            try:
                f"{name}{value}".encode("latin-1").decode()
            except UnicodeDecodeError:
                raise BadInput(f"{name[:64]} is not UTF-8", field=name[:64]) from None

    @app.after_request
    def finish(response: Response) -> Response:
        is_docs = request.path.startswith("/docs")
        response.headers.setdefault("Content-Security-Policy", _DOCS_POLICY if is_docs else _POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers["X-Request-ID"] = g.get("request_id", "")
        _log.info(
            "request_finished",
            method=request.method,
            rule=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
        return response
