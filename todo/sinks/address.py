"""Addresses of sinks that are like `scheme://user:password@host:port/place/name?option=value`, as text. Pure."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from todo.errors import BadSetting


class Address(NamedTuple):
    """An address in its parts, each as it is meant, without percent signs."""

    user: str | None
    password: str | None
    hosts: str
    """One with or without port, or several with commas where that was allowed."""
    place: str
    """What stands between the hosts and the name: a database, a virtual host; empty when there is none."""
    name: str
    """What the events go to, the last in the path."""
    options: dict[str, str]


def read(url: str, example: str, *, several: bool = False) -> Address:
    """The parts of an address. Raises `BadSetting`, with the example and nothing of the address, where it is none."""
    try:
        parts = urlsplit(url, allow_fragments=False)
        credentials, _, hosts = parts.netloc.rpartition("@")
        for host in hosts.split(",") if several else [hosts]:
            _check(host)
    except ValueError:
        raise _bad(example) from None
    user, colon, password = credentials.partition(":")
    place, _, name = parts.path.lstrip("/").rpartition("/")
    if not name or not url.isprintable():
        raise _bad(example)
    return Address(
        unquote(user) if user else None,
        unquote(password) if colon else None,
        hosts,
        unquote(place),
        unquote(name),
        dict(parse_qsl(parts.query)),
    )


def _check(host: str) -> None:
    """Raises `ValueError` for a host or a port that is none, which a library would find out when it connects."""
    parts = urlsplit(f"//{host}")
    parts.port  # noqa: B018 (raises)
    name = unquote(parts.hostname or "")
    if not name or not name.isprintable() or "," in name:
        raise ValueError
    name.encode("idna")  # as it is looked up: "a..b" cannot be


def _bad(example: str) -> BadSetting:
    return BadSetting(f"EVENTS_URL: must be like {example}")
