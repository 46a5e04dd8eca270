"""What the commands of `taskoverflow queue` have in common: how AWS is reached, and how mistakes name their option."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from todo import interrupts
from todo.errors import BadInput

if TYPE_CHECKING:
    from todo.queues.connection import Access, Service

Command = TypeVar("Command", bound=Callable[..., Any])


def access_options(command: Command) -> Command:
    """Add the options that say which SQS is meant; `access_of` takes them."""
    command = click.option("--profile", help="Profile of AWS's files to take credentials and region from.")(command)
    command = click.option("--endpoint-url", help="Address of an SQS that isn't AWS's, such as `taskoverflow lab`.")(
        command
    )
    return click.option("--region", help="AWS region. Unset: the environment's, the profile's, or us-east-1.")(command)


def access_of(context: click.Context, region: str | None, endpoint_url: str | None, profile: str | None) -> Access:
    """What the options of a command say, or else those that stand before it."""
    with interrupts.ending_at_once():
        from todo.queues.connection import Access

    before: Access = context.obj if isinstance(context.obj, Access) else Access()
    return Access(region or before.region, endpoint_url or before.endpoint_url, profile or before.profile)


def connect(access: Access, *, threads: int = 1) -> Service:
    """The way to SQS that a person means here and now: with the environment and the `.env` of this folder."""
    with interrupts.ending_at_once():
        from todo.queues.connection import Service, take_env_file

        take_env_file(Path(".env"), os.environ, profile=access.profile)
        return Service(access, os.environ, threads=threads)


@contextmanager
def naming_options(*, name: str = "--name") -> Iterator[None]:
    """Have a value that cannot be used be a mistake at the command line, which names the option.

    `name` is how the command writes the queue's name.
    """
    try:
        yield
    except BadInput as error:
        if error.field is None:
            raise
        hint = name if error.field == "name" else error.field if error.field.isupper() else f"--{error.field}"
        raise click.BadParameter(f"{error}.", param_hint=f"'{hint}'") from None


class FiniteRange(click.FloatRange):
    """A number within bounds; `nan` is within none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or a mistake that names the option."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


class Pair(click.ParamType[tuple[str, str]]):
    """`name=value`."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Name and value, or a mistake that names the option."""
        if isinstance(value, tuple):
            return value
        name, sign, text = str(value).partition("=")
        if not name or not sign:
            self.fail(f"{value!r} is not a name, = and a value.", param, ctx)
        return name, text
