"""What a run shows to the person at the terminal, or to the program behind a pipe: which gets no escapes.

Texts from outside are shown in one line, cut short, and cannot steer the terminal.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from todo.queues.records import Received
from todo.queues.wording import name

BODY_CHARACTERS = 200
WIDTH = 80
"""Where no terminal says otherwise."""

WORKING, STOPPING = "Working...", "Stopping..."

_DIM, _CLIENT = 2, 36


class Screen:
    """One stream of text."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.color = self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.encoding = (stream.encoding or "utf-8").lower()
        self.unicode = _can_write("⠿…’│×", self.encoding)
        self.width = shutil.get_terminal_size((WIDTH, 24)).columns if self.is_terminal else WIDTH

    def write(self, text: str, *, flush: bool = True) -> None:
        """The text as it is, without what the stream's encoding lacks."""
        self.stream.write(text.encode(self.encoding, "replace").decode(self.encoding))
        if flush:
            self.stream.flush()

    def line(self, text: str = "") -> None:
        """One line."""
        self.write(f"{text}\n")

    def message(self, record: Received, body: str) -> None:
        """A message that was received: `[11:57:28] Client 1: Message 0`. Not flushed."""
        at = time.strftime("%H:%M:%S", time.localtime(record.at))
        shown = name(body[: BODY_CHARACTERS + 1], BODY_CHARACTERS)
        sender = name(record.sender) if record.sender is not None else "unknown"
        again = f"  (received {record.receive_count} times)" if record.receive_count > 1 else ""
        text = f"{self.paint(f'[{at}]', _DIM)} {self.paint(sender, _CLIENT)}: {shown}{self.paint(again, _DIM)}\n"
        self.write(text, flush=False)

    def messages(self, records: Sequence[Received], bodies: Sequence[str]) -> None:
        """Messages that were received together."""
        for record, body in zip(records, bodies, strict=True):
            self.message(record, body)
        self.stream.flush()

    def paint(self, text: str, code: int) -> str:
        """The text in a color, on terminals that have them."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int, str], None]]:
        """A bar that is told how many are done by now, and what is going on. Behind a pipe there is none."""
        if not self.is_terminal:
            yield lambda done, what: None  # noqa: ARG005
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(file=self.stream, no_color=not self.color)) as bar:
            task = bar.add_task(WORKING, total=total)
            yield lambda done, what: bar.update(task, completed=done, description=what)


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
