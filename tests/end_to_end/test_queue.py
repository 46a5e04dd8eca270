"""`taskoverflow queue` as a person or a script meets it: what is printed where, exit codes, Ctrl-C at every stage."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conformance.lab_server import LabServer
from tests.integration.queue_front import Front, front_of, refusal
from tests.integration.queue_sides import Side
from tests.processes import DEADLINE_SECONDS, Watched, wait_for
from tests.servers import SqsServer
from todo.queues import catalog
from todo.queues.banner import BANNER

QUEUE = [sys.executable, "-m", "todo.cli", "queue"]
NAMED = ["--name", "q", "--client-name", "Client 1"]
ROOT = str(Path(__file__).parent.parent.parent)
TIME = r"\[\d\d:\d\d:\d\d\]"


@pytest.fixture
def side(sqs: SqsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Side:
    """A queue `q` on the local SQS; the test's folder is the working folder."""
    monkeypatch.setenv("PYTHONPATH", ROOT)
    monkeypatch.chdir(tmp_path)
    side = Side()
    side.make("q")
    return side


@pytest.fixture
def front(side: Side, sqs: SqsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """What stands between the program and the local SQS."""
    with front_of(sqs.endpoint) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        yield front


def queue(
    *arguments: str, given: bytes | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*QUEUE, *arguments],
        capture_output=True,
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        timeout=DEADLINE_SECONDS * 2,
        check=False,
    )
    found = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in found.stderr
    assert "\x1b" not in found.stdout + found.stderr
    return found


def failed(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line on standard error of a command that failed so."""
    assert done.returncode == code, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    return lines[0].removeprefix("taskoverflow: ")


# What the sheets show


def test_a_queue_that_is_not_there(side: Side) -> None:
    done = queue("--name", "test", "--client-name", "Client 1")
    assert done.stdout.startswith(BANNER)
    assert done.stderr.splitlines()[0] == "Unable to find a Queue by this name test"
    assert "queue create test" in done.stderr
    assert done.returncode == 1


def test_what_is_to_be_typed_is_the_program_as_it_was_called(side: Side, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "taskoverflow"
    arguments = ["queue", "--name", "test", "--client-name", "Client 1"]
    by_path = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert f"`{program} queue create test`" in by_path.stderr
    path = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    by_name = subprocess.run(["taskoverflow", *arguments], capture_output=True, text=True, env=path, check=False)
    assert "`taskoverflow queue create test`" in by_name.stderr
    assert f"`{sys.executable} -m todo.cli queue create test`" in queue(*arguments[1:]).stderr
    misused = subprocess.run([program, "lab", "--port", "x"], capture_output=True, text=True, check=False)
    assert misused.stderr.endswith(f"Try: {program} lab --help\n")


def test_names_that_are_alike_are_told(side: Side) -> None:
    side.make("test.fifo")
    done = queue("--name", "test", "--client-name", "Client 1")
    assert done.stderr.splitlines()[1].endswith("there is test.fifo")


def test_publishing_as_the_sheets_do(side: Side) -> None:
    done = queue("--name", "q", "--client-name", "Client 1")
    assert done.stdout.removeprefix(BANNER).splitlines()[1:3] == ["Connected to q", "Sending Messages:"]
    assert re.search(r"^100 of 100 messages sent in .*, 12 requests$", done.stdout, re.MULTILINE)
    assert (done.returncode, done.stderr) == (0, "")
    side.receive(side.make("q"))
    assert sorted(side.bodies) == sorted(f"Message {number}" for number in range(100))


def test_receiving_as_the_sheets_do(side: Side) -> None:
    receiver = Watched([*QUEUE, "--name", "q", "--client-name", "hello", "--receive"])
    receiver.see(b"Connected to q")
    queue(*NAMED, "--prepend", "abcdef", "--count", "2")
    receiver.see_like(rf"{TIME} Client 1: abcdefMessage 0".encode())
    receiver.see_like(rf"{TIME} Client 1: abcdefMessage 1".encode())
    wait_for(lambda: in_queue(side) == 0, lambda: "the messages are deleted")
    receiver.process.send_signal(signal.SIGINT)
    assert receiver.process.wait(DEADLINE_SECONDS) == 130
    receiver.see_like(rb"2 messages received, 2 deleted, .*")
    receiver.end()


def in_queue(side: Side) -> int:
    """How many messages are in `q`, wherever."""
    card = catalog.card(side.service, "q")
    return card.available + card.in_flight + card.delayed


# For programs


def test_a_log_is_json_alone_and_judged_with_others(side: Side, tmp_path: Path) -> None:
    sent = queue(*NAMED, "--json", "--duplicate", "--count", "30")
    received = queue("--name", "q", "--client-name", "S", "--receive", "--until-empty", "--json", "--report")
    events = [json.loads(line)["event"] for line in (sent.stdout + received.stdout).splitlines()]
    assert (events.count("sent"), events.count("received"), events.count("deleted")) == (60, 60, 60)
    assert "Connected to q" in sent.stderr
    assert "60 messages received" in received.stderr
    assert "q (standard)" in received.stderr
    (tmp_path / "sent.jsonl").write_text(sent.stdout)
    page = tmp_path / "report.html"
    report = queue("report", str(tmp_path / "sent.jsonl"), "-", "--html", str(page), given=received.stdout.encode())
    assert report.returncode == 0
    assert re.search(r"Sent +60", report.stdout)
    assert page.read_text().startswith("<!doctype html>")


def test_a_report_at_the_end_of_a_run(side: Side, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = queue(*NAMED, "--report", "--html", str(page))
    assert re.search(r"Sent +100", done.stdout)
    assert "q (standard)" in page.read_text()


def test_a_log_that_is_none(side: Side, tmp_path: Path) -> None:
    assert "Line 2 of standard input is not a record" in failed(queue("report", "-", given=b"\n{}\n"))
    assert "nothing in the log" in queue("report", "-", given=b"").stdout


def test_of_several_logs_the_one_with_the_bad_line_is_named(side: Side, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(queue(*NAMED, "--count", "3", "--json").stdout)
    bad.write_text(good.read_text() + "{\n")
    assert queue("report", str(good), str(good)).returncode == 0
    assert f"Line 6 of {bad} is not a record" in failed(queue("report", str(good), str(bad), str(good)))


def test_whoever_reads_may_go(side: Side) -> None:
    side.publish(side.make("q"), count=50)
    program = subprocess.Popen(
        [*QUEUE, *NAMED, "--receive", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout
    assert program.stderr
    program.stdout.readline()
    program.stdout.close()
    errors = program.stderr.read()
    program.stderr.close()
    assert program.wait(DEADLINE_SECONDS) == 1
    assert "Traceback" not in errors
    left = re.search(r"(\d+) messages? received and not deleted", errors)
    assert in_queue(side) == (int(left[1]) if left else 0) + catalog.card(side.service, "q").available


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([*NAMED, "--count", "-1"], "'--count': -1"),
        ([*NAMED, "--count", "x"], "'--count'"),
        ([*NAMED, "--rate", "nan"], "'--rate'"),
        ([*NAMED, "--rate", "0"], "'--rate'"),
        ([*NAMED, "--size", str(2 * 1024 * 1024)], "'--size'"),
        ([*NAMED, "--size", str(1024 * 1024)], "'--size': a message would have"),
        ([*NAMED, "--groups", "2"], "'--groups': q is a standard queue"),
        ([*NAMED, "--attributes", "a"], "'--attributes'"),
        ([*NAMED, "--attributes", "client=x"], "'--attributes': client is there already"),
        ([*NAMED, "--html", "/nowhere/x.html"], "'--html': there is no folder /nowhere"),
        ([*NAMED, "--consumers", "2"], "--consumers is for --receive"),
        ([*NAMED, "--receive", "--count", "2"], "--count is for --send"),
        ([*NAMED, "--receive", "--crash-before-delete", "2"], "'--crash-before-delete'"),
        (["--name", "a/b", "--client-name", "C"], "'--name': 'a/b' cannot be a queue's name"),
        (["--name", "q", "--client-name", ""], "'--client-name'"),
        (["--name", "q"], "Missing option '--client-name'"),
        (["--client-name", "C"], "Missing option '--name'"),
        ([*NAMED, "ls"], "does not go with ls"),
        ([*NAMED, "--endpoint-url", "localhost:9324"], "'--endpoint-url'"),
        ([*NAMED, "--region", "no where"], "'--region'"),
        ([*NAMED, "--profile", "none"], "'--profile'"),
        (["create", "--fifo", "q"], "'NAME': a FIFO queue's name ends with .fifo"),
        (["create", "a/b"], "'NAME': 'a/b' cannot be a queue's name"),
        (["delete", "q"], "There is nobody to ask"),
        (["report", "none.jsonl"], "does not exist"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_option(side: Side, arguments: list[str], says: str) -> None:
    assert says in failed(queue(*arguments), 2)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ExpiredToken", "The AWS credentials have expired: get new ones"),
        ("InvalidClientTokenId", "AWS does not know these credentials"),
        ("AccessDenied", "These credentials may not do sqs:GetQueueUrl on q"),
        ("RequestTimeTooSkewed", "This machine's clock is wrong"),
    ],
)
def test_what_aws_refuses_is_one_line_that_says_what_to_do(front: Front, code: str, says: str) -> None:
    front.refuse("GetQueueUrl", refusal(code, 403))
    assert says in failed(queue(*NAMED))


def test_nobody_at_the_address(side: Side) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert f"{address} cannot be reached" in failed(queue(*NAMED, "--endpoint-url", address))


def test_no_credentials_then_those_of_a_file(side: Side, tmp_path: Path) -> None:
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert "There are no AWS credentials" in failed(queue(*NAMED, environment=none))
    (tmp_path / ".env").write_text("TERM=xterm-256color\nAWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY=test\n")
    assert queue(*NAMED, environment=none).returncode == 0


def test_a_profile(side: Side, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[work]\naws_access_key_id = test\naws_secret_access_key = test\n")
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": str(file)}
    assert queue(*NAMED, "--profile", "work", environment=none).returncode == 0
    assert queue("--profile", "work", "ls", environment=none).returncode == 0
    assert queue("ls", "--profile", "work", environment=none).returncode == 0


def test_messages_that_are_not_taken_fail_the_command(front: Front) -> None:
    front.answers.append(
        lambda operation, content: (
            (200, {"Failed": [{"Id": entry["Id"], "SenderFault": True, "Code": "Bad"} for entry in content["Entries"]]})
            if operation == "SendMessageBatch"
            else None
        )
    )
    done = queue(*NAMED, "--count", "12")
    assert done.returncode == 1
    assert "0 of 12 messages sent" in done.stdout
    assert "12 messages not sent: Bad" in done.stdout


def test_a_queue_that_is_deleted_while_it_is_received_from(side: Side) -> None:
    receiver = Watched([*QUEUE, *NAMED, "--receive", "--wait", "1"])
    receiver.see(b"Waiting for messages...")
    catalog.delete(side.service, "q")
    assert receiver.process.wait(DEADLINE_SECONDS) == 1
    receiver.see(b"taskoverflow: The queue q is not there any more: somebody deleted it")
    receiver.end()


def test_texts_that_would_steer_the_terminal_do_not(side: Side) -> None:
    client = {"client": {"DataType": "String", "StringValue": "\u202eevil\n"}}
    queue_ = side.make("q")
    queue_.call("send_message", MessageBody="two\nlines \u009b31m", MessageAttributes=client)
    queue_.call("send_message", MessageBody="x" * 1000)
    done = queue("--name", "q", "--client-name", "S", "--receive", "--until-empty")
    assert r"\x202eevil\x0a: two\x0alines \x9b31m" in done.stdout
    assert "unknown: " + "x" * 199 + "…" in done.stdout.splitlines()[-2]


# Whole queues


def test_listed_shown_and_their_policy(side: Side) -> None:
    side.make("csse6400_prac.fifo", content_based_deduplication=True)
    table = queue("ls").stdout
    assert re.search(r"csse6400_prac\.fifo +FIFO .* Enabled", table)
    listed = json.loads(queue("ls", "--json").stdout)
    assert [card["name"] for card in listed] == ["csse6400_prac.fifo", "q"]
    assert json.loads(queue("show", "q", "--json").stdout) == listed[1]
    assert re.search(r"Content-based deduplication +Enabled", queue("show", "csse6400_prac.fifo").stdout)
    assert json.loads(queue("policy", "q").stdout) is None
    assert "There is no queue that begins with x" in queue("ls", "--prefix", "x").stdout


def test_made_emptied_and_deleted(side: Side) -> None:
    assert queue("create", "new.fifo", "--content-based-deduplication").stdout.endswith("/new.fifo\n")
    side.publish(side.make("q"), count=3)
    assert queue("purge", "q", "--yes").returncode == 0
    assert in_queue(side) == 0
    assert queue("delete", "new.fifo", "--yes").returncode == 0
    assert failed(queue("show", "new.fifo")) == "Unable to find a Queue by this name new.fifo"


@pytest.mark.parametrize(("key", "is_deleted", "code"), [(b"n\n", False, 1), (b"y\n", True, 0), (b"\x03", False, 130)])
def test_destruction_asks(side: Side, key: bytes, is_deleted: bool, code: int) -> None:
    output, process = at_terminal("delete", "q")
    seen = read_until(output, b"[y/N]")
    assert b"Delete q with its about 0 messages at http://" in seen
    os.write(output, key)
    status = process.wait(DEADLINE_SECONDS)
    os.close(output)
    assert bool(catalog.cards(side.service)) is not is_deleted
    assert status == code


def at_terminal(*arguments: str) -> tuple[int, subprocess.Popen[bytes]]:
    """The program at a terminal of its own, as its leader."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])",
            *QUEUE,
            *arguments,
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return ours, process


def read_until(output: int, text: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while text not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([output], [], [], 0.1)[0]:
            try:
                seen += os.read(output, 65_536)
            except OSError:  # the program has ended
                break
    assert text in seen, seen
    return seen


def test_a_terminal_gets_a_bar_and_after_receiving_a_report(side: Side) -> None:
    output, process = at_terminal(*NAMED)
    seen = read_until(output, b"100 of 100 messages sent")
    assert b"Working..." in seen
    assert b"100%" in seen
    assert process.wait(DEADLINE_SECONDS) == 0
    os.close(output)
    output, process = at_terminal("--name", "q", "--client-name", "S", "--receive")
    read_until(output, b"Message 99")
    wait_for(lambda: in_queue(side) == 0, lambda: "the messages are deleted")
    os.write(output, b"\x03")
    assert b"Redeliveries" in read_until(output, b"time since")
    assert process.wait(DEADLINE_SECONDS) == 130
    os.close(output)


# Ctrl-C at every stage


def interrupted(program: Watched, *, times: int = 1, number: int = signal.SIGINT) -> str:
    """What a program wrote that was interrupted and ended as it should."""
    program.process.send_signal(number)
    for _ in range(times - 1):
        program.see_like(rb"Stopping, .*")
        program.process.send_signal(number)
    assert program.process.wait(DEADLINE_SECONDS) == 130
    program.leaves_nothing()
    program.end()
    text = b"\n".join(program.lines).decode()
    assert "Traceback" not in text
    assert "Exception" not in text
    return text


@pytest.mark.parametrize("operation", ["GetQueueUrl", "GetQueueAttributes"])
def test_interrupted_while_it_connects(front: Front, operation: str) -> None:
    front.hang(operation)
    program = Watched([*QUEUE, *NAMED])
    wait_for(lambda: front.count(operation), lambda: "it connects")
    interrupted(program)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_sends(side: Side, number: int) -> None:
    program = Watched([*QUEUE, *NAMED, "--rate", "40", "--concurrency", "2"])
    wait_for(lambda: in_queue(side) >= 5, lambda: "some were sent")
    text = interrupted(program, number=number)
    found = re.search(r"(\d+) of 100 messages sent", text)
    assert found
    sent = int(found[1])
    assert f"{100 - sent} messages not sent" in text
    assert in_queue(side) == sent


def test_interrupted_while_a_call_hangs(front: Front) -> None:
    front.hang("SendMessageBatch")
    program = Watched([*QUEUE, *NAMED])
    wait_for(lambda: front.count("SendMessageBatch"), lambda: "it sends")
    text = interrupted(program, times=2)
    assert "0 of 100 messages sent" in text
    assert "100 messages not sent, or the queue's answer did not arrive" in text


def test_interrupted_while_it_waits(side: Side) -> None:
    program = Watched([*QUEUE, *NAMED, "--receive"])
    program.see(b"Waiting for messages...")
    text = interrupted(program)
    assert "0 messages received, 0 deleted" in text


def test_interrupted_while_several_consumers_receive(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    with LabServer(strict=True) as lab:  # moto's server hands a message to two who ask at the same moment
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        _interrupt_consumers(Side())


def _interrupt_consumers(side: Side) -> None:
    side.publish(side.make("q"), count=1000, concurrency=4)
    program = Watched([*QUEUE, *NAMED, "--receive", "--consumers", "3"])
    program.see_like(rb".*Message \d+")
    text = interrupted(program)
    found = re.search(r"(\d[\d,]*) messages? received, (\d[\d,]*) deleted", text)
    assert found
    received, deleted = (int(number.replace(",", "")) for number in found.groups())
    assert len(re.findall(rf"{TIME} Client 1: Message \d+", text)) == received == deleted
    assert in_queue(side) == 1000 - deleted


def test_interrupted_twice_while_a_poll_hangs(front: Front) -> None:
    front.hang("ReceiveMessage")
    program = Watched([*QUEUE, *NAMED, "--receive"])
    wait_for(lambda: front.count("ReceiveMessage"), lambda: "it polls")
    text = interrupted(program, times=2)
    assert "comes again as well" in text


def test_interrupted_twice_while_a_deletion_hangs(front: Front, side: Side) -> None:
    side.publish(side.make("q"), count=7)
    front.hang("DeleteMessageBatch")
    program = Watched([*QUEUE, *NAMED, "--receive", "--json"])
    wait_for(lambda: front.count("DeleteMessageBatch"), lambda: "it deletes")
    text = interrupted(program, times=2)
    assert "7 messages received and not deleted: the queue hands them out again, 30 s after it did" in text
    assert text.count('"event":"received"') == 7
    assert '"event":"ended"' in text
    assert '"interrupted":true' in text
    assert in_queue(side) == 7


def test_interrupted_while_a_log_is_read(side: Side) -> None:
    ours, theirs = os.pipe()
    program = subprocess.Popen([*QUEUE, "report", "-"], stdin=ours, stderr=subprocess.PIPE)
    os.write(theirs, b"\n")
    wait_for(lambda: _read_all(theirs), lambda: "it reads")
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=DEADLINE_SECONDS)
    os.close(theirs)
    os.close(ours)
    assert program.returncode == 130
    assert b"Traceback" not in errors


def _read_all(pipe: int) -> bool:
    """Whether the other end has read all of what was written."""
    import fcntl
    import termios

    left = fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4)
    return left == bytes(4)
