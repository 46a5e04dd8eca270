"""The real servers that tests and benchmarks run against: each on a free loopback port, in a folder of its own."""

from tests.servers.kafka import KafkaServer
from tests.servers.postgres import PostgresServer
from tests.servers.process import ServerFailed, ServerMissing, wait_until
from tests.servers.rabbitmq import RabbitServer
from tests.servers.redis import RedisServer
from tests.servers.server import Server
from tests.servers.sqs import SqsServer

__all__ = [
    "KafkaServer",
    "PostgresServer",
    "RabbitServer",
    "RedisServer",
    "Server",
    "ServerFailed",
    "ServerMissing",
    "SqsServer",
    "wait_until",
]
