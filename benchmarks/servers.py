"""The servers that both sides are measured on: as durable as they come, where the tests have them fast."""

from __future__ import annotations

from tests.servers import PostgresServer, RedisServer


class DurablePostgres(PostgresServer):
    """PostgreSQL with its own defaults: a commit waits for the disk. Only our side stores calendars in it."""

    def _command(self) -> list[str]:
        return [*super()._command(), "-c", "fsync=on", "-c", "full_page_writes=on"]  # the last one counts


class PlainRedis(RedisServer):
    """Redis without a file: the baseline sends every todo through it, and should not pay for the disk."""

    def _command(self) -> list[str]:
        return [*super()._command(), "--appendonly", "no"]
