"""Puts the web side together: settings, database, bell, routes, page, errors."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from apiflask import APIFlask
from flask import Response
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import todo
from todo import config, database, events, logs, schema, search
from todo.activity import Counter
from todo.models import db
from todo.queues.console import Console
from todo.tasks.bell import Bell
from todo.tasks.celery_app import make_celery, make_folders
from todo.tokens import Tokens, load_secret
from todo.views import errors, openapi, page, requests, urls
from todo.views.activity import activity_api
from todo.views.doctor import doctor_api
from todo.views.events import event_api
from todo.views.feeds import feed_api
from todo.views.jobs import job_api
from todo.views.live import live_api
from todo.views.queues import queue_api
from todo.views.routes import api
from todo.views.strict_json import StrictJSONProvider, StrictRequest
from todo.views.subscription import Subscriptions
from todo.views.sync import sync_api

BODY_MAX_BYTES = 4 * 1024 * 1024
"""Largest request body; a batch of 10,000 changes takes a tenth of it."""

_log = structlog.get_logger(__name__)


class Application(APIFlask):
    """The web application, with the product's own way to read JSON."""

    request_class = StrictRequest
    json_provider_class = StrictJSONProvider


def make_application(overrides: Mapping[str, Any]) -> APIFlask:
    """The application, as `todo.create_app` says."""
    settings = config.load(overrides)
    logs.set_up(settings.LOG_LEVEL)
    app = Application("todo", title="TaskOverflow", version=todo.__version__, docs_path=None)
    app.config.update(overrides)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=BODY_MAX_BYTES,
        TRUSTED_HOSTS=None,  # Flask knows this name too, would take our text for one host, and its rules are coarser
    )
    make_folders(settings)
    app.config["BELL"] = Bell(
        make_celery(settings), published=lambda list_id: app.config["COUNTER"].add("bell", list_id)
    )
    app.config["TOKENS"] = Tokens(load_secret(settings.SECRET_KEY, settings.data_dir))
    app.config.setdefault("PAGE_FOLDER", page.FOLDER)
    app.config["CONSOLE"] = Console(settings, os.environ)
    app.config["TODO_TEXTS"] = search.text_cache()
    db.init_app(app)
    with app.app_context():
        engine = database.prepare(db.engine)
    urls.install(app)
    requests.install(app)
    errors.install(app)
    app.config["COUNTER"] = Counter(database.sessions(engine))
    app.register_blueprint(api)
    app.register_blueprint(job_api)
    app.register_blueprint(feed_api)
    app.register_blueprint(activity_api)
    app.register_blueprint(live_api)
    app.register_blueprint(sync_api)
    app.register_blueprint(doctor_api)
    app.register_blueprint(queue_api)
    app.register_blueprint(event_api)
    app.register_blueprint(page.page)
    openapi.install(app)
    _ensure_schema(app, engine)
    app.wsgi_app = Subscriptions(  # type: ignore[method-assign] # Flask's own way to put something before it
        app.wsgi_app,
        engine=engine,
        sessions=database.sessions(engine),
        settings=settings,
        ring=app.config["BELL"].ring,
        counter=app.config["COUNTER"],
    )
    return app


def _ensure_schema(app: APIFlask, engine: Engine) -> None:
    """Fill an empty database now, or, when it cannot be reached yet, before the first request that finds it."""
    lock = threading.Lock()
    pending = True

    def ensure() -> None:
        nonlocal pending
        if pending:
            with lock:
                if pending:
                    schema.ensure(engine)
                    with engine.begin() as connection:
                        events.settle_mode(connection, app.config["SETTINGS"])
                    pending = False

    try:
        ensure()
    except OperationalError as error:
        _log.error("database_unavailable", error=f"{type(error).__name__}: {error}"[:300])

        @app.before_request
        def ensure_schema() -> Response | None:
            from flask import request

            if request.path != "/api/v1/health":
                ensure()
            return None
