"""Whether a calendar feed is fit for the apps that people read it with: answers of a server in, a verdict out.

Pure: opens no socket, reads no clock. The answers come from `todo.foreign.fetch`, or are made by hand for feeds of
our own. Nothing in an answer is trusted; the work done on one is bounded by `todo.calendar_outline`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from todo.calendar_apps import EXPECTED_DELAY, app_of
from todo.calendar_checks import check_content, property_of, read
from todo.calendar_octets import Check, Status, check_octets, shown
from todo.calendar_outline import Outline, is_calendar, outline
from todo.errors import BadInput
from todo.foreign import CannotFetch
from todo.foreign import Fetched as Answer

__all__ = ["EXPECTED_DELAY", "Answer", "Check", "Report", "app_of", "conditional_headers", "examine", "not_fetched"]

GOOGLE_OCTETS = 1_000_000  # where Google is reported to stop reading
LARGE_OCTETS = 900_000
GZIP_WORTH_OCTETS = 10_000
DAY_SECONDS = 86_400

_CHARSET = re.compile(r"\bcharset=\"?([^\";\s]+)")

Verdict = Literal["healthy", "has problems", "not a calendar", "could not be fetched"]


@dataclass(frozen=True)
class Report:
    """What was found. `checks` are in the order to show them; of `total` components, `checked` were looked into."""

    url: str
    verdict: Verdict
    checks: tuple[Check, ...]
    checked: int = 0
    total: int = 0
    refresh: str | None = None  # what the feed itself wishes: REFRESH-INTERVAL or X-PUBLISHED-TTL, an RFC 5545 duration

    def count(self, status: Status) -> int:
        """How many checks came out like this."""
        return sum(1 for check in self.checks if check.status == status)

    def to_json(self) -> dict[str, Any]:
        """The report for machines; stable keys, only JSON's types."""
        return {
            "url": self.url,
            "verdict": self.verdict,
            "problems": self.count("problem"),
            "warnings": self.count("warning"),
            "components": {"checked": self.checked, "total": self.total},
            "refresh": self.refresh,
            "checks": [check._asdict() for check in self.checks],
            "expected_delay": {app: delay._asdict() for app, delay in EXPECTED_DELAY.items()},
        }


def conditional_headers(first: Answer) -> dict[str, str]:
    """What to send with the second GET to have it answered by 304; empty when the first answer named no validator."""
    names = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    values = ((name, first.headers.get(header, "")) for name, header in names)
    return {name: value for name, value in values if value and value.isprintable()}


def examine(first: Answer, second: Answer | None, *, now: datetime) -> Report:
    """The report on `first`. `second` answers a GET with `conditional_headers(first)`, None when there was none.

    `now` is aware; it stands in for a missing Date header.
    """
    checks = [_status(first)]
    if checks[0].status != "ok":
        return Report(first.url, "not a calendar", tuple(checks))
    if not is_calendar(first.body):
        return Report(first.url, "not a calendar", (*checks, _not_a_calendar(first)))
    found = outline(first.body)
    second_body = second.body if second and second.status == 200 else None
    checks += [
        _address(first),
        _content_type(first),
        *_disposition(first),
        _size(first),
        _compression(first),
        _conditional(first, second),
        _caching(first),
        *check_octets(first.body),
        *check_content(found, read(found.pieces), first.body, second_body, now=_date(first, now)),
    ]
    verdict: Verdict = "has problems" if any(check.status == "problem" for check in checks) else "healthy"
    return Report(first.url, verdict, tuple(checks), len(found.pieces), found.total, _refresh(found))


def not_fetched(url: str, error: BadInput | CannotFetch) -> Report:
    """The report on a URL that gave no answer to examine."""
    hint = ""
    if isinstance(error, CannotFetch):
        hint = "Open the address in a browser, on another network too: if that fails as well, ask whose server it is."
    shown_url = url if url.isprintable() else shown(url)
    return Report(shown_url, "could not be fetched", (Check("fetch", "problem", str(error), hint),))


def _status(answer: Answer) -> Check:
    if answer.status == 200:
        return Check("status", "ok", "The server answers 200.")
    hints = {
        401: "Apps cannot log in; the address itself has to be the secret.",
        403: "Some servers answer browsers and known apps only (nextcloud/server#54799); ask whose calendar it is.",
        404: "Is the address complete? Its last part is often the secret.",
        410: "The calendar was withdrawn; ask for its new address.",
        429: "Try again later; the server thinks there were too many requests.",
    }
    hint = hints.get(answer.status, "Try again later; if it stays, ask whose server it is.")
    return Check("status", "problem", f"The server answers {answer.status}, not 200.", hint)


def _not_a_calendar(answer: Answer) -> Check:
    kind = _media_type(answer)[0]
    if not answer.body.strip():
        message = "The answer is empty."
    elif kind == "text/html" or answer.body.lstrip()[:1] == b"<":
        message = "The answer is a web page."
    else:
        message = f"The answer, {shown(kind) or 'of no stated type'}, does not begin with BEGIN:VCALENDAR."
    hint = "Use the address that apps subscribe to, often called “iCal address” or “ICS link”; it needs no login."
    return Check("calendar", "problem", message, hint)


def _address(answer: Answer) -> Check:
    parts = urlsplit(answer.url)
    host = parts.hostname or ""
    try:
        is_local = not ip_address(host).is_global
    except ValueError:
        is_local = host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
    if is_local:
        message = "The address leads to a private network; Google Calendar and Outlook.com fetch from the internet."
        return Check("address", "warning", message, "Fine for apps on this network; else give it a public name.")
    if parts.scheme == "http":
        message = "The address is not encrypted: whoever is on the way reads it and the calendar."
        return Check("address", "warning", message, "Serve it by HTTPS.")
    if any(url.startswith("http:") for url in answer.redirects):
        message = "The first address is not encrypted, though it leads to one that is."
        return Check("address", "warning", message, f"Give people {shown(answer.url)} at once.")
    hops = len(answer.redirects)
    return Check("address", "ok", f"HTTPS, {'no redirect' if not hops else f'after {hops} redirects'}.")


def _media_type(answer: Answer) -> tuple[str, str | None]:
    """Type without parameters, and charset; both in lower case."""
    kind, _, parameters = answer.headers.get("content-type", "").lower().partition(";")
    charset = _CHARSET.search(parameters)
    return kind.strip(), charset[1] if charset else None


def _content_type(answer: Answer) -> Check:
    kind, charset = _media_type(answer)
    hint = "Send Content-Type: text/calendar; charset=utf-8 (RFC 5545, 8.1)."
    if kind != "text/calendar":
        message = f"Content-Type is {shown(kind) or 'missing'}; some apps refuse that or show it as text."
        return Check("content-type", "problem" if kind == "text/html" else "warning", message, hint)
    if charset not in (None, "utf-8", "utf8", "us-ascii"):
        status: Status = "warning" if answer.body.isascii() else "problem"
        return Check("content-type", status, f"Its charset is said to be {shown(charset)}.", hint)
    return Check("content-type", "ok", "Content-Type is text/calendar.")


def _disposition(answer: Answer) -> Iterator[Check]:
    if answer.headers.get("content-disposition", "").lower().startswith("attachment"):
        message = "It is sent as an attachment: apps don't mind, browsers download it."
        yield Check("disposition", "warning", message, "Send Content-Disposition: inline, or none.")


def _size(answer: Answer) -> Check:
    size = len(answer.body)
    text = f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
    if size >= LARGE_OCTETS:
        limit = "is over" if size >= GOOGLE_OCTETS else "comes near"
        message = f"It has {text}, which {limit} the 1 MB that Google Calendar is reported to read."
        return Check("size", "warning", message, "Leave out old events, or split it (JM-Lemmi/ical-relay#212).")
    return Check("size", "ok", f"It has {text}.")


def _compression(answer: Answer) -> Check:
    if answer.headers.get("content-encoding"):
        return Check("compression", "ok", "It comes compressed.")
    if len(answer.body) < GZIP_WORTH_OCTETS:
        return Check("compression", "ok", "It is too small to need compression.")
    message = "It comes uncompressed, though gzip was offered."
    return Check("compression", "warning", message, "Compress it; calendars shrink to a tenth or less.")


def _conditional(first: Answer, second: Answer | None) -> Check:
    if not conditional_headers(first):
        message = "It has neither ETag nor Last-Modified: each app downloads everything each time."
        return Check("conditional", "warning", message, "Send an ETag made from the content (RFC 9110, 8.8.3).")
    if second is None:
        return Check("conditional", "ok", "It has an ETag or Last-Modified; they were not tried.")
    if second.status == 304:
        return Check("conditional", "ok", "Unchanged, it is answered by 304.")
    if second.status != 200:
        message = f"A second GET, asking whether it changed, is answered by {second.status}."
        return Check("conditional", "warning", message, "Answer 304 when nothing changed (RFC 9110, 13.2.2).")
    if second.body == first.body:
        message = "A second GET sends everything again, though nothing changed."
        return Check("conditional", "warning", message, "Answer If-None-Match by 304 (RFC 9110, 13.1.2).")
    message = "Two GETs in a row got different calendars."
    return Check(
        "conditional", "warning", message, "Make it from the content alone: no time of the request, fixed order."
    )


def _caching(answer: Answer) -> Check:
    wish = answer.headers.get("cache-control", "").lower()
    hint = "Cache-Control: private, no-cache lets apps keep it and ask each time whether it changed."
    directives = dict(part.strip().partition("=")[::2] for part in wish.split(","))
    if "no-store" in directives:
        return Check("caching", "warning", "Cache-Control: no-store forbids apps to keep it, so no 304 helps.", hint)
    age = directives.get("max-age", "").strip('"')
    if age.isascii() and age.isdigit() and len(age) < 12 and int(age) > DAY_SECONDS:
        message = f"Cache-Control lets apps and proxies show it {int(age) // DAY_SECONDS:,} days late."
        return Check("caching", "warning", message, hint)
    return Check(
        "caching", "ok", f"Cache-Control is {shown(wish)}." if wish else "No Cache-Control; apps ask as they do."
    )


def _date(answer: Answer, now: datetime) -> datetime:
    """When the server says that it made the answer: its clock may differ from ours, and a proxy may have kept it."""
    try:
        said = parsedate_to_datetime(answer.headers["date"])
        return said if said.tzinfo else said.replace(tzinfo=UTC)
    except (KeyError, ValueError, OverflowError):
        return now


def _refresh(found: Outline) -> str | None:
    wish = property_of(found, "REFRESH-INTERVAL") or property_of(found, "X-PUBLISHED-TTL")
    return shown(wish) if wish else None
