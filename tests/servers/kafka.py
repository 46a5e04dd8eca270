"""What a Kafka client sees of Kafka: librdkafka's mock cluster. It keeps all in memory, and checks no password."""

from __future__ import annotations

import importlib.util
import socket
import sys
from itertools import count
from pathlib import Path

from tests.servers.process import ServerMissing
from tests.servers.server import Server

_PROGRAM = Path(__file__).with_name("kafka_cluster.py")


class KafkaServer(Server):
    """One broker, whose topics are made when first used. `port` takes commands, `address` is the broker's."""

    name = "kafka"
    keeps_data = False

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)
        if importlib.util.find_spec("confluent_kafka") is None:
            raise ServerMissing("confluent-kafka is not installed; it is in requirements/test.txt")

    @property
    def url(self) -> str:
        """Of a topic that no other test has seen."""
        return f"kafka://{self.address}/events-{next(self._numbers)}"

    @property
    def address(self) -> str:
        """Host and port; others after each start."""
        return self.say("address")

    def say(self, command: str) -> str:
        """What it answers to a command of `kafka_cluster`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"{command}\n".encode())
            return connection.makefile().readline().strip()

    def _command(self) -> list[str]:
        return [sys.executable, str(_PROGRAM), str(self.port)]

    def _check(self) -> None:
        assert ":" in self.address
