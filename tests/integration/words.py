"""A word, stored in each kind of server and looked up again: how a test sees whether a server works and remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import psycopg
from botocore.config import Config
from kombu import Queue
from kombu.connection import Connection
from redis import Redis

from tests.servers import PostgresServer, RabbitServer, RedisServer, Server, SqsServer, wait_until
from tests.servers.rabbitmq import VIRTUAL_HOSTS


@dataclass
class Client:
    """How one kind of server is spoken to; each call makes a connection of its own and gives up after 2 s."""

    put: Callable[[Any, str], None]
    """Stores a word, and returns when the server has acknowledged it."""
    kept: Callable[[Any, str], bool]
    """Whether the word is there."""


def _postgres_put(server: PostgresServer, word: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
    with psycopg.connect(server.url) as connection:
        # By itself: a commit that also makes a table is never acknowledged early, whatever the settings are.
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def _postgres_kept(server: PostgresServer, word: str) -> bool:
    with psycopg.connect(server.url, connect_timeout=2) as connection:
        if connection.execute("SELECT to_regclass('words')").fetchone() == (None,):
            return False
        return bool(connection.execute("SELECT 1 FROM words WHERE word = %s", [word]).fetchone())


def _redis_put(server: RedisServer, word: str) -> None:
    with Redis.from_url(server.url) as client:
        client.set(word, "kept")


def _redis_kept(server: RedisServer, word: str) -> bool:
    with Redis.from_url(server.url, socket_timeout=2) as client:
        return bool(client.exists(word))


@cache
def _host(server: RabbitServer) -> str:
    # One virtual host more than a start makes: they must not run out, and each must be there after a wipe.
    return [server.virtual_host() for _ in range(VIRTUAL_HOSTS + 1)][-1]


def _queue(connection: Connection, word: str) -> Any:
    quorum = {"x-queue-type": "quorum"}
    return Queue(word, durable=True, queue_arguments=quorum, channel=connection.default_channel)


def _rabbitmq_put(server: RabbitServer, word: str) -> None:
    with Connection(_host(server), transport_options={"confirm_publish": True}) as connection:
        _queue(connection, word).declare()
        connection.Producer().publish("kept", routing_key=word, delivery_mode=2)

    # RabbitMQ acknowledges a quorum queue up to a second before it writes down that there is one. Killed in between,
    # it keeps the messages, and never again finds the way from the queue to them.
    def written_down() -> bool:
        return any(word.encode() in path.read_bytes() for path in server.folder.glob("data/*/quorum/*/names.dets"))

    wait_until(written_down, 30, "RabbitMQ has written down its new queue")


def _rabbitmq_kept(server: RabbitServer, word: str) -> bool:
    with Connection(_host(server), connect_timeout=2) as connection:
        # Read, not counted: after a restart a quorum queue may say 0 until it has read its own log.
        try:
            message = _queue(connection, word).get()
        except connection.channel_errors:  # no such queue
            return False
        if message:
            message.requeue()
        return message is not None


def _sqs(server: SqsServer) -> Any:
    # The keys come from `environment` by name, so that this test needs none of the fixtures' help.
    settings = server.environment
    return boto3.client(
        "sqs",
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name=settings["AWS_DEFAULT_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=2, read_timeout=2, retries={"max_attempts": 0}),
    )


def _sqs_put(server: SqsServer, word: str) -> None:
    _sqs(server).create_queue(QueueName=word)


def _sqs_kept(server: SqsServer, word: str) -> bool:
    return "QueueUrls" in _sqs(server).list_queues(QueueNamePrefix=word)


CLIENTS: dict[type[Server], Client] = {
    PostgresServer: Client(_postgres_put, _postgres_kept),
    RedisServer: Client(_redis_put, _redis_kept),
    RabbitServer: Client(_rabbitmq_put, _rabbitmq_kept),
    SqsServer: Client(_sqs_put, _sqs_kept),
}
