"""The command `taskoverflow events`: what was told to programs outside, what waits, and what was set aside."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from todo import interrupts
from todo.database_trouble import about_the_database
from todo.errors import BadInput, TodoError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from todo.config import Settings

LOOK_SECONDS = 0.25
"""Between two looks at the database, when nothing happens."""

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="The folder that `up` was given; the setting DATA_DIR.",
)
def events(data_dir: Path | None) -> None:
    """See the events that leave: what happened, what waits, what was refused."""
    if data_dir:
        os.environ["DATA_DIR"] = str(data_dir.absolute())


@events.command("ls")
@_json
def list_events(*, as_json: bool) -> None:
    """Show how far sending is behind, and each event that the sink has refused for good, with its reason."""
    with _database() as (make_session, _):
        from todo import relay

        with make_session() as session:
            standing = relay.standing(session)
            refused = relay.refused(session)
    if as_json:
        for one in refused:
            click.echo(json.dumps({"event": json.loads(one.envelope.json), "reason": one.reason}))
        return
    if not standing.is_sent:
        click.echo("Events are not sent: no program of this installation has EVENTS_URL.")
    elif standing.waiting:
        click.echo(f"{standing.waiting:,} wait to be sent, the oldest for {standing.lag_seconds:,.1f} s.")
    else:
        click.echo("None wait to be sent.")
    if standing.trouble:
        click.echo(f"They wait because: {_plain(standing.trouble)}")
    click.echo(f"{standing.refused:,} set aside{':' if refused else '.'}")
    for one in refused:
        click.echo(
            f"  {one.envelope.uuid}  {one.envelope.kind:<15} {one.refused_at:%Y-%m-%d %H:%M} UTC  {_plain(one.reason)}"
        )


@events.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that were set aside.")
def retry(ids: tuple[str, ...], *, everything: bool) -> None:
    """Have events that were set aside sent again: those with these IDS, as `events ls` shows them."""
    if bool(ids) == everything:
        raise click.UsageError("Name the events, or say --all.")
    with _database() as (make_session, _):
        from todo import relay

        with make_session() as session:
            found = relay.retry(session, None if everything else ids)
    click.echo(f"{found:,} will be sent again." if found != 1 else "1 will be sent again.")
    if not everything and found < len(set(ids)):
        raise TodoError(f"{len(set(ids)) - found} of these ids are of no event that was set aside")


@events.command()
@click.option("--sink", "from_sink", is_flag=True, help="Read where EVENTS_URL leads, and not the database.")
@click.option("--from-start", is_flag=True, help="Begin with the oldest that is kept.")
@_json
def tail(*, from_sink: bool, from_start: bool, as_json: bool) -> None:
    """Follow what happens, from the database or from the sink, until Ctrl-C."""
    with _database() as (make_session, settings):
        source = _of_sink(settings, from_start) if from_sink else _of_database(make_session, from_start)
        for text in source:
            if text is not None and not as_json:
                click.echo(_line(text))
            elif text is not None and _is_event(text):
                click.echo(text.decode())
            sys.stdout.flush()


@contextmanager
def _database() -> Iterator[tuple[sessionmaker[Session], Settings]]:
    with interrupts.ending_at_once():
        from todo import config, database, schema

    settings = config.load()
    with about_the_database():
        if schema.current(settings.database_url) is None:
            raise TodoError("the database is empty: --data-dir names the folder that TaskOverflow was given")
        engine = database.open_engine(settings.database_url)
        try:
            schema.ensure(engine)
            yield database.sessions(engine), settings
        finally:
            engine.dispose()


def _of_database(make_session: sessionmaker[Session], from_start: bool) -> Iterator[bytes | None]:
    from todo import events as written

    with make_session() as session:
        uuid = written.installation_uuid(session)
        known = 0 if from_start else written.last_id(session)
    while True:
        with make_session() as session:
            rows = written.after(session, known)
        for row in rows:
            known = row.id
            yield written.envelope(row, uuid).json
        if not rows:
            time.sleep(LOOK_SECONDS)
            yield None


def _of_sink(settings: Settings, from_start: bool) -> Iterator[bytes | None]:
    from todo.sinks import SinkUnavailable, open_sink

    if not settings.EVENTS_URL:
        raise BadInput("EVENTS_URL is not set; without --sink the database is followed")
    sink = open_sink(settings.EVENTS_URL)
    try:
        yield from sink.follow(from_start=from_start)
    except SinkUnavailable as error:
        raise TodoError(str(error)) from None
    finally:
        sink.close()


_COLORS = {
    "todo.created": "cyan",
    "todo.changed": "blue",
    "todo.completed": "green",
    "todo.reopened": "yellow",
    "todo.deleted": "red",
    "calendar.built": "magenta",
}


def _line(text: bytes) -> str:
    """An event as a line for a terminal."""
    try:
        event: dict[str, Any] = json.loads(text)
        kind, subject, clock = (_plain(str(event[name])) for name in ("type", "subject", "time"))
        data = event["data"]
        if "todo" in data:
            what = str(data["todo"].get("title", ""))
            if changed := data.get("changed"):
                what += f"  ({', '.join(changed)})"
        else:
            what = f"todos: {data.get('todos', '?')}, octets: {data.get('octets', '?')}"
    except (ValueError, LookupError, TypeError, AttributeError):  # somebody else sends there too
        return click.style("something else  ", dim=True) + _plain(text.decode(errors="replace"))
    return f"{clock[11:19]}  {click.style(f'{kind:<14}', fg=_COLORS.get(kind))}  {subject:<18}  {_plain(what)}"


def _is_event(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _plain(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
