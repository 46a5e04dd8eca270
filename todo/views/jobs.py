"""The API's jobs: asking for the calendar, waiting for it, getting it."""

from __future__ import annotations

import gzip
import re
import time
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request

from todo import jobs
from todo.errors import NotFound
from todo.models import db
from todo.models.list import DEFAULT_LIST_ID
from todo.views.idempotency import idempotency_key
from todo.views.openapi import answers
from todo.views.routes import bell, json_response
from todo.views.urls import external_url
from todo.views.waiting import ROOM

job_api = APIBlueprint("jobs", __name__, url_prefix="/api/v1", tag="TaskOverflow")

WAIT_MAX_SECONDS = 30

_RETRY_AFTER_SECONDS = "1"
_MOMENT_SECONDS, _GLANCE_SECONDS = 0.02, 0.001
_POLL_SECONDS = (0.01, 0.02, 0.05, 0.1)


@job_api.post("/todos/ical")
@job_api.doc(
    responses=answers({200: ("Done within the time to wait", "JobStatus"), 202: ("The job", "Job")}, errors=[400])
)
def create_ical() -> Response:
    """Ask for the calendar of all todos, as they are now.

    `Prefer: wait=N` answers when it is made, after at most N seconds (30 at the most). The same `Idempotency-Key` gives
    the same job again.
    """
    state = jobs.request_build(
        db.session(),
        DEFAULT_LIST_ID,
        ring=bell().ring,
        idempotency_key=idempotency_key(),
        tell=current_app.config["SETTINGS"].result_backend is not None,
    )
    status_url = external_url(f"/api/v1/todos/ical/{state.job_id}/status")
    headers = {"Location": status_url}
    wait_seconds = _preferred_wait()
    if wait_seconds is not None:
        state, waited = _wait(state, wait_seconds)
        if waited:
            headers["Preference-Applied"] = f"wait={wait_seconds}"
        if state.finished:
            return json_response(_job_status(state), 200, headers)
    headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return json_response({"task_id": state.job_id, "task_url": status_url}, 202, headers)


@job_api.get("/todos/ical/<task_id>/status")
@job_api.doc(responses=answers({200: ("How far the job is", "JobStatus")}, errors=[404]))
def get_task(task_id: str) -> Response:
    """How far a calendar job is, in Celery's words: PENDING, STARTED, RETRY, SUCCESS or FAILURE."""
    state = jobs.job_state(db.session(), _task_id(task_id))
    if state.status == "STARTED":
        state = _a_moment_later(state)
    return json_response(_job_status(state), 200, {} if state.finished else {"Retry-After": _RETRY_AFTER_SECONDS})


@job_api.get("/todos/ical/<task_id>/result")
@job_api.doc(responses=answers({200: ("The calendar", None)}, errors=[404]))
def get_calendar(task_id: str) -> Response:
    """The calendar that a job made, at its revision or a later one; 404 while it isn't made."""
    calendar = jobs.job_calendar(db.session(), _task_id(task_id))
    response = Response(content_type="text/calendar; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.data = calendar.gzip
        response.content_encoding = "gzip"
        response.set_etag(calendar.gzip_etag)
    else:
        response.data = gzip.decompress(calendar.gzip)
        response.set_etag(calendar.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _job_status(state: jobs.JobState) -> dict[str, Any]:
    content = {
        "task_id": state.job_id,
        "task_status": state.status,
        "result_url": external_url(f"/api/v1/todos/ical/{state.job_id}/result"),
    }
    if state.failure is not None:
        content["error"] = state.failure
    return content


def _a_moment_later(state: jobs.JobState) -> jobs.JobState:
    """The state when the build that runs is over, or a moment later: most are over by then, and nobody asks again."""
    if ROOM.acquire(blocking=False):
        try:
            deadline = time.monotonic() + _MOMENT_SECONDS
            while state.status == "STARTED" and time.monotonic() < deadline:
                time.sleep(_GLANCE_SECONDS)
                state = jobs.job_state(db.session(), state.job_id)
        finally:
            ROOM.release()
    return state


def _wait(state: jobs.JobState, seconds: int) -> tuple[jobs.JobState, bool]:
    """The state when it is final or the time is over, and whether there was room to wait for it."""
    deadline = time.monotonic() + seconds
    pauses = iter(_POLL_SECONDS)
    pause = next(pauses)
    if state.finished:
        return state, True
    if not ROOM.acquire(blocking=False):
        return state, False
    try:
        while not state.finished and time.monotonic() < deadline:
            db.session.rollback()  # holds no connection while it waits
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = next(pauses, _POLL_SECONDS[-1])
            state = jobs.job_state(db.session(), state.job_id)
    finally:
        ROOM.release()
    return state, True


def _preferred_wait() -> int | None:
    """Seconds from `Prefer: wait=N` (RFC 7240, section 4.3). A preference that makes no sense is none, as it says."""
    for preference in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait" and re.fullmatch('"?[0-9]{1,9}"?', value.strip()):
            return min(int(value.strip().strip('"')), WAIT_MAX_SECONDS)
    return None


def _task_id(text: str) -> str:
    if not re.fullmatch("[0-9a-f-]{36}", text):  # also what no database takes as text
        raise NotFound("There is no task with this id", field="task_id")
    return text
