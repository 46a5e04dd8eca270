"""What a calendar app gets at a feed's address: headers, conditional GETs, compression; strangers learn nothing."""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text

from tests.integration.api import Api
from tests.integration.subscribers import Feeds

ALWAYS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@pytest.fixture
def feeds(api: Api) -> Feeds:
    api.todo("Milk", deadline_at="2026-05-01T10:00:00", description="zwei Flaschen, 牛乳")
    return Feeds(api)


@pytest.fixture
def feed(feeds: Feeds) -> dict[str, Any]:
    """A feed that is current and was fetched lately."""
    return feeds.built()


def etag_of(answer: Any) -> str:
    """The opaque part of an ETag, which is a strong one."""
    tag = str(answer.headers["ETag"])
    assert re.fullmatch('"[0-9a-z-]+"', tag)
    return tag.strip('"')


# A whole calendar.


def test_a_calendar_comes_with_every_header_that_it_needs_and_without_any_that_it_must_not_have(
    feeds: Feeds, feed: dict[str, Any]
) -> None:
    answer = feeds.fetch(feed)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "Last-Modified" in answer.headers
    for name in ("Content-Disposition", "Set-Cookie", "Content-Encoding", "Transfer-Encoding"):
        assert name not in answer.headers
    assert feeds.titles(feed) == ["Milk"]


@pytest.mark.parametrize("accept", ["", "*/*", "text/calendar", "text/html", "application/json", "garbage;;q=x"])
def test_no_accept_header_is_needed_and_none_is_wrong(feeds: Feeds, feed: dict[str, Any], accept: str) -> None:
    assert feeds.fetch(feed, Accept=accept).data == feeds.body(feed)


def test_head_answers_as_get_does_without_the_calendar(feeds: Feeds, feed: dict[str, Any]) -> None:
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        get, head = feeds.fetch(feed, **headers), feeds.fetch(feed, "HEAD", **headers)
        assert (head.status_code, head.data) == (200, b"")
        assert dict(head.headers) == dict(get.headers)
    known = feeds.fetch(feed, "HEAD", Accept_Encoding="gzip", If_None_Match=get.headers["ETag"])
    assert (known.status_code, known.data) == (304, b"")
    unknown = feeds.fetch("/feeds/" + "A" * 22 + ".ics", "HEAD")
    assert (unknown.status_code, unknown.data) == (404, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "BREW"])
def test_other_methods_are_refused(feeds: Feeds, feed: dict[str, Any], method: str) -> None:
    answer = feeds.fetch(feed, method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_query_and_a_strange_host_change_nothing(feeds: Feeds, feed: dict[str, Any]) -> None:
    path = feed["url"].removeprefix("http://localhost")
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        answer = feeds.api.get(f"/{path}?nocache=1&nocache=2", headers=headers)
        assert (answer.status_code, answer.data) == (200, feeds.body(feed))
        assert "evil" not in str(answer.headers)


# Nothing for strangers.

NO_ADDRESSES = ["", ".ics", "x.ics", "A" * 21 + ".ics", "A" * 23 + ".ics", "A" * 22, "A" * 22 + ".ICS"]
NO_ADDRESSES += ["A" * 22 + ".ics/", "A" * 22 + ".ics%0A", "A" * 22 + ".ics%00", "A" * 10 + "/" + "A" * 11 + ".ics"]
NO_ADDRESSES += ["A" * 21 + "%2F.ics", "A" * 21 + "+.ics", "A" * 21 + "=.ics", "A" * 21 + "%C3%A9.ics", "%FF" * 22]
NO_ADDRESSES += ["../api/v1/todos", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --.ics", "A" * 4_000 + ".ics", "%00.ics", "/"]


def test_every_address_that_is_none_gets_the_same_answer_octet_by_octet(feeds: Feeds, feed: dict[str, Any]) -> None:
    rotated = feeds.api.post(f"/feeds/{feed['id']}/rotate").json
    feeds.api.post(f"/feeds/{feed['id']}/revoke")
    deleted = feeds.built()
    feeds.api.delete(f"/feeds/{deleted['id']}")
    unknown = feeds.fetch("/feeds/" + "A" * 22 + ".ics")
    assert (unknown.status_code, unknown.headers["Cache-Control"]) == (404, "no-store")
    assert "ETag" not in unknown.headers
    for url in (feed["url"], rotated["url"], deleted["url"]):
        answer = feeds.fetch(url, If_None_Match="*", Accept_Encoding="gzip")
        assert (answer.status_code, answer.data, dict(answer.headers)) == (404, unknown.data, dict(unknown.headers))


@pytest.mark.parametrize("rest", NO_ADDRESSES, ids=lambda part: part[:30])
def test_an_address_that_can_be_none_is_not_found(api: Api, rest: str) -> None:
    unknown = api.get("//feeds/" + "A" * 22 + ".ics")
    answer = api.get(f"//feeds/{rest}")
    assert answer.status_code == 404
    if "api" not in rest:  # which leads elsewhere
        assert (answer.data, dict(answer.headers)) == (unknown.data, dict(unknown.headers))


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda token: token[::-1], lambda token: token[:-1] + "_"])
def test_a_token_that_is_nearly_right_is_wrong(feeds: Feeds, feed: dict[str, Any], change: Any) -> None:
    token = feed["url"].rpartition("/")[2].removesuffix(".ics")
    if change(token) != token:
        assert feeds.fetch(f"/feeds/{change(token)}.ics").status_code == 404


def test_what_the_database_holds_opens_nothing(feeds: Feeds, feed: dict[str, Any]) -> None:
    row = feeds.row(feed)
    for guess in (row.token_hash, row.token_seed, str(row.token_hash)[:22], str(row.token_seed)[:22], str(row.id)):
        assert feeds.fetch(f"/feeds/{guess}.ics").status_code == 404


# Conditional GETs.


def test_who_has_the_calendar_gets_304_with_the_headers_that_200_has(feeds: Feeds, feed: dict[str, Any]) -> None:
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        whole = feeds.fetch(feed, **headers)
        known = feeds.fetch(feed, If_None_Match=whole.headers["ETag"], **headers)
        assert (known.status_code, known.data) == (304, b"")
        for name in (*ALWAYS, "ETag", "Last-Modified"):
            assert known.headers[name] == whole.headers[name]
        assert "Content-Type" not in known.headers


def test_each_encoding_has_a_strong_etag_of_its_own(feeds: Feeds, feed: dict[str, Any]) -> None:
    plain, compressed = feeds.fetch(feed), feeds.fetch(feed, Accept_Encoding="gzip")
    assert etag_of(plain) != etag_of(compressed)
    assert etag_of(plain) == feeds.row(feed).etag


def matching(etag: str) -> list[str]:
    return [
        f'"{etag}"',
        f'W/"{etag}"',
        f'"x", "{etag}"',
        f'"{etag}", "x"',
        f'W/"x",W/"{etag}",W/"y"',
        f'"a,b", "{etag}"',
        f'"", "{etag}"',
        f' , ,"{etag}",',
        f'"x"\t ,\t "{etag}"',
        "*",
        " * ",
    ]


def not_matching(etag: str) -> list[str]:
    return [
        "",
        '""',
        '"x"',
        f'"{etag[:-1]}"',
        f'"{etag}x"',
        f'" {etag}"',
        f'"{etag.upper()}X"',
        f'"x,{etag},y"',  # one entity tag with commas inside
        f'"x, {etag} "',
        f'"W/{etag}"',
        '"*"',
        "garbage",
        ",,,",
        '"',
        f'"{etag}',
        "W/",
        "\x00",
        "é".encode().decode("latin-1"),
        '"x"' * 2_000,
        "," * 8_000,
    ]


def test_if_none_match_takes_lists_weak_forms_and_a_star(feeds: Feeds, feed: dict[str, Any]) -> None:
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        etag = etag_of(feeds.fetch(feed, **headers))
        for given in matching(etag):
            assert feeds.fetch(feed, If_None_Match=given, **headers).status_code == 304, given
        for given in not_matching(etag):
            answer = feeds.fetch(feed, If_None_Match=given, **headers)
            assert answer.status_code == 200, given
            assert answer.data


def http_date(at: datetime) -> str:
    return format_datetime(at.replace(tzinfo=UTC), usegmt=True)


def test_if_modified_since_is_compared_to_when_the_calendar_last_became_another(
    feeds: Feeds, feed: dict[str, Any]
) -> None:
    modified_at = feeds.row(feed).modified_at
    assert modified_at is not None
    assert feeds.fetch(feed).headers["Last-Modified"] == http_date(modified_at)
    assert feeds.fetch(feed, If_Modified_Since=http_date(modified_at)).status_code == 304
    assert feeds.fetch(feed, If_Modified_Since=http_date(modified_at - timedelta(seconds=1))).status_code == 200
    feeds.set(feed, modified_at=modified_at - timedelta(days=1))
    assert feeds.fetch(feed, If_Modified_Since=http_date(modified_at - timedelta(hours=1))).status_code == 304
    local = format_datetime((modified_at - timedelta(hours=1)).replace(tzinfo=UTC)).replace("+0000", "-0000")
    assert feeds.fetch(feed, If_Modified_Since=local).status_code == 304


def test_if_modified_since_means_nothing_beside_if_none_match(feeds: Feeds, feed: dict[str, Any]) -> None:
    now = http_date(datetime.now(UTC))
    old = http_date(datetime(2020, 1, 1))
    feeds.set(feed, modified_at=datetime(2021, 1, 1))
    assert feeds.fetch(feed, If_Modified_Since=now).status_code == 304
    assert feeds.fetch(feed, If_Modified_Since=now, If_None_Match='"x"').status_code == 200
    assert feeds.fetch(feed, If_Modified_Since=now, If_None_Match="").status_code == 200
    assert feeds.fetch(feed, If_Modified_Since=old, If_None_Match="*").status_code == 304


@pytest.mark.parametrize(
    "date",
    [
        "",
        "garbage",
        "0",
        "-1",
        "\x00",
        "é".encode().decode("latin-1"),
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Sat, 01 Jan 0001 00:00:00 +2359",
        "Sat, 01 Jan 1000 00:00:00 +2359",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 99999999999999999999 Jan 2020 00:00:00 GMT",
        "Mon, 01 Jan 2020 00:00:00 +99999999999999999999",
        "Mon, 30 Feb 2026 00:00:00 GMT",
        "Mon, 01 Jan 2020 25:61:61 GMT",
        "2026-05-01T10:00:00Z",
        "9" * 5_000,
        pytest.param(http_date(datetime.now(UTC) + timedelta(days=1)), id="tomorrow"),
        "Sat, 01 Jan 2000 00:00:00 GMT",
    ],
    ids=lambda part: ascii(part)[:40],
)
def test_a_date_that_is_none_or_lies_ahead_or_long_ago_gets_the_calendar(
    feeds: Feeds, feed: dict[str, Any], date: str
) -> None:
    answer = feeds.fetch(feed, If_Modified_Since=date)
    assert (answer.status_code, answer.data) == (200, feeds.body(feed))


def test_last_modified_is_never_ahead_of_the_clock(feeds: Feeds, feed: dict[str, Any]) -> None:
    feeds.set(feed, modified_at=datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1))
    for headers in ({}, {"If_None_Match": "*"}):
        assert "Last-Modified" not in feeds.fetch(feed, **headers).headers
    ahead = http_date(datetime.now(UTC) + timedelta(hours=2))
    assert feeds.fetch(feed, If_Modified_Since=ahead).status_code == 200


def test_304_reads_no_calendar(api: Api, feeds: Feeds, feed: dict[str, Any]) -> None:
    whole = feeds.fetch(feed)
    with api.engine.begin() as connection:
        connection.execute(text("DELETE FROM feed_bodies"))
    with api.statements() as sent:
        for name, value in [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]:
            assert feeds.fetch(feed, **{value: whole.headers[name]}).status_code == 304
    assert sent == []  # but one row of `feeds`, which is read past what counts statements here


def test_a_calendar_is_read_once_for_each_version_of_it(api: Api, feeds: Feeds, feed: dict[str, Any]) -> None:
    feeds.body(feed)
    with api.statements() as sent:
        for _ in range(3):
            feeds.fetch(feed, Accept_Encoding="gzip")
            feeds.fetch(feed)
    assert not [statement for statement in sent if "feed_bodies" in statement]
    api.todo("Bread", deadline_at="2026-05-02")
    feeds.build()
    with api.statements() as sent:
        for _ in range(3):
            assert feeds.titles(feed) == ["Bread", "Milk"]
    assert len([statement for statement in sent if "feed_bodies" in statement]) == 1


# Compression.


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("br, gzip, deflate", True),
        ("gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("gzip;q=0.000, identity", False),
        ("*", True),
        ("*;q=0.1", True),
        ("*;q=0", False),
        ("*;q=0, gzip", True),
        ("identity", False),
        ("identity;q=0", False),  # nothing acceptable is left: RFC 9110, 12.5.3 lets us send it all the same
        ("identity;q=0, gzip", True),
        ("identity;q=0, *", True),
        ("br", False),
        ("deflate, zstd", False),
        (";;;,,,=q", False),
        ("gzip;q=x", False),
        ("gzip;q=-1", False),
        ("é".encode().decode("latin-1"), False),
        ("\x00", False),
        ("x," * 2_000, False),
    ],
    ids=lambda part: ascii(part)[:40],
)
def test_who_takes_gzip_gets_it_and_nobody_else(
    feeds: Feeds, feed: dict[str, Any], accepted: str, compressed: bool
) -> None:
    plain = feeds.body(feed)
    answer = feeds.fetch(feed, Accept_Encoding=accepted)
    assert answer.status_code == 200
    assert (answer.headers.get("Content-Encoding") == "gzip") == compressed
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(answer.data) if compressed else answer.data) == plain
    assert etag_of(answer).endswith("-gzip") == compressed


def test_a_calendar_of_megabytes_is_the_same_compressed_and_not(api: Api, feeds: Feeds) -> None:
    changes = [
        {"title": f"{number} 牛乳" + "x" * 200, "deadline_at": datetime(2026, 5, 1), "deadline_kind": "date"}
        for number in range(3_000)
    ]
    api.add(*changes)
    with api.engine.begin() as connection:
        connection.execute(text("UPDATE todos SET chunk = id / 128"))
    feed = feeds.built()
    plain = feeds.body(feed)
    octets = feeds.fetch(feed, Accept_Encoding="gzip").data
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    assert reader.decompress(octets) == plain
    assert (reader.eof, reader.unused_data) == (True, b"")
    assert len(plain) > 1_000_000 > 10 * len(octets)
    assert len(Calendar.from_ical(plain).walk("VEVENT")) == 3_001


# Somebody fetches: noted now and then.


def test_a_fetch_is_noted_once_an_hour(api: Api, feeds: Feeds, feed: dict[str, Any]) -> None:
    asked_at = feeds.row(feed).asked_at
    feeds.body(feed)
    assert feeds.row(feed).asked_at == asked_at
    assert asked_at is not None
    feeds.set(feed, asked_at=asked_at - timedelta(hours=2))
    revision = api.revision()
    feeds.body(feed)
    noted = feeds.row(feed).asked_at
    assert noted is not None
    assert noted >= asked_at
    assert api.revision() == revision  # which changes nothing for anybody
    assert feeds.row(feed).built_revision == revision


def test_a_feed_that_is_behind_is_answered_as_it_is_while_it_is_in_use(
    api: Api, feeds: Feeds, feed: dict[str, Any]
) -> None:
    api.todo("Bread", deadline_at="2026-05-02")
    assert feeds.titles(feed) == ["Milk"]
    feeds.build()
    assert feeds.titles(feed) == ["Bread", "Milk"]


def test_no_app_gets_anything_else_for_calling_itself_something(feeds: Feeds, feed: dict[str, Any]) -> None:
    body = feeds.body(feed)
    for agent in ("Google-Calendar-Importer", "", "x" * 8_000, "\x00", "é".encode().decode("latin-1"), "Outlook\t"):
        assert feeds.fetch(feed, User_Agent=agent).data == body
