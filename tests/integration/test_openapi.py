"""The OpenAPI document: valid, complete, and true of the running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import requests
from flask import Flask

from tests.integration.api import Api
from tests.running import DEADLINE_SECONDS, ROOT, Deployment

RUN_SECONDS = 100
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    answer = api.get("//openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


def routes(app: Flask) -> set[tuple[str, str]]:
    """Method and path, in OpenAPI's spelling, of what the API answers."""
    return {
        (method, re.sub("<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) & METHODS
    }


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method.upper() in METHODS
    }


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(document)


def test_every_route_is_in_the_document_and_nothing_else(api: Api, document: dict[str, Any]) -> None:
    assert routes(api.app) == set(operations(document))
    assert len(routes(api.app)) >= 20


def test_every_operation_and_parameter_and_answer_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert operation.get("summary") or operation.get("description"), name
        assert all(answer["description"] for answer in operation["responses"].values()), name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["in"] == "path", (name, parameter)


def test_every_operation_documents_its_errors_as_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        takes_input = "requestBody" in operation or any(p["in"] != "path" for p in operation.get("parameters", []))
        assert errors or not takes_input, name
        for answer in errors.values():
            assert list(answer["content"]) == ["application/problem+json"], name


def test_a_creation_says_that_its_key_may_be_spent(document: dict[str, Any]) -> None:
    create = operations(document)["POST", "/api/v1/todos"]
    assert {"200", "201", "400", "410"} <= set(create["responses"])
    [key] = [parameter for parameter in create["parameters"] if parameter["name"] == "Idempotency-Key"]
    assert "410 for 30 days" in key["description"]


def test_the_docs_page_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.get("//docs/")
    assert page.status_code == 200
    assert "openapi.json" in page.text
    loaded = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", page.text)
    assert len(loaded) > 3
    for address in loaded:
        assert address.startswith("/docs/"), address
        assert api.get(f"/{address}").status_code == 200, address
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy  # nor may what is loaded load more
    assert "http" not in policy


@pytest.mark.slow
def test_the_running_server_is_as_the_document_says(tmp_path: Path, database_url: str) -> None:
    examples = 25 if database_url.startswith("sqlite") else 5  # of each operation and phase; the edges come besides
    settings = {"SQLALCHEMY_DATABASE_URI": database_url, "WINDOW_SECONDS": "0", "LOG_LEVEL": "WARNING"}
    with Deployment(tmp_path, settings) as deployment:
        deployment.start_web()
        deployment.start_worker()  # requests that wait for a calendar would each wait in vain without it
        url = f"http://127.0.0.1:{deployment.port}/openapi.json"
        all_of_them = operations(requests.get(url, timeout=DEADLINE_SECONDS).json())
        count = sum("text/event-stream" not in str(operation) for operation in all_of_them.values())
        config = ["--config-file", str(Path(__file__).parent / "schemathesis.toml")]
        run = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *config, "run", url, "--max-examples", str(examples)],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
    assert run.returncode == 0, run.stdout + run.stderr  # with the seed
    assert f"Tested: {count}\n" in run.stdout, run.stdout
