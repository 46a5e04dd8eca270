"""The three sentences that the product stands on, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.integration.lists import Interruption, Lists, MakeLists
from todo import builds, feed_pieces, gzip_pieces
from todo.cache import Cache
from todo.feed_pieces import RememberedPieces


@pytest.fixture
def lists(make_lists: MakeLists) -> Lists:
    """Lists without a window: each build takes place at once."""
    return make_lists(WINDOW_SECONDS=0)


class CacheThat(Cache[RememberedPieces]):
    """A cache that does something when a build looks into it: between reading the revision and reading the todos."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__(0, lambda _: 1)
        self._action = action

    def get(self, key: Hashable) -> RememberedPieces | None:
        self._action()
        return super().get(key)


# A change to a todo and the bump of its list's revision commit together.


def test_nobody_sees_a_change_without_its_revision_or_a_revision_without_its_change(lists: Lists) -> None:
    seen: list[tuple[int, int]] = []

    def look(_session: Session) -> None:
        with lists.engine.connect() as other:
            todos = other.execute(text("SELECT count(*) FROM todos")).scalar_one()
            revision = other.execute(text("SELECT revision FROM lists")).scalar_one()
            seen.append((todos, revision))

    event.listen(lists.sessions, "before_commit", look)
    event.listen(lists.sessions, "after_commit", look)
    lists.add("one")
    assert seen == [(0, 0), (1, 1)]


def test_a_change_that_fails_bumps_nothing_and_rings_nothing(lists: Lists) -> None:
    with pytest.raises(DBAPIError):
        lists.add("no such kind", deadline_kind="never")
    assert lists.row().revision == 0
    assert lists.row().queued_at is None
    assert lists.rung == []


def test_only_the_change_that_finds_no_bell_rung_rings(lists: Lists) -> None:
    todo_id = lists.add("one")
    lists.add("two")
    lists.change(todo_id, title="three")
    lists.ask()
    assert lists.rung == [1]
    lists.build()
    lists.add("four")
    assert lists.rung == [1, 1]


# A build reads the revision and the todos in one snapshot.


def test_a_change_committed_while_a_build_reads_is_neither_in_its_body_nor_in_its_revision(lists: Lists) -> None:
    lists.add("before")
    job_id = lists.ask()
    outcome = lists.build(cache=CacheThat(lambda: lists.add("during")))
    assert outcome == builds.Outcome(built=1)
    assert "SUMMARY:before" in lists.body()
    assert "SUMMARY:during" not in lists.body()
    assert (lists.feed().built_revision, lists.row().revision) == (1, 2)
    assert lists.state(job_id).status == "SUCCESS"
    assert lists.rung[-1:] == [1]  # it rang once more


def test_a_change_committed_between_claim_and_read_is_in_the_body_and_its_ring_builds_nothing(lists: Lists) -> None:
    lists.add("before")
    lists.ask()
    lists.rung.clear()
    lists.build(sessions=Interruption(lists, 2, lambda: lists.add("between")))
    assert "SUMMARY:between" in lists.body()
    assert lists.feed().built_revision == 2
    assert lists.rung == [1]
    assert lists.build() == builds.Outcome(built=0)
    assert lists.row().builds == 1
    assert lists.row().behind_since is None


# A store only moves forward.


def test_of_two_builds_the_one_that_read_earlier_cannot_overwrite_the_other(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.add("first")
    lists.ask()
    reading, release = threading.Event(), threading.Event()
    join = gzip_pieces.join

    def held(pieces: Sequence[gzip_pieces.Piece]) -> gzip_pieces.Whole:
        body = join(pieces)
        if not reading.is_set():
            reading.set()
            assert release.wait(10)
        return body

    monkeypatch.setattr("todo.gzip_pieces.join", held)
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(lists.build)
        assert reading.wait(10)
        lists.add("second")
        lists.build()
        later = lists.feed()
        assert later.built_revision == 2
        release.set()
        slow.result(10)
    assert lists.feed().built_revision == 2
    assert lists.feed().etag == later.etag
    assert "SUMMARY:second" in lists.body()
    assert lists.row().behind_since is None


def test_built_revision_never_falls_while_many_build_at_once(lists: Lists) -> None:
    lists.ask()
    over = threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not over.is_set():
            seen.append(lists.feed().built_revision)

    def work(number: int) -> None:
        for edit in range(8):
            lists.add(f"{number}.{edit}")
            lists.build()

    with ThreadPoolExecutor() as threads:
        watch = threads.submit(look)
        list(threads.map(work, range(4)))
        over.set()
        watch.result(10)
    lists.build()
    assert seen == sorted(seen)
    assert lists.feed().built_revision == lists.row().revision == 32
    assert lists.body().count("BEGIN:VEVENT") == 32


def test_a_build_with_remembered_events_makes_the_same_bytes(lists: Lists) -> None:
    cache = feed_pieces.piece_cache()
    ids = [lists.add(f"todo {number}") for number in range(6)]
    lists.ask()
    edits: list[Callable[[], object]] = [
        lambda: None,
        lambda: lists.change(ids[2], title="changed"),
        lambda: lists.change(ids[3], deadline_at=None, deadline_kind=None),
        lambda: lists.delete(ids[4]),
        lambda: lists.execute("UPDATE lists SET time_zone = 'Europe/Berlin'"),
    ]
    for edit in edits:
        edit()
        lists.add("bump")
        lists.build(cache=cache)
        remembered = lists.body()
        lists.execute("UPDATE feeds SET built_revision = 0")
        lists.build()
        assert lists.body() == remembered
