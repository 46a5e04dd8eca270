"""The laboratory with programs that others wrote, and with the product's own worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.conformance.lab_server import LabServer
from tests.running import Deployment
from tests.servers import wait_until


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer() as server:
        yield server


def figures(lab: LabServer, queue: str) -> dict[str, int]:
    with urlopen(f"{lab.endpoint}/lab/queues/{queue}/figures", timeout=10) as answer:  # noqa: S310 (our own server)
        totals: dict[str, int] = json.load(answer)["totals"]
        return totals


def test_the_products_own_worker_takes_its_messages_from_it(
    lab: LabServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in lab.environment.items():  # for the client, which is in this process
        monkeypatch.setenv(name, value)
    (tmp_path / "outcomes").mkdir()
    settings = {"CELERY_BROKER_URL": lab.url, "CELERY_RESULT_BACKEND": f"file://{tmp_path}/outcomes"}
    with Deployment(tmp_path, {**settings, **lab.environment}) as deployment:
        deployment.start_web()
        deployment.start_worker()
        deployment.wait_for_job(deployment.post_job())
        payload = [{"id": 1, "title": "Milk", "deadline_at": "2026-05-01"}]
        results = [deployment.client.send_task("ical", args=[payload]) for _ in range(30)]
        assert all("SUMMARY:Milk" in result.get(timeout=30) for result in results)
        # Acknowledged one and all, those too that the laboratory handed out twice.
        wait_until(lambda: figures(lab, "ical")["deleted"] >= 31, 30, "all messages are deleted")
    totals = figures(lab, "ical")
    assert totals["sent"] >= 31
    assert totals["received"] >= totals["deleted"]


# AWS's command line, started once for all commands: its start takes longer than all else here.
COMMAND_LINE = """
import contextlib, io, json, sys
from awscli.clidriver import create_clidriver
for line in sys.stdin:
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = create_clidriver().main(json.loads(line))
    print(json.dumps([code, output.getvalue(), errors.getvalue()]), flush=True)
"""

Aws = Callable[..., Any]


@pytest.fixture(scope="module")
def aws(lab: LabServer) -> Iterator[Aws]:
    """Asks AWS's command line; what it answers."""
    if find_spec("awscli") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("awscli is not installed; requirements/test.txt has it")
    environment = {**lab.environment, "PATH": os.environ.get("PATH", ""), "HOME": str(lab.folder), "AWS_PAGER": ""}
    del environment["AWS_ENDPOINT_URL"]

    def ask(*arguments: str) -> Any:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(["--endpoint-url", lab.endpoint, "--output", "json", *arguments]) + "\n")
        process.stdin.flush()
        code, output, errors = json.loads(process.stdout.readline())
        assert code == 0, errors
        return json.loads(output) if output.strip() else None

    command = [sys.executable, "-c", COMMAND_LINE]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield ask


def test_awss_command_line_sends_and_receives(aws: Aws) -> None:
    url = aws("sqs", "get-queue-url", "--queue-name", "csse6400_prac.fifo")["QueueUrl"]
    sends = ("sqs", "send-message", "--queue-url", url, "--message-body", "Grüße", "--message-group-id", "a")
    sent = aws(*sends)
    assert aws(*sends)["MessageId"] == sent["MessageId"]
    (message,) = aws("sqs", "receive-message", "--queue-url", url, "--attribute-names", "All")["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "Grüße")
    assert message["Attributes"]["SequenceNumber"] == sent["SequenceNumber"]
    aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    assert aws("sqs", "receive-message", "--queue-url", url) is None


def test_awss_command_line_makes_a_topic_and_subscribes(aws: Aws) -> None:
    topic = aws("sns", "create-topic", "--name", "notices")["TopicArn"]
    url = aws("sqs", "create-queue", "--queue-name", "subscriber")["QueueUrl"]
    names = ("--attribute-names", "QueueArn")
    arn = aws("sqs", "get-queue-attributes", "--queue-url", url, *names)["Attributes"]["QueueArn"]
    subscription = ("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)
    aws(*subscription, "--attributes", "RawMessageDelivery=true")
    aws("sns", "publish", "--topic-arn", topic, "--message", "ticked")
    received = aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")
    assert received["Messages"][0]["Body"] == "ticked"
