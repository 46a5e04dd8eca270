"""Remembers the Idempotency-Keys of deleted todos for a while. Leaves locks and commits to `todo.todos`.

A creation may be sent again because its answer was lost; when somebody has deleted the todo meanwhile, it must not come
back. Everything here is called while the list's row is locked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import DateTime, Table, bindparam, delete, select, text
from sqlalchemy.orm import Session

from todo.models import SpentKey

KEPT = timedelta(days=30)
"""For how long, at least, a key stays spent."""

MORE_FORGOTTEN = 100
"""How many more old keys than new ones go at once: so they become fewer, and no deletion of a todo takes long."""

# One parameter for all keys: ten thousand of them are also slow to plan with, and at times planned badly.
_EACH = {"sqlite": "json_each(:keys)", "postgresql": "json_array_elements_text(CAST(:keys AS json))"}
# Todos that were added straight through a session may have a key that is spent already. They can be deleted as well.
_SPEND = {
    dialect: text(
        f"INSERT INTO spent_keys (list_id, idempotency_key, deleted_at) SELECT :of_list, value, :now FROM {each}"  # noqa: S608 (a text of our own)
        " WHERE true ON CONFLICT (list_id, idempotency_key) DO UPDATE SET deleted_at = excluded.deleted_at"
    ).bindparams(bindparam("now", type_=DateTime()))
    for dialect, each in _EACH.items()
}
_spent = SpentKey.__table__.c
_FIND = select(_spent.deleted_at).where(
    _spent.list_id == bindparam("of_list"), _spent.idempotency_key == bindparam("key")
)
# Of the one list alone: those of others are under other locks, and two deletions could wait for each other.
_FORGET = delete(cast("Table", SpentKey.__table__)).where(
    _spent.list_id == bindparam("of_list"),
    _spent.idempotency_key.in_(
        select(_spent.idempotency_key)
        .where(_spent.list_id == bindparam("of_list"), _spent.deleted_at < bindparam("before"))
        .order_by(_spent.deleted_at)
        .limit(bindparam("most"))
    ),
)


def is_spent(session: Session, list_id: int, key: str) -> bool:
    """Whether a todo of the list was made with the key, and deleted since."""
    return session.scalar(_FIND, {"of_list": list_id, "key": key}) is not None


def spend(session: Session, list_id: int, keys: Sequence[str], *, now: datetime) -> None:
    """Remember the keys of todos that are deleted in the same transaction, and forget some that are old enough.

    Nothing is asked of the database when there are none. `now` is UTC without zone.
    """
    if keys:
        spend_them = _SPEND[session.get_bind().dialect.name]
        session.execute(spend_them, {"of_list": list_id, "keys": json.dumps(keys), "now": now})
        forgotten = {"of_list": list_id, "before": now - KEPT, "most": len(keys) + MORE_FORGOTTEN}
        session.execute(_FORGET, forgotten)
