"""Every setting of the product: name, type, unit, default. Read once, into a frozen object.

The names are the environment variables. A value that cannot be used stops the process with one line that
names its variable. `docs/settings.md` documents each; a test fails when one is missing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from todo.errors import BadSetting

SECRET_LENGTH_MIN = 32

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")


class Settings(BaseSettings):
    """What the process was told. Field names are the environment variables' own; properties derive the rest."""

    model_config = SettingsConfigDict(
        frozen=True, case_sensitive=True, env_ignore_empty=True, populate_by_name=True, extra="ignore"
    )

    DATA_DIR: Path = Field(
        default=Path("data"),
        description="Folder for everything kept when nothing else is configured: the SQLite file, the file "
        "broker's messages, Celery's results. Made when missing.",
    )
    SQLALCHEMY_DATABASE_URI: str = Field(
        default="",
        description="Database, as an SQLAlchemy URL: `sqlite:///…` or `postgresql://…`. "
        "Unset: a SQLite file `taskoverflow.sqlite` in `DATA_DIR`.",
    )
    CELERY_BROKER_URL: str = Field(
        default="",
        description="Message broker: `redis://…`, `amqp://…` (RabbitMQ), `sqs://…`. Unset: files in `DATA_DIR/broker`.",
    )
    CELERY_RESULT_BACKEND: str = Field(
        default="",
        description="Where Celery keeps the outcome of each job under its id: `redis://…`, "
        "`db+postgresql://…`. Unset: files in `DATA_DIR/results` while the broker is unset too, nowhere otherwise.",
    )
    CELERY_DEFAULT_QUEUE: str = Field(
        default="ical", min_length=1, max_length=80, description="Name of the queue that jobs go through."
    )
    PUBLIC_URL: str = Field(
        default="",
        description="What absolute URLs are built from, such as `https://tasks.example.org`. "
        "Unset: the request's own host.",
    )
    TRUSTED_HOSTS: str = Field(
        default="",
        description="Host names a request may be addressed to, separated by commas; a leading dot admits "
        "subdomains, `*` admits all. Loopback names and the host of `PUBLIC_URL` are always admitted.",
    )
    SECRET_KEY: str = Field(
        default="",
        max_length=1000,
        description="What the addresses of feeds are derived from, at least 32 random characters, the same for all web "
        "servers of an installation. Unset: made at the first start and kept in `DATA_DIR/secret_key`.",
    )
    WINDOW_SECONDS: float = Field(
        default=2.0,
        ge=0,
        le=3600,
        description="Least time between the starts of two builds of the same list, seconds.",
    )
    SWEEP_SECONDS: float = Field(
        default=1.0, gt=0, le=3600, description="Time between two sweeps of a worker, seconds."
    )
    STALE_SECONDS: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="How long a feed in use may be behind its list before a sweep builds it itself, seconds. "
        "Longer than the longest build.",
    )
    UNUSED_AFTER_DAYS: float = Field(
        default=7.0,
        gt=0,
        le=3650,
        description="A feed nobody asked for in so many days is not built until asked for.",
    )
    JOBS_KEPT_DAYS: float = Field(
        default=7.0, gt=0, le=3650, description="How long a job's id is known after its request, days."
    )
    EVENTS_URL: str = Field(
        default="",
        max_length=2_000,
        description="Where events are sent: `sns://<topic's ARN>`, `sqs://<queue>`, `amqp://host/vhost/<exchange>`,"
        " `kafka://host:9092/<topic>`, `redis://host:6379/0/<stream>`, `file://<path>`. Unset: nowhere.",
    )
    EVENTS_RETENTION_DAYS: float = Field(
        default=7.0,
        ge=0,
        le=3650,
        description="How long events are kept in the database, days; those that wait to be sent longer. 0: none are"
        " written, nor sent.",
    )
    QUEUES_SQS: bool = Field(
        default=False,
        description="Whether the console shows the SQS queues of the AWS account although the broker is another. "
        "It does without when `AWS_ENDPOINT_URL` is set.",
    )
    QUEUES_WRITABLE: bool = Field(
        default=False, description="Whether the console may move dead letters; it only looks otherwise."
    )
    LOG_LEVEL: str = Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")

    @field_validator("SQLALCHEMY_DATABASE_URI")
    @classmethod
    def _check_database(cls, value: str) -> str:
        if not value:
            return value
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            raise ValueError("is not a database URL such as sqlite:///tasks.sqlite or postgresql://…") from None
        if driver not in _DRIVERS:
            raise ValueError(f"begins with {driver}://; it must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("CELERY_BROKER_URL")
    @classmethod
    def _check_broker(cls, value: str) -> str:
        scheme = value.partition("://")[0]
        if value and scheme not in (
            "redis",
            "rediss",
            "amqp",
            "amqps",
            "pyamqp",
            "sqs",
            "filesystem",
            "memory",
        ):
            raise ValueError("must begin with redis://, rediss://, amqp://, amqps://, sqs:// or filesystem://")
        return value

    @field_validator("PUBLIC_URL")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("must be an address such as https://tasks.example.org")
        return value.rstrip("/")

    @field_validator("SECRET_KEY")
    @classmethod
    def _check_secret(cls, value: str) -> str:
        if value and len(value) < SECRET_LENGTH_MIN:
            raise ValueError(f"is too short to be a secret: {SECRET_LENGTH_MIN} characters at least")
        return value

    @field_validator("LOG_LEVEL")
    @classmethod
    def _check_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def data_dir(self) -> Path:
        """`DATA_DIR` as an absolute path."""
        return self.DATA_DIR.expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database's URL with the driver that is installed; SQLite in `data_dir` when none was given."""
        if not self.SQLALCHEMY_DATABASE_URI:
            return f"sqlite:///{self.data_dir / 'taskoverflow.sqlite'}"
        url = make_url(self.SQLALCHEMY_DATABASE_URI)
        if url.drivername.startswith("sqlite"):
            if url.database in (None, "", ":memory:") or url.database.startswith("file:"):
                return self.SQLALCHEMY_DATABASE_URI
            # Flask-SQLAlchemy would take a relative path from a folder of its own, and the worker from here.
            url = url.set(database=str(Path(url.database).absolute()))
        if url.drivername in ("postgres", "postgresql"):  # the bare name means a driver that isn't installed
            url = url.set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    @property
    def broker_url(self) -> str:
        """The broker's URL; `filesystem://` when none was given."""
        return self.CELERY_BROKER_URL or "filesystem://localhost//"

    @property
    def result_backend(self) -> str | None:
        """Celery's result backend, or None when outcomes are kept in the database alone."""
        if self.CELERY_RESULT_BACKEND:
            return self.CELERY_RESULT_BACKEND
        return None if self.CELERY_BROKER_URL else f"file://{self.data_dir / 'results'}"

    @property
    def keeps_events(self) -> bool:
        """Whether events are written at all."""
        return self.EVENTS_RETENTION_DAYS > 0

    @property
    def sends_events(self) -> bool:
        """Whether they are sent to a sink."""
        return self.keeps_events and bool(self.EVENTS_URL)

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Host names a request may be addressed to, loopback's first."""
        named = tuple(host.strip().lower() for host in self.TRUSTED_HOSTS.split(",") if host.strip())
        public = urlsplit(self.PUBLIC_URL).hostname if self.PUBLIC_URL else None
        return (*LOOPBACK_HOSTS, *((public,) if public else ()), *named)


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings: `overrides` first, the environment next, the defaults last.

    Keys of `overrides` that are no settings are left alone. Raises `BadSetting` with one line naming the variable.
    """
    given = {key: value for key, value in (overrides or {}).items() if key in Settings.model_fields}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        reason = reason[:1].lower() + reason[1:]
        raise BadSetting(f"{first['loc'][0]}: {reason}") from None
