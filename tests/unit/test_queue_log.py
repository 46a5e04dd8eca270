"""Logs read fast, against reading them record by record."""

from __future__ import annotations

import orjson
import pytest

from tests.golden.queue_runs import run
from todo.errors import BadInput
from todo.queues import log
from todo.queues.log import judge_lines
from todo.queues.records import from_lines, to_line
from todo.queues.verdict import judge

RUNS = {
    "standard": run(500, senders=2, jitter_seconds=0.1, repeat=0.1, crash=0.1, resend=0.1),
    "fifo": run(500, queue="csse6400_prac.fifo", groups=3, resend=0.2),
    "nothing": [],
}


@pytest.mark.parametrize("lines_at_once", [1, 7, 1024])
@pytest.mark.parametrize("name", RUNS)
def test_a_log_is_judged_as_its_records_are(name: str, lines_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LINES_AT_ONCE", lines_at_once)
    lines = [to_line(record) for record in RUNS[name]]
    assert judge_lines(lines) == judge(from_lines(lines)) == judge(RUNS[name])


def test_empty_lines_left_out_fields_and_a_last_line_without_its_end_are_fine() -> None:
    lines = [to_line(record) for record in RUNS["standard"]]
    expected = judge_lines(lines)
    short = orjson.loads(lines[0])
    del short["content_based_deduplication"]
    changed = [orjson.dumps(short), b"\n", b"  \r\n", *lines[1:-1], lines[-1].rstrip()]
    assert judge_lines(changed) == expected == judge(from_lines(changed))


GOOD = to_line(RUNS["standard"][4])


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"sent"',
        b"{}",
        b'{"event": "lost"}',
        b'{"event": ["sent"]}',
        b"\xff",
        b'{"event": "sent", "at": 1}',
        GOOD.replace(b'"at":', b'"when":'),
        GOOD.replace(b"}", b',"more":1}'),
        GOOD.rstrip() + GOOD,
    ],
)
@pytest.mark.parametrize("before", [0, 3, 2_000])
def test_a_bad_line_is_refused_with_its_number_as_the_records_refuse_it(bad: bytes, before: int) -> None:
    lines = [b"\n", *[GOOD] * before, bad, GOOD]
    with pytest.raises(BadInput) as fast:
        judge_lines(lines)
    with pytest.raises(BadInput) as slow:
        list(from_lines(lines))
    assert str(fast.value) == str(slow.value) == f"Line {before + 2} is not a record of the queue laboratory"
    assert fast.value.field == "log"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", "noon"),
        ("at", None),
        ("at", -1),
        ("at", 1e300),
        ("sequence", "first"),
        ("sequence", 1.5),
        ("message_id", {}),
        ("client", 7),
        ("queue", None),
        ("group", 7),
        ("group", []),
        ("deduplication", {}),
    ],
)
def test_a_value_of_a_wrong_kind_is_refused_with_its_lines_number(name: str, value: object) -> None:
    first, second = [line for line in map(to_line, RUNS["fifo"]) if b'"sent"' in line][:2]
    with pytest.raises(BadInput, match="Line 2 is not a record"):
        judge_lines([first, orjson.dumps({**orjson.loads(second), name: value})])
