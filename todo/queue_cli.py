"""`taskoverflow queue`: its options, and which of them go together. Hands over to `todo.queue_runs`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from todo import interrupts
from todo.queue_catalog import COMMANDS
from todo.queue_options import FiniteRange, Pair, access_of, access_options

COUNT_MAX = 10_000_000
THREADS_MAX = 64
SIZE_MAX = 1_048_576
LINE_BYTES_MAX = 100_000
"""No record's line is longer."""
STANDARD_INPUT = "standard input"
"""What it is called where a file's name would stand."""

SENDING = ("prepend", "count", "rate", "concurrency", "groups", "duplicate", "size", "attributes")
RECEIVING = ("consumers", "seconds", "until_empty", "visibility", "wait", "crash")
ACCESS = ("region", "endpoint_url", "profile")


@click.group(invoke_without_command=True, subcommand_metavar="[COMMAND …]")
@click.option("--name", help="Queue to use; a FIFO queue's name ends with .fifo.")
@click.option("--client-name", help="What this client is called.")
@click.option("--send/--receive", "is_sending", default=True, help="Publish messages, or receive them. [default: send]")
@click.option("--prepend", default="", help="Sending: what each message begins with.")
@click.option("--count", default=100, show_default=True, type=click.IntRange(1, COUNT_MAX), help="Sending: messages.")
@click.option("--rate", type=FiniteRange(0, 100_000, min_open=True), help="Sending: messages a second at most.")
@click.option(
    "--concurrency", default=1, show_default=True, type=click.IntRange(1, THREADS_MAX), help="Sending: threads."
)
@click.option("--groups", default=1, show_default=True, type=click.IntRange(1, 100_000), help="Sending, FIFO: groups.")
@click.option(
    "--duplicate",
    is_flag=False,
    flag_value=1,
    default=0,
    type=click.IntRange(0, 100),
    help="Sending: send each message so often again (once, without a number).",
)
@click.option("--size", default=0, type=click.IntRange(0, SIZE_MAX), help="Sending: bytes that texts are filled up to.")
@click.option("--attributes", multiple=True, type=Pair(), help="Sending: a message attribute more. Several times.")
@click.option("--batch", default=10, show_default=True, type=click.IntRange(1, 10), help="Messages a call.")
@click.option(
    "--consumers", default=1, show_default=True, type=click.IntRange(1, THREADS_MAX), help="Receiving: threads."
)
@click.option(
    "--for", "seconds", type=FiniteRange(0, 604_800, min_open=True), help="Receiving: end after so many seconds."
)
@click.option("--until-empty", is_flag=True, help="Receiving: end when there is nothing left, in flight counted.")
@click.option("--visibility", type=click.IntRange(0, 43_200), help="Receiving: seconds that messages stay hidden.")
@click.option(
    "--wait", default=3, show_default=True, type=click.IntRange(1, 20), help="Receiving: seconds of a long poll."
)
@click.option(
    "--crash-before-delete",
    "crash",
    default=0.0,
    type=FiniteRange(0, 1),
    help="Receiving: how likely a message is received and not deleted, from 0 to 1.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each event as a line of JSON, all else as errors.")
@click.option(
    "--report/--no-report", default=None, help="Tell what was seen. [default: after receiving, at a terminal]"
)
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page.")
@access_options
@click.pass_context
def queue(context: click.Context, /, **options: Any) -> None:
    """Publish numbered messages to an SQS queue, or receive them, and see what the queue does.

    \b
      taskoverflow queue --name csse6400_prac --client-name "Client 1"
      taskoverflow queue --name csse6400_prac --client-name "Client 2" --receive

    Ends with 0 when all was done, 1 when something failed, 2 when the command was wrong, 130 when interrupted.
    """
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    access = access_of(context, *(options[name] for name in ACCESS))
    if context.invoked_subcommand:
        if misplaced := sorted(given.difference(ACCESS)):
            raise click.UsageError(f"{_option(context, misplaced[0])} does not go with {context.invoked_subcommand}.")
        context.obj = access
        return
    for name in ("name", "client_name"):
        if options[name] is None:
            raise click.UsageError(f"Missing option '{_option(context, name)}'.")
    is_sending = options["is_sending"]
    for name in RECEIVING if is_sending else SENDING:
        if name in given:
            raise click.UsageError(f"{_option(context, name)} is for {'--receive' if is_sending else '--send'}.")
    _check_page(options["page"])
    with interrupts.ending_at_once():
        from todo import queue_runs

    wishes = queue_runs.Wishes(options["as_json"], options["report"], options["page"])
    if is_sending:
        sys.exit(queue_runs.publish(access, options["name"], _publication(options), wishes))
    sys.exit(queue_runs.receive(access, options["name"], _subscription(options), wishes))


@queue.command()
@click.argument(
    "logs", metavar="LOG…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page, too."
)
def report(logs: tuple[str, ...], page: Path | None) -> None:
    """Tell what the --json logs show, taken together; - is standard input.

    The log of a publisher and those of its subscribers belong in one report.
    """
    with interrupts.ending_at_once():
        from todo import queue_runs
        from todo.queues.log import judge_logs
        from todo.queues.screen import Screen

    _check_page(page)
    verdict = judge_logs((STANDARD_INPUT if log == "-" else log, _lines(log)) for log in logs)
    queue_runs.show(verdict, Screen(sys.stdout))
    if page:
        queue_runs.write_page(verdict, page)


for command in COMMANDS:
    queue.add_command(command)


def _publication(options: dict[str, Any]) -> Any:
    from todo.queues.publishing import Publication

    return Publication(
        client=options["client_name"],
        count=options["count"],
        prepend=options["prepend"],
        rate=options["rate"],
        batch=options["batch"],
        concurrency=options["concurrency"],
        groups=options["groups"],
        copies=options["duplicate"],
        size=options["size"],
        attributes=options["attributes"],
    )


def _subscription(options: dict[str, Any]) -> Any:
    from todo.queues.receiving import Subscription

    return Subscription(
        client=options["client_name"],
        consumers=options["consumers"],
        batch=options["batch"],
        wait_seconds=options["wait"],
        visibility_seconds=options["visibility"],
        seconds=options["seconds"],
        until_empty=options["until_empty"],
        crash=options["crash"],
    )


def _option(context: click.Context, name: str) -> str:
    """How the option of this parameter is written."""
    return next(param.opts[0] for param in context.command.params if param.name == name)


def _check_page(page: Path | None) -> None:
    """Before anything is sent, see whether the page can be written afterwards."""
    if page and not page.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {page.absolute().parent}.", param_hint="'--html'")


def _lines(log: str) -> Iterator[bytes]:
    with click.open_file(log, "rb") as file:
        while line := file.readline(LINE_BYTES_MAX):
            yield line
