"""The guided tour: ten steps, each said, done and shown, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection

from todo.lab.bench import Bench, laboratory
from todo.lab.steps import SINGLE
from todo.lab.steps_together import TOGETHER
from todo.program import program
from todo.queues.plots import Style
from todo.queues.screen import Screen

STEPS = (*SINGLE, *TOGETHER)


def run(screen: Screen, *, numbers: Collection[int], seed: int, go_on: Callable[[], None]) -> None:
    """The steps of these numbers, from 1 on; all when none is given. `go_on` waits before each but the first."""
    chosen = [number for number in range(1, len(STEPS) + 1) if not numbers or number in numbers]
    style = Style(screen.color, screen.unicode)
    with laboratory(seed) as server:
        bench = Bench(server, screen)
        bench.tell(
            f"A laboratory of SQS and SNS runs in this process, at {server.url}, for as long as the tour. It is not"
            " AWS: it shows how queues behave, not how fast AWS is or how often it reorders."
        )
        for number in chosen:
            if number != chosen[0]:
                go_on()
            step = STEPS[number - 1]
            screen.line()
            screen.line(style.paint(f"{number} of {len(STEPS)}  {step.title}", 1))
            bench.tell(step.text)
            screen.line()
            step.run(bench)
        screen.line()
        bench.tell(f"That was the tour. `{program()} lab` keeps a laboratory running for experiments of your own.")
