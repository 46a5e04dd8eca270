"""Feeds behind the real web server: requests far too large, broken ones, and logs that give no address away."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import text

from tests.running import DEADLINE_SECONDS, Deployment, log_of
from tests.servers import PostgresServer, wait_until

MEGABYTE = 1_000_000
LOUD = {"LOG_LEVEL": "DEBUG", "GUNICORN_CMD_ARGS": "--access-logfile - --log-level debug"}


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A web server and a worker on SQLite that log as much as they can."""
    with Deployment(tmp_path_factory.mktemp("feeds"), {**LOUD, "WINDOW_SECONDS": "0"}) as deployment:
        deployment.start_web()
        deployment.start_worker()
        deployment.add("Milk")
        yield deployment


@pytest.fixture
def url(deployment: Deployment) -> str:
    """The address of a feed that is built."""
    url = str(deployment.request("POST", "feeds", json={}).json()["url"])
    assert requests.get(url, timeout=DEADLINE_SECONDS).status_code == 200
    return url


def token_of(url: str) -> str:
    return url.rpartition("/")[2].removesuffix(".ics")


def send(deployment: Deployment, request: bytes) -> bytes:
    """The first octets of the answer to what is perhaps no request; none when the server hangs up first."""
    with socket.create_connection(("127.0.0.1", deployment.port), timeout=DEADLINE_SECONDS) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except OSError:  # it has read enough
            pass
        try:
            return connection.recv(1_000)
        except ConnectionResetError:
            return b""


def status_of(answer: bytes) -> int:
    match = re.match(rb"HTTP/1.1 (\d{3}) ", answer)
    return int(match[1]) if match else 0


def lives(deployment: Deployment, url: str) -> None:
    """The same process answers as before."""
    [web] = deployment.parts("web")
    assert "Worker exiting" not in log_of(web)
    assert "SIGKILL" not in log_of(web)
    assert deployment.request("GET", "health").ok
    assert requests.get(url, timeout=DEADLINE_SECONDS).status_code == 200


@pytest.mark.parametrize(
    "headers",
    {
        "If-None-Match of 100 kB": b"If-None-Match: " + b'"x",' * 25_000,
        "If-None-Match of 10 MB": b"If-None-Match: " + b'"' * 10 * MEGABYTE,
        "a name of 1 MB": b"x" * MEGABYTE + b": 1",
        "10 MB in 10,000 headers": b"\r\n".join(b"X-%d: " % number + b"x" * 1_000 for number in range(10_000)),
        "1,000 short ones": b"\r\n".join(b"X-%d: 1" % number for number in range(1_000)),
        "100 times If-None-Match": b"\r\n".join([b'If-None-Match: "x"'] * 100),
    }.items(),
    ids=lambda item: item[0],
)
def test_headers_that_are_too_large_are_refused_and_the_server_lives(
    deployment: Deployment, url: str, headers: tuple[str, bytes]
) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n" % (urlsplit(url).path.encode(), headers[1])
    status = status_of(send(deployment, request))
    assert status == 0 or 400 <= status < 500  # 0: the refusal was lost with the connection, while we still sent
    lives(deployment, url)


def test_an_address_of_a_megabyte_is_refused(deployment: Deployment, url: str) -> None:
    for path in (b"/feeds/" + b"A" * MEGABYTE + b".ics", urlsplit(url).path.encode() + b"?" + b"x" * MEGABYTE):
        status = status_of(send(deployment, b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path))
        assert status == 0 or 400 <= status < 500
    lives(deployment, url)


def test_the_largest_if_none_match_that_gets_through_is_answered(url: str) -> None:
    etag = requests.get(url, timeout=DEADLINE_SECONDS).headers["ETag"]
    known = requests.get(url, timeout=DEADLINE_SECONDS, headers={"If-None-Match": '"x",' * 2_000 + etag})
    assert (known.status_code, known.content) == (304, b"")
    assert requests.get(url, timeout=DEADLINE_SECONDS, headers={"If-None-Match": '"' * 8_000}).status_code == 200


def test_connections_are_kept_whatever_was_answered(url: str) -> None:
    with requests.Session() as session:
        answers = [
            session.request(method, address, headers=headers, timeout=DEADLINE_SECONDS)
            for _ in range(3)
            for method, address, headers in [
                ("GET", url, {}),
                ("GET", url, {"If-None-Match": "*"}),
                ("HEAD", url, {}),
                ("GET", url, {"Accept-Encoding": "identity"}),
                ("POST", url, {}),
                ("GET", url + "x", {}),
            ]
        ]
    assert [answer.status_code for answer in answers] == [200, 304, 200, 200, 405, 404] * 3


def test_no_log_line_gives_an_address_away(deployment: Deployment, url: str) -> None:
    token = token_of(url)
    path = urlsplit(url).path

    def get(address: str = url, method: str = "GET", **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, address, headers=given, timeout=DEADLINE_SECONDS).status_code

    # What goes well, and what is refused.
    assert [get(), get(method="HEAD"), get(If_None_Match="*"), get(method="DELETE")] == [200, 200, 304, 405]
    assert [get(f"{url}/"), get(url.replace("/feeds/", "//feeds/")), get(f"{url}?nocache=1")] == [404, 404, 200]
    assert get(If_Modified_Since="Fri, 31 Dec 9999 23:59:59 -2359") == 200
    for broken in (
        b"GET %s HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET %s\r\n\r\n",
        b"get\x00 %s HTTP/1.1\r\n\r\n",
        b"%s HTTP/1.1\r\n\r\n",
        b"GET %s HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET http://localhost%s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n",
        b"PROXY %s HTTP/1.1\r\n\r\n",
    ):
        send(deployment, broken % path.encode())
    requests.get(deployment_url(deployment, "health"), headers={"Referer": url}, timeout=DEADLINE_SECONDS)
    feed_id = deployment.query("SELECT max(id) FROM feeds")
    deployment.request("GET", f"feeds/{feed_id}/doctor")

    # What fails: the database, the stored calendar, the product itself.
    execute(deployment, "ALTER TABLE feeds RENAME TO away")
    assert get() == 503
    execute(deployment, "ALTER TABLE away RENAME TO feeds")
    with deployment.engine.connect() as connection:
        body = connection.execute(text("SELECT gzip FROM feed_bodies WHERE feed_id = :id"), {"id": feed_id}).scalar()
    execute(deployment, "UPDATE feed_bodies SET gzip = x'0001020304050607'")
    execute(deployment, "UPDATE feeds SET etag = 'another'")
    assert get(Accept_Encoding="identity") == 500
    execute(deployment, "UPDATE feeds SET modified_at = 'no time at all'")
    assert get() == 500
    execute(deployment, "UPDATE feeds SET modified_at = NULL, etag = 'a third'")
    with deployment.engine.begin() as connection:
        connection.execute(text("UPDATE feed_bodies SET gzip = :body"), {"body": body})
    assert get() == 200

    logs = [log_of(process) for name in ("web", "worker") for process in deployment.parts(name)]
    assert "feed_not_answered" in logs[0]
    assert "database_unavailable" in logs[0]
    assert "/feeds/…" in logs[0]  # gunicorn's own lines are there, without the address
    assert f"/api/v1/feeds/{feed_id}/doctor" in logs[0]
    for log in logs:
        assert token not in log
        assert token[:12] not in log


def deployment_url(deployment: Deployment, path: str) -> str:
    return f"http://127.0.0.1:{deployment.port}/api/v1/{path}"


def execute(deployment: Deployment, statement: str) -> None:
    with deployment.engine.begin() as connection:
        connection.execute(text(statement))


def test_while_the_database_is_away_a_feed_says_when_to_come_again(tmp_path: Path) -> None:
    with PostgresServer() as postgres, Deployment(tmp_path, {"SQLALCHEMY_DATABASE_URI": postgres.url}) as deployment:
        deployment.start_web()
        deployment.start_worker()
        url = str(deployment.request("GET", "feeds").json()[0]["url"])

        def get(**headers: str) -> requests.Response:
            return requests.get(url, headers=headers, timeout=DEADLINE_SECONDS)

        etag = get().headers["ETag"]
        job_id = deployment.post_job()
        postgres.stop()
        answers: list[Any] = [get(), get(), requests.head(url, timeout=DEADLINE_SECONDS)]
        assert [(answer.status_code, int(answer.headers["Retry-After"]) > 0) for answer in answers] == [(503, True)] * 3
        assert deployment.status(job_id) == "503"
        postgres.start()
        wait_until(lambda: get().status_code == 200, DEADLINE_SECONDS, "the feed is there again")
        assert get(**{"If-None-Match": etag}).status_code == 304
        [web] = deployment.parts("web")
        assert token_of(url) not in log_of(web)
