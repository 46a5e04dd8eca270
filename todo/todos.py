"""Use cases on todos: rows and their list's revision change in one commit. Knows no HTTP and no broker.

The bell is a function handed in by the edge; it is called after the commit, and only for the change that finds no bell
rung already. Whoever is killed in between loses nothing but that ring: the sweep finds the list behind.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, case, delete, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import coalesce

from todo import database, events, spent_keys
from todo.database import utc_now
from todo.errors import Gone, NotFound
from todo.events import Told
from todo.models import Chunk, List, Todo
from todo.models.chunk import STAMP_BITS, TODOS_PER_CHUNK

Ring = Callable[[int], None]
"""Rings the bell for a list's id. Must return at once and never raise, however dead the broker is."""

CHANGES_MAX = 10_000
"""The most changes that one transaction takes."""


# Put together once: composing them for each change cost as much time as running them.
_lists = List.__table__.c
_LOCK = (
    select(_lists.queued_at, _lists.revision, _lists.todos_made, events.KEEPS, events.SENDS)
    .where(_lists.id == bindparam("of_list"))
    .with_for_update(key_share=True)
)
_BUMP = (
    update(cast("Table", List.__table__))
    .where(_lists.id == bindparam("of_list"))
    .values(
        revision=_lists.revision + 1,
        todos_made=_lists.todos_made + bindparam("made"),
        queued_at=coalesce(_lists.queued_at, utc_now()),
        behind_since=coalesce(_lists.behind_since, utc_now()),
    )
)
_TOUCH = text(
    "INSERT INTO chunks (list_id, number, stamp) VALUES (:of_list, :number, :stamp)"
    " ON CONFLICT (list_id, number) DO UPDATE SET stamp = excluded.stamp"
)

# Todos that were added straight through a session may have a chunk that nothing is noted of.
_NOTE_CHUNKS = text(
    "INSERT INTO chunks (list_id, number, stamp) SELECT DISTINCT list_id, chunk, 0 FROM todos WHERE list_id = :of_list"
    " ON CONFLICT (list_id, number) DO NOTHING"
)


class LockedList(NamedTuple):
    """A list whose row is locked."""

    queued_at: datetime | None
    revision: int
    todos_made: int
    keeps_events: bool
    sends_events: bool


class Edit(NamedTuple):
    """One change to one todo: columns to set, or its deletion; only of the todo with `if_sequence`, when given."""

    todo_id: int
    values: Mapping[str, Any]
    deleted: bool = False
    if_sequence: int | None = None


class Edited(NamedTuple):
    """What became of an `Edit`. `todo` is as it is now, or as it last was when deleted; None: there was none.

    `changed` is false too when the edit left nothing to change; `conflict`: its `if_sequence` was not the todo's.
    """

    todo: Todo | None
    changed: bool = False
    conflict: bool = False


def get(session: Session, list_id: int, todo_id: int) -> Todo:
    """The todo. Raises `NotFound` when the list has none with that id."""
    todo = session.scalar(select(Todo).where(Todo.list_id == list_id, Todo.id == todo_id))
    if todo is None:
        raise NotFound(f"There is no todo with id {todo_id}", field="id")
    return todo


def create(session: Session, list_id: int, values: Mapping[str, Any], *, now: datetime, ring: Ring) -> Todo:
    """A new todo with the columns in `values`, committed. `now` is UTC without zone."""
    return _create(session, list_id, lock_list(session, list_id), values, now=now, ring=ring)


def create_once(
    session: Session, list_id: int, values: Mapping[str, Any], *, idempotency_key: str, now: datetime, ring: Ring
) -> tuple[Todo, bool]:
    """The list's todo made with this key, and whether it was made by this call. Otherwise as `create`.

    One that is there is left as it is, whatever `values` say. Raises `Gone` when it was deleted: whoever lost the
    answer and asks again must not bring it back. After `spent_keys.KEPT` the key may be free again.
    """
    locked = lock_list(session, list_id)
    # Safe against the same key at the same moment: the list's row is locked.
    known = session.scalar(select(Todo).where(Todo.list_id == list_id, Todo.idempotency_key == idempotency_key))
    if known is not None:
        session.commit()  # a rollback would have it read again, without the lock
        return known, False
    if spent_keys.is_spent(session, list_id, idempotency_key):
        session.rollback()
        raise Gone("A todo was made with this Idempotency-Key, and deleted since", field="Idempotency-Key")
    values = {**values, "idempotency_key": idempotency_key}
    return _create(session, list_id, locked, values, now=now, ring=ring), True


def _create(
    session: Session, list_id: int, locked: LockedList, values: Mapping[str, Any], *, now: datetime, ring: Ring
) -> Todo:
    todo = Todo(list_id=list_id, created_at=now, updated_at=now, chunk=locked.todos_made // TODOS_PER_CHUNK, **values)
    todo.completed_at = now if todo.completed else None
    session.add(todo)
    told = [Told("todo.created", todo)]
    commit_change(session, list_id, locked, chunks={todo.chunk}, made=1, told=told, ring=ring)
    return todo


def change(session: Session, list_id: int, edits: Sequence[Edit], *, now: datetime, ring: Ring) -> list[Edited]:
    """Apply all edits in one transaction; what became of each, in the same order.

    One with another `if_sequence` than its todo's is left out, and the others are made. Edits that change nothing leave
    `updated_at`, `sequence` and the revision as they are. `edits` holds at most `CHANGES_MAX`, no id twice. `now` is
    UTC without zone.
    """
    locked = lock_list(session, list_id)
    todos = _by_id(session, list_id, [edit.todo_id for edit in edits])
    doomed: list[int] = []
    chunks: set[int] = set()
    told: list[Told] = []
    edited: list[Edited] = []
    for edit in edits:
        todo = todos.get(edit.todo_id)
        if todo is None:
            edited.append(Edited(None))
        elif edit.if_sequence is not None and edit.if_sequence != todo.sequence:
            edited.append(Edited(todo, conflict=True))
        elif edit.deleted:
            edited.append(Edited(todo, changed=True))
            doomed.append(todo.id)
            chunks.add(todo.chunk)
            told.append(Told("todo.deleted", todo))
        elif not (changed := {name: value for name, value in edit.values.items() if getattr(todo, name) != value}):
            edited.append(Edited(todo))
        else:
            edited.append(Edited(todo, changed=True))
            if "completed" in changed:
                todo.completed_at = None if todo.completed else now
            for name, value in changed.items():
                setattr(todo, name, value)
            todo.sequence += 1
            # Never backwards: a clock set back must not make an edit look older than the one before it.
            todo.updated_at = max(now, todo.updated_at)
            chunks.add(todo.chunk)
            told += events.of_edit(todo, changed)
    if doomed:
        session.flush()
        keys = [todos[todo_id].idempotency_key for todo_id in doomed]
        spent_keys.spend(session, list_id, [key for key in keys if key is not None], now=now)
        for todo_id in doomed:
            session.expunge(todos[todo_id])
        for start in range(0, len(doomed), database.IDS_PER_STATEMENT):
            ids = doomed[start : start + database.IDS_PER_STATEMENT]
            session.execute(delete(Todo).where(Todo.id.in_(ids)).execution_options(synchronize_session=False))
    if chunks:
        commit_change(session, list_id, locked, chunks=chunks, told=told, ring=ring)
    else:
        session.commit()
    return edited


def change_list(session: Session, list_id: int, values: Mapping[str, Any], *, now: datetime, ring: Ring) -> List:
    """The list with the columns in `values` (`name`, `time_zone`) set, committed. Its calendar shows both.

    Another time zone moves the todos whose deadline is local, so that counts as an edit of each.
    """
    locked = lock_list(session, list_id)
    found = get_list(session, list_id)
    if any(getattr(found, column) != value for column, value in values.items()):
        if values.get("time_zone", found.time_zone) != found.time_zone:
            session.execute(
                update(Todo)
                .where(Todo.list_id == list_id, Todo.deadline_kind == "local")
                .values(
                    sequence=Todo.sequence + 1, updated_at=case((Todo.updated_at < now, now), else_=Todo.updated_at)
                )
                .execution_options(synchronize_session=False)
            )
            session.execute(_NOTE_CHUNKS, {"of_list": list_id})
            # All of them: back in the first zone before a build, what is remembered would seem right.
            session.execute(update(Chunk).where(Chunk.list_id == list_id).values(stamp=random.getrandbits(STAMP_BITS)))
        for column, value in values.items():
            setattr(found, column, value)
        commit_change(session, list_id, locked, ring=ring)
        session.refresh(found)
    else:
        session.commit()
    return found


def get_list(session: Session, list_id: int) -> List:
    """The list. Raises `NotFound` when there is none with that id."""
    found = session.get(List, list_id)
    if found is None:
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    return found


def lock_list(session: Session, list_id: int) -> LockedList:
    """Begin a change of the list: what is known of it until `commit_change`. Raises `NotFound`.

    The row lock makes changes of one list commit one after the other, in the order of their revisions. It is taken
    before any todo's, by everybody: two changes of the same todos cannot deadlock.
    """
    database.begin_change(session)
    row = session.execute(_LOCK, {"of_list": list_id}).one_or_none()
    if row is None:
        session.rollback()
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    return LockedList(*row)


def _by_id(session: Session, list_id: int, ids: Sequence[int]) -> dict[int, Todo]:
    found: dict[int, Todo] = {}
    for start in range(0, len(ids), database.IDS_PER_STATEMENT):
        some = ids[start : start + database.IDS_PER_STATEMENT]
        found.update((t.id, t) for t in session.scalars(select(Todo).where(Todo.list_id == list_id, Todo.id.in_(some))))
    return found


def commit_change(
    session: Session,
    list_id: int,
    locked: LockedList,
    *,
    chunks: Collection[int] = (),
    made: int = 0,
    told: Iterable[Told] = (),
    ring: Ring,
) -> None:
    """Bump the list, give the chunks that this changed another stamp, commit; the first change since a build rings.

    `made` todos are new. `told` is what others are told of it.
    """
    session.flush()
    if locked.keeps_events:
        events.write(session, list_id, locked.revision + 1, told, waiting=locked.sends_events)
    session.execute(_BUMP, {"of_list": list_id, "made": made})
    if chunks:
        stamp = random.getrandbits(STAMP_BITS)
        session.execute(_TOUCH, [{"of_list": list_id, "number": number, "stamp": stamp} for number in sorted(chunks)])
    session.commit()
    if locked.queued_at is None:
        ring(list_id)


def mark_behind(session: Session, list_id: int, revision: int) -> None:
    """Note that a locked list wants building up to a revision. Leaves the commit to the caller."""
    session.execute(
        update(List)
        .where(List.id == list_id)
        .values(
            revision=revision,
            queued_at=coalesce(List.queued_at, utc_now()),
            behind_since=coalesce(List.behind_since, utc_now()),
        )
    )
