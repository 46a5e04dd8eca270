"""`taskoverflow events`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers.process import wait_until

COMMAND = [sys.executable, "-m", "todo.cli", "events"]


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """The product on files, which sends events to one."""
    with Deployment(tmp_path, {"EVENTS_URL": f"file://{tmp_path}/events.jsonl"}) as deployment:
        deployment.start_web()
        yield deployment


def run(deployment: Deployment, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [*COMMAND, *arguments],
        env=deployment.environment,
        cwd=deployment.folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


class Tail:
    """`events tail`, reading on."""

    def __init__(self, deployment: Deployment, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "tail", *arguments],
            env=deployment.environment,
            cwd=deployment.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def lines(self) -> IO[str]:
        assert self.process.stdout
        return self.process.stdout

    def end(self) -> tuple[int, str]:
        """Ctrl-C; the exit code and what was said of it."""
        os.kill(self.process.pid, signal.SIGINT)
        _, said = self.process.communicate(timeout=DEADLINE_SECONDS)
        return self.process.returncode, said


@pytest.fixture
def tails() -> Iterator[list[Tail]]:
    """Those that a test starts; killed at its end."""
    started: list[Tail] = []
    yield started
    for tail in started:
        tail.process.kill()
        tail.process.wait()
        for pipe in (tail.process.stdout, tail.process.stderr):
            if pipe:
                pipe.close()


def test_what_waits_is_told_until_a_worker_has_sent_it(deployment: Deployment) -> None:
    deployment.add("Milk")
    assert "1 wait to be sent" in run(deployment, "ls").stdout
    deployment.start_worker()
    wait_until(lambda: "None wait to be sent" in run(deployment, "ls").stdout, DEADLINE_SECONDS, "it is sent")
    (event,) = [json.loads(line) for line in (deployment.folder / "events.jsonl").read_text().splitlines()]
    assert (event["type"], event["data"]["todo"]["title"]) == ("todo.created", "Milk")


def test_without_a_sink_that_is_said(tmp_path: Path) -> None:
    with Deployment(tmp_path, {}) as deployment:
        deployment.start_web()
        shown = run(deployment, "ls").stdout
    assert shown == "Events are not sent: no program of this installation has EVENTS_URL.\n0 set aside.\n"


def test_a_folder_without_a_database_is_said_and_stays_without(tmp_path: Path) -> None:
    with Deployment(tmp_path, {}) as deployment:
        assert "--data-dir" in run(deployment, "ls", code=1).stderr
        assert not list((tmp_path / "data").glob("*")) if (tmp_path / "data").exists() else True


def test_the_folder_can_be_named(deployment: Deployment, tmp_path: Path) -> None:
    deployment.add("Milk")
    environment = {**deployment.environment, "DATA_DIR": str(tmp_path / "another")}
    ended = subprocess.run(
        [*COMMAND, "--data-dir", deployment.settings["DATA_DIR"], "ls"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    assert "1 wait to be sent" in ended.stdout


def test_an_address_that_cannot_be_used_is_told_by_ls(tmp_path: Path) -> None:
    with Deployment(tmp_path, {"EVENTS_URL": "gopher://events"}) as deployment:
        deployment.start_web()
        deployment.add("Milk")
        deployment.start_worker()
        assert "They wait because: EVENTS_URL: must begin with" in run(deployment, "ls").stdout


def test_sending_again_needs_names_that_are_known(deployment: Deployment) -> None:
    assert "Name the events" in run(deployment, "retry", code=2).stderr
    assert "Name the events" in run(deployment, "retry", "--all", "some-id", code=2).stderr
    assert "1 of these ids" in run(deployment, "retry", "no-such-id", code=1).stderr
    assert run(deployment, "retry", "--all").stdout == "0 will be sent again.\n"


def test_the_database_is_followed_until_ctrl_c(deployment: Deployment, tails: list[Tail]) -> None:
    deployment.add("before")
    tail = Tail(deployment, "--from-start")
    tails.append(tail)
    assert "before" in tail.lines.readline()
    todo_id = deployment.add("Milk \u2028\u202e")
    line = tail.lines.readline()
    assert "todo.created" in line
    assert "Milk" in line
    assert "\u2028" not in line
    assert "\u202e" not in line
    deployment.request("PATCH", "todos", json=[{"id": todo_id, "completed": True, "title": "Oat milk"}])
    assert "(title)" in tail.lines.readline()
    assert "todo.completed" in tail.lines.readline()
    code, said = tail.end()
    assert (code, said.strip()) == (130, "")


def test_json_is_one_event_a_line(deployment: Deployment, tails: list[Tail]) -> None:
    deployment.add("Milk")
    tail = Tail(deployment, "--from-start", "--json")
    tails.append(tail)
    event: dict[str, Any] = json.loads(tail.lines.readline())
    assert event["specversion"] == "1.0"


def test_the_sink_is_followed(deployment: Deployment, tails: list[Tail]) -> None:
    deployment.start_worker()
    deployment.add("Milk")
    wait_until(lambda: "None wait" in run(deployment, "ls").stdout, DEADLINE_SECONDS, "it is sent")
    tail = Tail(deployment, "--sink", "--from-start")
    tails.append(tail)
    assert "Milk" in tail.lines.readline()
    deployment.add("Bread")
    assert "Bread" in tail.lines.readline()


def test_what_others_write_to_the_sink_reaches_no_terminal_as_it_is(deployment: Deployment, tails: list[Tail]) -> None:
    odd = [
        '{"type": "\\u001b]0;x\\u0007", "subject": "\\u001b[2J", "time": "t", "data": {"todo": {"title": "a"}}}',
        '{"type": "x", "subject": "y", "time": "z", "data": null}',
        '{"data": {"todo": "x"}}',
    ]
    (deployment.folder / "events.jsonl").write_text("\n".join(odd) + "\n")
    tail = Tail(deployment, "--sink", "--from-start")
    tails.append(tail)
    shown = "".join(tail.lines.readline() for _ in odd)
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    assert shown.count("something else") == 2


def test_who_reads_no_more_ends_it_quietly(deployment: Deployment, tails: list[Tail]) -> None:
    deployment.add("Milk")
    tail = Tail(deployment, "--from-start")
    tails.append(tail)
    tail.lines.readline()
    tail.lines.close()
    deployment.add("Bread")
    assert tail.process.wait(DEADLINE_SECONDS) == 1
    assert tail.process.stderr
    assert tail.process.stderr.read() == ""


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "EVENTS_URL is not set"),
        ("gopher://x", "EVENTS_URL: must begin with"),
        ("redis://:secret@127.0.0.1:9/0/events", "Redis at 127.0.0.1:9"),
        ("sqs://events", "belongs to those who receive from it"),
    ],
)
def test_a_sink_that_cannot_be_followed_is_one_line(tmp_path: Path, url: str, said: str) -> None:
    with Deployment(tmp_path, {"EVENTS_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}) as deployment:
        deployment.start_web()
        ended = run(deployment, "tail", "--sink", code=1)
    assert said in ended.stderr
    assert "secret" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
