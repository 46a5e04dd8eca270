"""A real RabbitMQ that shares nothing with one installed on the machine: own node, ports, folders, port mapper."""

from __future__ import annotations

import json
import subprocess
from itertools import count
from pathlib import Path

from kombu.connection import Connection

from tests.servers.process import Process, ServerFailed, find_program, free_port, wait_until
from tests.servers.server import Server

PROGRAMS = "/usr/lib/rabbitmq/bin"  # before PATH: Debian's /usr/sbin/rabbitmq-server insists on the system's folders
VIRTUAL_HOSTS = 8  # made at a time: few cost a start nothing, 100 triple it; made singly, each takes over a second


class RabbitServer(Server):
    """RabbitMQ with the user guest/guest. Virtual hosts keep tests apart."""

    name = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self._distribution_port = free_port()
        self._mapper_port = free_port()
        self._program = find_program("rabbitmq-server", PROGRAMS)
        self._mapper = find_program("epmd")
        self._hosts = VIRTUAL_HOSTS
        self._numbers = count()

    @property
    def url(self) -> str:
        """The default virtual host, `/`."""
        return self._url("/")

    def virtual_host(self) -> str:
        """The URL of an empty virtual host that nobody else uses; it outlives a wipe, empty again."""
        number = next(self._numbers)
        if number >= self._hosts:
            self._hosts += VIRTUAL_HOSTS
            self._control("import_definitions", str(self._define()))
        return self._url(f"test-{number}")

    def _control(self, *words: str) -> None:
        done = subprocess.run(
            [find_program("rabbitmqctl", PROGRAMS), *words],
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise ServerFailed(f"rabbitmqctl {words[0]}: {done.stderr.strip() or done.stdout.strip()}")

    def _define(self) -> Path:
        """Writes down the user and the virtual hosts, for now and for every start."""
        hosts = ["/", *(f"test-{number}" for number in range(self._hosts))]
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        definitions = {
            "users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
            "vhosts": [{"name": host} for host in hosts],
            "permissions": [{"user": "guest", "vhost": host, **everything} for host in hosts],
        }
        path = self.folder / "definitions.json"
        path.write_text(json.dumps(definitions))
        return path

    def _url(self, virtual_host: str) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{virtual_host}"

    def _prepare(self) -> None:
        (self.folder / "plugins").write_text("[].")
        (self.folder / "environment.conf").touch()  # in place of the machine's /etc/rabbitmq/rabbitmq-env.conf
        (self.folder / "rabbitmq.conf").write_text(
            f"load_definitions = {self._define()}\nlog.console = true\nlog.file = false\n"
        )

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "environment.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODENAME": f"taskoverflow-{self.port}@localhost",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # Makes the script become the server, where it would otherwise stay as a shell between it and us.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _start_companions(self) -> list[Process]:
        # Erlang's port mapper. The server would start one by itself, as a daemon that outlives it.
        mapper = self._run([self._mapper, "-port", str(self._mapper_port), "-address", "127.0.0.1"])
        wait_until(lambda: mapper.listens(self._mapper_port), 30, "epmd listens")
        return [mapper]

    def _command(self) -> list[str]:
        return [self._program]

    def _check(self) -> None:
        with Connection(self._url(f"test-{self._hosts - 1}"), connect_timeout=2) as connection:
            connection.connect()
