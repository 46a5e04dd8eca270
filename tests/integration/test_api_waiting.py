"""`Prefer: wait`: whoever asks for a calendar is answered when it is done, or when the time is over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from tests.integration.api import Api, break_down, in_the_middle_of_builds


@contextmanager
def builder(api: Api) -> Iterator[None]:
    """A worker's thread: builds once, when the bell has rung."""
    stop = Event()

    def build_when_rung() -> None:
        while not api.rings.heard and not stop.wait(0.01):
            pass
        if not stop.is_set():
            api.build()

    with ThreadPoolExecutor(1) as thread:
        built = thread.submit(build_when_rung)
        try:
            yield
        finally:
            stop.set()
            built.result()


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=20", "wait=20"),
        ("wait=30", "wait=30"),
        ("wait=999999999", "wait=30"),
        ('respond-async, WAIT = "20"', "wait=20"),
        ("handling=lenient; wait=3, wait=25", "wait=25"),
    ],
)
def test_who_prefers_to_wait_is_answered_when_it_is_done(api: Api, prefer: str, applied: str) -> None:
    with builder(api):
        answer = api.ask(Prefer=prefer)
    assert (answer.status_code, answer.json["task_status"]) == (200, "SUCCESS")
    assert answer.headers["Preference-Applied"] == applied
    assert "Retry-After" not in answer.headers
    assert api.result(answer.json["task_id"]).status_code == 200
    assert answer.headers["Location"].endswith(f"/{answer.json['task_id']}/status")


def test_who_waits_learns_of_a_failure(api: Api) -> None:
    with in_the_middle_of_builds(break_down), builder(api):
        answer = api.ask(Prefer="wait=20")
    assert (answer.status_code, answer.json["task_status"]) == (200, "FAILURE")
    assert "the ink is out" in answer.json["error"]


def test_a_wait_in_vain_ends_with_the_job_accepted(api: Api) -> None:
    answer = api.ask(Prefer="wait=1")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=1")
    assert set(answer.json) == {"task_id", "task_url"}
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    "prefer", ["", "wait", "wait=", "wait=-1", "wait=abc", "wait=1.5", "wait=٣", "waiting=5", ";,="]
)
def test_a_preference_that_makes_no_sense_is_none(api: Api, prefer: str) -> None:
    answer = api.ask(Prefer=prefer.encode().decode("latin-1"))
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_waiting_keeps_nobody_else_from_the_database(api: Api) -> None:
    with builder(api), ThreadPoolExecutor(12) as threads:
        answers = [future.result() for future in [threads.submit(api.ask, Prefer="wait=20") for _ in range(12)]]
    assert {answer.status_code for answer in answers} <= {200, 202}  # only so many may wait, so that others get through
    assert 200 in {answer.status_code for answer in answers}
    assert {api.status(answer.json["task_id"]) for answer in answers} == {"SUCCESS"}
