"""The laboratory's server, in a process of its own."""

from __future__ import annotations

import os
import sys
from urllib.request import urlopen

from tests.servers.server import Server

# By the command's own code; not by its name in `todo.cli`, which imports much that is not asked for here.
COMMAND = "from todo.lab_cli import lab; lab.main(prog_name='taskoverflow lab')"


class LabServer(Server):
    """`taskoverflow lab`. Whoever is to reach it needs `environment`."""

    name = "lab"
    keeps_data = False

    def __init__(self, *, strict: bool = False, seed: int = 1) -> None:
        super().__init__()
        self._options = ["--strict"] if strict else ["--seed", str(seed)]

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

    def _command(self) -> list[str]:
        return [sys.executable, "-c", COMMAND, "--port", str(self.port), *self._options]

    def _check(self) -> None:
        urlopen(f"{self.endpoint}/lab", timeout=2).close()  # noqa: S310 (our own server)
