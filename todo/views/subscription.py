"""A feed's address, `/feeds/<token>.ics`: conditional GETs that read one row, and calendars compressed beforehand.

Stands before the framework: a calendar app asks every few minutes whether anything changed, and nearly always nothing
has. The token is the address's only secret, so no log line names the path.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header, parse_date

from todo import jobs, subscriptions, tokens
from todo.activity import Counter, What
from todo.cache import Cache
from todo.calendar_apps import app_of
from todo.config import Settings
from todo.errors import NotFound
from todo.subscriptions import Subscription
from todo.todos import Ring
from todo.views.waiting import ROOM

ON_DEMAND_SECONDS = 10.0
"""How long a fetch waits for a feed that nobody has fetched for long to be built."""

REMEMBERED_OCTETS = 64_000_000
"""Most octets of compressed calendars that a process remembers."""

UNCOUNTED = "taskoverflow.uncounted"
"""Key of a request's environ that keeps it out of the statistics: our own, and not a reader's."""

_RETRY_AFTER = ("Retry-After", "5")
_POLL_SECONDS = 0.02
_ASKED_AGAIN = timedelta(seconds=jobs.ASKED_AGAIN_SECONDS)
_PART_OCTETS = 64 * 1024
_ADDRESS = re.compile(rf"/feeds/({tokens.TOKEN.pattern})\.ics")
_QUOTED = re.compile('"([^"]*)"')  # an entity tag, RFC 9110, 8.8.3: commas may be in it

_ALWAYS = [
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Content-Type-Options", "nosniff"),
]
_ALWAYS_OF_A_FEED = [*_ALWAYS, ("Cache-Control", "private, no-cache"), ("Vary", "Accept-Encoding")]

_log = structlog.get_logger(__name__)


class Subscriptions:
    """A WSGI application that answers for feeds' addresses, and hands everything else to the `rest`."""

    def __init__(
        self,
        rest: WSGIApplication,
        *,
        engine: Engine,
        sessions: sessionmaker[Session],
        settings: Settings,
        ring: Ring,
        counter: Counter,
    ) -> None:
        self._rest = rest
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")  # for statements that stand alone
        self._sessions = sessions
        self._unused_after = timedelta(seconds=jobs.unused_after_seconds(settings))
        self._ring = ring
        self._counter = counter
        self._bodies: Cache[tuple[str, bytes]] = Cache(REMEMBERED_OCTETS, lambda body: len(body[1]))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/feeds/"):
            return self._rest(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _plain(environ, start_response, "405 Method Not Allowed", ("Allow", "GET, HEAD"))
        match = _ADDRESS.fullmatch(path)
        try:
            return self._answer(environ, start_response, tokens.hash_of(match[1] if match else ""))
        except SQLAlchemyError as error:
            _log.error("database_unavailable", error=f"{type(error).__name__}: {error}"[:300])
            return _plain(environ, start_response, "503 Service Unavailable", _RETRY_AFTER)
        except Exception:  # the web server would log it with the address
            _log.exception("feed_not_answered")
            return _plain(environ, start_response, "500 Internal Server Error")

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse, token_hash: str) -> Iterable[bytes]:
        feed = subscriptions.look_up(self._engine, token_hash)
        if feed is not None and (feed.etag is None or feed.asked_at is None or _now() - feed.asked_at > _ASKED_AGAIN):
            feed = self._ask(feed, token_hash)
        if feed is None:
            return _plain(environ, start_response, "404 Not Found")
        if feed.etag is None:
            return _plain(environ, start_response, "503 Service Unavailable", _RETRY_AFTER)
        compressed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if _is_known(environ, feed, jobs.gzip_etag(feed.etag) if compressed else feed.etag):
            self._count("not_modified", environ, feed, (feed.gzip_length if compressed else feed.length) or 0)
            validators = _validators(feed, feed.etag, compressed=compressed)
            start_response("304 Not Modified", [*validators, *_ALWAYS_OF_A_FEED])
            return []
        return self._send(environ, start_response, feed, compressed=compressed)

    def _send(
        self, environ: WSGIEnvironment, start_response: StartResponse, feed: Subscription, *, compressed: bool
    ) -> Iterable[bytes]:
        found = self._body(feed)
        if found is None:  # deleted since
            return _plain(environ, start_response, "404 Not Found")
        etag, body = found
        length = len(body) if compressed else int.from_bytes(body[-4:], "little")  # ISIZE, RFC 1952, 2.3.1
        headers = [
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Length", str(length)),
            *_validators(feed, etag, compressed=compressed),
            *_ALWAYS_OF_A_FEED,
        ]
        if compressed:
            headers.append(("Content-Encoding", "gzip"))
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._count("fetch", environ, feed, 0 if is_head else length)
        start_response("200 OK", headers)
        if is_head:
            return []
        return [body] if compressed else _decompressed(body)

    def _body(self, feed: Subscription) -> tuple[str, bytes] | None:
        """The ETag and the compressed calendar of one moment, which may be later than the look at the feed."""
        remembered = self._bodies.get(feed.id)
        if remembered is not None and remembered[0] == feed.etag:
            return remembered
        with self._single.connect() as connection:
            found = subscriptions.body(connection, feed.id)
        if found is None:
            return None
        body, etag = found
        self._bodies.put(feed.id, (etag, body))
        return etag, body

    def _ask(self, feed: Subscription, token_hash: str) -> Subscription | None:
        """Note that the feed is in use. One that was not is built first, if that does not take too long."""
        with self._sessions() as session:
            try:
                subscriptions.ask(session, feed.id, feed.list_id, ring=self._ring)
            except NotFound:
                return None
            except SQLAlchemyError as error:
                if feed.etag is None:
                    raise
                _log.warning("feed_not_asked_for", error=f"{type(error).__name__}: {error}"[:300])
                return feed  # what there is; the next fetch asks again
        unused = feed.asked_at is None or _now() - feed.asked_at > self._unused_after
        if (unused or feed.etag is None) and ROOM.acquire(blocking=False):
            try:
                self._wait(feed)
            finally:
                ROOM.release()
        return subscriptions.look_up(self._engine, token_hash)

    def _wait(self, feed: Subscription) -> None:
        deadline = time.monotonic() + ON_DEMAND_SECONDS
        while time.monotonic() < deadline:
            with self._single.connect() as connection:
                if subscriptions.is_settled(connection, feed.id):
                    return
            time.sleep(_POLL_SECONDS)

    def _count(self, what: What, environ: WSGIEnvironment, feed: Subscription, octets: int) -> None:
        if UNCOUNTED in environ:
            return
        client = app_of(environ.get("HTTP_USER_AGENT", ""))
        self._counter.add(what, feed.list_id, feed_id=feed.id, client=client, octets=octets)


def _validators(feed: Subscription, etag: str, *, compressed: bool) -> list[tuple[str, str]]:
    headers = [("ETag", f'"{jobs.gzip_etag(etag) if compressed else etag}"')]
    # After a burst of builds it may be a little ahead of the clock, and must not be sent then (RFC 9110, 8.8.2.1).
    if feed.etag == etag and feed.modified_at and feed.modified_at <= _now():
        headers.append(("Last-Modified", http_date(feed.modified_at.replace(tzinfo=UTC))))
    return headers


def _is_known(environ: WSGIEnvironment, feed: Subscription, etag: str) -> bool:
    """Whether the client has this very calendar (RFC 9110, 13.2.2). `etag` is that of what would be sent."""
    given = environ.get("HTTP_IF_NONE_MATCH")
    if given is not None:
        return given.strip() == "*" or etag in _QUOTED.findall(given)
    try:
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        if since is None or feed.modified_at is None:
            return False
        return feed.modified_at <= since.astimezone(UTC).replace(tzinfo=None) <= _now()
    except OverflowError:  # no such date
        return False


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _takes_gzip(accept_encoding: str) -> bool:
    if "gzip" not in accept_encoding and "*" not in accept_encoding:
        return False
    if ";" not in accept_encoding:
        return True
    return parse_accept_header(accept_encoding, Accept)["gzip"] > 0


def _decompressed(body: bytes) -> Iterator[bytes]:
    """The text of a gzip file in parts, so that a long calendar is never whole in memory."""
    decompressor = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    rest = body
    while rest:
        yield decompressor.decompress(rest, _PART_OCTETS)
        rest = decompressor.unconsumed_tail


def _plain(
    environ: WSGIEnvironment, start_response: StartResponse, status: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    text = f"{status}\n".encode()
    fixed = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
    start_response(status, [*fixed, *headers, *_ALWAYS, ("Cache-Control", "no-store")])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [text]
