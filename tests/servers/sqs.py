"""A local SQS: moto's server, in a process of its own. It keeps everything in memory."""

from __future__ import annotations

import importlib.util
import os
import sys
from urllib.request import Request, urlopen

from tests.servers.process import ServerMissing
from tests.servers.server import Server


class SqsServer(Server):
    """moto's server. Whoever is to reach it needs `environment`, TaskOverflow included."""

    name = "sqs"
    keeps_data = False

    def __init__(self) -> None:
        super().__init__()
        if importlib.util.find_spec("moto") is None:
            raise ServerMissing("moto is not installed; it is in requirements/test.txt")

    @property
    def url(self) -> str:
        """The broker URL; the server's address and the keys come from `environment`."""
        return "sqs://"

    @property
    def endpoint(self) -> str:
        """The server's own address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead AWS's client libraries here, and keep them from a person's real account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def wipe(self) -> None:
        """Removes every queue while the clients stay connected."""
        urlopen(Request(f"{self.endpoint}/moto-api/reset", method="POST"), timeout=10).close()  # noqa: S310 (ours)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def _check(self) -> None:
        urlopen(f"{self.endpoint}/moto-api/", timeout=2).close()  # noqa: S310 (our own server)
