"""What every real server has in common: a port, a folder, a life. Refuses to know what any of them speaks."""

from __future__ import annotations

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import ClassVar, Self

import psutil

from tests.servers.process import Process, ServerFailed, free_port, wait_until


class Server(ABC):
    """A server on a free port of 127.0.0.1, in a temporary folder; both stay the same through stops and starts.

    As a context manager it starts at the entrance, and at the exit ends and takes its folder with it. Making one
    raises `ServerMissing` when its program isn't installed.
    """

    name: ClassVar[str]
    keeps_data: ClassVar[bool] = True  # whether what it acknowledged outlives a restart, and even a kill
    stop_signal = SIGTERM
    start_seconds: ClassVar[float] = 60  # a machine busy with other tests may need ten times the usual second

    def __init__(self) -> None:
        self.port = free_port()
        self._folder: Path | None = None
        self._process: Process | None = None
        self._companions: list[Process] = []

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it, in the form that TaskOverflow's settings take."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _check(self) -> None:
        """Asks the server for something small; raises anything at all as long as it isn't ready."""

    def _prepare(self) -> None:  # noqa: B027 (most servers need nothing)
        """Fills a new folder."""

    def _start_companions(self) -> list[Process]:
        """Starts what the server needs beside it: nothing, mostly. It dies with the server, without ceremony."""
        return []

    def _environment(self) -> dict[str, str]:
        # Only what every program needs, so that a developer's PGDATA, RABBITMQ_… or AWS_… changes nothing.
        kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "TMPDIR") if key in os.environ}
        path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
        return {**kept, "PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def _user(self) -> str | None:
        """The user to run as; None for our own."""
        return None

    @property
    def process(self) -> Process:
        """The running program; `ServerFailed` when it isn't started."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def folder(self) -> Path:
        """Where it keeps everything, `log.txt` included; `ServerFailed` before the first start and after the end."""
        if self._folder is None:
            raise ServerFailed(f"{self.name} has no folder")
        return self._folder

    def tree(self) -> list[psutil.Process]:
        """Every process that belongs to it; empty when stopped."""
        own = [self._process] if self._process else []
        return [process for part in (*own, *self._companions) for process in part.tree()]

    def start(self) -> None:
        """Returns when the server answers; with the data it had, if it ran before."""
        if self._process and self._process.running():
            raise ServerFailed(f"{self.name} is running already")
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=f"taskoverflow-{self.name}-"))
            self._prepare()
        self._companions = self._start_companions()
        self._process = self._run(self._command())
        try:
            wait_until(self._answers, self.start_seconds, f"{self.name} answers")
        except TimeoutError as error:
            raise ServerFailed(f"{error}\n{self._process.last_words()}") from None

    def _run(self, command: list[str]) -> Process:
        return Process(command, environment=self._environment(), folder=self.folder, user=self._user())

    def _answers(self) -> bool:
        if not self.process.running():
            raise ServerFailed(f"{self.name} ended by itself\n{self.process.last_words()}")
        if not self.process.listens(self.port):
            return False  # who answers there may be another program, which took the port in the meantime
        try:
            self._check()
        except Exception:  # every client has its own errors for a server that is still starting
            return False
        return True

    def stop(self) -> None:
        """An orderly end, of a frozen server too; nothing happens when it is stopped already."""
        if self._process:
            self._process.stop(signal=self.stop_signal)
            self._process = None
        self._end_companions()

    def kill(self) -> None:
        """A crash: SIGKILL to all of its processes at once."""
        self.process.kill()
        self._process = None
        self._end_companions()

    def restart(self) -> None:
        """`stop` and `start`: same port, same data (where the server keeps any)."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """The server again, with nothing in it."""
        if self._process:
            self.kill()
        self._remove_folder()
        self.start()

    def suspend(self) -> None:
        """Hangs it: connections are still taken by the kernel, and nothing is answered any more."""
        self.process.suspend()

    def resume(self) -> None:
        """Ends `suspend`."""
        self.process.resume()

    def close(self) -> None:
        """The end: stopped, folder removed."""
        try:
            self.stop()
        finally:
            self._remove_folder()

    def _end_companions(self) -> None:
        while self._companions:
            self._companions.pop().kill()

    def _remove_folder(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C while it starts: whoever asked for it never gets a chance to close it
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
