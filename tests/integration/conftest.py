"""The API's application, made once for each database and given to each test empty: making it takes a while."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.api import Api, application
from tests.integration.lists import Lists, MakeLists, empty, migrated


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_with_tables(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with the product's tables, the same for all tests of a module."""
    with migrated(request.param, request) as engine:
        yield engine


@pytest.fixture
def make_lists(database_with_tables: Engine) -> MakeLists:
    """Makes the lists of an empty database, with settings: the test runs once on SQLite and once on PostgreSQL."""
    return partial(Lists, empty(database_with_tables))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _one_api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    if request.param == "sqlite":
        url = f"sqlite:///{_file(tmp_path_factory)}"
    else:
        url = request.getfixturevalue("postgres_server").database("api")
    with application(url) as api:
        yield api


def _file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api") / "api.sqlite"


@pytest.fixture
def api(_one_api: Api) -> Api:
    """The API on an empty database: the test runs once on SQLite and once on PostgreSQL."""
    _one_api.reset()
    return _one_api


@pytest.fixture(scope="module")
def busy_api(_one_api: Api) -> Api:
    """The API with whatever could change by mistake, for tests in which nothing may: made once for all of them."""
    _one_api.reset()
    _one_api.todo("here", deadline_at="2026-05-01")
    _one_api.job()
    _one_api.build()
    _one_api.todo("here as well")
    _one_api.job()
    return _one_api


@pytest.fixture(scope="module")
def todo_id(busy_api: Api) -> int:
    """Id of the first todo of `busy_api`; the next one is there too."""
    todo_id: int = busy_api.get("/todos?sort=created_at").json[0]["id"]
    return todo_id
