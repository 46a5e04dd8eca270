"""How bad input is refused: with a problem in JSON that names the field, and nothing changed."""

from __future__ import annotations

from typing import Any

from tests.integration.api import Answer, Api


def _check(answer: Answer, status: int, field: str | None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert problem["error"]
    assert problem["detail"] == problem["error"]
    assert problem["status"] == status
    assert problem["title"]
    assert problem["type"] == "about:blank"
    assert problem.get("field") == field, problem
    assert len(answer.data) < 2_000  # nobody's megabytes come back
    answer.data.decode("utf-8")


def refuses(api: Api, status: int, field: str | None, method: str, path: str, **how: Any) -> None:
    """The request is answered with this status, names this field, and leaves every table as it was."""
    before = api.dump()
    rung = len(api.rings.heard)
    _check(api.call(method, path, **how), status, field)
    assert api.dump() == before
    assert len(api.rings.heard) == rung


def refuses_json(api: Api, status: int, field: str | None, method: str, path: str, body: str | bytes) -> None:
    """`refuses` for a body that is called JSON."""
    refuses(api, status, field, method, path, data=body, content_type="application/json")
