"""One running program: started with its output in a file, then stopped, killed, frozen or thawed with its children.

Knows no server by name, and nothing of pytest.
"""

from __future__ import annotations

import glob
import os
import pwd
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM, Signals
from typing import Any

import psutil

# A thread that lives as long as this process does: the kernel sends the parent-death signal (see `Process`) when
# the *thread* that started a child ends, so one started from a test's own thread would die with that thread.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class ServerMissing(Exception):
    """A server's program is not installed on this machine."""


class ServerFailed(Exception):
    """A server's program ended, or did not answer in time; the text ends with what it printed last."""


def find_program(name: str, *folders: str) -> str:
    """The path of a program: in `folders` (patterns, the last match wins) first, then on PATH and in /usr/sbin.

    Raises `ServerMissing`.
    """
    for folder in folders:
        if found := sorted(glob.glob(f"{folder}/{name}"), key=_by_version):
            return found[-1]
    on_path = shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin:/usr/bin")
    if on_path is None:
        raise ServerMissing(f"{name} is not installed; `bin/install_test_servers` installs it on Debian")
    return on_path


def _by_version(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part.isdigit()]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on.

    It lies below the range that the system gives outgoing connections. From inside that range a client could
    be given the port while its server is stopped, and the restart would fail; or a client that tries to
    reach the stopped server could be connected to itself.
    """
    for port in random.sample(range(15_000, 32_000), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFailed("none of 200 ports tried on 127.0.0.1 is free")


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Returns as soon as `condition` is true; raises `TimeoutError` naming `what` when it isn't within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.02)


class Process:
    """A program with all of its children.

    It has a session of its own, so that Ctrl-C in the terminal reaches only the tests, which then stop it in
    order. Should they be killed themselves, it dies with them (Linux: parent-death signal).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        user: str | None = None,
    ) -> None:
        """Starts `command` in `folder`, its output appended to `log.txt` there; `user` needs root."""
        self.log = folder / "log.txt"
        dies_with_us = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        with self.log.open("ab") as output:
            self._popen = _spawner.submit(
                lambda: subprocess.Popen(
                    [*dies_with_us, *command],
                    env=dict(environment),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **identity(user),
                )
            ).result()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        """Whether the program itself has not ended."""
        return self._popen.poll() is None

    def tree(self) -> list[psutil.Process]:
        """The program and all that descend from it, parents first; empty once the program has ended."""
        try:
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)] if self.running() else []
        except psutil.NoSuchProcess:
            return []

    def listens(self, port: int) -> bool:
        """Whether one of its processes listens on a TCP port; somebody else who does is not mistaken for it."""
        for process in self.tree():
            # Gone meanwhile; or, to a user other than root, shut for the moment in which a child begins or ends.
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                for connection in process.net_connections("tcp"):
                    if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                        return True
        return False

    def suspend(self) -> None:
        """Freezes the program and its children (SIGSTOP): connections stay open and nothing is answered."""
        frozen: list[psutil.Process] = []
        # A parent is frozen before its children are counted, or it could start one more behind our back.
        while fresh := [process for process in self.tree() if process not in frozen]:
            _suspend(fresh[0])
            frozen.append(fresh[0])

    def resume(self) -> None:
        """Undoes `suspend`; harmless otherwise."""
        for process in reversed(self.tree()):
            _ignoring_the_dead(process.resume)

    def stop(self, *, signal: Signals = SIGTERM, seconds: float = 30) -> None:
        """Asks the program to end, and kills what is left of it and its children after `seconds`."""
        self.resume()  # a frozen process hears no signal but SIGKILL
        tree = self.tree()
        if tree:
            _ignoring_the_dead(lambda: tree[0].send_signal(signal))
        self._wait_for(tree, seconds)
        self._kill(tree)

    def kill(self) -> None:
        """A crash: SIGKILL to the program and its children at one and the same state."""
        self.suspend()
        self._kill(self.tree())

    def last_words(self) -> str:
        """The last lines of the output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _kill(self, tree: list[psutil.Process]) -> None:
        for process in tree:
            _ignoring_the_dead(process.kill)
        self._wait_for(tree, 30)
        self._popen.wait(timeout=30)

    def _wait_for(self, tree: list[psutil.Process], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (self.running() or any(map(alive, tree))) and time.monotonic() < deadline:
            time.sleep(0.01)


def alive(process: psutil.Process) -> bool:
    """Whether a process still does anything; a zombie that nobody has collected yet does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def identity(user: str | None) -> dict[str, Any]:
    """The arguments with which `subprocess` runs a program as `user`; none for None."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def is_root() -> bool:
    """Whether this process may do everything; some servers refuse to run so."""
    return os.geteuid() == 0


def _suspend(process: psutil.Process) -> None:
    def halted() -> bool:
        return not alive(process) or process.status() == psutil.STATUS_STOPPED

    _ignoring_the_dead(process.suspend)
    wait_until(halted, 10, f"process {process.pid} frozen")


def _ignoring_the_dead(action: Callable[[], object]) -> None:
    with suppress(psutil.NoSuchProcess):
        action()
