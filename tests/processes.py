"""A program in a process of its own, watched from outside: what it writes, what descends from it, how it stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

import psutil

DEADLINE_SECONDS = 30.0


def wait_for(condition: Callable[[], object], what: Callable[[], str]) -> None:
    """Return once `condition` holds; fail with `what()` when it does not within the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


class Watched:
    """A started program. Everything that descends from it is known by a mark in its environment."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None, *, read: bool = True) -> None:
        self._mark = uuid.uuid4().hex
        self._bytes = b""
        self.process = subprocess.Popen(
            # The tests themselves may run under nohup(1) or in the background, where signals are ignored.
            ["env", "--default-signal=HUP,INT", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**(os.environ if env is None else env), "WATCHED": self._mark},
            start_new_session=True,
        )
        if read:
            self.read()

    def read(self) -> None:
        """Begin to collect what the program writes."""
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        assert self.process.stdout
        while chunk := os.read(self.process.stdout.fileno(), 65_536):
            self._bytes += chunk

    @property
    def lines(self) -> list[bytes]:
        """The whole lines written so far."""
        return self._bytes.split(b"\n")[:-1]

    def count(self, line: bytes) -> int:
        """How often exactly this line was written."""
        return self.lines.count(line)

    def see(self, line: bytes, times: int = 1) -> None:
        """Wait until exactly this line was written so often."""
        wait_for(lambda: self.count(line) >= times, lambda: f"{line!r} {times} times in {self._bytes[-3000:]!r}")

    def see_like(self, pattern: bytes) -> None:
        """Wait until a line matches `pattern` from its first byte to its last."""
        wait_for(
            lambda: any(re.fullmatch(pattern, line) for line in self.lines),
            lambda: f"{pattern!r} in {self._bytes[-3000:]!r}",
        )

    def living(self) -> list[psutil.Process]:
        """The program and every process that descends from it, whoever its parent is by now."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("WATCHED") == self._mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def leaves_nothing(self) -> None:
        """Wait until no process of it lives."""
        wait_for(lambda: not self.living(), lambda: f"still there: {self.living()}")

    def stops(self, number: int = signal.SIGTERM, *, code: int = 0) -> None:
        """Ask it to stop; it must end with this code and leave nothing."""
        self.process.send_signal(number)
        assert self.process.wait(DEADLINE_SECONDS) == code
        assert self.living() == []

    def end(self) -> None:
        """Kill what is left and close the pipe."""
        for process in self.living():
            process.kill()
        self.process.wait(DEADLINE_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
