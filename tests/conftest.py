"""What every test may ask for: real servers, started when first asked for, and an environment free of settings.

A server that isn't installed skips its tests on a laptop, and fails them where `CI` is set.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers import KafkaServer, PostgresServer, RabbitServer, RedisServer, Server, ServerMissing, SqsServer
from todo.config import Settings

# Started in the background of a shell, this process ignores Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

AnyServer = TypeVar("AnyServer", bound=Server)

_database_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # For the whole session, because fixtures of wider scope start programs too: whoever has the address of a
    # real database or a key of a real account in the environment must be able to run the tests.
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in Settings.model_fields or name.startswith(("AWS_", "CELERY_")):
                patch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def _own_data_dir(_no_settings_from_outside: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


@contextmanager
def running(kind: type[AnyServer]) -> Iterator[AnyServer]:
    """A server of this kind; without its program the test is skipped, or fails where `CI` is set."""
    try:
        server = kind()
    except ServerMissing as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL; a test that harms it leaves it running."""
    with running(PostgresServer) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Redis; a test that harms it leaves it running."""
    with running(RedisServer) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[RabbitServer]:
    """RabbitMQ; a test that harms it leaves it running."""
    with running(RabbitServer) as server:
        yield server


@pytest.fixture(scope="session")
def sqs_server() -> Iterator[SqsServer]:
    """A local SQS; a test that harms it leaves it running."""
    with running(SqsServer) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """Kafka; a test that harms it leaves it running."""
    with running(KafkaServer) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database, dropped afterwards with whoever is still connected."""
    name = f"test_{next(_database_numbers)}"
    yield postgres_server.database(name)
    postgres_server.drop(name)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis database that no other test has seen."""
    return redis_server.database()


@pytest.fixture
def rabbitmq_url(rabbitmq_server: RabbitServer) -> str:
    """An empty RabbitMQ virtual host that no other test has seen."""
    return rabbitmq_server.virtual_host()


@pytest.fixture
def sqs(sqs_server: SqsServer, monkeypatch: pytest.MonkeyPatch) -> SqsServer:
    """A local SQS without queues; the environment leads AWS's client libraries there."""
    sqs_server.wipe()
    for name, value in sqs_server.environment.items():
        monkeypatch.setenv(name, value)
    return sqs_server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
