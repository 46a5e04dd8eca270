"""The tour's step of fan-out, by what it draws: each event in the queues that want it, and in no other."""

from __future__ import annotations

import re
import subprocess
import sys

COMMAND = "from todo.cli import main; main()"


def test_each_event_arrives_in_exactly_the_right_queues() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "lab", "tour", "--yes", "--step", "8"],
        env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.search(r"^ +events-all  events-completed  events-list-1$", ended.stdout, re.MULTILINE)
    rows = re.findall(r"^  (todo\.\w+ in list \d) +([x.]) +([x.]) +([x.])$", ended.stdout, re.MULTILINE)
    assert [(row[0], "".join(row[1:])) for row in rows] == [
        ("todo.completed in list 1", "xxx"),
        ("todo.created in list 2", "x.."),
        ("todo.completed in list 2", "xx."),
        ("todo.created in list 1", "x.x"),
    ]
