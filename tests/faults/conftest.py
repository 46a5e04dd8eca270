"""A deployment for each setup, which all tests share, and the audit over it.

Starting one for each test would take longer than the test; what a test has killed is started again for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.audit import FAST, Audit
from tests.running import Deployment
from tests.servers.process import Process
from tests.setups import settings_for


@pytest.fixture(scope="session")
def deployments(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Deployment]]:
    """The deployment on a setup, made when first asked for; its settings make it heal quickly."""
    made: dict[str, Deployment] = {}
    with ExitStack() as stack:

        def deployment(setup: str) -> Deployment:
            if setup not in made:
                settings = {**settings_for(setup, request), **FAST}
                made[setup] = stack.enter_context(Deployment(tmp_path_factory.mktemp(setup), settings))
            return made[setup]

        yield deployment


@pytest.fixture
def setup() -> str:
    """Broker and database; a test that runs on several parametrizes it."""
    return "redis-postgresql"


@pytest.fixture
def deployment(setup: str, deployments: Callable[[str], Deployment]) -> Deployment:
    """The deployment; its web server runs, and at most one worker."""
    deployment = deployments(setup)
    for process in deployment.parts("worker")[:-1]:
        process.kill()
    for process in deployment.parts("worker"):  # which a test that failed may have left frozen
        process.resume()
    if not deployment.parts("web"):
        deployment.start_web()
    return deployment


@pytest.fixture
def audit(deployment: Deployment) -> Iterator[Audit]:
    """The audit over the deployment."""
    with Audit(deployment) as audit:
        yield audit


@pytest.fixture
def worker(deployment: Deployment, audit: Audit) -> Process:
    """The only worker; it has done a job already."""
    worker = deployment.parts("worker")[0] if deployment.parts("worker") else deployment.start_worker()
    audit.work()
    audit.settle()
    return worker
