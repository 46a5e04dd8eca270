"""`taskoverflow doctor` as a person meets it: a table, a verdict on the last line, an exit code, never a traceback."""

from __future__ import annotations

import gzip
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.foreign_server import ForeignServer, never, ok, serving
from tests.processes import DEADLINE_SECONDS, Watched, wait_for

DOCTOR = [sys.executable, "-m", "todo.cli", "doctor"]
GOOD = (Path(__file__).parent.parent / "golden" / "texts.ics").read_bytes()
BAD = b"\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:\x1b[31m\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n"
CALENDAR = "Content-Type: text/calendar; charset=utf-8"


def answer(connection: socket.socket, request: str) -> None:
    path = request.split(" ")[1]
    if path == "/good" and 'If-None-Match: "1"' in request:
        connection.sendall(ok(status="304 Not Modified"))
    elif path == "/good":
        connection.sendall(ok(gzip.compress(GOOD), CALENDAR, 'ETag: "1"', "Content-Encoding: gzip"))
    elif path == "/bad":
        connection.sendall(ok(BAD, "Content-Type: text/plain"))
    elif path == "/page":
        connection.sendall(ok(b"<html>", "Content-Type: text/html"))
    elif path == "/loop":
        connection.sendall(ok(b"", "Location: /loop", status="302 Found"))
    elif path == "/endless":
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65_536))
    elif path == "/bomb":
        connection.sendall(ok(gzip.compress(bytes(100_000_000), 1), "Content-Encoding: gzip"))
    else:
        connection.sendall(ok(status="404 Not Found"))


@pytest.fixture(scope="module")
def server() -> Iterator[ForeignServer]:
    with serving(answer) as server:
        yield server


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["env", *(f"{name}={value}" for name, value in environment.items()), *DOCTOR, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("path", "code", "verdict"),
    [
        ("/good", 0, "Verdict: healthy"),
        ("/bad", 1, "Verdict: has problems"),
        ("/page", 2, "Verdict: not a calendar"),
        ("/missing", 2, "Verdict: not a calendar"),
        ("/loop", 2, "Verdict: could not be fetched"),
        ("/endless", 2, "Verdict: could not be fetched"),
        ("/bomb", 2, "Verdict: could not be fetched"),
    ],
)
def test_the_verdict_is_the_last_line_and_the_exit_code(
    server: ForeignServer, path: str, code: int, verdict: str
) -> None:
    done = doctor(server.url + path)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.splitlines()[-1].startswith(verdict)
    assert "\x1b" not in done.stdout  # neither colours nor what a calendar brings along


def test_the_table_has_marks_and_hints(server: ForeignServer) -> None:
    good, bad = doctor(f"{server.url}/good").stdout, doctor(f"{server.url}/bad").stdout
    assert re.search(r"^  ✓ conditional +Unchanged, it is answered by 304\.$", good, re.MULTILINE)
    assert "✗" not in good
    assert re.search(r"^  ! encoding +It begins with a byte order mark", bad, re.MULTILINE)
    assert re.search(r"^  ✗ parses +A parser refuses 1 value, first: DTSTART .*\n +Write values as", bad, re.MULTILINE)
    assert re.search(r"^  Google Calendar +12–24 hours", good, re.MULTILINE)


def test_machines_get_json(server: ForeignServer) -> None:
    done = doctor("--json", f"{server.url}/good")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "healthy")
    done = doctor("--json", "http://127.0.0.1:1/")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (2, "could not be fetched")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "no url at all", "http://", "", "-"])
def test_what_is_no_url_is_told_in_a_sentence(url: str) -> None:
    done = doctor("--", url)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[-1] == "Verdict: could not be fetched (1 problem)"


def test_without_a_url_usage_is_explained() -> None:
    done = doctor()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'URL'" in done.stderr


def test_a_terminal_without_unicode_gets_other_marks(server: ForeignServer) -> None:
    done = doctor(f"{server.url}/page", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "  + status" in done.stdout
    assert "  x calendar" in done.stdout


def test_ctrl_c_ends_it_without_a_traceback() -> None:
    with serving(never) as server:
        running = Watched([*DOCTOR, f"{server.url}/"])
        wait_for(server.asked.is_set, lambda: "the doctor fetches")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(DEADLINE_SECONDS) == 130
        running.end()
        assert b"Traceback" not in b"\n".join(running.lines)


def test_the_command_line_starts_without_what_only_the_doctor_needs() -> None:
    loaded = "import sys, todo.commands; print({'icalendar', 'todo.doctor', 'todo.foreign'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "set()\n"
