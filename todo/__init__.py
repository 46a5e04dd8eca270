"""TaskOverflow: a to-do service whose tasks live in people's calendars. `create_app` wires the web side."""

from __future__ import annotations

# By its name alone type checkers know it. `typing` itself takes a while to import, and here that would be before the
# command `taskoverflow` provides for Ctrl-C.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from apiflask import APIFlask

__version__ = "0.1.0"


def create_app(config_overrides: Mapping[str, Any] | None = None) -> APIFlask:
    """The web application. An empty database is given its tables.

    `config_overrides` holds settings by their variables' names (`SQLALCHEMY_DATABASE_URI`, …), which come before the
    environment, and Flask's own (`TESTING`, …). Raises `BadSetting` for a value that cannot be used, and
    `SchemaMismatch` for a database whose schema is older than this code.
    """
    # Not at the top: the worker imports this package too, and needs no web framework.
    from todo.views.application import make_application

    return make_application(config_overrides or {})
