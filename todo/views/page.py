"""Serves the page at `/`: the files of `todo/app`."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIBlueprint
from flask import Response, send_from_directory

page = APIBlueprint("page", __name__, enable_openapi=False)

FOLDER = Path(__file__).parent.parent / "app"


@page.get("/")
def index() -> Response:
    """The page."""
    return send_from_directory(FOLDER, "index.html")


@page.get("/app/<path:name>")
def asset(name: str) -> Response:
    """A file of the page."""
    return send_from_directory(FOLDER, name)
