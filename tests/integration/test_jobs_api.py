"""Calendar jobs over the API: asking, asking again, and what comes of a failed build."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.integration.api import Api, break_down, in_the_middle_of_builds
from todo.models import Job


def test_a_job_is_accepted_with_its_id_and_where_to_ask(api: Api) -> None:
    answer = api.ask()
    assert answer.status_code == 202
    task_id = answer.json["task_id"]
    url = f"http://localhost/api/v1/todos/ical/{task_id}/status"
    assert answer.json == {"task_id": task_id, "task_url": url}
    assert answer.headers["Location"] == url
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_job_is_pending_until_built_and_then_hands_out_the_calendar(api: Api) -> None:
    todo = api.todo("Buy milk", deadline_at="2023-04-03T14:00:00")
    task_id = api.job()
    waiting = api.get(f"/todos/ical/{task_id}/status")
    url = f"http://localhost/api/v1/todos/ical/{task_id}/result"
    assert waiting.json == {"task_id": task_id, "task_status": "PENDING", "result_url": url}
    assert int(waiting.headers["Retry-After"]) >= 1
    early = api.result(task_id)
    assert (early.status_code, early.json["error"]) == (404, "Task not finished")
    api.build()
    done = api.get(f"/todos/ical/{task_id}/status")
    assert done.json == {"task_id": task_id, "task_status": "SUCCESS", "result_url": url}
    assert "Retry-After" not in done.headers
    calendar = api.result(task_id)
    assert (calendar.status_code, calendar.mimetype) == (200, "text/calendar")
    assert "SUMMARY:Buy milk\r\nDTSTART:20230403T140000\r\n" in calendar.text
    assert f"UID:{todo['id']}@" in calendar.text


def test_the_calendar_of_no_todos_is_a_calendar(api: Api) -> None:
    task_id = api.job()
    api.build()
    assert api.result(task_id).text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")


def test_a_calendar_is_not_sent_again_to_who_has_it(api: Api) -> None:
    task_id = api.job()
    api.build()
    etag = api.result(task_id).headers["ETag"]
    again = api.result(task_id, **{"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert api.result(task_id, **{"If-None-Match": '"another"'}).status_code == 200


def test_asking_for_a_current_calendar_is_done_before_it_returns(api: Api) -> None:
    api.todo(deadline_at="2026-05-01")
    api.job()
    api.build()
    task_id = api.job()
    assert api.status(task_id) == "SUCCESS"
    assert api.result(task_id).status_code == 200
    assert api.build_count() == 1


def test_twenty_jobs_at_once_ring_once_and_are_one_build(api: Api) -> None:
    ids = [api.job() for _ in range(20)]
    assert len(set(ids)) == 20
    assert api.rings.heard == [(1, ids[0])]
    api.build()
    assert [api.status(task_id) for task_id in ids] == ["SUCCESS"] * 20
    assert api.build_count() == 1


def test_a_job_after_a_change_that_rang_need_not_ring(api: Api) -> None:
    api.todo()
    api.job()
    assert api.rings.heard == [(1, None)]


def test_changes_after_a_job_was_asked_for_do_not_put_it_off(api: Api) -> None:
    api.todo("first", deadline_at="2026-05-01")
    task_id = api.job()
    api.build()
    api.todo("second", deadline_at="2026-05-01")
    assert api.status(task_id) == "SUCCESS"
    assert "second" not in api.result(task_id).text
    later = api.job()
    assert api.status(later) == "PENDING"
    api.build()
    assert api.status(later) == "SUCCESS"
    for finished in (task_id, later):  # at its revision or a later one
        assert "second" in api.result(finished).text


def test_a_job_is_started_while_it_is_built(api: Api) -> None:
    seen: list[str] = []
    task_id = api.job()

    def look() -> None:
        seen.append(api.status(task_id))
        api.todo("meanwhile")
        seen.append(api.status(api.job()))

    with in_the_middle_of_builds(look):
        api.build()
    assert seen == ["STARTED", "PENDING"]
    assert api.status(task_id) == "SUCCESS"


def test_the_same_key_gives_the_same_job(api: Api) -> None:
    first = api.ask(Idempotency_Key="a-key")
    api.todo()
    again = api.ask(Idempotency_Key="a-key")
    assert (again.status_code, again.json) == (202, first.json)
    assert api.job(Idempotency_Key="another-key") != first.json["task_id"]
    assert api.job() != first.json["task_id"]


def test_a_key_is_known_when_its_job_is_done(api: Api) -> None:
    task_id = api.job(Idempotency_Key="a-key")
    api.build()
    answer = api.ask(Idempotency_Key="a-key", Prefer="wait=0")
    assert (answer.status_code, answer.json["task_id"], answer.json["task_status"]) == (200, task_id, "SUCCESS")


def test_keys_are_told_apart_by_every_character(api: Api) -> None:
    keys = ["a", "A", "a" * 255, "a" * 254 + "b", "'", '"', "%", "_", "\\"]
    assert len({api.job(Idempotency_Key=key) for key in keys}) == len(keys)


def test_the_same_key_at_the_same_moment_is_one_job(api: Api) -> None:
    together = Barrier(8)

    def ask_with_others() -> str:
        together.wait(10)
        return api.job(Idempotency_Key="a-key")

    with ThreadPoolExecutor(8) as threads:
        found = {future.result() for future in [threads.submit(ask_with_others) for _ in range(8)]}
    assert len(found) == 1
    assert api.scalar(select(func.count()).select_from(Job)) == 1
    assert api.rings.heard == [(1, *found)]


@pytest.mark.parametrize("task_id", ["00000000-0000-0000-0000-000000000000", "x", "1", "%00", "a" * 4_000, "ical"])
@pytest.mark.parametrize("what", ["status", "result"])
def test_an_id_never_given_out_is_not_found(api: Api, task_id: str, what: str) -> None:
    answer = api.get(f"/todos/ical/{task_id}/{what}")
    assert (answer.status_code, answer.json["field"]) == (404, "task_id")
    assert answer.json["error"] != "Task not finished"
    assert len(answer.text) < 1_000


def test_a_failed_build_fails_its_jobs_and_a_new_one_tries_again(api: Api) -> None:
    api.todo(deadline_at="2026-05-01")
    first = api.job()
    with in_the_middle_of_builds(break_down):
        api.build()
    answer = api.get(f"/todos/ical/{first}/status")
    assert answer.json["task_status"] == "FAILURE"
    assert answer.json["error"] == "RuntimeError: the ink is out"
    assert "Retry-After" not in answer.headers
    assert api.result(first).status_code == 404
    api.rings.heard.clear()
    second = api.job()
    assert api.rings.heard == [(1, second)]
    assert api.status(second) in ("PENDING", "STARTED")
    api.build()
    assert api.status(second) == "SUCCESS"
    assert "BEGIN:VEVENT" in api.result(second).text


def test_a_failed_build_is_not_repeated_by_itself(api: Api) -> None:
    api.job()
    with in_the_middle_of_builds(break_down):
        api.build()
    api.build()
    assert api.build_count() == 1


def test_a_failure_does_not_take_away_the_calendar_of_earlier_jobs(api: Api) -> None:
    first = api.job()
    api.build()
    body = api.result(first).data
    api.todo(deadline_at="2026-05-01")
    second = api.job()
    with in_the_middle_of_builds(break_down):
        api.build()
    assert (api.status(first), api.status(second)) == ("SUCCESS", "FAILURE")
    assert api.result(first).data == body


def test_a_new_attempt_waits_for_its_own_build_to_start(api: Api) -> None:
    api.job()
    with in_the_middle_of_builds(break_down):
        api.build()
    assert api.status(api.job()) == "PENDING"
