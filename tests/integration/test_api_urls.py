"""Absolute addresses, whom a request may be addressed to, the list's own route, and what every answer carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.api import Api, application

JOB = "/todos/ical"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'urls.sqlite'}"  # what is tested here knows no database


def addresses(api: Api, host: str) -> set[str]:
    """What comes before `/api/v1` in each address that the API answers with."""
    headers = {"Host": host}
    for _ in range(2):
        made = api.post("/todos", {"title": "a todo"}, headers=headers)
    found = [made.headers["Location"], api.get("/todos?limit=1", headers=headers).headers["Link"].lstrip("<")]
    job = api.post(JOB, headers=headers)
    found += [job.json["task_url"], job.headers["Location"]]
    found.append(api.get(f"{JOB}/{job.json['task_id']}/status", headers=headers).json["result_url"])
    return {address.partition("/api/v1/")[0] for address in found}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:6400", "LocalHost", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"]
)
def test_addresses_begin_with_the_requests_own_host(database: str, host: str) -> None:
    with application(database) as api:
        assert {address.lower() for address in addresses(api, host)} == {f"http://{host.lower()}"}


@pytest.mark.parametrize(
    "public", ["https://tasks.example.org", "https://tasks.example.org:8443/below", "http://[fe80::1]"]
)
def test_public_url_begins_every_address_whatever_the_host(database: str, public: str) -> None:
    with application(database, PUBLIC_URL=f"{public}/") as api:
        assert addresses(api, "127.0.0.1:6400") == {public}


def test_the_host_of_the_public_url_is_trusted(database: str) -> None:
    with application(database, PUBLIC_URL="https://Tasks.example.org:8443") as api:
        assert api.get("/todos", headers={"Host": "tasks.example.org"}).status_code == 200
        assert api.get("/todos", headers={"Host": "TASKS.example.org:6400"}).status_code == 200
        assert api.get("/todos", headers={"Host": "example.org"}).status_code == 400


def test_an_ipv6_address_as_public_url_is_trusted(database: str) -> None:
    with application(database, PUBLIC_URL="http://[fe80::1]:6400") as api:
        assert api.get("/todos", headers={"Host": "[FE80::1]:6400"}).status_code == 200
        assert api.get("/todos", headers={"Host": "[fe80::2]:6400"}).status_code == 400


@pytest.mark.parametrize(
    ("trusted", "host", "admitted"),
    [
        ("tasks.example.org", "tasks.example.org", True),
        ("tasks.example.org", "TASKS.EXAMPLE.ORG:80", True),
        ("Tasks.Example.Org", "tasks.example.org", True),
        ("a.example, b.example", "b.example", True),
        ("tasks.example.org", "evil.tasks.example.org", False),
        ("tasks.example.org", "tasks.example.org.evil.example", False),
        (".example.org", "tasks.example.org", True),
        (".example.org", "a.b.example.org", True),
        (".example.org", "evilexample.org", False),
        ("::1,[fe80::1]", "[fe80::1]:6400", True),
        ("10.0.0.1", "10.0.0.1:6400", True),
        ("10.0.0.1", "10.0.0.11", False),
        ("*", "anything.example", True),
        ("*", "evil@anything.example", False),
        ("*", "anything.example/path", False),
        ("*", "", False),
    ],
)
def test_trusted_hosts_admit_what_they_name(database: str, trusted: str, host: str, admitted: bool) -> None:
    with application(database, TRUSTED_HOSTS=trusted) as api:
        answer = api.get("/todos", headers={"Host": host})
        assert answer.status_code == (200 if admitted else 400), answer.text


def test_load_balancers_may_ask_for_health_by_any_name(database: str) -> None:
    with application(database) as api:
        assert api.get("/health", headers={"Host": "10.1.2.3:6400"}).status_code == 200


def test_the_list_shows_its_name_zone_and_revision(api: Api) -> None:
    api.todo()
    assert api.get("/lists/1").json == {"id": 1, "name": "Tasks", "time_zone": None, "revision": 1}


def test_changing_the_list_is_a_revision_of_its_own(api: Api) -> None:
    answer = api.patch("/lists/1", {"name": "Arbeit 🛠", "time_zone": "Europe/Berlin"})
    expected = {"id": 1, "name": "Arbeit 🛠", "time_zone": "Europe/Berlin", "revision": 1}
    assert (answer.status_code, answer.json) == (200, expected)
    assert api.get("/lists/1").json == expected
    assert api.rings.heard == [(1, None)]
    assert api.patch("/lists/1", {"time_zone": None}).json == {**expected, "time_zone": None, "revision": 2}


def test_an_unknown_list_is_not_found(api: Api) -> None:
    for answer in (api.get("/lists/2"), api.patch("/lists/2", {"name": "new"})):
        assert (answer.status_code, answer.json["field"]) == (404, "list_id")


def test_a_request_keeps_the_id_it_came_with(api: Api) -> None:
    assert api.get("/health", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    assert len(api.get("/health", headers={"X-Request-ID": "a b" * 100}).headers["X-Request-ID"]) == 32


@pytest.mark.parametrize("path", ["/todos", "/todos/0", "/nothing", "//", "//docs/", "//openapi.json"])
def test_every_answer_forbids_what_browsers_should_not_do(api: Api, path: str) -> None:
    headers = api.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
