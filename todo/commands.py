"""The commands of `taskoverflow`: their options, and errors as one line for the person at the terminal.

Does nothing itself: each command hands over to the module that does. What a command needs is imported when it
runs, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from todo import __version__, interrupts
from todo.database_trouble import about_the_database
from todo.errors import TodoError
from todo.events_cli import events
from todo.lab_cli import lab
from todo.program import COMMAND, program
from todo.queue_cli import queue

DONE, FAILED, MISUSED = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="taskoverflow %(version)s")
def cli() -> None:
    """A to-do service whose tasks live in people's calendars."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=6400, show_default=True, type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Folder for everything kept when nothing else is configured; the setting DATA_DIR.",
)
def up(host: str, port: int, data_dir: Path | None) -> None:
    """Run the web server and a worker until Ctrl-C."""
    with interrupts.ending_at_once():
        from todo import config
        from todo import up as service

    if data_dir:
        os.environ["DATA_DIR"] = str(data_dir.absolute())  # for the parts as well
    with about_the_database():
        service.run(config.load(), host, port)


@cli.group()
def db() -> None:
    """Look after the database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date; several may do so at once."""
    with interrupts.ending_at_once():
        from todo import config, schema

    with about_the_database():
        schema.upgrade(config.load().database_url)


@db.command()
def current() -> None:
    """Print the schema's revision."""
    with interrupts.ending_at_once():
        from todo import config, schema

    with about_the_database():
        click.echo(schema.current(config.load().database_url) or "empty: no schema yet")


@cli.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def doctor(url: str, as_json: bool) -> None:
    """Check the calendar feed at URL: can calendar apps read it, and how soon do they see a change?

    Ends with 0 when it is healthy, 1 when it has problems, 2 when it cannot be fetched or is no calendar.
    """
    with interrupts.ending_at_once():
        from todo import checkup

    sys.exit(checkup.run(url, as_json=as_json))


cli.add_command(events)
cli.add_command(queue)
cli.add_command(lab)


def run() -> int:
    """Run the command line; the exit code. Every expected failure is one line on standard error."""
    try:
        interrupts.raised_from_now_on()
        code = cli.main(prog_name=COMMAND, standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return MISUSED
    except click.UsageError as error:
        command = (error.ctx.command_path if error.ctx else COMMAND).replace(COMMAND, program(), 1)
        return _fail(f"{error.format_message()} Try: {command} --help", MISUSED)
    except click.Abort:  # Ctrl-C
        return interrupts.INTERRUPTED
    except TodoError as error:
        return _fail(str(error))
    except (FileExistsError, NotADirectoryError, PermissionError) as error:  # the folder of a SQLite file
        return _fail(f"{error.filename}: {error.strerror}; choose a folder that can be written to")
    return code if isinstance(code, int) else DONE


def _fail(message: str, code: int = FAILED) -> int:
    click.echo(f"taskoverflow: {message}", err=True)
    return code
