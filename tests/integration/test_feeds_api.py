"""The API's feeds: made, found, changed, deleted, given new addresses; what is wrong is refused without a trace."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.integration.api import Answer, Api
from tests.integration.refusals import refuses, refuses_json
from tests.integration.subscribers import Feeds
from todo import todos
from todo.feeds import FEEDS_MAX
from todo.views.feed_payloads import WARN_AT_OCTETS

ADDRESS = re.compile(r"http://localhost/feeds/[A-Za-z0-9_-]{22}\.ics")
FILTERS: dict[str, Any] = {
    "name": "Home, ünïcödé 🎉",
    "completed": False,
    "text": "Milk",
    "past_days": 0,
    "future_days": 36_500,
    "finished": "hide",
    "finished_days": 7,
    "show_as": "both",
    "all_day": True,
    "alarm_minutes": 40_320,
    "busy_only": True,
    "color": "teal",
}
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(FILTERS),
    "finished": "mark",
    "show_as": "events",
    "all_day": False,
    "busy_only": False,
}


@pytest.fixture
def feeds(api: Api) -> Feeds:
    return Feeds(api)


def filters_of(feed: dict[str, Any]) -> dict[str, Any]:
    return {name: feed[name] for name in FILTERS}


def test_a_list_has_a_default_feed_which_is_made_once(api: Api, feeds: Feeds) -> None:
    default = feeds.default()
    assert filters_of(default) == DEFAULTS
    assert ADDRESS.fullmatch(default["url"])
    assert default["webcal_url"] == default["url"].replace("http:", "webcal:")
    assert (default["built_revision"], default["etag"], default["failure"], default["warnings"]) == (-1, None, None, [])
    assert api.get("/feeds").json == [default]
    assert api.get(f"/feeds/{default['id']}").json == default


def test_a_default_feed_that_a_job_has_made_is_given_an_address(api: Api, feeds: Feeds) -> None:
    api.job()
    assert ADDRESS.fullmatch(feeds.default()["url"])
    assert len(api.get("/feeds").json) == 1


def test_a_feed_is_made_with_what_was_given_and_found_at_its_location(api: Api, feeds: Feeds) -> None:
    answer = api.post("/feeds", FILTERS)
    assert answer.status_code == 201
    feed = answer.json
    assert filters_of(feed) == FILTERS
    assert (feed["list_id"], feed["is_default"]) == (1, False)
    assert ADDRESS.fullmatch(feed["url"])
    assert answer.headers["Location"] == f"http://localhost/api/v1/feeds/{feed['id']}"
    assert api.get(f"/feeds/{feed['id']}").json == feed
    assert filters_of(feeds.make()) == DEFAULTS


def test_the_default_feed_comes_first_and_the_others_as_they_were_made(api: Api, feeds: Feeds) -> None:
    made = [feeds.make(name=name)["id"] for name in "cab"]
    assert [feed["id"] for feed in api.get("/feeds").json[1:]] == made
    assert feeds.default()["id"] not in made


def test_the_feeds_of_one_list_are_not_another_s(api: Api, feeds: Feeds) -> None:
    other = feeds.make_list()
    mine, theirs = feeds.make(name="mine"), feeds.make(name="theirs", list_id=other)
    assert theirs["list_id"] == other
    assert [feed["name"] for feed in api.get(f"/feeds?list_id={other}").json] == [None, "theirs"]
    assert [feed["id"] for feed in api.get("/feeds").json[1:]] == [mine["id"]]


def test_a_change_sets_the_fields_given_and_keeps_the_others_and_the_address(api: Api, feeds: Feeds) -> None:
    feed = feeds.make(**FILTERS)
    changed = feeds.change(feed, name=None, past_days=3)
    assert changed == {**feed, "name": None, "past_days": 3}
    assert api.get(f"/feeds/{feed['id']}").json == changed
    for name, value in DEFAULTS.items():  # each can be taken back
        assert feeds.change(feed, **{name: value})[name] == value
    assert filters_of(api.get(f"/feeds/{feed['id']}").json) == DEFAULTS


def test_a_change_is_one_of_the_list_and_what_changes_nothing_leaves_no_trace(api: Api, feeds: Feeds) -> None:
    feed = feeds.make(**FILTERS)
    revision = api.revision()
    api.build()
    before, heard = api.dump(), len(api.rings.heard)
    assert feeds.change(feed, **FILTERS) == feeds.change(feed) == api.get(f"/feeds/{feed['id']}").json
    assert (api.dump(), len(api.rings.heard)) == (before, heard)
    feeds.change(feed, color=None)
    assert api.revision() == revision + 1


def test_the_default_feed_can_be_changed_too(feeds: Feeds) -> None:
    assert feeds.change(feeds.default(), name="Mine", finished="hide")["name"] == feeds.default()["name"] == "Mine"


def test_a_deleted_feed_is_gone_with_its_calendar_and_its_address(api: Api, feeds: Feeds) -> None:
    api.todo(deadline_at="2026-05-01")
    feed = feeds.built()
    assert feeds.fetch(feed).status_code == 200
    for _ in range(2):
        answer = api.delete(f"/feeds/{feed['id']}")
        assert (answer.status_code, answer.json) == (200, {})
    assert api.get(f"/feeds/{feed['id']}").status_code == 404
    assert feeds.fetch(feed).status_code == 404
    assert api.dump()["feed_bodies"] == []
    assert len(api.titles()) == 1


def test_of_two_who_do_something_to_one_feed_at_once_the_second_finds_it_as_the_first_left_it(
    api: Api, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = todos.lock_list
    doomed: list[int] = []

    def lock_list(session: Session, list_id: int) -> todos.LockedList:
        locked = real(session, list_id)
        if doomed:  # somebody else had the lock before
            session.execute(text("DELETE FROM feeds WHERE id = :id"), {"id": doomed.pop()})
        return locked

    monkeypatch.setattr(todos, "lock_list", lock_list)
    calls: list[tuple[int, Callable[[str], Answer]]] = [
        (200, api.delete),
        (404, lambda path: api.patch(path, {"name": "x"})),
        (404, lambda path: api.post(f"{path}/rotate")),
        (404, lambda path: api.post(f"{path}/revoke")),
    ]
    for status, call in calls:
        feed_id = feeds.make()["id"]
        doomed.append(feed_id)
        assert call(f"/feeds/{feed_id}").status_code == status
        doomed.clear()


def test_the_default_feed_stays(api: Api, feeds: Feeds) -> None:
    refuses(api, 400, "feed_id", "DELETE", f"/feeds/{feeds.default()['id']}")


def test_a_new_address_takes_the_place_of_the_old_one_at_once(api: Api, feeds: Feeds) -> None:
    feed = feeds.built()
    body = feeds.body(feed)
    answer = api.post(f"/feeds/{feed['id']}/rotate")
    assert answer.status_code == 200
    rotated = answer.json
    assert ADDRESS.fullmatch(rotated["url"])
    assert rotated["url"] != feed["url"]
    assert feeds.fetch(feed).status_code == 404
    assert feeds.body(rotated) == body
    assert api.get(f"/feeds/{feed['id']}").json == rotated


def test_a_revoked_address_is_gone_until_a_new_one_is_made(api: Api, feeds: Feeds) -> None:
    for feed in (feeds.built(), feeds.default()):
        for _ in range(2):
            answer = api.post(f"/feeds/{feed['id']}/revoke")
            assert (answer.status_code, answer.json["url"], answer.json["webcal_url"]) == (200, None, None)
        assert feeds.fetch(feed).status_code == 404
        listed = {found["id"]: found["url"] for found in api.get("/feeds").json}
        assert listed[feed["id"]] is None  # being looked at gives it none
        again = api.post(f"/feeds/{feed['id']}/rotate").json["url"]
        assert again not in (feed["url"], None)
        assert feeds.fetch(again).status_code in (200, 503)


def test_addresses_are_secret_and_no_two_are_alike(api: Api, feeds: Feeds) -> None:
    urls = {feeds.make()["url"] for _ in range(20)} | {feeds.default()["url"]}
    assert len(urls) == 21
    everything = str(api.dump())
    assert not [url for url in urls if url.rpartition("/")[2].removesuffix(".ics") in everything]


def test_with_another_secret_addresses_still_work_but_cannot_be_shown(api: Api, feeds: Feeds) -> None:
    from todo.tokens import Tokens

    feed = feeds.built()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(api.app.config, "TOKENS", Tokens(b"a secret that nobody made this address with"))
        assert api.get(f"/feeds/{feed['id']}").json["url"] is None
        assert feeds.fetch(feed).status_code == 200
        rotated = api.post(f"/feeds/{feed['id']}/rotate").json["url"]
        assert ADDRESS.fullmatch(rotated)
    assert feeds.fetch(feed).status_code == 404
    assert feeds.fetch(rotated).status_code == 200


def test_a_list_has_so_many_feeds_and_no_more(api: Api, feeds: Feeds) -> None:
    feeds.default()
    with api.engine.begin() as connection:
        rows = [{"n": number} for number in range(FEEDS_MAX - 2)]
        connection.execute(text("INSERT INTO feeds (list_id, is_default, token_hash) VALUES (1, FALSE, :n)"), rows)
    last = feeds.make(name="the last")
    assert len(api.get("/feeds").json) == FEEDS_MAX == 1_000
    refuses_json(api, 400, "list_id", "POST", "/feeds", '{"name": "one too many"}')
    assert feeds.make(list_id=feeds.make_list())["id"]  # elsewhere there is room
    api.delete(f"/feeds/{last['id']}")
    assert feeds.make()["id"]


def test_a_feed_that_grows_too_large_for_google_says_so(api: Api, feeds: Feeds) -> None:
    feed = feeds.built()
    for octets, warned in [(WARN_AT_OCTETS, False), (WARN_AT_OCTETS + 1, True)]:
        feeds.set(feed, length=octets)
        assert bool(api.get(f"/feeds/{feed['id']}").json["warnings"]) == warned


def test_what_was_built_is_told(api: Api, feeds: Feeds) -> None:
    api.todo(deadline_at="2026-05-01")
    api.todo("undated")
    told = api.get(f"/feeds/{feeds.built()['id']}").json
    assert (told["built_revision"], told["todos"], told["failure"]) == (api.revision(), 1, None)
    assert told["bytes"] == len(feeds.body(told))
    assert f'"{told["etag"]}"' == feeds.fetch(told).headers["ETag"]


# Bad input.

CONTROLS = [*(chr(code) for code in range(0x20) if code not in (9, 10, 13)), "\x7f", "\x80", "\x9f", "\ud800"]
WRONG: dict[str, list[Any]] = {
    "name": [1, True, [], {}, "", " ", "\n\t", "x" * 256, "😀" * 256, *(f"a{bad}b" for bad in CONTROLS)],
    "completed": [0, 1, "true", "", [], {}],
    "text": [1, True, [], {}, "", "x" * 256, *(f"a{bad}b" for bad in CONTROLS)],
    **{
        name: [-1, 36_501, 10**9, 2**31, 2**63, 10**4_000, 1.5, True, False, "7", "", [], {}]
        for name in ("past_days", "future_days", "finished_days")
    },
    "finished": [None, "", "Hide", "show ", 1, True, [], ["hide"]],
    "show_as": [None, "", "event", "EVENTS", 1, True, []],
    "all_day": [None, 0, 1, "true", "", []],
    "alarm_minutes": [-1, 40_321, 10**9, 1.5, True, "15", "PT15M", [], {}],
    "busy_only": [None, 0, 1, "false", []],
    "color": ["", "Red", "#ff0000", "rebeccapurple", "red\n", "red;X:1", 1, True, []],
}
UNKNOWN = ["id", "is_default", "token", "token_hash", "token_seed", "url", "etag", "built_revision", "", "\x00", "é"]


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field, values in WRONG.items() for value in values],
    ids=lambda part: ascii(part)[:30],
)
def test_a_field_that_breaks_its_rule_is_refused(busy_api: Api, field: str, value: Any) -> None:
    default = Feeds(busy_api).default()
    body = json.dumps({"name": "changed", field: value})
    refuses_json(busy_api, 400, field, "POST", "/feeds", body)
    refuses_json(busy_api, 400, field, "PATCH", f"/feeds/{default['id']}", body)


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_field_that_is_not_known_is_refused(busy_api: Api, name: str) -> None:
    default = Feeds(busy_api).default()
    body = json.dumps({"name": "changed", name: 1})
    refuses_json(busy_api, 400, name, "POST", "/feeds", body)
    refuses_json(busy_api, 400, name, "PATCH", f"/feeds/{default['id']}", body)
    refuses_json(busy_api, 400, "list_id", "PATCH", f"/feeds/{default['id']}", '{"list_id": 1}')


@pytest.mark.parametrize("value", ["null", "0", "-1", "1.0", "true", '"1"', "[]", str(2**31), str(2**63)])
def test_a_list_that_can_be_none_is_refused(busy_api: Api, value: str) -> None:
    refuses_json(busy_api, 400, "list_id", "POST", "/feeds", f'{{"list_id": {value}}}')


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "+1", "%201", "1_0", "1.0", "x", "%EF%BC%91", str(2**31), "9" * 4_000]
)
def test_a_list_in_the_address_that_can_be_none_is_refused(busy_api: Api, value: str) -> None:
    refuses(busy_api, 400, "list_id", "GET", f"/feeds?list_id={value}")


def test_a_list_that_is_not_there_is_not_found(busy_api: Api) -> None:
    refuses(busy_api, 404, "list_id", "GET", "/feeds?list_id=999999")
    refuses(busy_api, 404, "list_id", "GET", f"/feeds?list_id={2**31 - 1}")
    refuses_json(busy_api, 404, "list_id", "POST", "/feeds", '{"list_id": 999999}')


@pytest.mark.parametrize(
    "feed_id", ["999999", "0", "-1", "01", "1.0", "x", "%00", "9" * 4_000, "%EF%BC%91", str(2**31)]
)
def test_a_feed_that_is_not_there_is_not_found(busy_api: Api, feed_id: str) -> None:
    refuses(busy_api, 404, "feed_id", "GET", f"/feeds/{feed_id}")
    refuses_json(busy_api, 404, "feed_id", "PATCH", f"/feeds/{feed_id}", '{"name": "changed"}')
    refuses(busy_api, 404, "feed_id", "POST", f"/feeds/{feed_id}/rotate")
    refuses(busy_api, 404, "feed_id", "POST", f"/feeds/{feed_id}/revoke")
    if feed_id != "999999":
        refuses(busy_api, 404, "feed_id", "DELETE", f"/feeds/{feed_id}")


@pytest.mark.parametrize("body", ["", "null", "[]", "1", '"x"', "[{}]", '{"name": "x"', '{"name": NaN}', "\x00"])
def test_a_body_that_is_no_object_is_refused(busy_api: Api, body: str) -> None:
    default = Feeds(busy_api).default()
    refuses_json(busy_api, 400, "body", "POST", "/feeds", body)
    refuses_json(busy_api, 400, "body", "PATCH", f"/feeds/{default['id']}", body)


def test_a_name_given_twice_is_refused(busy_api: Api) -> None:
    default = Feeds(busy_api).default()
    for method, path in [("POST", "/feeds"), ("PATCH", f"/feeds/{default['id']}")]:
        refuses_json(busy_api, 400, "name", method, path, '{"name": "a", "name": "b"}')


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", "   "), ("text", "\n"), ("name", "two\nlines"), ("name", "x\r\nX-EVIL:1"), ("name", " ")],
)
def test_blank_filters_and_names_of_several_lines_are_refused(api: Api, field: str, value: str) -> None:
    answer = api.post("/feeds", {field: value})
    assert (answer.status_code, answer.json["field"]) == (400, field)


def test_making_a_feed_does_not_build_the_others(api: Api, feeds: Feeds) -> None:
    built = feeds.built()
    revision = api.revision()
    feeds.make(name="Another")
    assert api.revision() == revision
    assert feeds.build() == 0
    assert feeds.row(built).built_revision == revision


def test_an_address_made_with_another_secret_is_told_from_a_revoked_one(api: Api, feeds: Feeds) -> None:
    feed = feeds.built()
    feeds.set(feed, token_seed="0" * 32)  # as if the secret were another
    found = api.get(f"/feeds/{feed['id']}").json
    assert (found["url"], found["revoked"]) == (None, False)
    assert "SECRET_KEY" in found["warnings"][0]
    assert feeds.fetch(feed).status_code == 200
    revoked = api.post(f"/feeds/{feed['id']}/revoke").json
    assert (revoked["url"], revoked["revoked"], revoked["warnings"]) == (None, True, [])


def test_a_list_moved_to_another_time_zone_tells_calendar_apps_that_its_events_moved(api: Api, feeds: Feeds) -> None:
    api.todo("local", deadline_at="2026-05-01T10:00:00")
    api.todo("day", deadline_at="2026-05-01")
    feed = feeds.built()
    assert feeds.body(feed).count(b"SEQUENCE:0") == 2
    api.patch("/lists/1", {"time_zone": "Australia/Brisbane"})
    feeds.build()
    body = feeds.body(feed)
    assert b"DTSTART:20260501T000000Z" in body
    assert (body.count(b"SEQUENCE:1"), body.count(b"SEQUENCE:0")) == (1, 1)


def test_addresses_stay_out_of_caches(api: Api, feeds: Feeds) -> None:
    feed = feeds.make()
    for path in ("/feeds", f"/feeds/{feed['id']}"):
        assert api.get(path).headers["Cache-Control"] == "no-store"
