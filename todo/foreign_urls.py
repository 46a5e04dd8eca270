"""Which URLs and addresses may be fetched when somebody else names them; opens no socket, asks no name server."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from todo.errors import BadInput

URL_LENGTH_MAX = 2_048
WEB_PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}  # as calendar apps read them

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"  # a percent sign stays: the URL is written with its escapes already
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class Target(NamedTuple):
    """A URL taken apart, without its fragment; `host` is ASCII and without brackets, `path` has the query."""

    url: str
    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str, *, allow_private: bool) -> Target:
    """What `url` asks for; `webcal:` is https, on this machine http.

    Raises `BadInput` with the field `url` for what is never fetched.
    Unless `allow_private`, the port is 80 or 443. Whether the host's addresses are public is for `is_public` to say.
    """
    url = url.strip()
    if len(url) > URL_LENGTH_MAX:
        raise BadInput(f"A URL has at most {URL_LENGTH_MAX:,} characters.", field="url")
    if not url.isprintable() or " " in url or "\\" in url:  # urlsplit would silently drop line breaks
        raise BadInput("A URL holds no spaces, control characters or backslashes.", field="url")
    try:
        parts = urlsplit(url)
        host, port = _ascii_host(parts.hostname or ""), parts.port
        if port == 0:
            raise ValueError
    except ValueError:  # also unbalanced brackets, a port that is no number, a name that IDNA refuses
        raise BadInput("That is not a URL; one looks like https://example.org/calendar.ics.", field="url") from None
    if parts.scheme not in SCHEMES:
        raise BadInput("A calendar's URL begins with https://, http:// or webcal://.", field="url")
    if parts.username is not None or parts.password is not None:
        raise BadInput("A URL with a user or a password is not fetched.", field="url")
    if ":" not in host and not _HOST.fullmatch(host):
        raise BadInput("The URL names no server.", field="url")
    scheme = SCHEMES[parts.scheme]
    if parts.scheme == "webcal" and host in LOOPBACK:
        scheme = "http"  # where nobody has a certificate for
    port = port or WEB_PORTS[scheme]
    if not allow_private and port not in WEB_PORTS.values():
        raise BadInput("Only the ports 80 and 443 are fetched from.", field="url")
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_URL_SAFE)
    authority = f"[{host}]" if ":" in host else host
    if port != WEB_PORTS[scheme]:
        authority += f":{port}"
    return Target(f"{scheme}://{authority}{path}", scheme, host, port, path)


def redirected(target: Target, location: str, *, allow_private: bool) -> Target:
    """Where a Location header, as `http.client` gives it, leads from `target`. Raises `BadInput` like `target_of`."""
    # http.client reads headers as ISO-8859-1; servers send UTF-8, spaces and worse in this one.
    location = quote(location.encode("latin-1", "replace"), safe=_URL_SAFE)
    try:
        return target_of(urljoin(target.url, location), allow_private=allow_private)
    except ValueError:  # from urljoin: unbalanced brackets
        raise BadInput("That is not a URL.", field="url") from None


def is_public(address: str) -> bool:
    """Whether anybody on the internet may be behind this IP address, also when it is IPv4 inside of IPv6."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    inside = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
    if inside is not None:
        return is_public(str(inside))
    return ip.is_global and ip in _GLOBAL_UNICAST


def _ascii_host(host: str) -> str:
    """The name as DNS knows it (IDNA), an IPv6 address in its short form; raises ValueError."""
    if ":" in host:
        return str(ip_address(host))
    return host.removesuffix(".").encode("idna").decode() if host else ""
