"""The laboratory as it is started: what it prints, what is there, what it counts, how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.conformance.lab_server import LabServer
from tests.processes import Watched
from tests.servers.process import free_port

COMMAND = "from todo.cli import main; main()"
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=none"
)
QUEUES = {"csse6400_prac", "csse6400_prac.fifo", "ical", "ical-dlq", "events-all", "events-completed", "events-list-1"}


@contextmanager
def started(*options: str) -> Iterator[Watched]:
    watched = Watched([sys.executable, "-c", COMMAND, "lab", *options])
    try:
        yield watched
    finally:
        watched.end()


def address_of(watched: Watched) -> str:
    watched.see_like(rb"The queue laboratory is at \S+ .*")
    found = re.search(rb"http://127\.0\.0\.1:\d+", b"\n".join(watched.lines))
    assert found
    return found[0].decode()


def client(endpoint: str, service: str = "sqs", region: str = "us-east-1", **options: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=25, **options)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=endpoint, region_name=region, config=config, **keys)


def url_of(sqs: Any, name: str) -> str:
    url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url


def told(endpoint: str, path: str) -> dict[str, Any]:
    with urlopen(f"{endpoint}{path}", timeout=10) as answer:  # noqa: S310 (our own server)
        content: dict[str, Any] = json.load(answer)
        return content


def drain(sqs: Any, url: str, wait: int = 1) -> list[str]:
    """Receive and delete until there is nothing."""
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def send_hundred(sqs: Any, url: str) -> None:
    for first in range(0, 100, 10):
        entries = [{"Id": str(number), "MessageBody": f"Message {number}"} for number in range(first, first + 10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer(strict=True) as server:
        yield server


@pytest.fixture
def queue(lab: LabServer, request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    """A client and the URL of a new queue."""
    sqs = client(lab.endpoint, max_pool_connections=20)
    yield sqs, sqs.create_queue(QueueName=re.sub(r"\W", "-", request.node.name)[:80])["QueueUrl"]
    sqs.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_prints_how_to_use_it_and_ends_when_asked_with_a_poll_under_way(number: signal.Signals, code: int) -> None:
    with started("--port", "0", "--seed", "5") as watched:
        address = address_of(watched)
        watched.see_like(
            rb"  export AWS_ENDPOINT_URL=" + re.escape(address.encode()) + rb" AWS_ACCESS_KEY_ID=test"
            rb" AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1"
        )
        topic = rb"sns://arn:aws:sns:us-east-1:123456789012:taskoverflow-events"
        watched.see_like(rb"  EVENTS_URL=" + topic + rb" .*taskoverflow.* up   # to events-all, .*")
        sqs = client(address)
        url = url_of(sqs, "ical")

        def poll() -> None:
            with pytest.raises((BotoCoreError, ClientError)):
                sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)

        polling = threading.Thread(target=poll)
        polling.start()
        watched.stops(number, code=code)
        assert watched.lines[-1] == b"Ended; nothing was kept."
        polling.join(20)
        assert not polling.is_alive()


def test_nothing_is_kept_from_one_run_to_the_next() -> None:
    port = str(free_port())
    for _ in range(2):
        with started("--port", port) as watched:
            sqs = client(address_of(watched))
            assert drain(sqs, url_of(sqs, "ical"), wait=0) == []
            sqs.send_message(QueueUrl=url_of(sqs, "ical"), MessageBody="text")
            watched.stops()


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-c", COMMAND, "lab", "--port", str(port)], capture_output=True, timeout=60, check=False
        )
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert re.fullmatch(rb"taskoverflow: port \d+ on 127.0.0.1 is in use; [^\n]+--port\n", ended.stderr)


@pytest.mark.parametrize("options", [["--port", "70000"], ["--seed", "x"], ["--loud"], ["tour", "--step", "11"]])
def test_a_bad_option_is_one_line_that_names_it(options: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "lab", *options], capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert options[-2 if len(options) > 1 else -1].encode() in ended.stderr


def test_only_this_machine_reaches_it(lab: LabServer) -> None:
    listening = {
        connection.laddr.ip
        for process in lab.tree()
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-2"])
def test_the_practicals_queues_are_there_in_every_region(lab: LabServer, region: str) -> None:
    sqs = client(lab.endpoint, region=region)
    names = {url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]}
    assert names >= QUEUES
    attributes = sqs.get_queue_attributes(QueueUrl=url_of(sqs, "ical"), AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "300"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive == {"deadLetterTargetArn": f"arn:aws:sqs:{region}:123456789012:ical-dlq", "maxReceiveCount": 5}
    fifo = sqs.get_queue_attributes(QueueUrl=url_of(sqs, "csse6400_prac.fifo"), AttributeNames=["All"])["Attributes"]
    assert fifo["ContentBasedDeduplication"] == "true"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_topic_for_taskoverflows_events_is_there_with_its_queues_whoever_is_asked_first(region: str) -> None:
    with LabServer(strict=True) as lab:
        sns, sqs = client(lab.endpoint, "sns", region), client(lab.endpoint, region=region)
        topic = f"arn:aws:sns:{region}:123456789012:taskoverflow-events"
        for kind, list_id in (("todo.completed", "1"), ("todo.created", "2")):
            told = {"type": kind, "list": list_id}
            attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
            sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
        assert [each["TopicArn"] for each in sns.list_topics()["Topics"]] == [topic]
        arrived = {name: drain(sqs, url_of(sqs, f"events-{name}")) for name in ("all", "completed", "list-1")}
        both = ["todo.completed", "todo.created"]
        assert arrived == {"all": both, "completed": both[:1], "list-1": both[:1]}
        policy = sqs.get_queue_attributes(QueueUrl=url_of(sqs, "events-list-1"), AttributeNames=["Policy"])
        (statement,) = json.loads(policy["Attributes"]["Policy"])["Statement"]
        assert statement["Resource"] == f"arn:aws:sqs:{region}:123456789012:events-list-1"
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": topic}}


def test_sns_is_there_and_other_services_are_not(lab: LabServer) -> None:
    assert client(lab.endpoint, "sns").create_topic(Name="notices")["TopicArn"].endswith(":notices")
    for call in (client(lab.endpoint, "iam").list_users, client(lab.endpoint, "dynamodb").list_tables):
        with pytest.raises(ClientError, match="The laboratory has SQS and SNS alone") as error:
            call()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_no_web_page_may_ask_it(lab: LabServer) -> None:
    request = Request(f"{lab.endpoint}/", headers={"Origin": "https://example.org"}, method="OPTIONS")  # noqa: S310 (our own server)
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 (as above)
            headers = answer.headers
    except HTTPError as error:
        with error:
            headers = error.headers
    assert "Access-Control-Allow-Origin" not in headers


def test_strict_keeps_the_order_and_hands_out_nothing_twice(queue: tuple[Any, str]) -> None:
    sqs, url = queue
    send_hundred(sqs, url)
    assert drain(sqs, url) == [f"Message {number}" for number in range(100)]


def test_unless_strict_messages_overtake_each_other_and_the_seed_repeats_it() -> None:
    def run() -> list[str]:
        with LabServer(seed=9) as server:
            assert told(server.endpoint, "/lab")["seed"] == 9
            sqs = client(server.endpoint)
            url = url_of(sqs, "csse6400_prac")
            send_hundred(sqs, url)
            return drain(sqs, url)

    arrived = run()
    assert set(arrived) == {f"Message {number}" for number in range(100)}
    assert arrived[:100] != [f"Message {number}" for number in range(100)]
    # When one that was held back is let go is a matter of time; which ones are held back is not.
    assert Counter(run()) == Counter(arrived)


def test_eight_receivers_at_once_never_get_the_same_message(queue: tuple[Any, str]) -> None:
    sqs, url = queue
    for _ in range(3):
        send_hundred(sqs, url)
    received: list[str] = []

    def receive() -> None:
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            received.extend(message["MessageId"] for message in messages)

    threads = [threading.Thread(target=receive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(received) == len(set(received)) == 300


def test_a_receiver_that_hung_up_takes_no_message_along(lab: LabServer, queue: tuple[Any, str]) -> None:
    sqs, url = queue
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
        f"Authorization: {AUTHORIZATION}\r\n"
        f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", lab.port)) as connection:
        connection.sendall(head.encode() + body)
        connection.settimeout(1)
        with pytest.raises(TimeoutError):  # it is waiting
            connection.recv(1)
    sqs.send_message(QueueUrl=url, MessageBody="text")
    assert drain(sqs, url, wait=5) == ["text"]


def test_figures_tell_what_a_queue_was_asked_for(lab: LabServer, queue: tuple[Any, str]) -> None:
    sqs, url = queue
    name = url.rpartition("/")[2]
    send_hundred(sqs, url)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    for message in messages[:4]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sqs.receive_message(QueueUrl=url_of(sqs, "ical"))
    figures = told(lab.endpoint, f"/lab/queues/{name}/figures")
    assert (figures["queue"], figures["region"]) == (name, "us-east-1")
    assert figures["totals"] == {"sent": 100, "received": 10, "deleted": 4, "empty_receives": 0}
    for step in ("seconds", "minutes"):
        assert {key: sum(figures[step][key]) for key in figures["totals"]} == figures["totals"]
        levels = {key: figures[step][key][-1] for key in ("available", "in_flight", "delayed")}
        assert levels["in_flight"] in (6, 10)
        assert levels["delayed"] == 0
    listed = {each["name"]: each for each in told(lab.endpoint, "/lab/queues")["queues"]}
    assert (listed[name]["available"], listed[name]["in_flight"]) == (90, 6)
    assert told(lab.endpoint, "/lab/queues/ical/figures")["totals"]["empty_receives"] == 1


@pytest.mark.parametrize(
    "path", ["/lab/queues/none/figures", "/lab/none", "/lab/queues?region=nowhere", "/lab/queues//figures"]
)
def test_what_is_not_there_is_404(lab: LabServer, path: str) -> None:
    with pytest.raises(HTTPError) as error:
        told(lab.endpoint, path)
    with error.value:
        assert error.value.code == 404
        assert json.load(error.value)["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"QueueUrl": 7}', b"\xff\xfe", b'{"QueueUrl": null}'])
def test_nonsense_is_answered_and_the_terminal_stays_clean(lab: LabServer, body: bytes) -> None:
    before = (lab.folder / "log.txt").read_bytes()
    headers = {"X-Amz-Target": "AmazonSQS.ReceiveMessage", "Content-Type": "application/x-amz-json-1.0"}
    request = Request(lab.endpoint, body, {**headers, "Authorization": AUTHORIZATION})  # noqa: S310 (our own server)
    with pytest.raises(HTTPError) as error:
        urlopen(request, timeout=10)  # noqa: S310 (as above)
    with error.value:
        assert error.value.code in (400, 404, 500)
    assert (lab.folder / "log.txt").read_bytes() == before
