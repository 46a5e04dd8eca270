"""Bad addresses, parameters and headers: refused with a 4xx that names the field, and nothing changed; never a 500."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from tests.integration.api import Api
from tests.integration.refusals import refuses, refuses_json

NO_IDS = ["0", "-1", "+1", "00", "01", "1.0", "1e0", "0x1", "1_0", "%201", "1%0A", "abc", "%00", "1%00", "%FF"]
NO_IDS += [
    "%ED%A0%80",
    quote("١٢"),
    quote("１"),
    str(2**31),
    str(2**63),
    "9" * 5_000,
    "x" * 4_000,
    "%2e%2e",
    "'",
    "1;--",
]


@pytest.mark.parametrize("bad_id", NO_IDS, ids=lambda part: part[:20])
def test_an_id_that_is_none_finds_nothing(busy_api: Api, bad_id: str) -> None:
    refuses(busy_api, 404, "id", "GET", f"/todos/{bad_id}")
    refuses_json(busy_api, 404, "id", "PUT", f"/todos/{bad_id}", '{"title": "changed"}')
    refuses(busy_api, 404, "list_id", "GET", f"/lists/{bad_id}")
    refuses_json(busy_api, 404, "list_id", "PATCH", f"/lists/{bad_id}", '{"name": "changed"}')
    refuses_json(busy_api, 404, "list_id", "POST", f"/lists/{bad_id}/sync", "{}")
    for what in ("status", "result"):
        refuses(busy_api, 404, "task_id", "GET", f"/todos/ical/{bad_id}/{what}")
    refuses(busy_api, 404, "id", "DELETE", f"/todos/{bad_id}")


WRONG_QUERIES = {
    "window": [
        "-1",
        "1e9",
        "abc",
        "",
        "1.5",
        " 1",
        "1 ",
        "+1",
        "0x1",
        "1_0",
        quote("١"),
        "36501",
        "9" * 5_000,
        "%00",
        "NaN",
    ],
    "limit": ["0", "-1", "1001", "", "all", "1.0", quote("１"), "9" * 5_000, "%00"],
    "completed": ["", "yes", "1", "0", "TRUE", "null", "%00"],
    "sort": ["", "id", "title", "-", "--created_at", "deadline_at;", "%00", "created_at,deadline_at"],
    "cursor": ["", "garbage", "%00", "AAAA", "WzFd", "bnVsbA", "x" * 201, "=", "====", quote("é"), "W10", "e30"],
    "q": ["%00", "a%00b", "%1F", "%7F", "%C2%85", "%ED%A0%80", "%FF", "%C0%AF", "x" * 256],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG_QUERIES.items() for value in values],
    ids=lambda part: part[:20],
)
def test_a_parameter_that_breaks_its_rule_is_refused(busy_api: Api, name: str, value: str) -> None:
    refuses(busy_api, 400, name, "GET", f"/todos?{name}={value}")


def test_a_parameter_given_twice_is_refused(busy_api: Api) -> None:
    for query in ("window=1&window=1", "completed=true&completed=false", "q=a&limit=1&q=b"):
        refuses(busy_api, 400, query.partition("=")[0], "GET", f"/todos?{query}")


@pytest.mark.parametrize("sort", ["created_at", "deadline_at"])
@pytest.mark.parametrize(
    "rest",
    [
        '"2026-01-01T00:00:00", 0.5',
        '"2026-01-01T00:00:00", -1',
        '"2026-01-01T00:00:00", true',
        '"2026-01-01T00:00:00", null',
        '"2026-01-01T00:00:00", 9223372036854775808',
        '"2026-01-01T00:00:00Z", 1',
        '"2026-02-30T00:00:00", 1',
        '"\\u0000", 1',
        '"\\ud800", 1',
        "1, 1",
        "NaN, 1",
        "{}, 1",
        '"2026-01-01T00:00:00"',
        '"2026-01-01T00:00:00", 1, 1',
        f'"2026-01-01T00:00:00", {"9" * 5_000}'[:140],
    ],
)
def test_a_forged_cursor_is_refused(busy_api: Api, sort: str, rest: str) -> None:
    cursor = base64.urlsafe_b64encode(f'["{sort}",{rest}]'.encode()).decode().rstrip("=")
    refuses(busy_api, 400, "cursor", "GET", f"/todos?sort={sort}&cursor={cursor}")


EVIL_HOSTS = [
    "evil.example",
    "evil@localhost",
    "localhost@evil.example",
    "localhost.evil.example",
    "evillocalhost",
    "",
    " ",
]
EVIL_HOSTS += [
    "localhost:99999",
    "localhost:0",
    "localhost:abc",
    "localhost:",
    "localhost:80:80",
    "localhost/evil",
    "localhost?",
]
EVIL_HOSTS += [
    "localhost, evil.example",
    "localhost\x00",
    "localhost\\evil",
    "[::1",
    "[::2]",
    "::1",
    "127.1",
    "2130706433",
    "ev\xefl",
    "%6cocalhost",
]


@pytest.mark.parametrize("host", EVIL_HOSTS)
def test_a_host_that_is_not_ours_is_refused(busy_api: Api, host: str) -> None:
    headers = {"Host": host}
    refuses(busy_api, 400, "Host", "GET", "/todos", headers=headers)
    refuses(busy_api, 400, "Host", "POST", "/todos", headers=headers, json={"title": "x"})
    refuses(busy_api, 400, "Host", "POST", "/todos/ical", headers=headers)
    refuses(busy_api, 400, "Host", "GET", "//", headers=headers)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "Forwarded", "X-Original-Host"])
def test_headers_of_a_proxy_nobody_set_up_are_not_believed(busy_api: Api, name: str) -> None:
    headers = {name: "host=evil.example" if name == "Forwarded" else "evil.example", "X-Forwarded-Proto": "https"}
    answer = busy_api.post("/todos/ical", headers=headers)
    assert answer.status_code == 202
    assert answer.headers["Location"].startswith("http://localhost/")
    assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("key", ["", " ", "a b", "\t", "é", "\x7f", "\x00", "x" * 256, "x" * 8_000])
def test_an_idempotency_key_that_is_none_is_refused(busy_api: Api, key: str) -> None:
    refuses(busy_api, 400, "Idempotency-Key", "POST", "/todos/ical", headers={"Idempotency-Key": key})
    refuses(busy_api, 400, "Idempotency-Key", "POST", "/todos", headers={"Idempotency-Key": key}, json={"title": "x"})


NO_ASSETS = ["%00", "a%00b", "", ".", "..", "../index.html", "..%2findex.html", "%2e%2e/index.html", "..%5cindex.html"]
NO_ASSETS += ["%2e%2e%2f%2e%2e%2fconfig.py", "a/../../../config.py", "%ff", "x" * 5_000, "../" * 40 + "etc/passwd"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/todos/1", 405),
        ("DELETE", "/todos", 405),
        ("PUT", "/todos", 405),
        ("PATCH", "/todos/1", 405),
        ("DELETE", "/lists/1", 405),
        ("GET", "/lists/1/sync", 405),
        ("POST", "/todos/ical/x/status", 405),
        ("TRACE", "/todos", 405),
        ("BREW", "/todos", 405),
        ("GET", "/nothing", 404),
        ("GET", "/todos/", 404),
        ("GET", "/lists", 404),
        ("GET", "/%00", 404),
        ("GET", "//nothing", 404),
        ("GET", "//app/index.html", 404),
        ("POST", "//calendar", 405),
        *[("GET", f"//assets/{name}", 404) for name in NO_ASSETS],
    ],
)
def test_what_is_not_there_is_refused_as_json_too(busy_api: Api, method: str, path: str, status: int) -> None:
    refuses(busy_api, status, None, method, path)
