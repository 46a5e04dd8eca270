"""Makes Celery applications from the settings; knows no task.

The worker's and the web server's are configured alike, so that the web server can publish without importing tasks.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

from todo.config import Settings

_DAY = 86_400

# Not by `broker_transport`: kombu goes by the URL's scheme to turn TLS on, and to change to a fallback's URL.
TRANSPORT_ALIASES.update(
    redis="todo.tasks.redis_transport:Transport",
    rediss="todo.tasks.redis_transport:Transport",
    sqs="todo.tasks.sqs_transport:Transport",
)


def make_celery(settings: Settings, name: str = "todo") -> Celery:
    """A Celery application on the configured broker and result backend. Opens no connection."""
    celery = Celery(name)
    celery.conf.update(
        broker_url=settings.broker_url,
        result_backend=settings.result_backend,
        task_default_queue=settings.CELERY_DEFAULT_QUEUE,
        timezone="UTC",
        # Pickles from a broker would run whatever code they name.
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        # A message is acknowledged after its task has ended: a worker that is killed gives it back.
        task_acks_late=True,
        # One message ahead for each thread: what a killed or busy worker holds others can do.
        worker_prefetch_multiplier=1,
        # Threads stop at once on SIGTERM; a prefork pool with backlog took 12 to 32 seconds, and lost messages
        # on Redis when killed. Renders hold the interpreter lock anyway: more cores are more workers.
        worker_pool="threads",
        worker_concurrency=4,
        # A worker may be started before its broker is up, and outlives it being down.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A thread cannot be cancelled: with this on, Celery 5.7 ends the worker with a NotImplementedError. What runs
        # while the connection is lost ends, and comes again by redelivery, which is harmless.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # No wait without a bound: connecting, and getting a connection from the pool.
        broker_connection_timeout=2,
        broker_pool_acquire_timeout=5,
        broker_transport_options=_transport_options(settings),
        result_expires=_DAY,
        # The result backends' own waits: a hung Redis or PostgreSQL must not hold a worker's thread for ever.
        redis_socket_connect_timeout=2,
        redis_socket_timeout=5,
        redis_socket_keepalive=True,
        redis_retry_on_timeout=False,
        result_backend_transport_options={
            "retry_policy": {"max_retries": 2, "interval_start": 0.1, "interval_max": 0.5}
        },
        database_engine_options=_result_engine_options(settings),
        database_short_lived_sessions=True,  # a session kept open would keep its connection from the pool
        worker_send_task_events=False,
        worker_consumer="todo.tasks.consumer:Consumer",
    )
    if settings.broker_url.startswith(("amqp", "pyamqp")):
        # Quorum queues survive a node, and count redeliveries. The worker then leaves global QoS alone, which
        # they do not support.
        celery.conf.task_default_queue_type = "quorum"
        celery.conf.worker_detect_quorum_queues = True
        # As an exclusive one, which it is by default, the control queue belongs to one connection: a worker that is
        # started beside one of the same name, or before the broker has noticed that one's death, would end at once.
        celery.conf.control_queue_exclusive = False
        celery.conf.control_queue_durable = True
    if settings.broker_url.startswith("filesystem://"):
        celery.conf.broker_transport = "todo.tasks.file_transport:Transport"
    return celery


def make_folders(settings: Settings) -> None:
    """Make the folders that the file broker and the file result backend expect to find."""
    if settings.broker_url.startswith("filesystem://"):
        (settings.data_dir / "broker" / "control").mkdir(mode=0o700, parents=True, exist_ok=True)
    backend = settings.result_backend or ""
    if backend.startswith("file://"):
        (settings.data_dir / "results").mkdir(mode=0o700, parents=True, exist_ok=True)


def _transport_options(settings: Settings) -> dict[str, Any]:
    scheme = settings.broker_url.partition(":")[0]
    if scheme == "filesystem":
        folder = settings.data_dir / "broker"
        return {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
            # kombu's default of 1 second is the mean wait of a job; this one costs under 1% of a core.
            "polling_interval": 0.02,
        }
    if scheme in ("redis", "rediss"):
        return {
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
            # What a killed worker held is delivered again after so many seconds. Builds take seconds.
            "visibility_timeout": 300,
        }
    if scheme == "sqs":
        return {
            # kombu makes the queue when it is missing, with this visibility timeout in place of its 1,800 seconds.
            "visibility_timeout": 300,
            # Long polls of 10 seconds; and no pause between two polls, which is 1 second unless said (1 task/s).
            "wait_time_seconds": 10,
            "polling_interval": 0,
            # Without these, publishing to an endpoint that does not answer hangs for over 25 seconds.
            "client-config": {
                "connect_timeout": 2,
                "read_timeout": 15,  # above wait_time_seconds
                "retries": {"total_max_attempts": 2, "mode": "standard"},
            },
        }
    if scheme in ("amqp", "amqps", "pyamqp"):
        return {
            # The broker says when it has the message; without, one sent into a dying connection is lost silently.
            "confirm_publish": True,
            "write_timeout": 5,
        }
    return {}


def _result_engine_options(settings: Settings) -> dict[str, Any]:
    if not (settings.result_backend or "").startswith(("db+postgres", "postgres")):
        return {}
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "connect_args": {"connect_timeout": 3, "options": "-c statement_timeout=10s -c lock_timeout=5s"},
    }
