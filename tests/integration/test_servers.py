"""The servers that the other tests trust: they answer, hang, crash and come back as asked, and leave nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals
from uuid import uuid4

import boto3
import psutil
import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from tests.conftest import running
from tests.integration.words import CLIENTS, Client
from tests.servers import (
    PostgresServer,
    RedisServer,
    Server,
    ServerFailed,
    ServerMissing,
    SqsServer,
    wait_until,
)
from tests.servers.process import alive, find_program

PROJECT = Path(__file__).parents[2]


def _takes_connections(server: Server) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", server.port)) == 0


@pytest.fixture(
    params=["postgres_server", "redis_server", "rabbitmq_server", "sqs_server"], scope="module", name="server"
)
def _server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture(name="client")
def _client(server: Server) -> Client:
    return CLIENTS[type(server)]


@pytest.fixture
def word() -> str:
    """A word that no other test has stored."""
    return uuid4().hex


def test_a_frozen_server_takes_connections_and_answers_none_until_it_is_resumed(
    server: Server, client: Client, word: str
) -> None:
    client.put(server, word)
    assert client.kept(server, word)
    server.suspend()
    assert _takes_connections(server)  # the kernel does it for a frozen server
    with pytest.raises(Exception, match=r"(?i)time"):
        client.kept(server, word)
    server.resume()
    assert client.kept(server, word)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_server_started_again_has_its_port_and_its_data(server: Server, client: Client, word: str, end: str) -> None:
    port = server.port
    client.put(server, word)
    if end == "stop":
        server.restart()
    else:
        server.kill()
        server.start()
    assert server.port == port
    assert client.kept(server, word) is server.keeps_data


def test_a_wiped_server_has_nothing(server: Server, client: Client, word: str) -> None:
    client.put(server, word)
    server.wipe()
    assert not client.kept(server, word)


def test_nothing_is_left_of_a_server_that_was_closed(server: Server) -> None:
    with type(server)() as own:
        tree, folder = own.tree(), own.folder
        assert alive(tree[0])
        own.suspend()  # the hardest case: a frozen process hears no polite request to end
    assert [process for process in tree if alive(process)] == []
    assert not _takes_connections(own)
    assert not folder.exists()
    with pytest.raises(ServerFailed, match="not running"):
        own.pid  # noqa: B018 (looking is the test)


def test_a_server_that_cannot_start_says_why(redis_server: RedisServer) -> None:
    second = RedisServer()
    second.port = redis_server.port
    with pytest.raises(ServerFailed, match="Address already in use"), second:
        pass


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that servers under another user may use; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("signal", [SIGINT, SIGTERM, SIGKILL])
def test_no_server_outlives_the_tests_however_they_end(signal: Signals, tmp_path: Path, open_folder: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *")
    (tmp_path / "test_waits.py").write_text(
        textwrap.dedent("""
            import pathlib, time
            def test_waits(postgres_server, redis_server, sqs_server):
                servers = (postgres_server, redis_server, sqs_server)
                pids = [str(process.pid) for server in servers for process in server.tree()]
                path = pathlib.Path(__file__).with_name("pids")
                path.with_suffix(".new").write_text(" ".join(pids))
                path.with_suffix(".new").rename(path)
                time.sleep(60)
        """)
    )
    session = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(open_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: (tmp_path / "pids").exists() or session.poll() is not None, 60, "servers started")
        assert session.poll() is None, session.communicate()[0]
        started = [psutil.Process(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
        session.send_signal(signal)
        output = session.communicate(timeout=120)[0]
    finally:
        session.kill()
        session.communicate()
    assert len(started) >= 3
    if signal is SIGINT:
        assert list(open_folder.glob("taskoverflow-*")) == []
    wait_until(lambda: not any(map(alive, started)), 20, f"servers gone after {signal.name}\n{output}")


def test_a_missing_server_skips_on_a_laptop_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unheard(RedisServer):
        def __init__(self) -> None:
            super().__init__()
            find_program("a-server-nobody-wrote")

    with pytest.raises(ServerMissing, match="a-server-nobody-wrote is not installed"):
        Unheard()
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"), running(Unheard):
        pass
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="not installed"), running(Unheard):
        pass


def test_each_test_has_a_database_of_its_own_that_is_empty(
    postgres_server: PostgresServer, redis_server: RedisServer
) -> None:
    url = postgres_server.database("once")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE old ()")
        again = postgres_server.database("once")  # somebody is still connected
    with psycopg.connect(again) as connection:
        assert connection.execute("SELECT to_regclass('old')").fetchone() == (None,)
    postgres_server.drop("once")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)

    first, second = redis_server.database(), redis_server.database()
    assert first != second
    with Redis.from_url(first) as client:
        client.set("word", "first")
    with Redis.from_url(second) as client:
        assert client.get("word") is None


def test_a_database_url_leads_to_an_empty_database_on_sqlite_and_on_postgresql(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_settings_of_the_machine_do_not_reach_a_test(tmp_path: Path) -> None:
    assert os.environ["DATA_DIR"] == str(tmp_path)
    assert "SQLALCHEMY_DATABASE_URI" not in os.environ
    assert not any(name.startswith("CELERY_") for name in os.environ)
    assert "AWS_ACCESS_KEY_ID" not in os.environ


def test_boto3_finds_the_local_sqs_by_the_environment_alone(sqs: SqsServer) -> None:
    created = boto3.client("sqs").create_queue(QueueName="ical")
    assert created["QueueUrl"].startswith(sqs.endpoint)
