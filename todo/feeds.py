"""Use cases on feeds: saved filters over a list, each a calendar with an address of its own.

A change of a feed is a change of its list: it bumps the list's revision, and the next build shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from todo import jobs, todos
from todo.errors import BadInput, NotFound
from todo.models import Activity, Feed
from todo.todos import Ring
from todo.tokens import Tokens, hash_of

FEEDS_MAX = 1_000
"""The most feeds of one list."""


def all_of(session: Session, list_id: int, tokens: Tokens) -> list[Feed]:
    """The list's feeds, its default feed first; that is made now when there is none. Raises `NotFound`."""
    todos.get_list(session, list_id)
    found = list(session.scalars(select(Feed).where(Feed.list_id == list_id).order_by(Feed.is_default.desc(), Feed.id)))
    if found and found[0].is_default and found[0].token_seed is not None:
        return found
    todos.lock_list(session, list_id)
    default = session.get_one(Feed, jobs.default_feed(session, list_id).id, populate_existing=True)
    if default.token_seed is None:
        default.token_seed, default.token_hash = tokens.new()
    session.commit()
    return [default, *(feed for feed in found if feed.id != default.id)]


def get(session: Session, feed_id: int) -> Feed:
    """The feed. Raises `NotFound`."""
    feed = session.get(Feed, feed_id)
    if feed is None:
        raise NotFound(f"There is no feed with id {feed_id}", field="feed_id")
    return feed


def create(session: Session, list_id: int, values: Mapping[str, Any], *, tokens: Tokens) -> Feed:
    """A new feed with the columns in `values`, committed; it is built when somebody fetches it.

    Raises `NotFound` for an unknown list, and `BadInput` when it has as many as it may have.
    """
    todos.lock_list(session, list_id)
    if session.scalars(select(func.count()).where(Feed.list_id == list_id)).one() >= FEEDS_MAX:
        session.rollback()
        raise BadInput(f"A list has at most {FEEDS_MAX:,} feeds", field="list_id")
    seed, token_hash = tokens.new()
    feed = Feed(list_id=list_id, token_seed=seed, token_hash=token_hash, **values)
    session.add(feed)
    session.commit()
    return feed


def change(session: Session, feed_id: int, values: Mapping[str, Any], *, ring: Ring) -> Feed:
    """The feed with the columns in `values` set, committed. Raises `NotFound`."""
    list_id = get(session, feed_id).list_id
    locked = todos.lock_list(session, list_id)
    feed = _locked(session, feed_id)
    if any(getattr(feed, column) != value for column, value in values.items()):
        for column, value in values.items():
            setattr(feed, column, value)
        feed.failed_revision, feed.failure = -1, None
        todos.commit_change(session, list_id, locked, ring=ring)
        session.refresh(feed)
    else:
        session.commit()
    return feed


def delete(session: Session, feed_id: int) -> None:
    """Delete the feed; nothing happens when there is none. Raises `BadInput` for a list's default feed."""
    feed = session.get(Feed, feed_id)
    if feed is None:
        return
    todos.lock_list(session, feed.list_id)
    feed = session.get(Feed, feed_id, populate_existing=True)
    if feed is None:  # somebody else was first
        session.rollback()
        return
    if feed.is_default:
        session.rollback()
        raise BadInput("The default feed of a list stays; its address can be revoked", field="feed_id")
    session.delete(feed)
    session.execute(sql_delete(Activity).where(Activity.feed_id == feed_id))
    session.commit()


def token_of(feed: Feed, tokens: Tokens) -> str | None:
    """The token in the feed's address; None when it was revoked, or made with another secret than ours."""
    if not feed.token_seed:
        return None
    token = tokens.token(feed.token_seed)
    return token if hash_of(token) == feed.token_hash else None


def rotate(session: Session, feed_id: int, tokens: Tokens) -> Feed:
    """The feed with a new address, committed; the old one is gone at once. Raises `NotFound`."""
    return _set_token(session, feed_id, *tokens.new())


def revoke(session: Session, feed_id: int) -> Feed:
    """The feed without an address, committed, until one is made by `rotate`. Raises `NotFound`."""
    return _set_token(session, feed_id, "", None)


def _set_token(session: Session, feed_id: int, seed: str, token_hash: str | None) -> Feed:
    todos.lock_list(session, get(session, feed_id).list_id)
    feed = _locked(session, feed_id)
    feed.token_seed, feed.token_hash = seed, token_hash
    session.commit()
    return feed


def _locked(session: Session, feed_id: int) -> Feed:
    """The feed as it is now that its list is locked; whoever was first may have deleted it."""
    feed = session.get(Feed, feed_id, populate_existing=True)
    if feed is None:
        session.rollback()
        raise NotFound(f"There is no feed with id {feed_id}", field="feed_id")
    return feed
