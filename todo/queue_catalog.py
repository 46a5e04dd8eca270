"""The commands of `taskoverflow queue` about whole queues, which the console has too: ls, show, create and the like."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from todo import interrupts
from todo.queue_options import access_of, access_options, connect, naming_options

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from todo.queues.catalog import QueueCard
    from todo.queues.connection import Service

WIDTH_OF_PIPES = 200
WIDTH_OF_ALL = 100
"""Columns from which on a terminal has room for what is mostly 0."""

_yes = click.option("--yes", is_flag=True, help="Do not ask.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_name = click.argument("name")


@click.command("ls")
@click.option("--prefix", default="", help="Only queues whose names begin so.")
@_json
@access_options
@click.pass_context
def list_queues(context: click.Context, /, prefix: str, as_json: bool, **access: str | None) -> None:
    """List the queues, with what is in them."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    service = _service(context, access)
    cards = catalog.cards(service, prefix)
    if as_json:
        click.echo(json.dumps([_plain(card) for card in cards], indent=2))
    elif cards:
        _print_table(cards)
    else:
        click.echo(f"There is no queue{f' that begins with {prefix}' if prefix else ''} in {service.region}.")


@click.command()
@_name
@_json
@access_options
@click.pass_context
def show(context: click.Context, /, name: str, as_json: bool, **access: str | None) -> None:
    """Show all of one queue, its policy too."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    with naming_options(name="NAME"):
        card = catalog.card(_service(context, access), name)
    if as_json:
        click.echo(json.dumps(_plain(card), indent=2))
        return
    for what, value in _lines(card):
        click.echo(f"{what:<30}{value}")


@click.command()
@_name
@click.option("--fifo", is_flag=True, help="A FIFO queue; its name has to end with .fifo.")
@click.option("--content-based-deduplication", "by_content", is_flag=True, help="FIFO: drop what has the same content.")
@click.option("--visibility", type=click.IntRange(0, 43_200), help="Seconds that a received message stays hidden.")
@click.option("--dead-letter", help="Queue for messages that were received too often.")
@click.option("--max-receives", default=3, show_default=True, type=click.IntRange(1, 1000), help="How often that is.")
@access_options
@click.pass_context
def create(
    context: click.Context,
    /,
    name: str,
    fifo: bool,
    by_content: bool,
    visibility: int | None,
    dead_letter: str | None,
    max_receives: int,
    **access: str | None,
) -> None:
    """Make a queue; one whose name ends with .fifo is a FIFO queue."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    if fifo and not name.endswith(".fifo"):
        raise click.BadParameter(f"a FIFO queue's name ends with .fifo: {name}.fifo", param_hint="'NAME'")
    with naming_options(name="NAME"):
        url = catalog.create(
            _service(context, access),
            name,
            content_based_deduplication=by_content,
            visibility_seconds=visibility,
            dead_letter_queue=dead_letter,
            receives_max=max_receives,
        )
    click.echo(url)


@click.command()
@_name
@_yes
@access_options
@click.pass_context
def delete(context: click.Context, /, name: str, yes: bool, **access: str | None) -> None:
    """Delete a queue with all that is in it."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    with naming_options(name="NAME"):
        service = _service(context, access)
        card = catalog.card(service, name)
        _ask(f"Delete {name} with its {_counted(card)} at {_where(service)}?", yes=yes)
        catalog.delete(service, name)
    click.echo(f"{name} is deleted. AWS lets nobody make it anew within a minute.")


@click.command()
@_name
@_yes
@access_options
@click.pass_context
def purge(context: click.Context, /, name: str, yes: bool, **access: str | None) -> None:
    """Delete all messages of a queue."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    with naming_options(name="NAME"):
        service = _service(context, access)
        card = catalog.card(service, name)
        _ask(f"Delete {_counted(card)} of {name} at {_where(service)}?", yes=yes)
        catalog.purge(service, name)
    click.echo(f"{name} is emptied. AWS takes up to a minute for it.")


@click.command()
@_name
@click.option("--to", help="Queue to move them to. Unset: where each came from.")
@click.option("--rate", type=click.IntRange(1, 500), help="Messages a second at most.")
@_yes
@access_options
@click.pass_context
def redrive(
    context: click.Context, /, name: str, to: str | None, rate: int | None, yes: bool, **access: str | None
) -> None:
    """Move the messages of the dead-letter queue NAME back to where they came from."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    with naming_options(name="NAME"):
        service = _service(context, access)
        card = catalog.card(service, name)
        target = to or "where each came from"
        _ask(f"Move {_counted(card)} of {name} to {target} at {_where(service)}?", yes=yes)
        move = None
        try:
            for move in catalog.redrive(service, name, to=to, per_second=rate):
                if sys.stdout.isatty():
                    click.echo(f"\r{_moved(move)} ", nl=False)
        except KeyboardInterrupt:
            click.echo("\nThe queue service goes on moving them.", err=True)
            raise
        if sys.stdout.isatty():
            click.echo("\r", nl=False)
    if move:
        click.echo(f"{_moved(move)} {move.reason or ''}".rstrip())
        if move.status not in ("COMPLETED", ""):
            sys.exit(1)


@click.command()
@_name
@access_options
@click.pass_context
def policy(context: click.Context, /, name: str, **access: str | None) -> None:
    """Print a queue's access policy, as JSON."""
    with interrupts.ending_at_once():
        from todo.queues import catalog

    with naming_options(name="NAME"):
        card = catalog.card(_service(context, access), name)
    if card.policy is None:
        click.echo(f"{name} has no policy: only its own account may use it.", err=True)
        click.echo("null")
    else:
        click.echo(json.dumps(card.policy, indent=2))


COMMANDS = (list_queues, show, create, delete, purge, redrive, policy)


def _service(context: click.Context, access: dict[str, str | None]) -> Service:
    with naming_options(name="NAME"):
        return connect(access_of(context, access["region"], access["endpoint_url"], access["profile"]), threads=8)


def _ask(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask; --yes does it without.")
    while True:
        click.echo(f"{question} [y/N]: ", nl=False)
        answer = interrupts.line()
        if answer.strip().lower() in ("y", "yes"):
            return
        if answer.strip().lower() in ("", "n", "no"):
            click.echo("Nothing was done.")
            sys.exit(1)


def _where(service: Service) -> str:
    return service.emulator or f"AWS in {service.region}"


def _counted(card: QueueCard) -> str:
    number = card.available + card.in_flight + card.delayed
    return f"about {number:,} message{'s' if number != 1 else ''}"


def _moved(move: Any) -> str:
    of = f" of {move.total:,}" if move.total is not None else ""
    return f"{move.status.lower() or 'unknown'}: {move.moved:,}{of} moved"


def _plain(card: QueueCard) -> dict[str, Any]:
    """A card as JSON has it."""
    return {**asdict(card), "created_at": card.created_at.isoformat() if card.created_at else None}


def _switch(value: bool | None) -> str:
    return "-" if value is None else "Enabled" if value else "Disabled"


def _lines(card: QueueCard) -> list[tuple[str, str]]:
    """All of a card, a line for each fact."""
    receives = f"after {card.receives_max} receives" if card.receives_max else ""
    return [
        ("Name", card.name),
        ("Type", card.type),
        ("Created", f"{card.created_at.astimezone():%Y-%m-%d %H:%M:%S %Z}" if card.created_at else "-"),
        ("Messages available", f"{card.available:,}"),
        ("Messages in flight", f"{card.in_flight:,}"),
        ("Messages delayed", f"{card.delayed:,}"),
        ("Encryption", card.encryption),
        ("Content-based deduplication", _switch(card.content_based_deduplication)),
        ("Dead-letter queue", f"{card.dead_letter_queue or '-'} {receives}".rstrip()),
        ("Visibility timeout", f"{card.visibility_seconds:,} s"),
        ("Delay", f"{card.delay_seconds:,} s"),
        ("Wait of a receive", f"{card.wait_seconds:,} s"),
        ("Messages kept", f"{card.retention_seconds / 86_400:g} days"),
        ("Message size at most", f"{card.bytes_max:,} bytes"),
        ("URL", card.url),
        ("ARN", card.arn),
        ("Policy", json.dumps(card.policy, indent=2) if card.policy else "-"),
    ]


def _print_table(cards: list[QueueCard]) -> None:
    """The cards as the console's table. A narrow terminal is spared a column in which all are 0."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_pipe = not sys.stdout.isatty()
    console = Console(file=sys.stdout, width=WIDTH_OF_PIPES if is_pipe else None, highlight=False)
    by_content = [card.content_based_deduplication for card in cards]
    is_wide = console.width >= WIDTH_OF_ALL
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("Name", overflow="fold", min_width=10)
    created = [card.created_at.astimezone() if card.created_at else None for card in cards]
    columns: list[tuple[str, JustifyMethod, list[str]]] = [
        ("Type", "left", [card.type for card in cards]),
        ("Created", "left", [f"{at:{_date(is_wide)}}" if at else "-" for at in created]),
        ("Available", "right", [f"{card.available:,}" for card in cards]),
        ("In\nflight", "right", [f"{card.in_flight:,}" for card in cards]),
        ("Delayed", "right", [f"{card.delayed:,}" for card in cards]),
        ("Encryption", "left", [card.encryption.partition(" ")[0] for card in cards]),
        ("Content-based\ndeduplication" if is_wide else "By\ncontent", "left", [_switch(c) for c in by_content]),
    ]
    if not is_wide and not any(card.delayed for card in cards):
        columns = [column for column in columns if column[0] != "Delayed"]
    for title, side, _ in columns:
        table.add_column(title, justify=side, no_wrap=True)
    for number, card in enumerate(cards):
        table.add_row(Text(card.name), *(Text(values[number]) for _, _, values in columns))
    console.print(table)


def _date(is_wide: bool) -> str:
    return "%Y-%m-%d %H:%M" if is_wide else "%Y-%m-%d"
