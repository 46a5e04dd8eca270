"""The tour's step of fan-out, by what it draws: each event in the queues that want it, and in no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from todo.lab import fan_out
from todo.queues.screen import Screen

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
    assert "more than once" not in ended.stdout


@pytest.mark.parametrize("times", [1, 2])
def test_an_event_that_arrives_twice_in_a_queue_is_told(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    sent: list[Any] = []

    class Sink:
        def send(self, events: Any) -> Any:
            sent.extend(events)
            return [(event, None) for event in events]

        def close(self) -> None: ...

    class Queue:
        def __init__(self, copies: int) -> None:
            self.left = [
                {"Body": json.dumps({"id": event.uuid}), "ReceiptHandle": ""} for event in sent for _ in range(copies)
            ]

        def call(self, operation: str, **_: Any) -> Any:
            if operation == "delete_message":
                return {}
            messages, self.left = self.left, []
            return {"Messages": messages}

    monkeypatch.setattr(fan_out, "open_sink", lambda _: Sink())
    monkeypatch.setattr(fan_out, "find", lambda _, name: Queue(times if name == "events-completed" else 1))
    output = StringIO()
    lines: list[str] = []
    bench: Any = SimpleNamespace(
        laboratory=SimpleNamespace(events_url=""),
        service=None,
        screen=Screen(output),
        tell=lines.append,
        grid=lambda *_: None,
    )
    fan_out.fan_out(bench)
    assert [line for line in lines if "more than once to events-completed:" in line] == (
        [] if times == 1 else [lines[1]]
    )
