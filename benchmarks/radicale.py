"""Radicale from PyPI, the calendar server that people run at home, with a calendar in it."""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.servers.process import Process, free_port, wait_until

PATH = "/bench/tasks/"

_CONFIG = """
[server]
hosts = 127.0.0.1:{port}
max_content_length = 100000000
timeout = 60
[auth]
type = none
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}
[logging]
level = warning
[web]
type = none
"""


class Radicale:
    """A context manager: the server runs inside, and is gone after it."""

    def __init__(self, calendar: bytes) -> None:
        """`calendar` is what it serves, iCalendar text."""
        self._calendar = calendar
        self._exits = ExitStack()
        self.port = free_port()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="taskoverflow-radicale-")))
            config = folder / "config"
            config.write_text(_CONFIG.format(port=self.port, folder=folder / "collections"))
            environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            process = Process(
                [sys.executable, "-m", "radicale", "--config", str(config)], environment=environment, folder=folder
            )
            exits.callback(process.stop, seconds=10)
            wait_until(lambda: process.listens(self.port), 30, "Radicale listens")
            self._put()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _put(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        headers = {"Content-Type": "text/calendar; charset=utf-8", "Authorization": "Basic YmVuY2g6"}
        connection.request("PUT", PATH, self._calendar, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status < 300, f"{response.status} {answer[:300]!r}"
        connection.close()
