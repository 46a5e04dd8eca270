"""The command `taskoverflow lab`: its options and what it prints; the server and the tour are in `todo.lab`."""

from __future__ import annotations

import secrets
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import click

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
    # As Ctrl-C: what stops a container is no failure.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from todo.lab.server import Laboratory

        seed = secrets.randbelow(10_000) if seed is None else seed
        laboratory = Laboratory(port, strict=strict, seed=seed)
        click.echo(_announcement(laboratory, strict=strict, seed=seed))
        sys.stdout.flush()
        laboratory.serve()
    except KeyboardInterrupt:  # while it started
        pass
    click.echo("Ended; nothing was kept.")


@lab.command()
@click.option("--yes", is_flag=True, help="Go on without asking for Enter.")
@click.option(
    "--step", "numbers", type=click.IntRange(1, 10), multiple=True, help="Only the step of this number; several times."
)
@click.option("--seed", default=9, show_default=True, help="Of the disorder of standard queues.")
def tour(numbers: tuple[int, ...], seed: int, *, yes: bool) -> None:
    """See in ten steps what queues do: order, duplicates, groups, visibility, dead letters, fan-out, coalescing."""
    from todo.lab import tour as guided
    from todo.queues.screen import Screen

    guided.run(Screen(sys.stdout), numbers=numbers, seed=seed, go_on=(lambda: None) if yes else _ask_for_enter)


def _ask_for_enter() -> None:
    click.echo("\nEnter goes on, Ctrl-C ends. ", nl=False)
    sys.stdout.flush()
    if not sys.stdin.readline().endswith("\n"):  # nobody is there to press it
        click.echo()


def _announcement(laboratory: Laboratory, *, strict: bool, seed: int) -> str:
    exports = " ".join(f"{name}={value}" for name, value in laboratory.environment.items())
    order = "Standard queues are in order (--strict)" if strict else f"Standard queues are out of order (--seed {seed})"
    return "\n".join(
        (
            f"The queue laboratory is at {laboratory.url} (Ctrl-C ends it, and nothing is kept)",
            f"{order}. Queues: csse6400_prac, csse6400_prac.fifo, ical and its ical-dlq; topics by SNS.",
            "In another terminal:",
            f"  export {exports}",
            '  taskoverflow queue --name csse6400_prac --client-name "Client 1" --receive',
        )
    )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
