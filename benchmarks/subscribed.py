"""What it costs when calendar apps ask for a feed, and how soon a change can be seen there."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import radicale
from benchmarks.pair import Pair
from benchmarks.stack import Client
from benchmarks.table import Figure, middle, milliseconds, ratio
from tests.servers.process import Process, free_port, wait_until

TODOS = 10_000
ROUNDS = 3
CONNECTIONS = 8
SECONDS = 2
RADICALE_REQUESTS = 3

NOT_MODIFIED_AT_LEAST, FULL_AT_LEAST, RADICALE_AT_LEAST = 0.5, 0.5, 200

CHANGES = 200
CHANGED_TODOS = 1_000
P50_SECONDS, P99_SECONDS = 0.060, 0.250

_CHECKOUT = Path(__file__).resolve().parent.parent
_GZIP = {"Accept-Encoding": "gzip"}


def measure() -> list[Figure]:
    """Six figures: 304s and whole calendars against the least that Flask can do, and against Radicale; times to see
    a change."""
    with Pair(with_sheets=False) as pair:
        pair.fill(TODOS)
        address = _address(pair.our_client)
        etag, stored = _fetch(pair.ours.port, address)
        with _constant(stored) as port, radicale.Radicale(gzip.decompress(stored)) as baseline:
            ours = f"http://127.0.0.1:{pair.ours.port}{address}"
            known = {**_GZIP, "If-None-Match": etag}
            answers: dict[str, list[float]] = {"304": [], "constant": [], "ours": [], "stored": []}
            for _ in range(ROUNDS):  # in turns: what disturbs the machine disturbs all
                answers["304"].append(_rate(ours, known))
                answers["constant"].append(_rate(f"http://127.0.0.1:{port}/constant", _GZIP))
                answers["ours"].append(_rate(ours, _GZIP))
                answers["stored"].append(_rate(f"http://127.0.0.1:{port}/stored", _GZIP))
            slow = _radicale_seconds(baseline.port)
        rates = {name: middle(found) for name, found in answers.items()}
    return [
        _share(
            "304 answers, against Flask answering a constant", rates["304"], rates["constant"], NOT_MODIFIED_AT_LEAST
        ),
        _share(
            f"{TODOS:,} events, against Flask answering the same octets", rates["ours"], rates["stored"], FULL_AT_LEAST
        ),
        ratio(
            f"{TODOS:,} events, against Radicale",
            slow,
            1 / rates["ours"],
            RADICALE_AT_LEAST,
            lambda seconds: f"{1 / seconds:,.1f} requests/s",
        ),
        *_freshness(),
    ]


def _freshness() -> list[Figure]:
    """From before a change until its ETag is seen, without a window."""
    with Pair(with_sheets=False, WINDOW_SECONDS="0") as pair:
        pair.fill(CHANGED_TODOS)
        address = _address(pair.our_client)
        etag, _ = _fetch(pair.ours.port, address)
        connection = http.client.HTTPConnection("127.0.0.1", pair.ours.port, timeout=30)
        seconds = []
        for number in range(CHANGES):
            start = time.perf_counter()
            pair.our_client.send("PUT", f"/todos/{number + 1}", {"title": f"Call the dentist, attempt {number}"})
            while (seen := _ask(connection, address, etag)) == etag:
                time.sleep(0.002)
            seconds.append(time.perf_counter() - start)
            etag = seen
            time.sleep(0.02)  # as people do, who let a build end before they change the next
        connection.close()
    p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
    return [
        _below(f"a change until its ETag shows, {CHANGED_TODOS:,} todos, p50", p50, P50_SECONDS),
        _below("… p99", p99, P99_SECONDS),
    ]


def _ask(connection: http.client.HTTPConnection, address: str, etag: str) -> str:
    """The ETag that the feed has now."""
    connection.request("HEAD", address, headers={**_GZIP, "If-None-Match": etag})
    response = connection.getresponse()
    response.read()
    found = response.headers["ETag"]
    assert found, response.status
    return found


def _address(client: Client) -> str:
    """The path of the default feed."""
    return re.sub("^https?://[^/]+", "", client.send("GET", "/feeds")[0]["url"])


def _fetch(port: int, address: str) -> tuple[str, bytes]:
    """The ETag and the compressed calendar."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address, headers=_GZIP)
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, response.status
    assert response.headers["Content-Encoding"] == "gzip"
    connection.close()
    return response.headers["ETag"], body


@contextmanager
def _constant(stored: bytes) -> Iterator[int]:
    """The port of `benchmarks.constant` under the product's server settings."""
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="taskoverflow-constant-")))
        (folder / "stored.gz").write_bytes(stored)
        port = free_port()
        command = ["-m", "gunicorn", "--config", "python:todo.gunicorn_conf", "--bind", f"127.0.0.1:{port}"]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"PYTHONPATH": str(_CHECKOUT), "STORED_GZIP": str(folder / "stored.gz")}
        process = Process(
            [sys.executable, *command, "benchmarks.constant:create_app()"], environment=environment, folder=folder
        )
        exits.callback(process.stop, seconds=10)
        client = Client(port)
        exits.callback(client.close)
        wait_until(lambda: client.status_of("/api/v1/health") == 200, 30, "the constant application answers")
        yield port


def _rate(url: str, headers: dict[str, str]) -> float:
    """Requests per second, by wrk. Answers of 4xx and 5xx are a failure."""
    program = shutil.which("wrk")
    assert program, "wrk is not installed; on Debian: apt-get install wrk"
    given = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    command = [program, "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{SECONDS}s", *given, url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "Non-2xx or 3xx" not in told, told
    assert "Socket errors" not in told, told
    found = re.search(r"Requests/sec:\s+([0-9.]+)", told)
    assert found, told
    return float(found[1])


def _radicale_seconds(port: int) -> float:
    """Seconds for each request; one at a time, because it has one lock for its storage."""
    seconds = []
    for _ in range(RADICALE_REQUESTS):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        start = time.perf_counter()
        connection.request("GET", radicale.PATH, headers={**_GZIP, "Authorization": "Basic YmVuY2g6"})
        response = connection.getresponse()
        assert len(response.read()) > TODOS, response.status
        seconds.append(time.perf_counter() - start)
        connection.close()
    return middle(seconds)


def _share(what: str, ours: float, baseline: float, at_least: float) -> Figure:
    measured = ours / baseline
    return Figure(
        what,
        f"{baseline:,.0f} requests/s",
        f"{ours:,.0f} requests/s",
        f"≥ {at_least:g}×",
        f"{measured:.2f}×",
        passed=measured >= at_least,
    )


def _below(what: str, seconds: float, most: float) -> Figure:
    shown = milliseconds(seconds)
    return Figure(what, ours=shown, asked=f"< {milliseconds(most)}", measured=shown, passed=seconds < most)
