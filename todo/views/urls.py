"""Absolute URLs, and which hosts a request may be addressed to."""

from __future__ import annotations

import re
from collections.abc import Collection

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
        if request.path == "/api/v1/health":
            return
        if not _is_trusted(request.headers.get("Host", ""), trusted):
            raise BadInput("Host is not one of this server's; see PUBLIC_URL and TRUSTED_HOSTS", field="Host")


def _is_trusted(host: str, trusted: Collection[str]) -> bool:
    host = host.lower()
    if not host_is_trusted(host):  # no `name` or `name:port` at all: nothing to build links from, not even with `*`
        return False
    if "*" in trusted or host_is_trusted(host, trusted):
        return True
    address = re.match(r"\[(.*)\]", host)  # werkzeug takes the `[` of an IPv6 address for its name
    return address is not None and (address[0] in trusted or address[1] in trusted)


def external_url(path: str) -> str:
    """`path` as an absolute URL: under `PUBLIC_URL` when that is set, at the request's own host otherwise."""
    settings: Settings = current_app.config["SETTINGS"]
    return (settings.PUBLIC_URL or request.host_url.rstrip("/")) + path
