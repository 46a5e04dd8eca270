"""What a feed shows of a list: the todo as a calendar takes it, and the saved filter and look. Writes no calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from todo.deadlines import Kind
from todo.ics_text import day_of


class CalendarTodo(NamedTuple):
    """What a calendar needs of a todo. Rows are passed as they come: a plain tuple in this order will do."""

    id: int | str
    title: str
    description: str | None
    deadline_at: datetime | None  # naive; `deadline_kind` says how to read it
    deadline_kind: Kind | None
    updated_at: datetime  # naive UTC
    sequence: int  # number of edits
    completed: bool = False
    completed_at: datetime | None = None  # naive UTC
    priority: int = 0  # 1 is the highest, 9 the lowest, 0 none
    tags: str = ""  # each on a line of its own


TodoRow = (
    CalendarTodo
    | tuple[
        int | str,
        str,
        str | None,
        datetime | None,
        Kind | None,
        datetime,
        int,
        bool,
        datetime | None,
        int,
        str,
    ]
)


@dataclass(frozen=True)
class Look:
    """Which todos a feed shows, and as what.

    Days are whole ones of the list's zone. An open todo whose day is over stays in every window.
    """

    completed: bool | None = None  # only finished ones, only open ones
    text: str | None = None  # somewhere in title or description, in upper or lower case
    past_days: int | None = None  # deadlines from so many days ago; None: no bound
    future_days: int | None = None  # to so many days ahead
    finished: Literal["show", "mark", "hide"] = "mark"  # like others, with a ✓ before the title, not at all
    finished_days: int | None = None  # finished ones leave so many days after that; None: never
    show_as: Literal["events", "todos", "both"] = "events"  # VEVENT, VTODO, one of each
    all_day: bool = False  # only the day of each deadline
    alarm_minutes: int | None = None  # before each deadline that is open; None: no alarm
    busy_only: bool = False  # times without any text

    @property
    def changes_with_time(self) -> bool:
        """Whether another day alone can make it another calendar."""
        return self.past_days is not None or self.future_days is not None or self.finished_days is not None


DEFAULT_LOOK = Look()


def shown(todos: Iterable[TodoRow], look: Look, zone: ZoneInfo | None, today: date | None) -> Iterable[TodoRow]:
    """Those of `todos` that `look` shows, in their order. It raises ValueError when it needs `today` and has none."""
    if look.changes_with_time and today is None:
        raise ValueError("This look changes with time: it needs to know today.")
    if look.completed is None and not look.text and look.finished != "hide" and not look.changes_with_time:
        return todos  # the usual case
    day = today.toordinal() if today else 0
    return (todo for todo in todos if _is_shown(todo, look, zone, day))


def _is_shown(todo: TodoRow, look: Look, zone: ZoneInfo | None, today: int) -> bool:
    """Whether `look` shows a todo. Days are ordinals here: any sum of those is a number, even when it is no date."""
    _, title, description, at, kind, updated_at, _, completed, completed_at, _, _ = todo
    if look.completed is not None and look.completed != bool(completed):
        return False
    if completed and look.finished == "hide":
        return False
    if completed and look.finished_days is not None:
        finished_on = day_of(completed_at or updated_at, "instant", zone)
        if finished_on + look.finished_days < today:
            return False
    if look.text:
        text = look.text.casefold()
        if text not in title.casefold() and text not in (description or "").casefold():
            return False
    if look.past_days is None and look.future_days is None:
        return True
    if at is None:
        return False
    day = day_of(at, kind, zone)
    if not completed and day < today:
        return True
    if look.past_days is not None and day < today - look.past_days:
        return False
    return look.future_days is None or day <= today + look.future_days
