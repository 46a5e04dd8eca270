"""Absolute URLs, and which hosts a request may be addressed to."""

from __future__ import annotations

from flask import Flask, current_app, request
from werkzeug.sansio.utils import host_is_trusted

from todo.config import Settings
from todo.errors import BadInput


def install(app: Flask) -> None:
    """Refuse requests addressed to a host that isn't trusted; not the health check, which load balancers send by IP.

    A page on another site whose name is made to point here (DNS rebinding), and links to a stranger's host in answers
    that others see, both begin with a Host header of the stranger's choice.
    """
    settings: Settings = app.config["SETTINGS"]
    trusted = settings.trusted_hosts

    @app.before_request
    def refuse_untrusted_host() -> None:
        if request.path == "/api/v1/health" or "*" in trusted:
            return
        host = request.headers.get("Host", "")
        if not host_is_trusted(host, trusted):
            raise BadInput("Host is not one of this server's; see PUBLIC_URL and TRUSTED_HOSTS", field="Host")


def external_url(path: str) -> str:
    """`path` as an absolute URL: under `PUBLIC_URL` when that is set, at the request's own host otherwise."""
    settings: Settings = current_app.config["SETTINGS"]
    return (settings.PUBLIC_URL or request.host_url.rstrip("/")) + path
