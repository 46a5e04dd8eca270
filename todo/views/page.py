"""Serves the pages at `/` and `/activity`: the files of `todo/app`."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIBlueprint
from flask import Response, send_from_directory

page = APIBlueprint("page", __name__, enable_openapi=False)

FOLDER = Path(__file__).parent.parent / "app"


@page.get("/")
def index() -> Response:
    """The page of tasks."""
    return send_from_directory(FOLDER, "index.html")


@page.get("/activity")
def activity() -> Response:
    """The page of what happened lately."""
    return send_from_directory(FOLDER, "activity.html")


@page.get("/app/<path:name>")
def asset(name: str) -> Response:
    """A file of a page."""
    return send_from_directory(FOLDER, name)
