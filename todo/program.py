"""How a person calls this program, for the lines that are to be typed after it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys

COMMAND = "taskoverflow"


def program() -> str:
    """`taskoverflow` where typing that starts this very program; else what it was called by, such as
    `.venv/bin/taskoverflow`."""
    called = sys.argv[0]
    module = getattr(sys.modules["__main__"], "__spec__", None)
    if module and module.name == "todo.cli":  # python -m
        return shlex.join([sys.executable, "-m", module.name])
    if os.path.basename(called) != COMMAND:  # from within another program
        return COMMAND
    found = shutil.which(COMMAND)
    return COMMAND if found and os.path.realpath(found) == os.path.realpath(called) else shlex.quote(called)
