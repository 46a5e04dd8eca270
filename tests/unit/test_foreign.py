"""Fetching what a stranger named: bounds of time, size and reach, against servers that keep to none."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.foreign_server import Answer, ForeignServer, always, never, ok, serving
from todo import foreign, foreign_urls
from todo.errors import BadInput
from todo.foreign import CannotFetch, Fetched, fetch
from todo.foreign_urls import is_public, target_of

LIMIT = 1_000_000
SHORT_SECONDS = 0.5
Serve = Callable[..., ForeignServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that give an answer, or do what a function says."""
    started: list[Any] = []

    def start(answer: Answer | bytes, tls: ssl.SSLContext | None = None) -> ForeignServer:
        context = serving(always(answer) if isinstance(answer, bytes) else answer, tls)
        started.append(context)
        return context.__enter__()

    yield start
    for context in started:
        context.__exit__(None, None, None)


def get(server: ForeignServer, path: str = "/", **options: Any) -> Fetched:
    return fetch(server.url + path, **{"allow_private": True, "bytes_max": LIMIT, **options})


def refusal(server: ForeignServer, path: str = "/", **options: Any) -> str:
    with pytest.raises(CannotFetch) as caught:
        get(server, path, **options)
    reason = str(caught.value)
    assert reason.endswith(".")
    assert reason.isprintable()
    return reason


# What comes back


def test_an_answer_comes_back_with_its_status_and_headers(serve: Serve) -> None:
    server = serve(ok(b"hello", 'ETag: "1"', "X-Two: a", "x-two: b", status="404 Not Found"))
    got = get(server, "/a b".replace(" ", "%20") + "?q=1#part")
    assert (got.status, got.body, got.url, got.redirects) == (404, b"hello", f"{server.url}/a%20b?q=1", ())
    assert got.headers["etag"] == '"1"'
    assert got.headers["x-two"] == "a, b"
    assert got.wire_bytes > len(b"hello")
    assert server.requests[0].startswith("GET /a%20b?q=1 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in server.requests[0]


def test_headers_are_sent_and_replace_the_usual_ones(serve: Serve) -> None:
    server = serve(ok(status="304 Not Modified"))
    assert get(server, headers={"If-None-Match": '"1"', "User-Agent": "mine"}).status == 304
    assert '\r\nIf-None-Match: "1"\r\n' in server.requests[0]
    assert server.requests[0].count("User-Agent") == 1


def test_a_header_with_a_line_break_is_not_sent(serve: Serve) -> None:
    server = serve(ok())
    with pytest.raises(ValueError, match="line breaks"):
        get(server, headers={"If-None-Match": "1\r\nHost: elsewhere"})
    assert not server.requests


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_decoded(serve: Serve, name: str) -> None:
    content = bytes(range(256)) * 3_000
    got = get(serve(ok(gzip.compress(content), f"Content-Encoding: {name}")))
    assert got.body == content
    assert got.wire_bytes < len(content)


def test_several_gzip_members_are_one_body(serve: Serve) -> None:
    assert get(serve(ok(gzip.compress(b"a") + gzip.compress(b"b"), "Content-Encoding: gzip"))).body == b"ab"


def test_chunks_are_put_together(serve: Serve) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    assert get(serve(chunked)).body == b"abcde"


def test_a_body_that_ends_with_the_connection_is_whole(serve: Serve) -> None:
    assert get(serve(b"HTTP/1.0 200 OK\r\n\r\nabc")).body == b"abc"


def test_no_more_is_read_than_the_content_length_says(serve: Serve) -> None:
    assert get(serve(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")).body == b"abc"


# Redirects


def by_path(answers: dict[str, bytes]) -> Answer:
    def answer(connection: socket.socket, request: str) -> None:
        connection.sendall(answers[request.split(" ")[1]])

    return answer


def to(location: str, status: int = 302) -> bytes:
    return ok(b"for people", f"Location: {location}", status=f"{status} Found")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(serve: Serve, status: int) -> None:
    server = serve(by_path({"/a": to("b?x=ü".encode().decode("latin-1"), status), "/b?x=%C3%BC": ok(b"there")}))
    got = get(server, "/a")
    assert (got.body, got.url, got.redirects) == (b"there", f"{server.url}/b?x=%C3%BC", (f"{server.url}/a",))


def test_a_redirect_to_nowhere_is_an_answer(serve: Serve) -> None:
    assert get(serve(ok(status="302 Found"))).status == 302


def test_a_redirect_loop_ends(serve: Serve) -> None:
    server = serve(by_path({"/a": to("/b"), "/b": to("/a")}))
    assert "loop" in refusal(server, "/a")
    assert len(server.requests) == 2


def test_five_redirects_are_followed_and_no_more(serve: Serve) -> None:
    server = serve(by_path({**{f"/{number}": to(f"/{number + 1}") for number in range(6)}, "/6": ok(b"end")}))
    assert get(server, "/1").body == b"end"
    assert "more than 5 times" in refusal(server, "/0")


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://[::1/"]
)
def test_a_redirect_to_what_is_never_fetched_is_refused(serve: Serve, location: str) -> None:
    assert "redirects to one that is not fetched" in refusal(serve(to(location)))


# Time


def test_a_server_that_never_answers_is_left(serve: Serve) -> None:
    assert "did not answer in full within 0.5 seconds" in refusal(serve(never), seconds=SHORT_SECONDS)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"])
def test_a_server_that_trickles_is_left(serve: Serve, begin: bytes) -> None:
    stopped = threading.Event()

    def trickle(connection: socket.socket, _: str) -> None:
        connection.sendall(begin)
        while not stopped.wait(SHORT_SECONDS / 20):  # each octet within any timeout of a single read
            connection.sendall(b"H")

    assert "did not answer in full" in refusal(serve(trickle), seconds=SHORT_SECONDS)
    stopped.set()


def test_redirects_do_not_begin_the_time_anew(serve: Serve) -> None:
    def slow(connection: socket.socket, request: str) -> None:
        threading.Event().wait(SHORT_SECONDS / 2)
        connection.sendall(to(request.split(" ")[1] + "x"))

    assert "did not answer in full" in refusal(serve(slow), "/", seconds=SHORT_SECONDS)


def test_a_handshake_that_hangs_is_left(serve: Serve) -> None:
    server = serve(never)
    with pytest.raises(CannotFetch, match="did not answer in full"):
        fetch(f"https://127.0.0.1:{server.port}/", allow_private=True, seconds=SHORT_SECONDS)


def test_a_name_server_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        released.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(CannotFetch, match="did not answer in full"):
        fetch("http://slow.test/", allow_private=True, seconds=SHORT_SECONDS)
    released.set()


# Size


def endless(head: bytes, piece: bytes) -> Answer:
    def answer(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return answer


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536, id="until closed"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8\r\n12345678\r\n" * 999, id="chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", b"x" * 65_536, id="10 GB"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"x" * 65_536, id="negative length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 999, id="trailers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 60_000 + b"\r\n", id="headers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999, id="continue"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 999, id="gzip of nothing"
        ),
    ],
)
def test_an_endless_answer_is_not_read_to_its_end(serve: Serve, head: bytes, piece: bytes) -> None:
    assert "larger than" in refusal(serve(endless(head, piece)), seconds=60)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 "])
def test_a_head_without_end_is_refused(serve: Serve, head: bytes) -> None:
    assert refusal(serve(endless(head, b"a: b\r\n" * 99)), seconds=60)
    assert refusal(serve(endless(head, b"a" * 65_536)), seconds=60)


def test_a_gzip_bomb_does_not_go_off(serve: Serve) -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    assert len(bomb) < LIMIT
    assert "larger than 1 MB" in refusal(serve(ok(bomb, "Content-Encoding: gzip")), seconds=60)


def test_a_bomb_is_unpacked_in_small_pieces() -> None:
    pieces = [len(piece) for piece in foreign._gunzipped(iter([gzip.compress(bytes(10_000_000))]))]
    assert (sum(pieces), max(pieces)) == (10_000_000, foreign.CHUNK_BYTES)


def test_a_body_of_just_the_limit_is_read(serve: Serve) -> None:
    body = bytes(LIMIT)
    assert get(serve(ok(body))).body == body
    assert get(serve(ok(gzip.compress(body), "Content-Encoding: gzip"))).body == body
    assert "larger" in refusal(serve(ok(body + b"x")))
    assert "larger" in refusal(serve(ok(gzip.compress(body + b"x"), "Content-Encoding: gzip")))


# Broken answers


@pytest.mark.parametrize(
    "answer",
    [
        ok(gzip.compress(b"hello" * 99, mtime=0)[:-9], "Content-Encoding: gzip"),
        ok(b"no gzip at all", "Content-Encoding: gzip"),
        ok(zlib.compress(b"hello"), "Content-Encoding: gzip"),
    ],
    ids=["cut off", "not compressed", "deflate"],
)
def test_broken_compression_is_named(serve: Serve, answer: bytes) -> None:
    assert "compression is broken" in refusal(serve(answer))


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate", "\x1b[31m"])
def test_a_compression_that_was_not_asked_for_is_refused(serve: Serve, coding: str) -> None:
    assert "not asked for" in refusal(serve(ok(b"x", f"Content-Encoding: {coding}")))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    ],
)
def test_an_answer_that_is_cut_off_is_no_answer(serve: Serve, answer: bytes) -> None:
    assert "broke off" in refusal(serve(answer))


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"<html>", b"HTTP/9.9 abc def\r\n\r\n", b"\x00\xff\n\n"]
)
def test_what_is_not_http_is_named(serve: Serve, answer: bytes) -> None:
    assert "does not answer in HTTP" in refusal(serve(answer))


def test_a_reset_is_named(serve: Serve) -> None:
    def reset(connection: socket.socket, _: str) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert "broke off" in refusal(serve(reset))


def test_a_closed_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with pytest.raises(CannotFetch, match=f"refuses connections on port {port}"):
        fetch(f"http://127.0.0.1:{port}/", allow_private=True)


def test_a_name_without_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CannotFetch, match=r"nowhere\.test cannot be looked up"):
        fetch("http://nowhere.test/", allow_private=True)


# URLs


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("https://Example.ORG", "https://example.org/"),
        (" webcal://example.org/a.ics\n", "https://example.org/a.ics"),
        ("webcal://localhost/a.ics", "http://localhost/a.ics"),
        ("webcals://example.org:443/a", "https://example.org/a"),
        ("http://example.org.:80/?a=ü#b", "http://example.org/?a=%C3%BC"),
        ("https://bücher.example/%41", "https://xn--bcher-kva.example/%41"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_urls_are_read_as_calendar_apps_do(url: str, becomes: str) -> None:
    assert target_of(url, allow_private=False).url == becomes


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/a.ics",
        "//example.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/calendar,BEGIN:VCALENDAR",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://@example.org/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://example.org:8080/",
        "http://[::1/",
        "http://a..b/",
        "http://-/",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: x",
        "http://exam\tple.org/",
        "http://example.org\\@127.0.0.1/",
        "http://example.org/\x00",
        "http://example.org/\ud800",
        "http://" + "a" * 64 + ".org/",
        "http://example.org/" + "a" * 2_048,
    ],
)
def test_absurd_urls_name_their_field(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        fetch(url, allow_private=False)
    assert caught.value.field == "url"


# Private addresses


@pytest.mark.parametrize("address", ["8.8.8.8", "192.88.99.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, nothing is bound to it
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%lo",
        "fd00:ec2::254",
        "fec0::1",
        "ff0e::1",
        "2001:db8::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "::ffff:0:7f00:1",
    ],
)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0", "１２７.0.0.1"],
)
def test_no_spelling_of_loopback_is_reached(host: str) -> None:
    with pytest.raises(CannotFetch, match=r"not a public address|cannot be looked up"):
        fetch(f"http://{host}/", allow_private=False)


class Names:
    """Stands in for DNS and for the internet: names lead to what `answers` holds, 127.0.0.1 counts as public."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def look_up(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        self.asked.append(host)
        waiting = self.answers.get(host) or [[host]]
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    monkeypatch.setattr(foreign, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    return names


def on_port_80(server: ForeignServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_urls, "WEB_PORTS", {"http": server.port, "https": server.port})


def test_the_address_that_was_checked_is_the_one_connected_to(
    serve: Serve, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(ok(b"here"))
    on_port_80(server, monkeypatch)
    names.answers["rebinding.test"] = [["127.0.0.1"], ["169.254.169.254"]]
    assert fetch("http://rebinding.test/", allow_private=False).body == b"here"
    assert names.asked == ["rebinding.test"]
    assert "\r\nHost: rebinding.test\r\n" in server.requests[0]


def test_one_private_address_among_public_ones_is_one_too_many(
    serve: Serve, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(ok(b"here"))
    on_port_80(server, monkeypatch)
    names.answers["mixed.test"] = [["127.0.0.1", "10.0.0.1"]]
    with pytest.raises(CannotFetch, match="not a public address"):
        fetch("http://mixed.test/", allow_private=False)
    assert not server.connections


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "not a public address"),
        ("http://inside.test/", "not a public address"),
        ("//10.0.0.1/", "not a public address"),
        ("http://public.test:6379/", "ports 80 and 443"),
        ("file:///etc/passwd", "begins with https"),
    ],
)
def test_every_hop_is_checked(
    serve: Serve, names: Names, monkeypatch: pytest.MonkeyPatch, location: str, reason: str
) -> None:
    server = serve(to(location))
    on_port_80(server, monkeypatch)
    names.answers = {"public.test": [["127.0.0.1"]], "inside.test": [["192.168.0.1"]]}
    with pytest.raises(CannotFetch, match=reason):
        fetch("http://public.test/", allow_private=False)
    assert len(server.requests) == 1


def test_the_next_address_is_tried(serve: Serve, names: Names) -> None:
    server = serve(ok(b"here"))
    names.answers["two.test"] = [["127.0.0.2", "127.0.0.1"]]  # nobody listens on the first
    assert fetch(f"http://two.test:{server.port}/", allow_private=True).body == b"here"


# TLS


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate for `name`, and the file to trust for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / f"{name}.pem", folder / f"{name}.key"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted


@contextmanager
def trusting(trusted: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(trusted))  # what OpenSSL takes for the system's store
        yield


def test_tls_is_verified_against_the_name(serve: Serve, names: Names, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path, "calendar.test")
    shown_names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: shown_names.append(name)
    server = serve(ok(b"secret"), context)
    names.answers = {"calendar.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]}
    with trusting(trusted):
        assert fetch(f"https://calendar.test:{server.port}/", allow_private=True).body == b"secret"
        assert shown_names == ["calendar.test"]
        assert f"\r\nHost: calendar.test:{server.port}\r\n" in server.requests[0]
        with pytest.raises(CannotFetch, match="certificate that is not valid: Hostname mismatch"):
            fetch(f"https://other.test:{server.port}/", allow_private=True)
    assert len(server.requests) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Serve, names: Names, tmp_path: Path) -> None:
    context, _ = certificate(tmp_path, "calendar.test")
    server = serve(ok(b"secret"), context)
    names.answers["calendar.test"] = [["127.0.0.1"]]
    with pytest.raises(CannotFetch, match="certificate that is not valid"):
        fetch(f"https://calendar.test:{server.port}/", allow_private=True)
    assert not server.requests


def test_https_to_a_server_without_tls_is_named() -> None:
    def answer_in_the_clear() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(65_536)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer_in_the_clear, daemon=True).start()
        with pytest.raises(CannotFetch, match="may not speak HTTPS"):
            fetch(f"https://127.0.0.1:{listening.getsockname()[1]}/", allow_private=True)
