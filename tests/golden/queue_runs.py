"""Runs on queues behind the golden texts in `queues`; run as a module it writes the texts anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from todo.queues.records import Began, Deleted, Ended, Received, ReceivedNothing, Record, Sent
from todo.queues.report import render
from todo.queues.verdict import judge

FOLDER = Path(__file__).parent / "queues"
START = 1_763_700_000.0
EMULATOR = "http://127.0.0.1:4566"


def run(
    messages: int,
    *,
    queue: str = "csse6400_prac",
    senders: int = 1,
    groups: int = 0,
    jitter_seconds: float = 0.0,
    repeat: float = 0.0,
    crash: float = 0.0,
    resend: float = 0.0,
    interval_seconds: float = 0.01,
    endpoint: str | None = EMULATOR,
    chance: random.Random | None = None,
) -> list[Record]:
    """Senders take turns; one client receives all. `repeat` and `crash` are the parts of messages that come twice at
    once and that are not deleted at first; `resend` the part sent again, which a FIFO queue drops."""
    chance = chance or random.Random(6400)
    is_fifo = queue.endswith(".fifo")
    records: list[Record] = [Began(START, "hello", queue, is_fifo, endpoint, is_fifo, 30)]
    records += (Began(START, f"Client {n}", queue, is_fifo, endpoint, is_fifo, 30) for n in range(1, senders + 1))
    for number in range(messages):
        client, sequence = f"Client {number % senders + 1}", number // senders
        message_id = f"{chance.getrandbits(128):032x}"
        group = f"group {sequence % groups + 1}" if groups else None
        at = START + 1 + number * interval_seconds
        digest = f"{client}/{sequence}" if is_fifo else None
        records.append(Sent(at, client, queue, sequence, message_id, group, 0, digest))
        if chance.random() < resend:
            copy_id = message_id if is_fifo else f"{chance.getrandbits(128):032x}"
            records.append(Sent(at + 0.001, client, queue, sequence, copy_id, group, 1, digest))
            if not is_fifo:
                records.append(Received(at + 0.1, "hello", queue, copy_id, client, sequence, group, 1, 1, at))
        arrived_at = at + 0.02 + chance.random() * jitter_seconds
        receipt = Received(arrived_at, "hello", queue, message_id, client, sequence, group, 0, 1, at)
        records.append(receipt)
        if chance.random() < repeat:
            records.append(_again(receipt, 0.05, 1))
        if chance.random() < crash:
            records.append(_again(receipt, 30.1, 2))
            arrived_at += 30.1
        records.append(Deleted(arrived_at + 0.005, "hello", queue, message_id))
    records.sort(key=lambda record: record.at)
    end = records[-1].at + 20
    return [*records, ReceivedNothing(end, "hello", queue), Ended(end, "hello", queue, messages // 3)]


def _again(receipt: Received, seconds: float, count: int) -> Received:
    told = (receipt.message_id, receipt.sender, receipt.sequence, receipt.group, receipt.copy)
    return Received(receipt.at + seconds, receipt.client, receipt.queue, *told, count, receipt.sent_at)


RUNS: dict[str, Callable[[], list[Record]]] = {
    "standard": lambda: run(100, jitter_seconds=0.04, repeat=0.03, crash=0.02),
    "fifo": lambda: run(200, queue="csse6400_prac.fifo", groups=4, resend=0.3),
    "clients": lambda: run(300, senders=3, jitter_seconds=0.3, endpoint=None),
    "many": lambda: run(5_000, jitter_seconds=6, crash=0.004, resend=0.1),
    "empty": list,
}


class Look(NamedTuple):
    """A terminal."""

    width: int
    color: bool = False
    unicode: bool = True


LOOKS = {
    "80": Look(80),
    "120": Look(120),
    "80-ascii": Look(80, unicode=False),
    "80-color": Look(80, color=True),
}


def text(name: str, look: str) -> str:
    """What a terminal shows of a run."""
    shown = LOOKS[look]
    return render(judge(RUNS[name]()), width=shown.width, color=shown.color, unicode=shown.unicode)


def file(name: str, look: str) -> Path:
    """Where its golden text is."""
    return FOLDER / f"{name}-{look}.txt"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in RUNS:
        for look in LOOKS:
            file(name, look).write_text(text(name, look), encoding="utf-8")
