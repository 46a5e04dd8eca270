"""The service under test, and queues that are gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.conformance.lab_server import LabServer
from tests.conformance.service import PATIENCE_SECONDS, Patience, Service

OUTSIDE = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
"""Kept before the tests take them away: whoever asks for AWS itself gives the credentials so."""

OWN = "aws"  # AWS's own endpoints


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--endpoint-url",
        metavar="URL",
        help=f"the service to test; {OWN!r} for AWS itself, with your credentials; the laboratory unless given",
    )
    parser.addoption(
        "--patience",
        metavar="SECONDS",
        type=float,
        default=PATIENCE_SECONDS,
        help="how long to wait for what the service may take its time for; %(default)s unless given",
    )


def pytest_configure(config: pytest.Config) -> None:
    Patience.seconds = config.getoption("--patience", default=PATIENCE_SECONDS)
    config.addinivalue_line("markers", "mend: holds a fault of moto that the laboratory mends; fails on moto as it is")


@pytest.fixture(scope="session")
def session_and_endpoint(request: pytest.FixtureRequest) -> Iterator[tuple[boto3.Session, str | None]]:
    given: str | None = request.config.getoption("--endpoint-url", default=None)
    if given == OWN:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"):
                patch.delenv(name, raising=False)
            for name, value in OUTSIDE.items():
                patch.setenv(name, value)
            yield boto3.Session(), None
        return
    session = boto3.Session("test", "test", region_name=OUTSIDE.get("AWS_DEFAULT_REGION", "us-east-1"))
    if given:
        yield session, given
        return
    Patience.is_laboratory = True
    with LabServer() as lab:
        yield session, lab.endpoint


@pytest.fixture(scope="session")
def client(session_and_endpoint: tuple[boto3.Session, str | None]) -> Iterator[Callable[[str], Any]]:
    """Makes clients of the service under test."""
    session, endpoint = session_and_endpoint
    config = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
    clients: dict[str, Any] = {}

    def make(name: str) -> Any:
        if name not in clients:
            clients[name] = session.client(name, endpoint_url=endpoint, config=config)
        return clients[name]

    yield make
    for each in clients.values():
        each.close()


@pytest.fixture
def service(client: Callable[[str], Any]) -> Iterator[Service]:
    """The service; what the test makes in it is removed."""
    service = Service(client)
    yield service
    service.remove_all()
