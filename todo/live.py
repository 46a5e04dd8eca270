"""Where a list and its calendar stand, in one cheap read, for those who ask again and again."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import coalesce

from todo import database
from todo.errors import NotFound
from todo.models import Feed, List

_lists, _feeds = List.__table__.c, Feed.__table__.c
_STANDING = (
    select(_lists.revision, coalesce(_feeds.built_revision, -1))
    .select_from(List.__table__.outerjoin(Feed.__table__, (_feeds.list_id == _lists.id) & _feeds.is_default))
    .where(_lists.id == bindparam("of_list"))
)


class Standing(NamedTuple):
    """How often a list has changed, and which of these revisions its default feed shows: -1 before its first build."""

    revision: int
    built_revision: int


def standing(session: Session, list_id: int) -> Standing:
    """Where the list stands now. Raises `NotFound`."""
    database.begin_read(session)
    row = session.execute(_STANDING, {"of_list": list_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no list with id {list_id}", field="list_id")
    return Standing(*row)
