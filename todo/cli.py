"""The command `taskoverflow`: its options, and errors as one line for the person at the terminal.

Does nothing itself: each command hands over to the module that does. What a command needs is imported when it
runs, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from todo import __version__, config
from todo.errors import TodoError
from todo.lab_cli import lab
from todo.queue_cli import queue

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


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
    from todo import up as service

    if data_dir:
        os.environ["DATA_DIR"] = str(data_dir.absolute())  # for the parts as well
    service.run(config.load(), host, port)


@cli.group()
def db() -> None:
    """Look after the database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date; several may do so at once."""
    from todo import schema

    schema.upgrade(config.load().database_url)


@db.command()
def current() -> None:
    """Print the schema's revision."""
    from todo import schema

    click.echo(schema.current(config.load().database_url) or "empty: no schema yet")


@cli.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def doctor(url: str, as_json: bool) -> None:
    """Check the calendar feed at URL: can calendar apps read it, and how soon do they see a change?

    Ends with 0 when it is healthy, 1 when it has problems, 2 when it cannot be fetched or is no calendar.
    """
    from todo import checkup

    sys.exit(checkup.run(url, as_json=as_json))


cli.add_command(queue)
cli.add_command(lab)


def main() -> None:
    """Run the command line and exit. Every expected failure is one line on standard error."""
    try:
        sys.exit(cli.main(prog_name="taskoverflow", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(MISUSED)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "taskoverflow"
        _fail(f"{error.format_message()} Try: {command} --help", MISUSED)
    except click.Abort:  # Ctrl-C
        sys.exit(INTERRUPTED)
    except TodoError as error:
        _fail(str(error))
    except DatabaseError as error:
        _fail(f"{_database()} refuses: {_first_line(error.orig)}; mend SQLALCHEMY_DATABASE_URI or the database")
    except (FileExistsError, NotADirectoryError, PermissionError) as error:  # the folder of a SQLite file
        _fail(f"{error.filename}: {error.strerror}; choose a folder that can be written to")
    except CommandError as error:  # the schema was made by a newer version of this program
        _fail(f"{_database()} cannot be brought up to date: {_first_line(error)}")


def _database() -> str:
    """The database for a message: its URL without the password."""
    return make_url(config.load().database_url).render_as_string(hide_password=True)


def _first_line(error: BaseException | None) -> str:
    return (str(error).splitlines() or ["no reason given"])[0].rstrip(".")


def _fail(message: str, code: int = FAILED) -> None:
    click.echo(f"taskoverflow: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
