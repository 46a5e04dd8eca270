"""What is counted of a list, and `GET /api/v1/lists/<id>/activity`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from tests.integration.api import Api
from tests.integration.subscribers import Feeds
from tests.running import DEADLINE_SECONDS, Deployment, ends
from tests.servers.process import wait_until
from todo import activity
from todo.activity import Counter
from todo.models import Activity

FIGURES = {"changes", "bells", "builds", "fetches", "not_modified", "bytes_sent", "bytes_saved"}


def counter(api: Api) -> Counter:
    found: Counter = api.app.config["COUNTER"]
    return found


@pytest.fixture
def api(api: Api) -> Api:
    """The API on an empty database, with nothing counted that has not been written yet."""
    counter(api).flush()
    with api.engine.begin() as connection:
        connection.execute(delete(Activity))
    return api


def figures(api: Api, query: str = "") -> dict[str, Any]:
    """The answer, with everything that was counted so far."""
    counter(api).flush()
    answer = api.get(f"/lists/1/activity{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def changes(api: Api) -> int:
    count: int = figures(api)["totals"]["changes"]
    return count


def test_what_really_changes_a_list_is_counted(api: Api) -> None:
    first, second = api.todo("first")["id"], api.todo("second")["id"]
    assert changes(api) == 2
    api.put(f"/todos/{first}", {"title": "another"})
    assert changes(api) == 3
    api.patch("/todos", [{"id": first, "deleted": True}, {"id": second, "completed": True}, {"id": 99, "title": "x"}])
    assert changes(api) == 5
    api.delete(f"/todos/{second}")
    assert changes(api) == 6
    api.patch("/lists/1", {"name": "Errands", "time_zone": "Europe/Berlin"})
    assert changes(api) == 7


def test_what_changes_nothing_is_not_counted(api: Api) -> None:
    todo_id = api.todo("same", priority=3)["id"]
    api.patch("/lists/1", {"name": "Errands"})
    before = changes(api)
    assert api.put(f"/todos/{todo_id}", {"title": "same", "priority": 3}).status_code == 200
    assert api.put(f"/todos/{todo_id}", {"title": ""}).status_code == 400
    assert api.put("/todos/99", {"title": "x"}).status_code == 404
    assert api.patch("/todos", [{"id": todo_id, "title": "same"}]).status_code == 200
    assert api.delete("/todos/99").status_code == 200
    assert api.patch("/lists/1", {"name": "Errands"}).status_code == 200
    assert api.patch("/lists/9", {"name": "Errands"}).status_code == 404
    assert api.post("/todos", {}).status_code == 400
    assert changes(api) == before


def test_fetches_are_counted_with_the_bytes_that_were_sent_and_those_that_were_not(api: Api) -> None:
    api.todo("a todo", deadline_at="2031-05-01")
    url = f"//{api.get('/feeds').json[0]['url'].partition('//')[2].partition('/')[2]}"
    api.job()
    api.build()
    sent = api.get(url)
    assert sent.status_code == 200
    for _ in range(3):
        assert api.get(url, headers={"If-None-Match": sent.headers["ETag"]}).status_code == 304
    found = figures(api)
    length = len(sent.data)
    assert found["totals"] == {
        **dict.fromkeys(FIGURES, 0),
        "changes": 1,
        "fetches": 4,
        "not_modified": 3,
        "bytes_sent": length,
        "bytes_saved": 3 * length,
    }
    assert found["summary"].startswith("1 change → 0 builds, 4 fetches → 3 not modified, ")


def test_the_parts_are_equal_and_sum_up_to_the_totals(api: Api) -> None:
    for _ in range(3):
        api.todo()
    counter(api).add("build", 1, times=2)
    counter(api).add("bell", 1)
    before = datetime.now(UTC)
    found = figures(api, "?minutes=100&buckets=7")
    begins = [datetime.fromisoformat(part["from"]) for part in found["series"]]
    length = timedelta(minutes=found["bucket_minutes"])
    assert length == timedelta(minutes=15)
    assert len(begins) == 7
    assert begins == [begins[0] + number * length for number in range(7)]
    assert found["from"] == found["series"][0]["from"]
    assert before < datetime.fromisoformat(found["to"]) == begins[-1] + length
    assert begins[-1] <= datetime.now(UTC)
    for name in FIGURES:
        assert sum(part[name] for part in found["series"]) == found["totals"][name]
    assert (found["totals"]["changes"], found["totals"]["builds"], found["totals"]["bells"]) == (3, 2, 1)


def test_a_minute_is_in_the_part_that_it_begins_in(api: Api) -> None:
    now = datetime(2026, 5, 1, 12, 34, 56)
    fixed = {"list_id": 1, "what": "change", "feed_id": 0, "client": "", "octets": 0, "last_at": now}
    minutes = {  # the span of two hours in four parts: 11:00, 11:30, 12:00 and 12:30 to 13:00
        datetime(2026, 5, 1, 10, 59): 1,
        datetime(2026, 5, 1, 11, 0): 2,
        datetime(2026, 5, 1, 11, 29): 4,
        datetime(2026, 5, 1, 11, 30): 8,
        datetime(2026, 5, 1, 12, 34): 16,
        datetime(2026, 5, 1, 12, 59): 32,
        datetime(2026, 5, 1, 13, 0): 64,
    }
    with api.engine.begin() as connection:
        connection.execute(insert(Activity), [{**fixed, "minute": at, "times": n} for at, n in minutes.items()])
        connection.execute(insert(Activity), [{**fixed, "minute": now, "what": "of later", "times": 1}])
    with api.sessions() as session:
        series = activity.read(session, 1, minutes=120, buckets=4, now=now)
    assert series.start == datetime(2026, 5, 1, 11, 0)
    assert [part.changes for part in series.buckets] == [6, 8, 0, 48]
    assert series.totals == activity.Figures(changes=62)


def test_large_numbers_are_told_exactly(api: Api) -> None:
    for _ in range(3):
        counter(api).add("not_modified", 1, feed_id=1, times=2_000_000_000 // 3, octets=2**60)
    totals = figures(api)["totals"]
    assert (totals["not_modified"], totals["bytes_saved"]) == (3 * (2_000_000_000 // 3), 3 * 2**60)


def test_it_is_one_aggregate_query_however_long_the_span(api: Api) -> None:
    api.todo()
    counter(api).flush()
    with api.statements() as statements:
        answer = api.get("/lists/1/activity?minutes=43200&buckets=200")
    assert len(answer.json["series"]) == 200
    assert len([statement for statement in statements if "FROM activity" in statement]) == 1


@pytest.mark.parametrize("field", ["minutes", "buckets"])
@pytest.mark.parametrize("text", ["0", "-1", "43201", "x", "1.5", "", "٣", "1_0", "9" * 400])
def test_a_bad_number_is_refused_by_its_name(api: Api, field: str, text: str) -> None:
    answer = api.get("/lists/1/activity", query_string={field: text})
    assert (answer.status_code, answer.json["field"]) == (400, field), answer.text


@pytest.mark.parametrize("list_id", ["2", "0", "-1", "x", "99999999999"])
def test_an_unknown_list_is_not_found(api: Api, list_id: str) -> None:
    answer = api.get(f"/lists/{list_id}/activity")
    assert (answer.status_code, answer.json["field"]) == (404, "list_id")


def test_counts_are_forgotten_after_thirty_days(api: Api) -> None:
    now = datetime.now(UTC).replace(tzinfo=None, second=0, microsecond=0)
    ages = [timedelta(0), timedelta(days=29), timedelta(days=31), timedelta(days=400)]
    fixed = {"list_id": 1, "what": "change", "feed_id": 0, "client": "", "times": 1, "octets": 0, "last_at": now}
    with api.engine.begin() as connection:
        connection.execute(insert(Activity), [{**fixed, "minute": now - age} for age in ages])
    with api.sessions() as session:
        activity.delete_old(session)
        assert list(session.scalars(select(Activity.minute).order_by(Activity.minute))) == [now - ages[1], now]


def test_server_and_worker_count_and_write_what_they_have_when_they_stop(tmp_path: Path, database_url: str) -> None:
    with Deployment(tmp_path, {"SQLALCHEMY_DATABASE_URI": database_url}) as deployment:
        web, worker = deployment.start_web(), deployment.start_worker()
        job = deployment.post_job()
        deployment.wait_for_job(job)
        deployment.add("counted")
        wait_until(lambda: deployment.query("SELECT builds FROM lists") >= 2, DEADLINE_SECONDS, "a second build")
        deployment.wait_for_job(deployment.post_job())
        assert ends(worker, DEADLINE_SECONDS) == 0
        deployment.add("counted at the last moment")
        assert ends(web, DEADLINE_SECONDS) == 0
        counts = {
            what: deployment.query("SELECT sum(times) FROM activity WHERE what = :what", what=what)
            for what in ("change", "bell", "build")
        }
    assert counts["change"] == 2
    assert counts["build"] == 2
    assert counts["bell"] >= 2


def test_examining_a_feed_counts_as_no_fetch(api: Api) -> None:
    api.todo("Milk", deadline_at="2026-05-01T10:00:00")
    feeds = Feeds(api)
    feed = feeds.built()
    before = figures(api)["totals"]["fetches"]
    for _ in range(2):
        answer = api.get(f"/feeds/{feed['id']}/doctor")
        assert (answer.status_code, answer.json["read_by"]) == (200, []), answer.text
    assert figures(api)["totals"]["fetches"] == before
    feeds.fetch(feed)
    assert figures(api)["totals"]["fetches"] == before + 1
