"""Lines of several programs merged onto one file descriptor; never waits for whoever reads them.

Knows bytes and one descriptor; refuses to know where the lines come from.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress

DRAIN_SECONDS = 0.4  # how long the last lines may take to reach a terminal that is paused
WAITING_BYTES = 4_194_304  # kept for a slow reader; what comes beyond is left out and counted
COLOURS = (36, 33, 35, 32, 34)


class MergedOutput:
    """Whole lines of the programs `names`, each behind its program's name. `put` and `say` return at once.

    A thread does the writing: a paused terminal (Ctrl-S) or a stuck pipe blocks whoever writes to it, and
    must not block the programs. When nobody reads any more, lines are dropped and the programs go on.
    """

    def __init__(self, descriptor: int, names: Sequence[str], *, colour: bool) -> None:
        width = max((len(name) for name in names), default=0)
        self._prefixes: dict[str, bytes] = {}
        for position, name in enumerate(names):
            text = f"{name:<{width}} | "
            code = COLOURS[position % len(COLOURS)]
            self._prefixes[name] = (f"\x1b[{code}m{text}\x1b[0m" if colour else text).encode()
        self._colour = colour
        self._descriptor = descriptor
        self._changed = threading.Condition()
        self._waiting = bytearray()
        self._left_out = 0
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="merged output", daemon=True)
        self._thread.start()

    def put(self, name: str, line: bytes) -> None:
        """Queue one line of the program `name`, byte for byte."""
        self._append(self._prefixes[name] + line.removesuffix(b"\r") + b"\n")

    def say(self, text: str) -> None:
        """Queue one line that is no program's own, and that must not go under among theirs."""
        self._append((f"\x1b[1m{text}\x1b[0m\n" if self._colour else f"{text}\n").encode())

    def close(self) -> None:
        """Give the last lines their time to be written; what a paused terminal does not take is lost."""
        with self._changed:
            self._note_left_out()
            self._closed = True
            self._changed.notify()
        self._thread.join(DRAIN_SECONDS)

    def _append(self, line: bytes) -> None:
        with self._changed:
            if len(self._waiting) > WAITING_BYTES:
                self._left_out += 1
                return
            self._note_left_out()
            self._waiting += line
            self._changed.notify()

    def _note_left_out(self) -> None:
        if self._left_out:
            self._waiting += f"({self._left_out} lines left out: not read fast enough)\n".encode()
            self._left_out = 0

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                block, self._waiting = bytes(self._waiting), bytearray()
            if not block:
                return
            with suppress(OSError):  # EPIPE, EIO: the reader is gone
                while block:
                    block = block[os.write(self._descriptor, block) :]
