"""What `taskoverflow up` does: looks whether everything can start, then runs the web server and one worker.

Each obstacle is raised as a `TodoError` that says in one line what is wrong and what to do.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from todo import gunicorn_conf, schema
from todo.config import LOOPBACK_HOSTS, Settings
from todo.errors import BadSetting, TodoError
from todo.merged_output import MergedOutput
from todo.supervisor import Part, Supervisor

PROBE_SECONDS = 0.1  # between two looks whether the web server answers
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (what to say and to probe instead of it)


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until asked to stop. Raises before anything is started when something is in the way."""
    check_port(host, port)
    if not (settings.SQLALCHEMY_DATABASE_URI and settings.CELERY_BROKER_URL):  # else nothing is kept there
        check_folder(settings.data_dir)
    schema.upgrade(settings.database_url)
    # Absolute: the parts must not look for another folder, wherever they are started. Unbuffered: their lines
    # are wanted when they happen.
    env = {**os.environ, "DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    parts = (Part("web", web_command(host, port), env), Part("worker", worker_command(), env))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    output = MergedOutput(sys.stdout.fileno(), [part.name for part in parts], colour=colour)
    threading.Thread(target=_announce, args=(host, port, output), daemon=True).start()
    if host not in LOOPBACK_HOSTS and not (settings.PUBLIC_URL or settings.TRUSTED_HOSTS):
        output.say("Only requests for localhost are answered; set PUBLIC_URL or TRUSTED_HOSTS for others")
    try:
        Supervisor(parts, output).run()
    finally:
        output.close()


def web_command(host: str, port: int) -> list[str]:
    """The web server's command line; its configuration is the package's, not the current folder's."""
    bind = gunicorn_conf.address(host, port)
    options = ["--config", "python:todo.gunicorn_conf", "--bind", bind]
    return [sys.executable, "-m", "gunicorn", *options, "todo:create_app()"]


def worker_command() -> list[str]:
    """The worker's command line, the published one."""
    return [sys.executable, "-m", "celery", "--app", "todo.tasks.ical", "worker", "--loglevel=info"]


def check_port(host: str, port: int) -> None:
    """Raise `TodoError` when the web server could not listen there."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):  # UnicodeError: a name that cannot be a host name
        raise TodoError(f"--host: {host} is no address of this machine") from None
    family, kind, protocol, _, where = found[0]
    try:
        with socket.socket(family, kind, protocol) as probe:
            # As gunicorn does; without it a port that was in use a moment ago (TIME_WAIT) would seem taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} on {host} is in use; stop what uses it, or choose another with --port"
        elif error.errno == errno.EACCES:
            reason = f"port {port} needs more rights; choose one above 1023 with --port"
        else:
            reason = f"--host: cannot listen on {host} ({error.strerror})"
        raise TodoError(reason) from None


def check_folder(folder: Path) -> None:
    """Make the data folder, for its owner alone; raise `BadSetting` when nothing can be written there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"a full disk refuses this")
    except OSError as error:
        what = "is not a folder" if isinstance(error, FileExistsError) else f"cannot be written to ({error.strerror})"
        raise BadSetting(f"DATA_DIR: {folder} {what}; give another with --data-dir") from None


def _announce(host: str, port: int, output: MergedOutput) -> None:
    """Say the address once the web server answers."""
    connectable = EVERY_ADDRESS.get(host, host)
    while not _answers(connectable, port):
        time.sleep(PROBE_SECONDS)
    output.say(f"TaskOverflow is at http://{gunicorn_conf.address(connectable, port)} (Ctrl-C stops it)")


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        # As localhost, which is always admitted: the name it listens on need not be among TRUSTED_HOSTS.
        connection.request("GET", "/api/v1/health", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
