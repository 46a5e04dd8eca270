"""What Ctrl-C does while a command starts and ends: end the process at once, where there is nothing to tidy up.

Python raises it as `KeyboardInterrupt` wherever the program happens to be, and while modules are imported that is no
good: half of an import is told as a traceback, and within a callback of the import system's own it is told and lost.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False  # as in `todo`
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
"""The exit code that shells give to what Ctrl-C ended."""
LOOK_SECONDS = 0.1


def end_at_once() -> None:
    """From now on Ctrl-C ends the process, with `INTERRUPTED` and without a word.

    Where it is ignored, as under nohup(1), it stays so; and whoever has a handler of his own keeps it.
    """
    _exchange(signal.default_int_handler, _end)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """`end_at_once` for as long as this is entered."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    end_at_once()
    try:
        yield
    finally:
        raised_from_now_on()


def raised_from_now_on() -> None:
    """Ctrl-C is a `KeyboardInterrupt` again."""
    _exchange(_end, signal.default_int_handler)


def line() -> str:
    """The next line of standard input, empty at its end.

    At a terminal Ctrl-C is heard at any moment: one that comes while a read begins would else wait for the read's end.
    """
    while sys.stdin.isatty() and not select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
        pass
    return sys.stdin.readline()


def _exchange(expected: object, handler: signal._HANDLER) -> None:
    if signal.getsignal(signal.SIGINT) is expected:
        with suppress(ValueError):  # only the main thread may, and only there it is raised
            signal.signal(signal.SIGINT, handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    # Not sys.exit, which is an exception as well.
    os._exit(INTERRUPTED)
