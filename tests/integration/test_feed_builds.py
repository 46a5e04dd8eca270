"""What feeds show after which changes: the same whoever builds; an ETag that changes exactly when the octets do."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.integration.api import Api, break_down, in_the_middle_of_builds
from tests.integration.subscribers import LONG_AGO, Feeds, titles
from todo import builds, feed_pieces, ics
from todo.models import Todo
from todo.views import subscription

Change = Callable[[Api, int], object]
"""Something done to the todo with this id."""


@pytest.fixture
def feeds(api: Api) -> Feeds:
    return Feeds(api)


def etag(feeds: Feeds, feed: dict[str, Any]) -> str:
    return str(feeds.fetch(feed).headers["ETag"])


# The ETag changes exactly when the octets do.

CHANGES_THAT_SHOW: dict[str, Change] = {
    "title": lambda api, todo: api.put(f"/todos/{todo}", {"title": "Bread"}),
    "description": lambda api, todo: api.put(f"/todos/{todo}", {"description": "new"}),
    "deadline": lambda api, todo: api.put(f"/todos/{todo}", {"deadline_at": "2026-05-02"}),
    "no deadline": lambda api, todo: api.put(f"/todos/{todo}", {"deadline_at": None}),
    "kind of deadline": lambda api, todo: api.put(f"/todos/{todo}", {"deadline_at": "2026-05-01T00:00:00"}),
    "completed": lambda api, todo: api.put(f"/todos/{todo}", {"completed": True}),
    "priority": lambda api, todo: api.put(f"/todos/{todo}", {"priority": 1}),
    "tags": lambda api, todo: api.put(f"/todos/{todo}", {"tags": ["a"]}),
    "deleted": lambda api, todo: api.delete(f"/todos/{todo}"),
    "another": lambda api, _: api.todo("Bread", deadline_at="2026-05-02"),
    "list's name": lambda api, _: api.patch("/lists/1", {"name": "Home"}),
    "time zone": lambda api, _: api.patch("/lists/1", {"time_zone": "Europe/Berlin"}),
}
CHANGES_THAT_DO_NOT: dict[str, Change] = {
    "undated one made": lambda api, _: api.todo("undated"),
    "undated one changed": lambda api, todo: api.put(f"/todos/{todo + 1}", {"title": "changed", "completed": True}),
    "undated one deleted": lambda api, todo: api.delete(f"/todos/{todo + 1}"),
    "same values": lambda api, todo: api.put(f"/todos/{todo}", {"title": "Milk"}),
    "made and deleted": lambda api, _: api.delete(f"/todos/{api.todo('gone', deadline_at='2026-05-03')['id']}"),
    "another feed": lambda api, _: api.post("/feeds", {"name": "another"}),
    "renamed and back": lambda api, _: [api.patch("/lists/1", {"name": name}) for name in ("Home", "Tasks")],
    "built again": lambda api, _: api.build(),
}


@pytest.fixture
def milk(api: Api) -> int:
    """A dated todo's id; the next one is there too, without a date."""
    todo_id: int = api.todo("Milk", deadline_at="2026-05-01")["id"]
    api.todo("undated")
    return todo_id


@pytest.mark.parametrize("remembers", [True, False], ids=["remembering", "anew"])
@pytest.mark.parametrize("change", CHANGES_THAT_SHOW.values(), ids=CHANGES_THAT_SHOW)
def test_a_change_that_shows_changes_etag_and_octets(
    api: Api, feeds: Feeds, milk: int, change: Change, remembers: bool
) -> None:
    cache = feed_pieces.piece_cache() if remembers else None
    feed = feeds.make()
    feeds.use(feed)
    feeds.build(cache=cache)
    before, modified_at = feeds.fetch(feed), feeds.row(feed).modified_at
    change(api, milk)
    feeds.build(cache=cache)
    after = feeds.fetch(feed, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert after.data != before.data
    now = feeds.row(feed).modified_at
    assert modified_at is not None
    assert now is not None
    assert now > modified_at


@pytest.mark.parametrize("remembers", [True, False], ids=["remembering", "anew"])
@pytest.mark.parametrize("change", CHANGES_THAT_DO_NOT.values(), ids=CHANGES_THAT_DO_NOT)
def test_a_change_that_does_not_show_leaves_etag_octets_and_date(
    api: Api, feeds: Feeds, milk: int, change: Change, remembers: bool
) -> None:
    cache = feed_pieces.piece_cache() if remembers else None
    feed = feeds.make()
    feeds.use(feed)
    feeds.build(cache=cache)
    before, row = feeds.fetch(feed), feeds.row(feed)
    change(api, milk)
    feeds.build(cache=cache)
    after = feeds.fetch(feed)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert feeds.row(feed).modified_at == row.modified_at
    assert feeds.row(feed).built_revision == api.revision()
    assert feeds.fetch(feed, If_None_Match=before.headers["ETag"]).status_code == 304


def test_an_edit_that_is_taken_back_is_another_calendar_because_the_event_was_edited_twice(
    api: Api, feeds: Feeds, milk: int
) -> None:
    feed = feeds.built()
    seen = [etag(feeds, feed)]
    for title in ("Bread", "Milk"):
        api.put(f"/todos/{milk}", {"title": title})
        feeds.build()
        seen.append(etag(feeds, feed))
    assert len(set(seen)) == 3
    assert b"SEQUENCE:2\r\n" in feeds.body(feed)


def test_a_look_that_is_taken_back_gives_the_old_etag_and_a_later_date(api: Api, feeds: Feeds, milk: int) -> None:
    feed = feeds.built()
    first, modified_at = feeds.fetch(feed), feeds.row(feed).modified_at
    for name in ("Mine", None):
        feeds.change(feed, name=name)
        feeds.build()
    last = feeds.fetch(feed)
    assert (last.data, last.headers["ETag"]) == (first.data, first.headers["ETag"])
    now = feeds.row(feed).modified_at
    assert now is not None
    assert modified_at is not None
    assert now >= modified_at + timedelta(seconds=2)  # each another second: who was here in between must see it


@pytest.mark.parametrize("field", ["name", "color", "finished", "show_as", "all_day", "alarm_minutes", "busy_only"])
def test_a_feed_s_own_look_shows_in_its_calendar(api: Api, feeds: Feeds, field: str) -> None:
    api.todo("Milk", deadline_at="2026-05-01T10:00:00")
    api.todo("Done", deadline_at="2026-05-01T11:00:00", completed=True)
    looks = {
        "name": "Mine",
        "color": "teal",
        "finished": "show",
        "show_as": "todos",
        "all_day": True,
        "alarm_minutes": 5,
        "busy_only": True,
    }
    cache = feed_pieces.piece_cache()
    feed, other = feeds.make(), feeds.make()
    for used in (feed, other):
        feeds.use(used)
    feeds.build(cache=cache)
    before = feeds.body(feed)
    feeds.change(feed, **{field: looks[field]})
    feeds.build(cache=cache)
    assert feeds.body(feed) != before
    assert feeds.body(other) == before


def test_finished_todos_come_and_go_as_the_feed_says(api: Api, feeds: Feeds) -> None:
    done = api.todo("Done", deadline_at="2026-05-01", completed=True)
    api.todo("Open", deadline_at="2026-05-01")
    shown = {finished: feeds.titles(feeds.built(finished=finished)) for finished in ("show", "mark", "hide")} | {
        completed: feeds.titles(feeds.built(completed=completed)) for completed in (True, False)
    }
    assert shown == {
        "show": ["Done", "Open"],
        "mark": ["Open", "✓ Done"],
        "hide": ["Open"],
        True: ["✓ Done"],
        False: ["Open"],
    }
    hidden = feeds.built(finished="hide")
    api.put(f"/todos/{done['id']}", {"completed": False})
    feeds.build()
    assert feeds.titles(hidden) == ["Done", "Open"]


# The same whoever builds.


def test_two_workers_that_remember_different_things_make_the_same_octets_and_etag(
    api: Api, feeds: Feeds, milk: int
) -> None:
    feed = feeds.make()
    feeds.use(feed)
    caches = [feed_pieces.piece_cache(), feed_pieces.piece_cache()]
    for turn in range(6):
        api.todo(f"todo {turn}", deadline_at="2026-05-01")
        if turn == 3:
            api.put(f"/todos/{milk}", {"title": "Bread"})
        assert feeds.build(cache=caches[turn % 2]) == 1
        made = feeds.stored(feed), feeds.row(feed).etag
        for cache in (*caches, None):
            feeds.set(feed, built_revision=0, etag="x")
            assert feeds.build(cache=cache) == 1
            assert (feeds.stored(feed), feeds.row(feed).etag) == made


def test_a_restored_database_is_not_answered_from_what_a_worker_remembers(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    api.todo("kept", deadline_at="2026-05-01")
    feeds.next_chunk()
    feed = feeds.make()
    feeds.use(feed)
    revision = api.revision()
    for number in range(3):
        api.todo(f"lost {number}", deadline_at="2026-05-01")
    feeds.build(cache=cache)
    with api.engine.begin() as connection:  # as it was when it was saved
        connection.execute(text("DELETE FROM todos WHERE title <> 'kept'"))
        connection.execute(text("UPDATE lists SET revision = :r, todos_made = 1"), {"r": revision})
        connection.execute(text("UPDATE chunks SET stamp = 7"))
        connection.execute(text("UPDATE feeds SET built_revision = 0"))
    feeds.build(cache=cache)
    assert feeds.titles(feed) == ["kept"]


def test_a_new_feed_shows_nothing_of_a_deleted_one_that_had_its_id(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    for _ in range(3):
        api.todo("of the first list", deadline_at="2026-05-01")
        feeds.next_chunk()
    old = feeds.make()
    feeds.use(old)
    feeds.build(cache=cache)
    assert feeds.titles(old) == ["of the first list"] * 3
    other = feeds.make_list()
    for name in "abcdefghi":  # it has changed more often than the first
        api.patch(f"/lists/{other}", {"name": name})
    api.delete(f"/feeds/{old['id']}")
    new = feeds.make(list_id=other)
    with api.engine.begin() as connection:  # as SQLite does by itself
        connection.execute(text("UPDATE feeds SET id = :id"), {"id": old["id"]})
    new["id"] = old["id"]
    feeds.use(new)
    feeds.build(other, cache)
    assert feeds.titles(new) == []


LOOKS: list[dict[str, Any]] = [
    {},
    {"finished": "hide", "text": "a"},
    {"show_as": "both", "alarm_minutes": 15, "color": "red", "name": "All"},
    {"completed": True, "all_day": True},
    {"show_as": "todos", "finished": "show", "busy_only": True},
    {"past_days": 30, "future_days": 30, "finished_days": 3},
]
DEADLINES = st.sampled_from([None, "2026-05-01", "2026-05-01T10:00:00", "2026-05-01T10:00:00Z", "today", "in a year"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["a", "b", "Bäcker", "a\nb;,\\"]),
        "description": st.sampled_from([None, "", "c"]),
        "completed": st.booleans(),
        "deadline_at": DEADLINES,
        "priority": st.integers(0, 9),
        "tags": st.lists(st.sampled_from(["x", "y,z"]), max_size=2),
    },
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.integers(1, 140), FIELDS),
        st.tuples(st.just("change"), st.integers(0, 400), FIELDS),
        st.tuples(st.just("delete"), st.integers(0, 400), st.integers(1, 140)),
        st.tuples(st.just("zone"), st.sampled_from([None, "Australia/Brisbane"]), st.none()),
        st.tuples(st.just("look"), st.sampled_from(LOOKS), st.none()),
        st.tuples(st.just("build"), st.none(), st.none()),
    ),
    min_size=2,
    max_size=12,
)


def dated(fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` with the days that are relative made absolute."""
    days = {"today": 0, "in a year": 365}.get(fields.get("deadline_at") or "")
    if days is None:
        return fields
    return {**fields, "deadline_at": (datetime.now(UTC).date() + timedelta(days=days)).isoformat()}


def do(api: Api, feeds: Feeds, feed: dict[str, Any], step: tuple[str, Any, Any]) -> None:
    what, one, other = step
    ids = [row[0] for row in api.dump()["todos"]]
    if what == "make":  # many at once, so that chunks fill
        with api.sessions() as session:
            from todo import todos
            from todo.views.payloads import NewTodo

            values = NewTodo.model_validate({"title": "made", **dated(other)}).columns()
            for number in range(one):
                now = datetime.now(UTC).replace(tzinfo=None)
                todos.create(
                    session, 1, {**values, "title": f"{values['title']} {number}"}, now=now, ring=lambda _: None
                )
    elif what == "change" and ids:
        assert api.put(f"/todos/{ids[one % len(ids)]}", dated(other)).status_code == 200
    elif what == "delete" and ids:
        start = one % len(ids)
        doomed = [{"id": todo_id, "deleted": True} for todo_id in ids[start : start + other]]
        assert api.patch("/todos", doomed).status_code == 200
    elif what == "zone":
        assert api.patch("/lists/1", {"time_zone": one}).status_code == 200
    elif what == "look":
        reset = {"finished": "mark", "show_as": "events", "all_day": False, "busy_only": False, "text": None}
        feeds.change(feed, **{**reset, **one})


def check_against_anew(feeds: Feeds, made: list[dict[str, Any]]) -> None:
    """Each feed's stored calendar is what a worker that remembers nothing makes."""
    kept = [(feeds.stored(feed), feeds.row(feed).etag) for feed in made]
    for feed in made:
        feeds.set(feed, built_revision=-1)
    assert feeds.build() == len(made)
    assert [(feeds.stored(feed), feeds.row(feed).etag) for feed in made] == kept


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink one takes longer than a test may
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_what_is_built_from_changes_is_what_is_built_anew(api: Api, rounds: list[list[tuple[str, Any, Any]]]) -> None:
    api.reset()
    feeds, cache = Feeds(api), feed_pieces.piece_cache()
    made = [feeds.make(**look) for look in LOOKS]
    for feed in made:
        feeds.use(feed)
    for steps in rounds:
        for step in steps:
            if step[0] == "build":
                feeds.build(cache=cache)
            else:
                do(api, feeds, made[0], step)
        feeds.build(cache=cache)
        check_against_anew(feeds, made)


# Chunks.


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 256, 257])
def test_lists_of_any_length_are_shown_whole(api: Api, feeds: Feeds, count: int) -> None:
    for number in range(count):
        api.todo(f"{number:03}", deadline_at="2026-05-01")
    feed = feeds.built()
    assert feeds.titles(feed) == [f"{number:03}" for number in range(count)]
    assert feeds.row(feed).shown == count
    assert len(api.dump()["chunks"]) == -(-count // 128)


def test_a_chunk_that_has_lost_all_its_todos_is_gone_and_the_others_stay(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    ids = [api.todo(f"{number:03}", deadline_at="2026-05-01")["id"] for number in range(300)]
    feed = feeds.make()
    feeds.use(feed)
    feeds.build(cache=cache)
    for doomed, left in [
        (ids[128:256], [*range(128), *range(256, 300)]),
        (ids[:128], range(256, 300)),
        (ids[256:], ()),
    ]:
        assert api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in doomed]).status_code == 200
        feeds.build(cache=cache)
        assert feeds.titles(feed) == [f"{number:03}" for number in left]
        check_against_anew(feeds, [feed])
    api.todo("the next", deadline_at="2026-05-01")
    feeds.build(cache=cache)
    assert feeds.titles(feed) == ["the next"]
    assert api.scalar(select(Todo.chunk)) == 300 // 128  # where it would be anyway


def test_a_batch_of_changes_all_over_a_list_shows_at_once(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    ids = [api.todo(f"{number:03}", deadline_at="2026-05-01")["id"] for number in range(400)]
    feed = feeds.make(finished="hide")
    feeds.use(feed)
    feeds.build(cache=cache)
    revision = api.revision()
    stamps = [row[-1] for row in api.dump()["chunks"]]
    edits: list[dict[str, Any]] = [{"id": todo_id, "completed": True} for todo_id in ids[::50]]
    edits += [{"id": todo_id, "title": "changed"} for todo_id in ids[1::100]]
    edits += [{"id": todo_id, "deleted": True} for todo_id in ids[2::100]] + [{"id": 10**9, "title": "nobody"}]
    assert api.patch("/todos", edits).status_code == 200
    assert api.revision() == revision + 1
    touched = [row[-1] != stamp for row, stamp in zip(api.dump()["chunks"], stamps, strict=True)]
    assert touched == [True, True, True, False]
    feeds.build(cache=cache)
    left = [f"{number:03}" for number in range(400) if number % 50 and number % 100 not in (1, 2)]
    assert feeds.titles(feed) == sorted([*left, *["changed"] * 4])
    check_against_anew(feeds, [feed])


def test_only_chunks_that_changed_are_read(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    ids = [api.todo(f"{number:03}", deadline_at="2026-05-01")["id"] for number in range(400)]
    feed = feeds.make()
    feeds.use(feed)
    feeds.build(cache=cache)
    before = feeds.body(feed)
    with api.engine.begin() as connection:  # behind everybody's back, in every chunk
        connection.execute(text("UPDATE todos SET title = 'seen'"))
    api.put(f"/todos/{ids[200]}", {"description": "touched"})
    feeds.build(cache=cache)
    shown = feeds.titles(feed)
    assert shown.count("seen") == 128
    assert len(shown) == 400
    assert feeds.body(feed)[:10_000] == before[:10_000]


# Nothing to show.


@pytest.mark.parametrize("look", [{"text": "nowhere"}, {"completed": True}, {"past_days": 0, "future_days": 0}, {}])
def test_a_feed_that_shows_nothing_is_a_calendar_all_the_same(api: Api, feeds: Feeds, look: dict[str, Any]) -> None:
    if look:
        api.todo("Milk", deadline_at="2126-05-01")
    api.todo("undated")
    feed = feeds.built(**look)
    body = feeds.body(feed)
    assert titles(body) == []
    assert body.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert feeds.row(feed).shown == 0
    assert feeds.fetch(feed, If_None_Match=etag(feeds, feed)).status_code == 304


# Lists of their own.


def test_feeds_of_several_lists_show_their_own_and_are_built_apart(api: Api, feeds: Feeds) -> None:
    other = feeds.make_list("Work")
    cache = feed_pieces.piece_cache()
    api.todo("Milk", deadline_at="2026-05-01")
    mine, theirs = feeds.make(), feeds.make(list_id=other)
    for feed in (mine, theirs):
        feeds.use(feed)
        feeds.build(feed["list_id"], cache)
    assert (feeds.titles(mine), feeds.titles(theirs)) == (["Milk"], [])
    assert b"NAME:Tasks\r\n" in feeds.body(mine)
    assert b"NAME:Work\r\n" in feeds.body(theirs)
    before = etag(feeds, theirs)
    api.todo("Bread", deadline_at="2026-05-01")
    assert feeds.build(other, cache) == 0
    assert feeds.build(cache=cache) == 1
    assert etag(feeds, theirs) == before


# Nobody has fetched it for long.


@pytest.fixture
def unused(api: Api, feeds: Feeds) -> dict[str, Any]:
    """A feed that nobody has fetched for long, and that has missed a change."""
    api.todo("Milk", deadline_at="2026-05-01")
    feed = feeds.built()
    feeds.set(feed, asked_at=datetime.fromisoformat(LONG_AGO))
    api.todo("Bread", deadline_at="2026-05-02")
    assert feeds.build() == 0
    return feed


def test_a_feed_that_nobody_fetches_is_not_built(api: Api, feeds: Feeds, unused: dict[str, Any]) -> None:
    never = feeds.make()
    assert feeds.build() == 0
    assert feeds.row(never).etag is None
    with api.sessions() as session:
        assert builds.take_stale(session, api.settings) is None


def test_an_unused_feed_is_built_while_its_fetch_waits(feeds: Feeds, unused: dict[str, Any]) -> None:
    with feeds.worker():
        assert feeds.titles(unused) == ["Bread", "Milk"]
        assert feeds.titles(feeds.make()) == ["Bread", "Milk"]  # and one that never was


def test_many_fetches_of_an_unused_feed_lead_to_one_build(api: Api, feeds: Feeds, unused: dict[str, Any]) -> None:
    before = api.build_count()
    with feeds.worker(), ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: feeds.fetch(unused), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert ["Bread", "Milk"] in [titles(answer.data) for answer in answers]  # so many may wait, others take the old one
    assert api.build_count() == before + 1


def test_without_a_worker_an_unused_feed_is_answered_as_it_was_within_the_bound(
    api: Api, feeds: Feeds, unused: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "ON_DEMAND_SECONDS", 0.2)
    assert feeds.titles(unused) == ["Milk"]
    assert api.rings.heard[-1] == (1, None)
    feeds.build()
    assert feeds.titles(unused) == ["Bread", "Milk"]


def test_without_a_worker_a_feed_that_was_never_built_is_not_there_yet(
    api: Api, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "ON_DEMAND_SECONDS", 0.2)
    feed = feeds.make()
    for method in ("GET", "HEAD"):
        answer = feeds.fetch(feed, method, If_None_Match="*")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    feeds.build()
    assert feeds.titles(feed) == []


def test_an_unused_feed_that_is_current_is_answered_at_once(api: Api, feeds: Feeds) -> None:
    api.todo("Milk", deadline_at="2026-05-01")
    feed = feeds.built()
    feeds.set(feed, asked_at=datetime.fromisoformat(LONG_AGO))
    heard = len(api.rings.heard)
    assert feeds.titles(feed) == ["Milk"]
    assert len(api.rings.heard) == heard
    assert str(feeds.row(feed).asked_at) > "2026"


def test_a_feed_that_was_deleted_or_revoked_while_its_fetch_waits_is_not_found(
    api: Api, feeds: Feeds, unused: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = feeds.make()

    def delete_it(*_: object) -> bool:
        api.delete(f"/feeds/{unused['id']}")
        api.post(f"/feeds/{other['id']}/revoke")
        return True

    monkeypatch.setattr("todo.subscriptions.is_settled", delete_it)
    for feed in (unused, other):
        assert feeds.fetch(feed).status_code == 404


# A new day.


def days_of(feeds: Feeds, feed: dict[str, Any]) -> tuple[datetime, datetime]:
    """Now, and when the feed's calendar ceases to hold."""
    expires_at = feeds.row(feed).expires_at
    assert expires_at is not None
    return datetime.now(UTC).replace(tzinfo=None), expires_at


@pytest.mark.parametrize("look", [{"past_days": 1}, {"future_days": 1}, {"finished_days": 1}])
@pytest.mark.parametrize("zone", [None, "Pacific/Kiritimati", "America/St_Johns"])
def test_a_feed_that_looks_at_the_day_holds_until_midnight_where_the_list_is(
    api: Api, feeds: Feeds, look: dict[str, Any], zone: str | None
) -> None:
    from zoneinfo import ZoneInfo

    api.patch("/lists/1", {"time_zone": zone})
    feed = feeds.built(**look)
    now, expires_at = days_of(feeds, feed)
    assert now < expires_at <= now + timedelta(days=1, hours=1)
    local = expires_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone or "UTC"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    feeds.change(feed, **dict.fromkeys(look))
    feeds.build()
    assert feeds.row(feed).expires_at is None


@pytest.fixture
def day(api: Api, feeds: Feeds) -> dict[str, Any]:
    """A feed of what is due today, whose day is over: what it shows is yesterday's."""
    today = datetime.now(UTC).date()
    for name, days in [("yesterday's", -1), ("today's", 0), ("tomorrow's", 1)]:
        api.todo(name, deadline_at=date.isoformat(today + timedelta(days=days)), completed=True)
    feed = feeds.make(past_days=0, future_days=0, finished="show")
    feeds.use(feed)
    feeds.use(feeds.default())
    with pytest.MonkeyPatch.context() as patch:
        real = feed_pieces._day_of

        def a_day_ago(look: Any, now: datetime, zone: str | None) -> Any:
            return real(look, now - timedelta(days=1), zone)

        patch.setattr(feed_pieces, "_day_of", a_day_ago)
        feeds.build()
    assert titles(feeds.stored(feed)) == ["yesterday's"]
    assert feeds.row(feed).expires_at < datetime.now(UTC).replace(tzinfo=None)  # type: ignore[operator]
    return feed


@pytest.mark.parametrize("remembers", [True, False])
def test_a_sweep_finds_what_a_new_day_has_changed(api: Api, feeds: Feeds, day: dict[str, Any], remembers: bool) -> None:
    other = feeds.default()
    before = etag(feeds, other)
    stale_at_once = api.settings.model_copy(update={"STALE_SECONDS": -1.0})
    with api.sessions() as session:
        assert builds.take_stale(session, stale_at_once) == 1
    feeds.build(cache=feed_pieces.piece_cache() if remembers else None)
    assert feeds.titles(day) == ["today's"]
    assert etag(feeds, other) == before
    with api.sessions() as session:
        assert builds.take_stale(session, stale_at_once) is None


def test_an_unused_feed_of_days_is_made_new_for_its_fetch(feeds: Feeds, day: dict[str, Any]) -> None:
    feeds.set(day, asked_at=datetime.fromisoformat(LONG_AGO))
    with feeds.worker():
        assert feeds.titles(day) == ["today's"]


def test_unused_feeds_of_days_are_left_alone(api: Api, feeds: Feeds, day: dict[str, Any]) -> None:
    feeds.set(day, asked_at=datetime.fromisoformat(LONG_AGO))
    revision = api.revision()
    with api.sessions() as session:
        assert builds.take_stale(session, api.settings) is None
    assert api.revision() == revision


def test_a_remembered_yesterday_is_not_shown_today(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    today = datetime.now(UTC).date()
    for name, days in [("yesterday's", -1), ("today's", 0)]:
        api.todo(name, deadline_at=date.isoformat(today + timedelta(days=days)), completed=True)
    feed = feeds.make(past_days=0, future_days=0, finished="show")
    feeds.use(feed)
    real = feed_pieces._day_of
    shown = []
    for days in (1, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                feed_pieces, "_day_of", lambda look, now, zone, d=days: real(look, now - timedelta(days=d), zone)
            )
            feeds.set(feed, built_revision=-1)
            feeds.build(cache=cache)
        shown.append(titles(feeds.stored(feed)))
    assert shown == [["yesterday's"], ["today's"]]


# A build that fails.


def test_after_a_failed_build_the_last_calendar_is_answered_and_the_next_change_heals_it(
    api: Api, feeds: Feeds
) -> None:
    api.todo("Milk", deadline_at="2026-05-01")
    feed = feeds.built()
    api.todo("Bread", deadline_at="2026-05-02")
    with in_the_middle_of_builds(break_down):
        feeds.build()
    told = api.get(f"/feeds/{feed['id']}").json
    assert "the ink is out" in told["failure"]
    assert feeds.titles(feed) == ["Milk"]
    assert feeds.build() == 0  # it would fail for ever
    api.todo("Butter", deadline_at="2026-05-03")
    assert feeds.build() == 1
    assert feeds.titles(feed) == ["Bread", "Butter", "Milk"]
    assert api.get(f"/feeds/{feed['id']}").json["failure"] is None


def test_a_first_build_that_fails_keeps_no_fetch_waiting(api: Api, feeds: Feeds) -> None:
    feed = feeds.make()
    with in_the_middle_of_builds(break_down), feeds.worker():
        assert feeds.fetch(feed).status_code == 503
    assert "the ink is out" in api.get(f"/feeds/{feed['id']}").json["failure"]


def test_one_feed_that_cannot_be_built_keeps_no_other_from_it(
    api: Api, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.todo("Milk", deadline_at="2026-05-01")
    bad, good = feeds.make(color="red"), feeds.make()
    for feed in (bad, good):
        feeds.use(feed)
    real = ics.head

    def head(**look: Any) -> bytes:
        if look["color"]:
            break_down()
        return real(**look)

    monkeypatch.setattr(ics, "head", head)
    feeds.build()
    assert feeds.titles(good) == ["Milk"]
    assert feeds.row(bad).failure is not None
    assert feeds.change(bad, color=None)["failure"] is None  # what has made it fail is gone: it is tried at once
    assert feeds.build() == 2
    assert feeds.titles(bad) == ["Milk"]


def test_the_job_of_a_default_feed_and_its_address_hand_out_the_same(api: Api, feeds: Feeds) -> None:
    api.todo("Milk", deadline_at="2026-05-01")
    job_id = api.job()
    api.build()
    result, fetched = api.result(job_id), feeds.fetch(feeds.default())
    assert result.data == fetched.data
    assert result.headers["ETag"] == fetched.headers["ETag"]
    assert json.loads(api.get("/feeds").data)[0]["todos"] == 1


def test_a_restored_database_that_counted_the_same_revisions_again_is_rendered_anew(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    ids = [api.todo(f"{number:03}", deadline_at="2026-05-01")["id"] for number in range(300)]
    feed = feeds.built()
    feeds.build(cache=cache)
    with api.engine.connect() as connection:
        saved = connection.execute(text("SELECT number, stamp FROM chunks")).all()
        revision = connection.execute(text("SELECT revision FROM lists")).scalar_one()
    api.put(f"/todos/{ids[0]}", {"title": "lost"})
    feeds.build(cache=cache)
    with api.engine.begin() as connection:  # as it was when it was saved
        connection.execute(text("UPDATE todos SET title = '000', sequence = 0 WHERE id = :id"), {"id": ids[0]})
        connection.execute(text("UPDATE lists SET revision = :r"), {"r": revision})
        connection.execute(text("UPDATE feeds SET built_revision = :r"), {"r": revision})
        for number, stamp in saved:
            connection.execute(text("UPDATE chunks SET stamp = :s WHERE number = :n"), {"s": stamp, "n": number})
    api.put(f"/todos/{ids[-1]}", {"title": "new"})
    feeds.build(cache=cache)
    assert feeds.titles(feed) == sorted([*(f"{number:03}" for number in range(299)), "new"])


def test_a_list_that_moves_to_another_zone_and_back_before_a_build_is_rendered_anew(api: Api, feeds: Feeds) -> None:
    cache = feed_pieces.piece_cache()
    for number in range(300):
        api.todo(f"{number:03}", deadline_at="2026-05-01T10:00:00")
    feed = feeds.make()
    feeds.use(feed)
    feeds.build(cache=cache)
    for zone in ("Europe/Berlin", None):
        api.patch("/lists/1", {"time_zone": zone})
    feeds.build(cache=cache)
    assert feeds.stored(feed).count(b"SEQUENCE:2") == 300
    check_against_anew(feeds, [feed])
