"""`taskoverflow up` as a person meets it: one command, a calendar, a clean end, one line when something is wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.processes import DEADLINE_SECONDS, Watched, wait_for

TASKOVERFLOW = [sys.executable, "-m", "todo.cli"]
SETTINGS = re.compile(r"SQLALCHEMY_|CELERY_|AWS_|DATA_DIR|PUBLIC_URL|TRUSTED_HOSTS|HOST$|PORT$|WEB_CONCURRENCY")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment without any setting, and a data folder that does not exist yet."""
    kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
    return {**kept, "DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def up(env: dict[str, str], port: int) -> Iterator[Callable[..., Watched]]:
    """Starts `taskoverflow up` and waits until it says where it is."""
    started: list[Watched] = []

    def start(*options: str, **settings: str) -> Watched:
        running = Watched([*TASKOVERFLOW, "up", "--port", str(port), *options], {**env, **settings})
        started.append(running)
        running.see(f"TaskOverflow is at http://127.0.0.1:{port} (Ctrl-C stops it)".encode())
        running.see_like(rb"worker \| .*\. ical")
        return running

    yield start
    for running in started:
        running.end()


Up = Callable[..., Watched]


def refusal(*options: str, **settings: str) -> str:
    """The one line on standard error of a command that must fail."""
    done = subprocess.run(
        [*TASKOVERFLOW, *options], capture_output=True, text=True, env=settings, timeout=DEADLINE_SECONDS, check=False
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("taskoverflow: ")
    return done.stderr


def make_calendar(port: int) -> str:
    """Post a todo, ask for the calendar, wait until a worker has made it."""
    api = f"http://127.0.0.1:{port}/api/v1/todos"
    assert (
        requests.post(api, json={"title": "Milk", "deadline_at": "2026-05-01T10:00:00"}, timeout=10).status_code == 201
    )
    job = requests.post(f"{api}/ical", timeout=10)
    assert job.status_code == 202
    status: dict[str, str] = {}

    def done() -> bool:
        status.update(requests.get(job.json()["task_url"], timeout=10).json())
        return status["task_status"] == "SUCCESS"

    wait_for(done, lambda: str(status))
    return requests.get(status["result_url"], timeout=10).text


def healthy(port: int) -> bool:
    try:
        return bool(requests.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=10).json() == {"status": "ok"})
    except requests.RequestException:
        return False


def leader(name: str, watched: Watched) -> psutil.Process:
    """The process of a part that the supervisor itself started."""
    children = psutil.Process(watched.process.pid).children()
    return next(child for child in children if name in child.cmdline())


def test_one_command_serves_the_page_and_makes_calendars(up: Up, port: int, tmp_path: Path) -> None:
    running = up("--data-dir", str(tmp_path / "elsewhere" / "data"))
    assert healthy(port)
    assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).headers["Content-Type"].startswith("text/html")
    assert "SUMMARY:Milk" in make_calendar(port)
    assert (tmp_path / "elsewhere" / "data" / "taskoverflow.sqlite").exists()
    assert not (tmp_path / "data").exists()  # DATA_DIR, which the option replaces
    running.stops()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_takes_under_five_seconds_and_leaves_no_process(up: Up, number: signal.Signals, port: int) -> None:
    running = up()
    with requests.Session() as kept_alive:  # a browser's open connection must not hold it up
        assert kept_alive.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=10).ok
        running.process.send_signal(number)
        assert running.process.wait(5) == 0
    assert running.living() == []
    socket.create_server(("127.0.0.1", port)).close()
    assert not any(line.endswith(b"has not stopped: killed") for line in running.lines)


def test_a_killed_web_server_and_a_killed_worker_come_back(up: Up, port: int) -> None:
    running = up()
    leader("gunicorn", running).kill()
    running.see(b"web was killed by SIGKILL; starting it again in 0.2 s")
    wait_for(lambda: healthy(port), lambda: "the web server stays away")
    leader("celery", running).kill()
    running.see(b"worker was killed by SIGKILL; starting it again in 0.2 s")
    assert "SUMMARY:Milk" in make_calendar(port)
    running.stops()


def test_a_killed_supervisor_leaves_no_process_behind(up: Up) -> None:
    running = up()
    assert len(running.living()) >= 4  # itself, gunicorn, its workers, celery
    running.process.kill()
    running.leaves_nothing()


def test_a_port_in_use_is_said_in_one_line(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        assert f"port {number} on 127.0.0.1 is in use" in refusal("up", "--port", number, **env)


def test_a_file_in_place_of_the_data_folder_is_said_in_one_line(env: dict[str, str], port: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        message = refusal("up", "--port", str(port), "--data-dir", str(folder), **env)
        assert f"DATA_DIR: {folder} " in message
        assert "--data-dir" in message


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CELERY_BROKER_URL", "gopher://somewhere"),
        ("SQLALCHEMY_DATABASE_URI", "oracle://somewhere/db"),
        ("PUBLIC_URL", "tasks"),
        ("WINDOW_SECONDS", "soon"),
        ("WEB_CONCURRENCY", "many"),
        ("WEB_CONCURRENCY", "0"),
    ],
)
def test_a_broken_setting_is_named_in_one_line(env: dict[str, str], port: int, setting: str, value: str) -> None:
    assert f"{setting}: " in refusal("up", "--port", str(port), **{**env, setting: value})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["up", "--colour"], "--colour"),
        (["up", "--port", "0"], "--port"),
        (["up", "--port", "70000"], "--port"),
        (["up", "--port", "http"], "--port"),
        (["up", "--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["up", "--host", "203.0.113.1"], "203.0.113.1"),
        (["up", "here"], "here"),
        (["down"], "down"),
        (["db", "downgrade"], "downgrade"),
    ],
)
def test_a_mistaken_command_is_said_in_one_line(env: dict[str, str], options: list[str], said: str) -> None:
    assert said in refusal(*options, **env)


@pytest.mark.parametrize("command", [["up"], ["db", "upgrade"], ["db", "current"]])
def test_an_unreachable_database_is_said_without_its_password(
    env: dict[str, str], port: int, command: list[str]
) -> None:
    url = f"postgresql://somebody:hunter2@127.0.0.1:{port}/tasks"
    options = ["--port", str(port)] if command == ["up"] else []
    message = refusal(*command, *options, **{**env, "SQLALCHEMY_DATABASE_URI": url})
    assert f"somebody:***@127.0.0.1:{port}/tasks" in message
    assert "hunter2" not in message


def test_a_file_that_is_no_database_is_said_in_one_line(env: dict[str, str], port: int, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, only a long enough text to be looked at " * 100)
    message = refusal("up", "--port", str(port), **{**env, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{file}"})
    assert "file is not a database" in message
    assert str(file) in message


def test_the_schema_can_be_brought_up_to_date_and_told_by_hand(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    def run(*command: str) -> str:
        return subprocess.check_output([*TASKOVERFLOW, *command], text=True, env=env, timeout=DEADLINE_SECONDS)

    assert run("db", "current") == "empty: no schema yet\n"
    assert run("db", "upgrade") == ""
    assert re.fullmatch(r"\w+\n", run("db", "current"))
    assert run("db", "upgrade") == ""


def test_help_and_version_answer(env: dict[str, str]) -> None:
    shown = subprocess.check_output([*TASKOVERFLOW, "up", "--help"], text=True, env=env, timeout=DEADLINE_SECONDS)
    assert "--data-dir" in shown
    assert subprocess.check_output([*TASKOVERFLOW, "--version"], text=True, env=env).startswith("taskoverflow ")
