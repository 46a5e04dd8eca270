"""The laboratory with programs that others wrote, and with the product's own worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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


def aws(lab: LabServer, *arguments: str) -> Any:
    """What AWS's command line answers."""
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which("aws", path=folders)
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("awscli is not installed; requirements/test.txt has it")
    environment = {**lab.environment, "PATH": folders, "HOME": str(lab.folder), "AWS_PAGER": ""}
    del environment["AWS_ENDPOINT_URL"]
    done = subprocess.run(
        [str(program), "--endpoint-url", lab.endpoint, "--output", "json", *arguments],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_awss_command_line_sends_and_receives(lab: LabServer) -> None:
    url = aws(lab, "sqs", "get-queue-url", "--queue-name", "csse6400_prac.fifo")["QueueUrl"]
    sends = ("sqs", "send-message", "--queue-url", url, "--message-body", "Grüße", "--message-group-id", "a")
    sent = aws(lab, *sends)
    assert aws(lab, *sends)["MessageId"] == sent["MessageId"]
    (message,) = aws(lab, "sqs", "receive-message", "--queue-url", url, "--attribute-names", "All")["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "Grüße")
    assert message["Attributes"]["SequenceNumber"] == sent["SequenceNumber"]
    aws(lab, "sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    assert aws(lab, "sqs", "receive-message", "--queue-url", url) is None


def test_awss_command_line_makes_a_topic_and_subscribes(lab: LabServer) -> None:
    topic = aws(lab, "sns", "create-topic", "--name", "notices")["TopicArn"]
    url = aws(lab, "sqs", "create-queue", "--queue-name", "subscriber")["QueueUrl"]
    names = ("--attribute-names", "QueueArn")
    arn = aws(lab, "sqs", "get-queue-attributes", "--queue-url", url, *names)["Attributes"]["QueueArn"]
    subscription = ("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)
    aws(lab, *subscription, "--attributes", "RawMessageDelivery=true")
    aws(lab, "sns", "publish", "--topic-arn", topic, "--message", "ticked")
    received = aws(lab, "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")
    assert received["Messages"][0]["Body"] == "ticked"
