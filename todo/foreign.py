"""Fetches a URL that somebody named, within bounds of time, size and reach; knows nothing of calendars.

Everything on the other side is taken to be hostile: where the name leads, the answer and its speed. No proxy of the
environment is used: the address that was checked must be the one that is connected to.
"""

from __future__ import annotations

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from todo import __version__
from todo.errors import BadInput, TodoError
from todo.foreign_urls import Target, is_public, redirected, target_of

FETCH_SECONDS = 10.0
BODY_BYTES = 20_000_000
HEAD_BYTES = 65_536  # status line and headers of one answer; http.client alone would take 6 MB
CHUNK_BYTES = 65_536
REDIRECTS_MAX = 5
ADDRESSES_MAX = 8  # of one name; a name with hundreds must not make one fetch hundreds of connections

REDIRECTS = (301, 302, 303, 307, 308)
HEADERS = {
    "User-Agent": f"TaskOverflow/{__version__}",
    "Accept": "text/calendar, */*;q=0.5",
    "Accept-Encoding": "gzip",
}

_HEADER_LINE = re.compile(r"[^\r\n\0]*")


class CannotFetch(TodoError):
    """A URL could not be fetched within the bounds. `str()` is one sentence and quotes nothing that a server sent."""


@dataclass(frozen=True)
class Fetched:
    """The last answer to a fetch. `url` is where it came from, `redirects` the URLs before it, first to last.

    `headers` has lower-case names; what came twice is joined by a comma. `body` is decoded, `wire_bytes` is what was
    received for this answer with its head; `seconds` is the whole fetch.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int = 0
    seconds: float = 0.0
    redirects: tuple[str, ...] = ()


def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    allow_private: bool,
    seconds: float = FETCH_SECONDS,
    bytes_max: int = BODY_BYTES,
) -> Fetched:
    """GET `url` and follow its redirects. Any status comes back as it is; a 304 has no body.

    `seconds` bounds everything together: names, connections, redirects, the last octet. `bytes_max` bounds what is
    received and what it decodes to. Unless `allow_private`, every address connected to is public and every port 80
    or 443. `headers` are sent at every hop, so they must hold no credentials. Raises `BadInput` for a URL that is
    never fetched, and `CannotFetch`.
    """
    started = time.monotonic()
    deadline = started + seconds
    target = target_of(url, allow_private=allow_private)
    visited: list[str] = []
    while True:
        with _errors_in_words(target, seconds):
            answer = _get(target, {**HEADERS, **(headers or {})}, deadline, bytes_max, allow_private=allow_private)
        status, found, body, wire_bytes = answer
        if status not in REDIRECTS or "location" not in found:
            took = time.monotonic() - started
            return Fetched(target.url, status, found, body, wire_bytes, took, tuple(visited))
        visited.append(target.url)
        try:
            target = redirected(target, found["location"], allow_private=allow_private)
        except BadInput as error:
            raise CannotFetch(f"The address redirects to one that is not fetched: {error}") from None
        if target.url in visited:
            raise CannotFetch("The address redirects in a loop.")
        if len(visited) > REDIRECTS_MAX:
            raise CannotFetch(f"The address redirects more than {REDIRECTS_MAX} times.")


@contextmanager
def _errors_in_words(target: Target, seconds: float) -> Iterator[None]:
    """Whatever goes wrong with a connection, as `CannotFetch`."""
    host = target.host
    try:
        yield
    except TimeoutError:
        raise CannotFetch(f"{host} did not answer in full within {seconds:g} seconds.") from None
    except socket.gaierror:
        raise CannotFetch(f"The name {host} cannot be looked up; is it written correctly?") from None
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message.rstrip(".")
        raise CannotFetch(f"{host} shows a certificate that is not valid: {reason}.") from None
    except ssl.SSLError:
        raise CannotFetch(f"No encrypted connection to {host} could be made; it may not speak HTTPS.") from None
    except ConnectionRefusedError:
        raise CannotFetch(f"{host} refuses connections on port {target.port}.") from None
    except (ConnectionError, http.client.IncompleteRead):
        raise CannotFetch(f"{host} broke off before its answer was complete.") from None
    except OSError as error:
        raise CannotFetch(f"{host} cannot be reached: {error.strerror or 'no reason given'}.") from None
    except http.client.HTTPException:
        raise CannotFetch(f"{host} does not answer in HTTP.") from None
    except zlib.error:
        raise CannotFetch(f"{host} sent a body whose compression is broken.") from None


def _get(
    target: Target, headers: Mapping[str, str], deadline: float, bytes_max: int, *, allow_private: bool
) -> tuple[int, dict[str, str], bytes, int]:
    """Status, headers, decoded body and octets received of one answer. The body beside a redirect is left unread."""
    with _connect(target, deadline, allow_private=allow_private) as connection:
        connection.settimeout(_left(deadline))
        connection.sendall(_request(target, headers))
        wire = _Wire(connection, deadline)
        response = http.client.HTTPResponse(cast(socket.socket, wire), method="GET")
        response.begin()
        found: dict[str, str] = {}
        for name, value in response.headers.items():
            name, value = name.lower(), " ".join(value.split())
            found[name] = f"{found[name]}, {value}" if name in found else value
        body = b""
        if response.status not in REDIRECTS:
            wire.allowed = wire.received + bytes_max
            body = _body(response, found, deadline, bytes_max)
        return response.status, found, body, wire.received


def _request(target: Target, headers: Mapping[str, str]) -> bytes:
    host = target.url.split("/", 3)[2]
    lines = [f"GET {target.path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += (f"{name}: {value}" for name, value in headers.items())
    if not all(_HEADER_LINE.fullmatch(line) for line in lines):
        raise ValueError("a header holds no line breaks")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _connect(target: Target, deadline: float, *, allow_private: bool) -> socket.socket:
    """A connection to an address that was checked; asking for the name again could give another (DNS rebinding)."""
    found = _addresses(target, deadline)[:ADDRESSES_MAX]
    if not allow_private and not all(is_public(str(address[0])) for _, address in found):
        raise CannotFetch(f"{target.host} is not a public address.")
    for position, (family, address) in enumerate(found):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A share of the time each: an IPv6 route into nowhere leaves enough for IPv4.
            connection.settimeout(_left(deadline) / (len(found) - position))
            connection.connect(address)
            break
        except OSError:
            connection.close()
            if position + 1 == len(found):
                raise
    if target.scheme == "http":
        return connection
    try:
        connection.settimeout(_left(deadline))
        # Against the system's certificates, for the name in the URL whatever address it led to.
        return ssl.create_default_context().wrap_socket(connection, server_hostname=target.host)
    except OSError:
        connection.close()
        raise


def _addresses(target: Target, deadline: float) -> list[tuple[socket.AddressFamily, Any]]:
    """Where the name leads, in the resolver's order, never empty.

    A thread asks, because getaddrinfo(3) knows no timeout; one that is late ends when the resolver gives up.
    """
    answers: queue.SimpleQueue[list[tuple[socket.AddressFamily, Any]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise socket.gaierror from answer
    return answer


def _left(deadline: float) -> float:
    """Seconds left; raises `TimeoutError` when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Wire(io.RawIOBase):
    """What comes in, counted, and not after the deadline: a socket's own timeout begins anew with every octet."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        self.received, self.allowed = 0, HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._deadline))
        count = self._connection.recv_into(buffer)
        self.received += count
        if self.received > self.allowed + CHUNK_BYTES:  # the buffer may take in that much of the body with the head
            raise CannotFetch("The answer is larger than it may be; it was not read to its end.")
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """All that `http.client.HTTPResponse` wants of a socket."""
        return io.BufferedReader(self, CHUNK_BYTES)


def _body(response: http.client.HTTPResponse, headers: Mapping[str, str], deadline: float, bytes_max: int) -> bytes:
    too_large = CannotFetch(f"The answer is larger than {bytes_max / 1e6:g} MB; it was not read to its end.")
    coding = headers.get("content-encoding", "").lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise CannotFetch("The answer comes in a compression that was not asked for.")
    if (response.length or 0) > bytes_max:
        raise too_large
    chunks = iter(lambda: response.read(CHUNK_BYTES), b"")
    body = bytearray()
    for piece in _gunzipped(chunks) if "gzip" in coding else chunks:
        body += piece
        _left(deadline)  # decompressing takes time too
        if len(body) > bytes_max:
            raise too_large
    if response.length:  # what is still missing of the Content-Length
        raise ConnectionResetError
    return bytes(body)


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of one or more gzip members (RFC 1952, 2.2), in pieces of at most `CHUNK_BYTES`."""
    member = None
    for chunk in chunks:
        while chunk:
            member = member or zlib.decompressobj(wbits=31)
            yield member.decompress(chunk, CHUNK_BYTES)
            chunk = member.unconsumed_tail
            if member.eof:
                chunk, member = member.unused_data, None
    while member and (piece := member.decompress(b"", CHUNK_BYTES)):  # what the last call had no room for
        yield piece
    if member and not member.eof:
        raise zlib.error("cut off")
