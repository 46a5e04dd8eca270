"""The baseline's web server: the sheets' own way, written afresh to be measured against.

Every todo goes through the ORM, whole, into a JSON array or into the message; the calendar's text comes back
through the result backend. Nothing here is part of the product.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.sheets_worker import celery, create_ical


class Base(DeclarativeBase):
    """Declarative base of the baseline's one table."""


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:  # type checkers cannot see the class that the extension makes at run time
    Model = Base
else:
    Model = db.Model


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Todo(Model):
    """A todo as the sheets have it."""

    __tablename__ = "todos"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str | None]
    completed: Mapped[bool] = mapped_column(default=False)
    deadline_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=_now)
    updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "completed": self.completed,
            "deadline_at": self.deadline_at.isoformat() if self.deadline_at else None,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


def create_app() -> Flask:
    """The web application; its database is the one that `SQLALCHEMY_DATABASE_URI` names."""
    app = Flask("sheets")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["SQLALCHEMY_DATABASE_URI"]
    db.init_app(app)
    app.add_url_rule("/api/v1/health", view_func=health)
    app.add_url_rule("/api/v1/todos", view_func=list_todos)
    app.add_url_rule("/api/v1/todos/<int:todo_id>", view_func=change_todo, methods=["PUT"])
    app.add_url_rule("/api/v1/todos/ical", view_func=request_calendar, methods=["POST"])
    app.add_url_rule("/api/v1/todos/ical/<task_id>/status", view_func=status)
    app.add_url_rule("/api/v1/todos/ical/<task_id>/result", view_func=result)
    return app


def health() -> Response:
    return jsonify({"status": "ok"})


def list_todos() -> Response:
    return jsonify(_all_todos())


def change_todo(todo_id: int) -> Response:
    todo = db.get_or_404(Todo, todo_id)
    todo.title = request.get_json()["title"]
    db.session.commit()
    return jsonify(todo.to_dict())


def request_calendar() -> ResponseReturnValue:
    task = create_ical.delay(_all_todos())
    return jsonify({"task_id": task.id, "task_url": f"{request.host_url}api/v1/todos/ical/{task.id}/status"}), 202


def status(task_id: str) -> Response:
    task = celery.AsyncResult(task_id)
    url = f"{request.host_url}api/v1/todos/ical/{task_id}/result"
    return jsonify({"task_id": task_id, "task_status": task.status, "result_url": url})


def result(task_id: str) -> ResponseReturnValue:
    task = celery.AsyncResult(task_id)
    if task.status != "SUCCESS":
        return jsonify({"error": "Task not finished"}), 404
    return task.result, 200, {"Content-Type": "text/calendar"}


def _all_todos() -> list[dict[str, Any]]:
    return [todo.to_dict() for todo in db.session.scalars(select(Todo).order_by(Todo.created_at.desc()))]
