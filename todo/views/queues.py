"""The API's queue console: the queues there are, what is in them, and what becomes of dead letters."""

from __future__ import annotations

from typing import cast

from apiflask import APIBlueprint
from flask import Response, current_app
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import PathConverter

from todo.errors import BadInput
from todo.queues import wording
from todo.queues.console import Console
from todo.views import queue_payloads as payloads
from todo.views.openapi import answers
from todo.views.routes import json_response

queue_api = APIBlueprint("queues", __name__, url_prefix="/api/v1", tag="TaskOverflow")


class _QueueName(PathConverter):
    """Anything: a broker's queue may have a slash in its name, and one of SQS may not, which is worth an answer."""

    regex = "[^/](?:.|\n)*?"


@queue_api.record_once
def _register(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["queue_name"] = _QueueName


@queue_api.get("/queues")
@queue_api.doc(responses=answers({200: ("The sources", "Queues")}, errors=[503]))
def list_queues() -> Response:
    """The queues of every queue service that this installation knows: its broker, and SQS.

    What a service does not know of a queue is null. A service that fails is told in its `trouble`.
    """
    console = _console()
    sources = [payloads.overview_json(each) for each in console.overview()]
    return json_response({"is_writable": console.is_writable, "sources": sources})


@queue_api.get("/queues/<source>/<queue_name:name>")
@queue_api.doc(responses=answers({200: ("The queue", "QueueDetails")}, errors=[400, 404, 503]))
def get_queue(source: str, name: str) -> Response:
    """One queue, with its policy and settings."""
    return json_response(payloads.card_json(_console().card(source, _checked(name))))


@queue_api.get("/queues/<source>/<queue_name:name>/figures")
@queue_api.input(payloads.FiguresQuery, location="query")
@queue_api.doc(responses=answers({200: ("The figures, the oldest step first", "QueueFigures")}, errors=[400, 404, 503]))
def get_figures(source: str, name: str, query_data: payloads.FiguresQuery) -> Response:
    """One queue over time, as CloudWatch or the laboratory counted it.

    Counts are sums over each step, levels the highest within it. A value is null where nothing is known.
    """
    return json_response(payloads.figures_json(_console().figures(source, _checked(name), query_data.span)))


@queue_api.get("/queues/<source>/<queue_name:name>/messages")
@queue_api.input(payloads.LettersQuery, location="query")
@queue_api.doc(responses=answers({200: ("The messages", "DeadLetters")}, errors=[400, 404, 409, 503]))
def get_messages(source: str, name: str, query_data: payloads.LettersQuery) -> Response:
    """Messages of a dead-letter queue. They stay there; SQS counts the look as a receive.

    Bodies are cut at 20,000 characters.
    """
    return json_response(payloads.letters_json(_console().letters(source, _checked(name), query_data.limit)))


@queue_api.get("/queues/<source>/<queue_name:name>/redrive")
@queue_api.doc(responses=answers({200: ("The last redrive", "Redrive")}, errors=[400, 404, 409, 503]))
def get_redrive(source: str, name: str) -> Response:
    """How far the last redrive of a dead-letter queue is; `NONE` when there was none lately."""
    return json_response(payloads.move_json(_console().last_move(source, _checked(name))))


@queue_api.post("/queues/<source>/<queue_name:name>/redrive")
@queue_api.input(payloads.NewRedrive)
@queue_api.doc(
    responses=answers({202: ("The redrive", "Redrive")}, errors=[400, 403, 404, 409, 413, 415, 503]),
)
def create_redrive(source: str, name: str, json_data: payloads.NewRedrive) -> Response:
    """Have the messages of a dead-letter queue moved back to where they came from, or to another queue.

    Only where `QUEUES_WRITABLE` is set.
    """
    move = _console().redrive(source, _checked(name), to=json_data.to, per_second=json_data.per_second)
    return json_response(payloads.move_json(move), 202)


def _console() -> Console:
    return cast("Console", current_app.config["CONSOLE"])


def _checked(name: str) -> str:
    if len(name) > payloads.NAME_MAX:
        raise BadInput(
            f"{wording.name(name)} cannot be a queue's name: {payloads.NAME_MAX} characters at most", field="name"
        )
    return name
