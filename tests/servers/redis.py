"""A real Redis that writes everything to disk at once, so that a kill loses nothing it has acknowledged."""

from __future__ import annotations

from itertools import count

from redis import Redis

from tests.servers.process import find_program
from tests.servers.server import Server

DATABASES = 1024


class RedisServer(Server):
    """Redis. Its numbered databases keep tests apart."""

    name = "redis"

    def __init__(self) -> None:
        super().__init__()
        self._program = find_program("redis-server")
        self._numbers = count(1)

    @property
    def url(self) -> str:
        """Database 0, which `database` never gives out."""
        return self._url(0)

    def database(self) -> str:
        """The URL of an empty database that nobody else uses."""
        url = self._url(next(self._numbers) % (DATABASES - 1) + 1)
        with Redis.from_url(url) as client:
            client.flushdb()
        return url

    def wipe(self) -> None:
        """Empties every database while the clients stay connected."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def _url(self, number: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def _command(self) -> list[str]:
        # "no" leaves the flush to the system: what was written outlives the process, if not a power cut.
        durable = ["--save", "", "--appendonly", "yes", "--appendfsync", "no"]
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        return [self._program, *place, *durable, "--databases", str(DATABASES)]

    def _check(self) -> None:
        with Redis.from_url(self.url, socket_timeout=2) as client:
            client.ping()
