"""The product as a deployment runs it: its web server and its worker, processes of their own on real servers.

Starts and ends them, and speaks the API as a client would. Knows no server, and nothing of pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import count
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Any, Self

import requests
from celery import Celery
from icalendar import Calendar
from kombu import pools
from sqlalchemy import Engine, text

from tests.servers.process import Process, free_port, wait_until
from todo import config, database
from todo.tasks.celery_app import make_celery

ROOT = Path(__file__).parent.parent
DEADLINE_SECONDS = 30.0
"""Far above what anything here takes, for machines that are busy with other things."""


class Deployment:
    """One web server and any number of workers with the same settings and the same `DATA_DIR`.

    As a context manager it ends whatever it started.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """`settings` are environment variables. Nothing starts yet."""
        self.folder = folder
        self.settings = {"DATA_DIR": str(folder / "data"), "WEB_CONCURRENCY": "1", **settings}
        self.port = free_port()
        self._numbers = count(1)
        self._started: list[tuple[str, Process]] = []

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see: the settings, and nothing of whoever runs the tests."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **self.settings}

    def start_web(self, *, wait: bool = True) -> Process:
        """The web server; with `wait` it answers already."""
        address = f"127.0.0.1:{self.port}"
        arguments = ["-c", "python:todo.gunicorn_conf", "--bind", address, "todo:create_app()"]
        web = self._start("web", [sys.executable, "-m", "gunicorn", *arguments])
        if wait:
            self._wait_for(web, self._answers, "the web server answers")
        return web

    def start_worker(self, *, wait: bool = True) -> Process:
        """One more worker; with `wait` it takes messages already."""
        worker = self._start("worker", self.worker_command)
        if wait:
            self._wait_for(worker, lambda: " ready." in log_of(worker), "the worker is ready")
        return worker

    @property
    def worker_command(self) -> list[str]:
        """The command that a worker is."""
        return [sys.executable, "-m", "celery", "--app", "todo.tasks.ical", "worker", "--loglevel=info"]

    def celery(self, *arguments: str, seconds: float = DEADLINE_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run `celery --app todo.tasks.ical …` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "celery", "--app", "todo.tasks.ical", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def _start(self, name: str, command: list[str]) -> Process:
        folder = self.folder / f"{name}-{next(self._numbers)}"
        folder.mkdir(parents=True)
        process = Process(command, environment=self.environment, folder=folder)
        self._started.append((name, process))
        return process

    def parts(self, name: str) -> list[Process]:
        """Those of `web` or `worker` that run."""
        return [process for known, process in self._started if known == name and process.running()]

    def _wait_for(self, part: Process, condition: Callable[[], bool], what: str) -> None:
        def settled() -> bool:
            assert part.running(), f"it ended instead: {what}\n{part.last_words()}"
            return condition()

        try:
            wait_until(settled, DEADLINE_SECONDS, what)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{part.last_words()}") from None

    def _answers(self) -> bool:
        try:
            return self.request("GET", "health").ok
        except requests.RequestException:
            return False

    # The API, as a client uses it

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request on a connection of its own; `path` is what follows `/api/v1/`."""
        options.setdefault("timeout", DEADLINE_SECONDS)
        return requests.request(method, f"http://127.0.0.1:{self.port}/api/v1/{path}", **options)  # noqa: S113 (set)

    def add(self, title: str, deadline_at: str | None = "2026-05-01T10:00:00") -> int:
        """Makes a todo; its id."""
        answer = self.request("POST", "todos", json={"title": title, "deadline_at": deadline_at})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def post_job(self) -> str:
        """Asks for the calendar; the job's id."""
        answer = self.request("POST", "todos/ical")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["task_id"])

    def status(self, job_id: str) -> str:
        """What the API says of a job; the HTTP status when it refuses to, as it does while its database restarts."""
        answer = self.request("GET", f"todos/ical/{job_id}/status")
        return str(answer.json()["task_status"] if answer.ok else answer.status_code)

    def wait_for_job(self, job_id: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Returns when the job has succeeded; raises `TimeoutError` when it has not within `seconds`."""
        wait_until(lambda: self.status(job_id) == "SUCCESS", seconds, f"job {job_id} succeeds")

    def titles(self, job_id: str) -> list[str]:
        """Titles of the events in a job's calendar, sorted, as a calendar app reads them."""
        answer = self.request("GET", f"todos/ical/{job_id}/result")
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/calendar")
        return sorted(str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).walk("VEVENT"))

    # Behind the API

    @cached_property
    def resolved(self) -> config.Settings:
        """The settings as the product reads them."""
        return config.load(self.settings)

    @cached_property
    def engine(self) -> Engine:
        """A way into its database for the test itself."""
        return database.open_engine(self.resolved.database_url)

    def query(self, statement: str, **parameters: Any) -> Any:
        """The first column of the first row that a statement gives."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), parameters).scalar()

    @cached_property
    def client(self) -> Celery:
        """A Celery client with its broker and result backend, and none of its tasks."""
        return make_celery(self.resolved, "client")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, process in self._started:
            process.kill()
        if "engine" in self.__dict__:
            self.engine.dispose()
        if "client" in self.__dict__:
            self.client.close()
            # kombu keeps connections by URL, beyond the client's end. The next client of `sqs://` would be led to the
            # server of this one, for their addresses come from the environment.
            pools.reset()


def log_of(process: Process) -> str:
    """All that a process has printed."""
    return process.log.read_text(errors="replace")


def ends(process: Process, seconds: float) -> int:
    """The exit code of a process that is asked to end (SIGTERM) and does so within `seconds`."""
    os.kill(process.pid, SIGTERM)
    return process._popen.wait(seconds)


def logged_since(process: Process) -> Callable[[], str]:
    """A function that gives what a process has printed since now."""
    start = len(log_of(process))
    return lambda: log_of(process)[start:]
