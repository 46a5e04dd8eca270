"""gunicorn's settings, for `taskoverflow up` and for a plain `gunicorn` in the checkout.

Read before a worker process starts. `HOST`, `PORT` and `WEB_CONCURRENCY` come from the environment.
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any

from todo.errors import BadSetting


def _whole_number(variable: str, default: int, most: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise BadSetting(f"{variable}: must be a whole number from 1 to {most}, not {text!r}")
    return int(text)


def address(host: str, port: int) -> str:
    """`host:port` as gunicorn and URLs want it: a bare IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


# Loopback unless somebody says otherwise: the service must not be open to the network by accident.
bind = address(os.environ.get("HOST") or "127.0.0.1", _whole_number("PORT", 6400, 65_535))

# Threads, because requests wait: for the database, and up to 30 s for a job (`Prefer: wait`). One that waits
# costs a thread, not a process; a connection that idles costs neither.
worker_class = "gthread"
threads = 16

# Two processes: while one computes a long list, the other answers.
workers = _whole_number("WEB_CONCURRENCY", 2, 256)

# A process whose main thread is stuck for so many seconds is killed and replaced. A long request does not
# count: it runs in another thread.
timeout = 30

# Seconds for the requests under way at a stop; less than the 3.5 after which the supervisor kills.
graceful_timeout = 3

# Longer than the 60 s of AWS's load balancer: the side that forwards must be the first to close an idle
# connection, or a request runs into the closing and the visitor sees a 502.
keepalive = 75

# More than the longest address of the API with every filter and a cursor, and than any proxy's headers;
# small enough that nobody fills the memory before a view has said a word.
limit_request_line = 4_094
limit_request_fields = 64
limit_request_field_size = 8_190

# Each process shows by touching a file that it lives. In memory: on a busy disk that can take over `timeout`.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (gunicorn opens it safely)

# gunicorn would open a socket to be controlled through; nothing here uses it.
control_socket_disable = True

_FEED_ADDRESS = re.compile(r"""(?<!/api/v1)/feeds/[^\s"'?]*""")


def on_starting(server: Any) -> None:
    """Keep the addresses of feeds, which are secrets, out of gunicorn's own lines: of what fails, and of each access.

    gunicorn calls it by this name, before it starts its processes.
    """
    for log in (server.log.error_log, server.log.access_log):
        log.addFilter(_hide_addresses)


def _hide_addresses(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    if "/feeds/" in message:
        record.msg, record.args = _FEED_ADDRESS.sub("/feeds/…", message), None
    return True
