"""The combinations of broker, database and result backend that the product is run on in tests, as settings."""

from __future__ import annotations

import uuid

import pytest

from tests.servers import PostgresServer, RabbitServer, RedisServer, SqsServer

SETUPS = ("files-sqlite", "redis-postgresql", "redis-sqlite", "rabbitmq-postgresql", "sqs-postgresql")
"""Broker and database. Results are kept by Redis for Redis, in files for files, by PostgreSQL for the others."""


def settings_for(setup: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Environment variables for one of `SETUPS`, with an empty database and an empty broker. Starts what it needs."""
    broker, _, database = setup.partition("-")
    settings: dict[str, str] = {}
    if database == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        settings["SQLALCHEMY_DATABASE_URI"] = postgres.database(f"setup_{uuid.uuid4().hex}")
        settings["CELERY_RESULT_BACKEND"] = f"db+{settings['SQLALCHEMY_DATABASE_URI']}"
    if broker == "redis":
        redis: RedisServer = request.getfixturevalue("redis_server")
        settings["CELERY_BROKER_URL"] = settings["CELERY_RESULT_BACKEND"] = redis.database()
    elif broker == "rabbitmq":
        rabbitmq: RabbitServer = request.getfixturevalue("rabbitmq_server")
        settings["CELERY_BROKER_URL"] = rabbitmq.virtual_host()
    elif broker == "sqs":
        sqs: SqsServer = request.getfixturevalue("sqs_server")
        sqs.wipe()
        settings |= {"CELERY_BROKER_URL": sqs.url, **sqs.environment}
    return settings
