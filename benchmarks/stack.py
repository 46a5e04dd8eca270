"""A web server and a worker, of either side, as processes of their own; and what a client does with them."""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.servers.process import Process, free_port, wait_until

POLL_SECONDS = 0.002
"""Between two looks at a job's status, the same on both sides."""

JOB_SECONDS = 120.0
"""After so long a job counts as lost."""

_CHECKOUT = Path(__file__).resolve().parent.parent


class Side(NamedTuple):
    """Which programs to run: gunicorn's application and Celery's."""

    name: str
    web: str
    worker: str


SHEETS = Side("sheets", "benchmarks.sheets:create_app()", "benchmarks.sheets_worker")
OURS = Side("ours", "todo:create_app()", "todo.tasks.ical")


class Client:
    """A client with one connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=JOB_SECONDS)

    def get(self, path: str) -> bytes:
        """The body of a 200."""
        return self._send("GET", path)

    def send(self, method: str, path: str, content: Any = None) -> Any:
        """What JSON a 2xx answers."""
        return json.loads(self._send(method, path, content))

    def status_of(self, path: str) -> int:
        """The status alone; 0 when nobody listens."""
        try:
            self._connection.request("GET", path)
            response = self._connection.getresponse()
            response.read()
        except OSError:
            self._connection.close()
            return 0
        return response.status

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, content: Any = None) -> bytes:
        body = None if content is None else json.dumps(content).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, f"/api/v1{path}", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        assert response.status < 300, f"{method} {path}: {response.status} {answer[:300]!r}"
        return answer


class JobTimes(NamedTuple):
    """Seconds until a job's SUCCESS: from before the change that it follows, and from the POST."""

    from_change: float
    from_post: float


class Stack:
    """One side, running. As a context manager it starts at the entrance and is gone after the exit."""

    def __init__(self, side: Side, environment: Mapping[str, str]) -> None:
        self.side = side
        self.port = free_port()
        self.environment = dict(environment)
        self._exits = ExitStack()
        self.web: Process | None = None
        self.worker: Process | None = None
        self._edits = 0

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix=f"taskoverflow-{self.side.name}-")))
            bind = f"127.0.0.1:{self.port}"
            # The same gunicorn settings for both sides: the product's.
            web = ["-m", "gunicorn", "--config", "python:todo.gunicorn_conf", "--bind", bind, self.side.web]
            worker = ["-m", "celery", "--app", self.side.worker, "worker", "--loglevel=info"]
            self.web = self._run(exits, web, folder / "web")
            client = self.client()
            exits.callback(client.close)
            wait_until(
                lambda: client.status_of("/api/v1/health") == 200, 60, f"{self.side.name}: the web server answers"
            )
            self.worker = self._run(exits, worker, folder / "worker")
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _run(self, exits: ExitStack, arguments: list[str], folder: Path) -> Process:
        folder.mkdir()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        environment = {**kept, "PYTHONPATH": str(_CHECKOUT), "DATA_DIR": str(folder.parent / "data")}
        process = Process([sys.executable, *arguments], environment={**environment, **self.environment}, folder=folder)
        exits.callback(process.stop, seconds=10)
        return process

    @property
    def data_dir(self) -> Path:
        """Where it keeps what is configured to go nowhere else."""
        assert self.web
        return self.web.log.parent.parent / "data"

    def client(self) -> Client:
        return Client(self.port)

    def run_job(self, client: Client, todo_id: int = 1) -> JobTimes:
        """Change one todo, ask for the calendar, wait for SUCCESS."""
        self._edits += 1
        start = time.perf_counter()
        client.send("PUT", f"/todos/{todo_id}", {"title": f"Call the dentist, attempt {self._edits}"})
        posted = time.perf_counter()
        job_id = client.send("POST", "/todos/ical")["task_id"]
        deadline = posted + JOB_SECONDS
        while True:
            status = client.send("GET", f"/todos/ical/{job_id}/status")["task_status"]
            now = time.perf_counter()
            if status == "SUCCESS":
                return JobTimes(now - start, now - posted)
            assert status != "FAILURE", f"{self.side.name}: the job failed"
            assert now < deadline, f"{self.side.name}: no SUCCESS in {JOB_SECONDS:g} s"
            time.sleep(POLL_SECONDS)
