"""A real PostgreSQL with databases by the dozen, each made in a few hundredths of a second."""

from __future__ import annotations

import pwd
import shutil
import subprocess
from signal import SIGINT

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers.process import ServerFailed, find_program, identity, is_root
from tests.servers.server import Server

PROGRAMS = "/usr/lib/postgresql/*/bin"  # Debian keeps them off PATH
FAST = {  # a power cut may spoil the data, a killed server loses nothing: synchronous_commit stays on
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class PostgresServer(Server):
    """PostgreSQL with one user who needs no password."""

    name = "postgres"
    stop_signal = SIGINT  # "fast": ends open sessions; SIGTERM would wait for the clients to leave

    def __init__(self) -> None:
        super().__init__()
        self._initdb = find_program("initdb", PROGRAMS)
        self._program = find_program("postgres", PROGRAMS)

    @property
    def url(self) -> str:
        """The database that every cluster has; see `database` for a fresh one."""
        return self._url("postgres")

    def database(self, name: str) -> str:
        """Creates the database `name`, empty, in place of any that has this name; returns its URL."""
        self.drop(name)
        self._execute("CREATE DATABASE {}", name)
        return self._url(name)

    def drop(self, name: str) -> None:
        """Removes the database `name` if there is one, and throws out whoever is connected to it."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, name: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL(statement).format(Identifier(name)))

    def _url(self, database: str) -> str:
        return f"postgresql://taskoverflow@127.0.0.1:{self.port}/{database}"

    def _user(self) -> str | None:
        if not is_root():
            return None
        known = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in known else "nobody"  # it refuses to run as root

    def _prepare(self) -> None:
        if user := self._user():
            shutil.chown(self.folder, user)
        made = subprocess.run(
            [
                self._initdb,
                f"--pgdata={self.folder / 'cluster'}",
                "--username=taskoverflow",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",  # not "C", whose lower() knows no letter beyond ASCII
                "--no-sync",
            ],
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            **identity(self._user()),
        )
        if made.returncode:
            raise ServerFailed(f"initdb: {made.stderr.strip()}")

    def _command(self) -> list[str]:
        settings = [word for key, value in FAST.items() for word in ("-c", f"{key}={value}")]
        return [self._program, "-D", str(self.folder / "cluster"), "-p", str(self.port), *settings]

    def _check(self) -> None:
        psycopg.connect(self.url, connect_timeout=2).close()
