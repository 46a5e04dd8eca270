"""The worker's edge: the Celery application `celery`, its thin tasks, and the sweep that every worker does.

No variable here may be called `app`: `celery --app todo.tasks.ical` would take it for the application.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from typing import Any

import structlog
from celery import bootsteps, signals
from sqlalchemy.exc import SQLAlchemyError

from todo import activity, builds, config, database, events, feed_pieces, ics, jobs, logs, outcomes, schema
from todo.errors import BadSetting, SchemaMismatch
from todo.tasks.bell import BUILD_TASK
from todo.tasks.celery_app import make_celery, make_folders
from todo.tasks.relaying import Relaying
from todo.tasks.sweeper import Sweeper

STARTUP_SECONDS = 60
"""How long a worker waits for its database to come up, and to be migrated."""

STOP_SECONDS = 8
"""How long a worker that is asked to stop may take for the work under way; a container is killed after 10."""

_CLEAN_UP_SECONDS = 3600
_TELL_SECONDS = 0.05  # whoever waits for the job by its status comes first

try:
    settings = config.load()
except BadSetting as error:
    raise SystemExit(f"taskoverflow: {error}") from None

celery = make_celery(settings, __name__)
_engine = database.open_engine(settings.database_url)
_sessions = database.sessions(_engine)
_pieces = feed_pieces.piece_cache()
_counter = activity.Counter(_sessions)
_log = structlog.get_logger(__name__)


class BuildFailed(Exception):
    """What Celery's result backend says of a job whose build failed."""


@celery.task(name="ical", shared=False)
def create_ical(todos: Any) -> str:
    """iCalendar text of a list of todo dicts, as the API's JSON gives them. Anything else raises `BadInput`."""
    return ics.render(ics.todos_from_payload(todos), look=ics.Look(finished="show")).decode()


@celery.task(name=BUILD_TASK, ignore_result=True, shared=False)
def build_calendar(list_id: int) -> None:
    """Make the list's feeds current, now or when its window is over, and tell how its jobs ended."""
    try:
        _build(int(list_id))
    except SQLAlchemyError as error:
        # The list stays behind, and a sweep builds it. Delivering the message again would do no more.
        _log.warning("list_build_postponed", list_id=list_id, error=f"{type(error).__name__}: {error}"[:300])


def _build(list_id: int) -> None:
    outcome = builds.build_list(_sessions, list_id, settings, _pieces)
    if outcome.built:
        _counter.add("build", list_id)
    if outcome.wait_seconds is not None:
        sweeper.visit_in(list_id, outcome.wait_seconds)
    elif settings.result_backend is not None:
        teller.visit_in(list_id, _TELL_SECONDS)


def _tell_outcomes(list_id: int) -> None:
    with _sessions() as session:
        outcomes.tell_outcomes(session, list_id, _store_result)


def _store_result(outcome: outcomes.Outcome) -> None:
    if outcome.failure is None:
        result = {"revision": outcome.revision, "etag": outcome.etag}
        celery.backend.store_result(outcome.job_id, result, "SUCCESS")
    else:
        celery.backend.store_result(outcome.job_id, BuildFailed(outcome.failure), "FAILURE")


def _build_stale() -> None:
    while True:
        with _sessions() as session:
            list_id = builds.take_stale(session, settings)
        if list_id is None:
            return
        _log.info("list_swept", list_id=list_id)
        _build(list_id)


def _tell_untold() -> None:
    _clean_up()
    if settings.result_backend is not None:
        with _sessions() as session:
            untold = outcomes.lists_with_untold_outcomes(session, settings.STALE_SECONDS)
        for list_id in untold:
            teller.visit_in(list_id, 0)  # each guarded by itself: one that fails must not keep the others


_last_clean_up = float("-inf")


def _clean_up() -> None:
    """Now and then delete what is old."""
    global _last_clean_up
    if time.monotonic() - _last_clean_up < _CLEAN_UP_SECONDS:
        return
    with _sessions() as session:
        jobs.delete_old_jobs(session, settings.JOBS_KEPT_DAYS * 86_400)
        activity.delete_old(session)
        events.settle_mode(database.begin_change(session), settings, may_end=True)
        session.commit()
        events.delete_old(session, timedelta(days=settings.EVENTS_RETENTION_DAYS))
    _last_clean_up = time.monotonic()
    if settings.result_backend is not None:
        celery.backend.cleanup()  # files and tables don't expire by themselves, as Redis keys do


sweeper = Sweeper("sweeper", sweep=_build_stale, visit=_build, interval_seconds=settings.SWEEP_SECONDS)

# A thread of its own: while the result backend hangs, no build may wait for it.
teller = Sweeper("teller", sweep=_tell_untold, visit=_tell_outcomes, interval_seconds=settings.SWEEP_SECONDS)


# Another one: while a sink hangs, nothing else may wait for it.
relaying = Relaying(_sessions, settings.EVENTS_URL if settings.sends_events else "")


class _Sweeping(bootsteps.StartStopStep):
    """Sweeps as long as the worker lives, from before it has reached its broker, which may be down."""

    requires = frozenset({"celery.worker.components:Pool"})  # a pool of processes must not copy running threads

    def start(self, _worker: object) -> None:
        """Begin."""
        sweeper.start()
        teller.start()
        relaying.start()

    def stop(self, _worker: object) -> None:
        """End; what runs is not waited for."""
        sweeper.stop()
        teller.stop()
        relaying.stop()


celery.steps["worker"].add(_Sweeping)


@signals.setup_logging.connect
def _set_up_logging(loglevel: int | None = None, **_: object) -> None:
    logs.set_up(loglevel or settings.LOG_LEVEL)


@signals.worker_init.connect
def _prepare(**_: object) -> None:
    """Wait for the database and its schema; a worker may be started before either."""
    make_folders(settings)
    deadline = time.monotonic() + STARTUP_SECONDS
    while True:
        try:
            schema.ensure(_engine)
            with _engine.begin() as connection:
                events.settle_mode(connection, settings, may_end=True)
        except (SQLAlchemyError, SchemaMismatch) as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"taskoverflow: the database is not ready: {error}") from None
            _log.warning("database_not_ready", error=f"{type(error).__name__}: {error}"[:300])
            time.sleep(1)
        else:
            return


@signals.worker_shutting_down.connect
def _bound_the_stop(**_: object) -> None:
    """End at last: closing a connection to a broker that hangs takes for ever. What is unacknowledged comes again."""
    timer = threading.Timer(STOP_SECONDS, os._exit, [1])
    timer.daemon = True
    timer.start()
