"""The least that a Flask application can do: answers from memory. What a feed's address is measured against."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response


def create_app() -> Flask:
    """`/constant` answers a few octets; `/stored` a compressed calendar, read once from the file `STORED_GZIP`."""
    app = Flask("constant")
    stored = Path(os.environ["STORED_GZIP"]).read_bytes()
    app.add_url_rule("/api/v1/health", "health", lambda: "ok")
    app.add_url_rule("/constant", "constant", lambda: "ok")
    app.add_url_rule(
        "/stored",
        "stored",
        lambda: Response(
            stored, content_type="text/calendar; charset=utf-8", headers={"Content-Encoding": "gzip", "ETag": '"x"'}
        ),
    )
    return app
