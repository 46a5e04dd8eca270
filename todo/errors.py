"""The few kinds of error the product raises on purpose; knows nothing of HTTP or of terminals.

Each kind states one fact. It is raised where the fact is known and translated once, at the edge: by
`todo.views.errors` into a status code, by `todo.cli` into one line and an exit code.
"""

from __future__ import annotations


class TodoError(Exception):
    """Root of every error that the product raises on purpose. `str()` is one sentence for a person."""


class BadInput(TodoError):
    """Something given from outside breaks a rule. `field` names where: `title`, `[3].deadline_at`, `window`."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(TodoError):
    """No such todo, list, feed or job. `field` names the parameter that was looked up."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Gone(TodoError):
    """It was there, and was deleted since. `field` names the parameter that was looked up."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotReady(TodoError):
    """What was asked for exists but isn't made yet: a job's calendar before the job is done."""


class Forbidden(TodoError):
    """The installation does not do it for anybody. `str()` names the setting that would allow it."""


class Unsuited(TodoError):
    """What was named is there, and isn't, or isn't now, what this can be done with."""


class BadSetting(TodoError):
    """A setting cannot be used. `str()` is one line that names the variable."""


class SchemaMismatch(TodoError):
    """The database's schema is not the one this code needs, and this process may not change it."""


class QueueUnavailable(TodoError):
    """A queue service does not do what it is asked: not reached, credentials refused, not permitted, too many calls.

    `str()` says what to do. `code` is the service's own name for it, if it answered; `is_passing` when the same
    call may well succeed a little later.
    """

    def __init__(self, message: str, *, code: str | None = None, is_passing: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.is_passing = is_passing
