"""Todos such as people write, the same at every run; knows no database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

_VERBS = ("Call", "Write", "Pay", "Review", "Plan", "Book", "Return", "Send", "Prepare", "Order", "Renew", "Read")
_THINGS = (
    "the project proposal",
    "the electricity bill",
    "the dentist",
    "the quarterly report",
    "train tickets to Zürich",
    "grandma’s birthday cake",
    "slides for the architecture lecture",
    "the bicycle’s rear wheel",
    "the tax return",
    "two library books",
    "the release notes",
    "Ana’s café invoice",
)
_NOTES = (
    "Ask for the written offer first, then compare",
    "See the notes from last Monday’s meeting",
    "Second reminder; costs extra from the 15th on",
    "Needs both signatures and a copy for the files",
    "Room 78-343, bring the adapter and the handouts",
)
_START = datetime(2026, 1, 1)  # noqa: DTZ001 (local times, as the sheets have them)


class MadeTodo(NamedTuple):
    """One todo; all of them are dated, because the baseline cannot render the others."""

    id: int
    title: str
    description: str
    deadline_at: datetime
    created_at: datetime


def make_todos(count: int) -> Iterator[MadeTodo]:
    """`count` todos with the ids 1 to `count`, oldest first."""
    chance = random.Random(20260101)
    for number in range(1, count + 1):
        yield MadeTodo(
            id=number,
            title=f"{chance.choice(_VERBS)} {chance.choice(_THINGS)}",
            description=chance.choice(_NOTES),
            deadline_at=_START + timedelta(minutes=15 * chance.randrange(35_000)),
            created_at=_START + timedelta(seconds=number),
        )
