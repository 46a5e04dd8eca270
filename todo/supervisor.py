"""Keeps the parts of a program running: passes on their output, starts again what dies, stops all in time.

Knows processes, signals and pipes; refuses to know what the parts are for. Opens no port, no control socket.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NamedTuple

from todo.merged_output import MergedOutput

STOP_SECONDS = 3.5  # from SIGTERM to SIGKILL; with GONE_SECONDS and the output's last lines a stop takes under 5
GONE_SECONDS = 0.4  # for the kernel to end what was killed: a process that waits for a dead disk may never end
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.2, 5.0  # before a new start: soon, but never in a busy loop
HEALTHY_SECONDS = 10.0  # a part that lived this long has recovered: its next death counts as a first one
READ_BYTES = 65_536  # a Linux pipe's capacity
LINE_BYTES = 1_048_576  # a longer line comes out in pieces: output without line ends must not fill the memory

# Runs in the new process just before the part's own program. It asks the kernel for a SIGTERM when the
# supervisor dies, however it dies (prctl(2), PR_SET_PDEATHSIG = 1; kept across execve). A supervisor that
# died before the request shows in the changed parent. Not a `preexec_fn`: Python code between fork and exec
# may deadlock on a lock that the output's thread held at the fork.
LAUNCHER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the supervisor is gone")
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"cannot start {sys.argv[2]}: {error.strerror}")
"""


class Part(NamedTuple):
    """One program to keep running; `env` is its whole environment, None the supervisor's own."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None


class _Slot:
    """The place of one part: its process while there is one, and when to start the next."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.reading: int | None = None
        self.unfinished = b""
        self.started_at = 0.0
        self.start_at = 0.0
        self.delay = FIRST_DELAY_SECONDS


class Supervisor:
    """Keeps `parts` running until SIGINT, SIGTERM or SIGHUP asks for the end. Runs in the main thread."""

    def __init__(self, parts: Sequence[Part], output: MergedOutput) -> None:
        self._slots = [_Slot(part) for part in parts]
        self._output = output
        self._selector = selectors.DefaultSelector()
        self._stop_asked = False
        self._interrupts = 0
        self._kill_at: float | None = None  # set once the parts were asked to stop
        self._killed = False

    def run(self) -> None:
        """Return once a stop was asked for and every part has ended."""
        with self._signals():
            try:
                while not self._finished():
                    self._turn()
            finally:
                self._kill()  # whatever went wrong above, no part stays behind
        self._selector.close()

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._seconds_to_next_event()):
            if isinstance(key.data, _Slot):
                self._read(key.data)
            else:
                key.fileobj.recv(READ_BYTES)  # type: ignore[union-attr] # the signals' socket; its bytes only wake us
        for slot in self._slots:
            if slot.process and slot.process.poll() is not None:
                self._bury(slot, slot.process)
        if self._stop_asked:
            self._stop()
            return
        for slot in self._slots:
            if not slot.process and slot.start_at <= time.monotonic():
                self._start(slot)

    def _seconds_to_next_event(self) -> float:
        if self._kill_at is not None:
            due = self._kill_at + (GONE_SECONDS if self._killed else 0)
        else:
            due = min((slot.start_at for slot in self._slots if not slot.process), default=float("inf"))
        # Never for ever: should a wake-up be lost, a death or a signal is seen a second late, not never.
        return max(0.0, min(1.0, due - time.monotonic()))

    def _start(self, slot: _Slot) -> None:
        argv = list(slot.part.argv)
        if sys.platform == "linux":
            argv = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(os.getpid()), *argv]
        reading, writing = os.pipe()
        try:
            # A session of its own: a terminal's Ctrl-C reaches the supervisor alone, and a KILL of the group
            # reaches the part's own children. Only in the main thread: the kernel sends its SIGTERM when the
            # thread that started the process ends.
            slot.process = subprocess.Popen(
                argv,
                env=slot.part.env,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError as error:  # no process or memory to be had just now
            os.close(reading)
            self._retry_later(slot, f"cannot be started ({error.strerror})")
            return
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        slot.reading = reading
        slot.started_at = time.monotonic()
        self._selector.register(reading, selectors.EVENT_READ, slot)

    def _read(self, slot: _Slot) -> bool:
        """Pass on what the part wrote; False when there is nothing more for now."""
        if slot.reading is None:
            return False
        try:
            chunk = os.read(slot.reading, READ_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            self._close_pipe(slot)
            return False
        *lines, slot.unfinished = (slot.unfinished + chunk).split(b"\n")
        for line in lines:
            self._output.put(slot.part.name, line)
        if len(slot.unfinished) >= LINE_BYTES:
            self._output.put(slot.part.name, slot.unfinished)
            slot.unfinished = b""
        return True

    def _close_pipe(self, slot: _Slot) -> None:
        if slot.unfinished:
            self._output.put(slot.part.name, slot.unfinished)
            slot.unfinished = b""
        if slot.reading is not None:
            self._selector.unregister(slot.reading)
            os.close(slot.reading)
            slot.reading = None

    def _bury(self, slot: _Slot, process: subprocess.Popen[bytes]) -> None:
        # What the part itself started and left behind may hold a port or a file that the next one needs.
        _kill_group(process.pid)
        # Bounded, not up to the end of the file: a process that left the group may hold the pipe for ever.
        for _ in range(64):
            if not self._read(slot):
                break
        self._close_pipe(slot)
        slot.process = None
        if not self._stop_asked:
            self._retry_later(slot, _how_it_ended(process.returncode))

    def _retry_later(self, slot: _Slot, what_happened: str) -> None:
        now = time.monotonic()
        if slot.started_at and now - slot.started_at >= HEALTHY_SECONDS:
            slot.delay = FIRST_DELAY_SECONDS
        self._output.say(f"{slot.part.name} {what_happened}; starting it again in {slot.delay:.1f} s")
        slot.start_at = now + slot.delay
        slot.delay = min(slot.delay * 2, LONGEST_DELAY_SECONDS)

    def _stop(self) -> None:
        now = time.monotonic()
        if self._kill_at is None:
            self._kill_at = now + STOP_SECONDS
            self._output.say("Stopping (Ctrl-C again kills at once)")
            for slot in self._slots:
                if slot.process:
                    slot.process.terminate()  # the part alone: it ends its own children, in its own order
        if self._interrupts > 1:
            self._kill_at = min(self._kill_at, now)
        if now >= self._kill_at and not self._killed:
            self._killed = True
            for slot in self._slots:
                if slot.process:
                    self._output.say(f"{slot.part.name} has not stopped: killed")
            self._kill()

    def _kill(self) -> None:
        for slot in self._slots:
            if slot.process:
                _kill_group(slot.process.pid)

    def _finished(self) -> bool:
        if self._kill_at is None:
            return False
        if self._killed and time.monotonic() >= self._kill_at + GONE_SECONDS:
            return True
        return not any(slot.process for slot in self._slots)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGCHLD:
            return
        self._stop_asked = True
        self._interrupts += number == signal.SIGINT

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let signals wake the loop while it runs; put the former handlers back afterwards."""
        numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGCHLD]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # ignored under nohup(1), and then meant to be
            numbers.append(signal.SIGHUP)
        waking, woken = socket.socketpair()
        waking.setblocking(False)
        woken.setblocking(False)
        self._selector.register(woken, selectors.EVENT_READ)
        former_descriptor = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        former = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(former_descriptor)
            self._selector.unregister(woken)
            waking.close()
            woken.close()


def _kill_group(leader_id: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody left in it; macOS says so with EPERM
        os.killpg(leader_id, signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name
        return f"was killed by signal {-code}"
