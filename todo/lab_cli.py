"""The command `taskoverflow lab`: its options and what it prints; the server and the tour are in `todo.lab`."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from todo import interrupts
from todo.program import program

if TYPE_CHECKING:
    from todo.lab.server import Laboratory

DEFAULT_PORT = 6401


@click.group(invoke_without_command=True)
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65_535), help="Port; 0 takes a free one."
)
@click.option("--seed", type=int, help="Repeat a disorder: the seed that an earlier run printed.")
@click.option("--strict", is_flag=True, help="Standard queues keep the order, and hand out nothing twice.")
@click.pass_context
def lab(context: click.Context, port: int, seed: int | None, *, strict: bool) -> None:
    """Run an SQS and SNS of this machine's own until Ctrl-C; nothing is kept.

    Standard queues behave as AWS's do: messages overtake each other by a few places, and a few come twice.
    """
    if context.invoked_subcommand:
        return
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # what stops a container is no failure
    with interrupts.ending_at_once():
        from todo.lab.server import Laboratory

        seed = secrets.randbelow(10_000) if seed is None else seed
        laboratory = Laboratory(port, strict=strict, seed=seed)
    heard: set[int] = set()

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.add(number)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    with suppress(KeyboardInterrupt):
        click.echo(_announcement(laboratory, strict=strict, seed=seed))
        sys.stdout.flush()
        laboratory.serve()
    click.echo("Ended; nothing was kept.")
    sys.exit(interrupts.INTERRUPTED if signal.SIGINT in heard else 0)


@lab.command()
@click.option("--yes", is_flag=True, help="Go on without asking for Enter.")
@click.option(
    "--step", "numbers", type=click.IntRange(1, 10), multiple=True, help="Only the step of this number; several times."
)
@click.option("--seed", default=9, show_default=True, help="Of the disorder of standard queues.")
def tour(numbers: tuple[int, ...], seed: int, *, yes: bool) -> None:
    """See in ten steps what queues do: order, duplicates, groups, visibility, dead letters, fan-out, coalescing."""
    with interrupts.ending_at_once():
        from todo.lab import tour as guided
        from todo.queues.screen import Screen

    guided.run(Screen(sys.stdout), numbers=numbers, seed=seed, go_on=(lambda: None) if yes else _ask_for_enter)


def _ask_for_enter() -> None:
    click.echo("\nEnter goes on, Ctrl-C ends. ", nl=False)
    sys.stdout.flush()
    if not interrupts.line().endswith("\n"):  # nobody is there to press it
        click.echo()


def _announcement(laboratory: Laboratory, *, strict: bool, seed: int) -> str:
    from todo.lab.server import EVENTS_QUEUES

    exports = " ".join(f"{name}={value}" for name, value in laboratory.environment.items())
    order = "Standard queues are in order (--strict)" if strict else f"Standard queues are out of order (--seed {seed})"
    return "\n".join(
        (
            f"The queue laboratory is at {laboratory.url} (Ctrl-C ends it, and nothing is kept)",
            f"{order}. Queues: csse6400_prac, csse6400_prac.fifo, ical and its ical-dlq; topics by SNS.",
            "In another terminal:",
            f"  export {exports}",
            f'  {program()} queue --name csse6400_prac --client-name "Client 1" --receive',
            f"  EVENTS_URL={laboratory.events_url} {program()} up   # to {', '.join(EVENTS_QUEUES)}",
        )
    )
