"""Where the command `taskoverflow` starts and ends: Ctrl-C at any moment, and the exit code.

Imports next to nothing before Ctrl-C is provided for: `todo.commands` has the options.
"""

from __future__ import annotations

import sys

from todo import interrupts


def main() -> None:
    """Run the command line and exit."""
    interrupts.end_at_once()
    from todo import commands

    try:
        code = commands.run()
    except KeyboardInterrupt:
        code = interrupts.INTERRUPTED
    # What is left is Python's own end, in which a `KeyboardInterrupt` would only be told as a traceback.
    interrupts.end_at_once()
    sys.exit(code)


if __name__ == "__main__":
    main()
