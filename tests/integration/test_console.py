"""The queue console's API, on the laboratory, on moto, on real brokers, and on services that hang or refuse."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import boto3
import pytest
from kombu import Connection, Queue
from redis import Redis

from tests.conformance.lab_server import LabServer
from tests.integration.api import Answer, Api, application
from tests.integration.queue_front import front_of, refusal
from tests.running import ROOT
from tests.servers import SqsServer
from tests.servers.process import free_port
from todo import config
from todo.queues import asking, console, peek, rabbitmq, sqs
from todo.queues.console import Console

GENEROUS_SECONDS = 30.0
Open = Callable[..., Api]


@pytest.fixture(scope="module")
def _application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with application(f"sqlite:///{tmp_path_factory.mktemp('console') / 'api.sqlite'}") as api:
        yield api


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer(strict=True) as server:
        yield server


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds are for services that hang; a busy machine is none."""
    monkeypatch.setattr(console, "BOUND_SECONDS", GENEROUS_SECONDS)
    monkeypatch.setattr(sqs, "READ_SECONDS", GENEROUS_SECONDS)
    monkeypatch.setattr(peek, "COLLECTING_SECONDS", GENEROUS_SECONDS)
    monkeypatch.setattr(peek, "HIDDEN_SECONDS", 600)


@pytest.fixture
def opened(_application: Api) -> Iterator[Open]:
    """Opens a console with these settings in the environment of now."""
    before = _application.app.config["CONSOLE"]
    made: list[Console] = []

    def open_console(**settings: Any) -> Api:
        made.append(Console(config.load(settings), os.environ))
        _application.app.config["CONSOLE"] = made[-1]
        return _application

    yield open_console
    _application.app.config["CONSOLE"] = before
    for each in made:
        each.close()


@pytest.fixture
def led(lab: LabServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The environment leads to the laboratory; a client of it."""
    lead_to(lab.environment, monkeypatch)
    with closing(boto3.client("sqs")) as client:
        yield client


@pytest.fixture
def api(patient: None, led: Any, opened: Open) -> Api:
    """A console of the laboratory and the embedded broker, which may move messages."""
    return opened(QUEUES_WRITABLE="true")


def lead_to(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


class Made:
    """A queue and its dead-letter queue, of names of their own."""

    def __init__(self, client: Any, *, fifo: bool = False, receives_max: int = 1) -> None:
        self.client = client
        stem, ending = f"t{uuid.uuid4().hex[:12]}", ".fifo" if fifo else ""
        kind = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
        self.dead, self.name = f"{stem}-dead{ending}", f"{stem}{ending}"
        self.dead_url = client.create_queue(QueueName=self.dead, Attributes=kind)["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives_max})
        self.url = client.create_queue(QueueName=self.name, Attributes={**kind, "RedrivePolicy": redrive})["QueueUrl"]

    def bury(self, *bodies: str, group: str | None = None) -> None:
        """Put messages into the dead-letter queue."""
        for body in bodies:
            extra = {"MessageGroupId": group} if group else {}
            self.client.send_message(QueueUrl=self.dead_url, MessageBody=body, **extra)

    def let_die(self, count: int) -> None:
        """Send messages, and receive them too often."""
        for number in range(count):
            self.client.send_message(QueueUrl=self.url, MessageBody=f"Message {number}")
        while self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
            "Messages"
        ):
            pass

    def receive_all(self, url: str) -> list[str]:
        """What a consumer gets, deleted as it comes."""
        bodies = []
        while messages := self.client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(message["Body"])
                self.client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


def sources(api: Api) -> dict[str, dict[str, Any]]:
    answer = api.get("/queues")
    assert answer.status_code == 200, answer.text
    return {each["source"]: each for each in answer.json["sources"]}


def cards(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    assert source["trouble"] is None, source
    return {card["name"]: card for card in source["queues"]}


def good(answer: Answer, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def refused(answer: Answer, status: int, field: str | None = None) -> str:
    """The words of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json.get("field") == field, answer.json
    words: str = answer.json["error"]
    assert "\n" not in words
    return words


@contextmanager
def hanging() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


# What there is


def test_the_laboratory_and_the_embedded_broker_side_by_side(api: Api, led: Any, lab: LabServer) -> None:
    made = Made(led, receives_max=4)
    led.send_message(QueueUrl=made.url, MessageBody="text")
    led.send_message(QueueUrl=made.url, MessageBody="later", DelaySeconds=900)
    assert api.get("/queues").json["is_writable"] is True
    found = sources(api)
    assert set(found) == {"sqs", "broker"}
    assert {name: found["sqs"][name] for name in ("kind", "address", "region", "emulator")} == {
        "kind": "SQS",
        "address": lab.endpoint,
        "region": "us-east-1",
        "emulator": True,
    }
    assert [card["name"] for card in found["sqs"]["queues"]] == sorted(cards(found["sqs"]))
    card = cards(found["sqs"])[made.name]
    assert card.pop("created_at").endswith("Z")
    assert card == {
        "name": made.name,
        "type": "Standard",
        "available": 1,
        "in_flight": 0,
        "delayed": 1,
        "encryption": "SSE-SQS",
        "content_based_deduplication": None,
        "dead_letter_queue": made.dead,
        "receives_max": 4,
        "dead_letters_of": [],
    }
    assert cards(found["sqs"])[made.dead]["dead_letters_of"] == [made.name]
    assert cards(found["sqs"])["csse6400_prac.fifo"]["content_based_deduplication"] is True
    assert (found["broker"]["kind"], list(cards(found["broker"]))) == ("files", ["ical"])


def test_one_queue_with_all_of_it(api: Api, led: Any) -> None:
    made = Made(led)
    statement = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    led.set_queue_attributes(QueueUrl=made.url, Attributes={"Policy": json.dumps(policy), "VisibilityTimeout": "7"})
    found = good(api.get(f"/queues/sqs/{made.name}"))
    assert (found["policy"], found["visibility_seconds"], found["consumers"]) == (policy, 7, None)
    assert (found["url"], found["arn"].rpartition(":")[2]) == (made.url, made.name)
    assert {found[f"{name}_seconds"] for name in ("retention", "delay", "wait")} == {345_600, 0}
    assert good(api.get(f"/queues/sqs/{made.dead}"))["dead_letters_of"] == [made.name]


def test_more_queues_than_there_is_time_for_are_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.Deadline, "left", property(lambda _: 0.0))
    monkeypatch.setattr(console, "answers_of", lambda works, _: [work() for work in works])
    card = cards(sources(api)["sqs"])["ical"]
    assert (card["type"], card["available"], card["created_at"]) == ("Standard", None, None)


def test_without_any_sqs_there_is_none(opened: Open, patient: None) -> None:
    api = opened()
    assert set(sources(api)) == {"broker"}
    assert api.get("/queues").json["is_writable"] is False
    for path in ("", "/figures", "/messages", "/redrive"):
        assert "no source 'sqs'" in refused(api.get(f"/queues/sqs/ical{path}"), 404, "source")


def test_the_account_itself_when_a_setting_says_so(opened: Open) -> None:
    about = opened(QUEUES_SQS="true").app.config["CONSOLE"]._sources[0].about()
    assert (about.address, about.is_emulator) == ("AWS", False)


def test_a_broker_that_is_sqs_is_the_one_source_and_its_keys_stay(
    opened: Open, patient: None, led: Any, lab: LabServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    api = opened(CELERY_BROKER_URL=f"sqs://KEY:s%2Fcret@127.0.0.1:{lab.port}//")
    found = sources(api)
    assert list(found) == ["sqs"]
    assert "ical" in cards(found["sqs"])
    assert found["sqs"]["address"] == lab.endpoint
    assert "KEY" not in api.get("/queues").text
    refused(api.get("/queues/broker/ical"), 404, "source")


def test_the_web_server_starts_without_the_clients_of_queue_services(tmp_path: Path) -> None:
    program = (
        "import sys; from todo import create_app; create_app({'SQLALCHEMY_DATABASE_URI': 'sqlite:///:memory:'});"
        "print([name for name in ('boto3', 'botocore', 'redis') if name in sys.modules])"
    )
    environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout == "[]\n", ran.stderr


# Figures


def test_figures_of_the_laboratory_by_the_second_and_by_the_minute(api: Api, led: Any) -> None:
    made = Made(led)
    for _ in range(3):
        led.send_message(QueueUrl=made.url, MessageBody="text")
    led.receive_message(QueueUrl=made.url)
    for query, step in (("", 1), ("?span=600", 1), ("?span=21600", 60)):
        found = good(api.get(f"/queues/sqs/{made.name}/figures{query}"))
        assert (found["origin"], found["step_seconds"], found["from"] % step) == ("laboratory", step, 0)
        assert (sum(found["sent"]), sum(found["received"])) == (3, 1)
        assert len({len(found[name]) for name in found if isinstance(found[name], list)}) == 1
        assert max(level for level in found["in_flight"] if level is not None) == 1


def test_figures_are_of_the_queue_in_the_own_region(
    opened: Open, patient: None, led: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")
    api = opened()
    name = f"t{uuid.uuid4().hex}"
    with closing(boto3.client("sqs", region_name="ap-southeast-2")) as elsewhere:
        elsewhere.send_message(QueueUrl=elsewhere.create_queue(QueueName=name)["QueueUrl"], MessageBody="text")
    assert sum(good(api.get(f"/queues/sqs/{name}/figures"))["sent"]) == 1
    assert sources(api)["sqs"]["region"] == "ap-southeast-2"


def test_nobody_counts_for_other_emulators_and_brokers(
    sqs: SqsServer, patient: None, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = opened()
    with closing(boto3.client("sqs")) as client:
        client.create_queue(QueueName="q")
    for path in ("sqs/q", "broker/ical"):
        found = good(api.get(f"/queues/{path}/figures"))
        assert found["origin"] is None
        assert found["sent"] == found["available"] == found["oldest_seconds"] == []
        assert found["step_seconds"] >= 1
    assert sources(api)["sqs"]["queues"][0]["created_at"].endswith("Z")  # moto's has a fraction


# Dead letters


def test_dead_letters_are_shown_and_stay_for_others(api: Api, led: Any) -> None:
    made = Made(led)
    made.let_die(23)
    attributes = {
        "client": {"DataType": "String", "StringValue": "Client 1"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    led.send_message(QueueUrl=made.dead_url, MessageBody="x" * 20_001, MessageAttributes=attributes)
    found = good(api.get(f"/queues/sqs/{made.dead}/messages?limit=50"))
    assert (len(found["messages"]), found["is_all"]) == (24, True)
    assert len({message["message_id"] for message in found["messages"]}) == 24
    assert "receive" in found["note"]
    by_body = {message["body"]: message for message in found["messages"]}
    first = by_body["Message 0"]
    assert (first["source_queue"], first["is_cut"], first["group"], first["attributes"]) == (made.name, False, None, {})
    assert first["receives"] >= 2
    assert first["sent_at"].endswith("Z")
    long = by_body["x" * 20_000]
    assert (long["is_cut"], long["attributes"]) == (True, {"client": "Client 1", "blob": "AP8="})
    assert long["source_queue"] is None
    card = good(api.get(f"/queues/sqs/{made.dead}"))
    assert (card["available"], card["in_flight"]) == (24, 0)  # though hidden for ten minutes while one looked
    assert len(made.receive_all(made.dead_url)) == 24


def test_so_many_dead_letters_as_were_asked_for(api: Api, led: Any) -> None:
    made = Made(led)
    made.bury(*(f"Message {number}" for number in range(12)))
    for query, count in (("?limit=1", 1), ("?limit=11", 11), ("", 12)):
        found = good(api.get(f"/queues/sqs/{made.dead}/messages{query}"))
        assert (len(found["messages"]), found["is_all"]) == (count, count == 12)
    assert good(api.get(f"/queues/sqs/{made.dead}"))["available"] == 12


def test_all_of_a_group_is_readable_and_its_order_stays(api: Api, led: Any) -> None:
    made = Made(led, fifo=True)
    bodies = [f"Message {number}" for number in range(8)]
    made.bury(*bodies, group="a")
    made.bury("other", group="b")
    for _ in range(2):
        found = good(api.get(f"/queues/sqs/{made.dead}/messages"))
        assert [m["body"] for m in found["messages"] if m["group"] == "a"] == bodies
        assert (len(found["messages"]), found["is_all"]) == (9, True)
    assert [body for body in made.receive_all(made.dead_url) if body != "other"] == bodies


def test_of_a_group_of_more_than_ten_the_rest_is_said_to_be_missing(api: Api, led: Any) -> None:
    made = Made(led, fifo=True)
    made.bury(*(f"Message {number}" for number in range(15)), group="a")
    found = good(api.get(f"/queues/sqs/{made.dead}/messages?limit=50"))
    assert (len(found["messages"]), found["is_all"]) == (10, False)
    assert "ten" in found["note"]
    assert len(made.receive_all(made.dead_url)) == 15


def test_two_who_look_at_once_see_the_same(api: Api, led: Any) -> None:
    made = Made(led)
    made.bury("a", "b", "c")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.get(f"/queues/sqs/{made.dead}/messages"), range(4)))
    assert [len(good(answer)["messages"]) for answer in answers] == [3] * 4


def test_messages_come_back_when_the_look_fails_midway(
    patient: None, lab: LabServer, led: Any, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(led)
    made.bury(*(f"Message {number}" for number in range(15)))
    with front_of(lab.endpoint) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        front.answers.append(
            lambda name, _: (
                refusal("InternalFailure", 500)
                if name == "ReceiveMessage" and front.count("ReceiveMessage") > 1
                else None
            )
        )
        refused(opened().get(f"/queues/sqs/{made.dead}/messages"), 503)
    assert len(made.receive_all(made.dead_url)) == 15


def test_what_is_no_dead_letter_queue_is_not_read(api: Api, led: Any) -> None:
    made = Made(led)
    led.send_message(QueueUrl=made.url, MessageBody="text")
    assert "no dead-letter queue" in refused(api.get(f"/queues/sqs/{made.name}/messages"), 409)
    assert "no dead-letter queue" in refused(api.get("/queues/broker/ical/messages"), 409)
    assert good(api.get(f"/queues/sqs/{made.name}/redrive"))["status"] == "NONE"
    refused(api.post(f"/queues/sqs/{made.name}/redrive", {}), 409)
    received = led.receive_message(QueueUrl=made.url, MessageSystemAttributeNames=["All"])["Messages"][0]
    assert received["Attributes"]["ApproximateReceiveCount"] == "1"


def test_a_dead_letter_queue_that_hands_its_messages_on_is_not_read(api: Api, led: Any) -> None:
    made, last = Made(led), Made(led)
    arn = led.get_queue_attributes(QueueUrl=last.dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    led.set_queue_attributes(QueueUrl=made.dead_url, Attributes={"RedrivePolicy": redrive})
    made.bury("text")
    assert last.dead in refused(api.get(f"/queues/sqs/{made.dead}/messages"), 409)
    assert made.receive_all(made.dead_url) == ["text"]


# Redrive


def test_a_redrive_with_its_progress(api: Api, led: Any) -> None:
    made = Made(led)
    made.let_die(6)
    path = f"/queues/sqs/{made.dead}/redrive"
    assert good(api.get(path)) == {"status": "NONE", "moved": 0, "total": None, "reason": None}
    assert good(api.post(path, {"to": None, "per_second": 4}), 202)["status"] == "RUNNING"
    assert "already" in refused(api.post(path, {}), 409)
    seen = set()
    deadline = time.monotonic() + GENEROUS_SECONDS
    while (move := good(api.get(path)))["status"] == "RUNNING" and time.monotonic() < deadline:
        seen.add(move["moved"])
        time.sleep(0.05)
    assert move == {"status": "COMPLETED", "moved": 6, "total": 6, "reason": None}
    assert len(seen) > 2
    assert len(made.receive_all(made.url)) == 6


def test_a_redrive_to_another_queue(api: Api, led: Any) -> None:
    made, other = Made(led), Made(led)
    made.bury("text")
    path = f"/queues/sqs/{made.dead}/redrive"
    good(api.post(path, {"to": other.name}), 202)
    deadline = time.monotonic() + GENEROUS_SECONDS
    while good(api.get(path))["status"] == "RUNNING":
        assert time.monotonic() < deadline
    assert made.receive_all(other.url) == ["text"]


def test_a_redrive_that_fails_says_why(api: Api, led: Any) -> None:
    made = Made(led)
    made.bury("sent there by somebody")  # so it came from nowhere
    path = f"/queues/sqs/{made.dead}/redrive"
    good(api.post(path, {}), 202)
    deadline = time.monotonic() + GENEROUS_SECONDS
    while (move := good(api.get(path)))["status"] == "RUNNING":
        assert time.monotonic() < deadline
    assert (move["status"], bool(move["reason"])) == ("FAILED", True)


def test_nothing_is_moved_unless_a_setting_allows_it(patient: None, led: Any, opened: Open) -> None:
    api = opened()
    made = Made(led)
    made.bury("text")
    path = f"/queues/sqs/{made.dead}/redrive"
    assert "QUEUES_WRITABLE=true" in refused(api.post(path, {}), 403)
    assert good(api.get(path))["status"] == "NONE"
    assert made.receive_all(made.dead_url) == ["text"]


def test_the_setting_reaches_the_console(tmp_path: Path) -> None:
    with application(f"sqlite:///{tmp_path / 'api.sqlite'}", QUEUES_WRITABLE="true") as api:
        assert api.get("/queues").json["is_writable"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": 7}, "to"),
        ({"to": "x" * 81}, "to"),
        ({"to": "none"}, "to"),
        ({"to": "a/b"}, "to"),
        ({"to": "csse6400_prac.fifo"}, "to"),
        ({"to": "ical-dlq"}, "to"),
        ({"per_second": 0}, "per_second"),
        ({"per_second": 501}, "per_second"),
        ({"per_second": "5"}, "per_second"),
        ({"per_second": True}, "per_second"),
        ({"per_second": 1.5}, "per_second"),
        ({"from": "q"}, "from"),
        ([], "body"),
    ],
)
def test_a_redrive_that_cannot_be(api: Api, body: Any, field: str) -> None:
    refused(api.post("/queues/sqs/ical-dlq/redrive", body), 400, field)
    assert good(api.get("/queues/sqs/ical-dlq/redrive"))["status"] == "NONE"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("messages?limit=0", "limit"),
        ("messages?limit=51", "limit"),
        ("messages?limit=x", "limit"),
        ("messages?limit=", "limit"),
        ("figures?span=601", "span"),
        ("figures?span=-600", "span"),
        ("figures?span=x", "span"),
        ("figures?span=600&span=600", "span"),
        ("figures?span=%FF", "span"),
    ],
)
def test_a_query_that_cannot_be(api: Api, query: str, field: str) -> None:
    refused(api.get(f"/queues/sqs/ical-dlq/{query}"), 400, field)


@pytest.mark.parametrize(
    "name",
    ["a%2Fb", "a/b", "x" * 300, "x" * 81, "a%0Ab", "%00", "%FF", "a%20b", "%C3%A4", "..%2F..", "a;b", "{}", ".fifo"],
)
@pytest.mark.parametrize("source", ["sqs", "broker"])
def test_a_name_that_cannot_be(api: Api, source: str, name: str) -> None:
    for path in ("", "/figures", "/messages", "/redrive"):
        answer = api.get(f"/queues/{source}/{name}{path}")
        assert answer.status_code in (400, 404), answer.text
        refused(answer, answer.status_code, "name")
        assert len(answer.data) < 1000


def test_a_queue_that_is_not_there(api: Api) -> None:
    for path in ("", "/figures", "/messages", "/redrive"):
        words = refused(api.get(f"/queues/sqs/none{path}"), 404, "name")
        assert words == "Unable to find a Queue by this name none"
        refused(api.get(f"/queues/broker/none{path}"), 404, "name")
        refused(api.get(f"/queues/other/none{path}"), 404, "source")


# The product's own broker


def test_redis_says_what_waits_and_what_is_held(redis_url: str, patient: None, opened: Open) -> None:
    api = opened(CELERY_BROKER_URL=redis_url, CELERY_DEFAULT_QUEUE="jobs")
    assert cards(sources(api)["broker"])["jobs"]["available"] == 0
    with Redis.from_url(redis_url) as client:
        client.rpush("jobs", "a", "b")
        client.rpush("jobs\x06\x169", "c")
        client.rpush("others", "d")
        client.hset("unacked", mapping={"1": "x"})
    found = sources(api)["broker"]
    assert (found["kind"], found["address"], found["emulator"], found["region"]) == ("Redis", redis_url, False, None)
    card = cards(found)["jobs"]
    assert (card["available"], card["in_flight"], card["delayed"], card["type"]) == (3, 1, None, None)


def test_redis_is_counted_as_kombu_fills_it(redis_url: str, patient: None, opened: Open) -> None:
    api = opened(CELERY_BROKER_URL=redis_url)
    with Connection(redis_url) as connection:
        queue = Queue("ical", channel=connection.default_channel)
        for _ in range(3):
            connection.Producer().publish("text", routing_key="ical", declare=[queue])
        held = queue(connection.default_channel).get()
        card = good(api.get("/queues/broker/ical"))
        assert (card["available"], card["in_flight"]) == (2, 1)
        held.ack()
        assert good(api.get("/queues/broker/ical"))["in_flight"] == 0


def test_a_redis_that_was_restarted_is_found_again(redis_url: str, patient: None, opened: Open) -> None:
    api = opened(CELERY_BROKER_URL=redis_url)
    cards(sources(api)["broker"])
    with Redis.from_url(redis_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert list(cards(sources(api)["broker"])) == ["ical"]


def test_rabbitmq_says_what_waits_and_who_consumes(rabbitmq_url: str, patient: None, opened: Open) -> None:
    api = opened(CELERY_BROKER_URL=rabbitmq_url)
    found = sources(api)["broker"]
    assert (found["kind"], found["queues"], found["trouble"]) == ("RabbitMQ", [], None)
    refused(api.get("/queues/broker/ical"), 404, "name")
    with Connection(rabbitmq_url, transport_options={"confirm_publish": True}) as connection:
        queue = Queue("ical", durable=True, channel=connection.default_channel)
        queue.declare()
        for _ in range(3):
            connection.Producer().publish("text", routing_key="ical")
        card = good(api.get("/queues/broker/ical"))
        assert (card["available"], card["consumers"], card["in_flight"]) == (3, 0, None)
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        with connection.Consumer(queue, channel=channel, callbacks=[lambda *_: None]):
            connection.drain_events(timeout=10)
            card = good(api.get("/queues/broker/ical"))
            assert (card["available"], card["consumers"]) == (2, 1)
    source = api.app.config["CONSOLE"]._sources[0]
    source._connection.transport.sock.shutdown(socket.SHUT_RDWR)  # as when RabbitMQ was restarted
    assert cards(sources(api)["broker"])["ical"]["available"] == 3
    assert "guest" not in api.get("/queues").text


@contextmanager
def management(status: int, content: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Something that answers where RabbitMQ's management API would; its address, and who asked for what."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "content", "held"),
    [
        (200, {"messages_unacknowledged": 4}, 4),
        (200, {}, None),
        (200, [], None),
        (401, {"messages_unacknowledged": 4}, None),
        (302, {"messages_unacknowledged": 4}, None),
    ],
)
def test_rabbitmqs_management_tells_what_is_held_where_it_answers(
    rabbitmq_url: str,
    patient: None,
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    content: Any,
    held: int | None,
) -> None:
    with Connection(rabbitmq_url) as connection:
        Queue("ical", durable=True, channel=connection.default_channel).declare()
    api = opened(CELERY_BROKER_URL=rabbitmq_url)
    with management(status, content) as (address, asked):
        monkeypatch.setattr(rabbitmq, "management_of", lambda _: address)
        for _ in range(2):
            assert good(api.get("/queues/broker/ical"))["in_flight"] == held
    virtual_host = rabbitmq_url.rpartition("/")[2]
    assert set(asked) == {(f"/api/queues/{virtual_host}/ical", "Basic Z3Vlc3Q6Z3Vlc3Q=")}
    assert len(asked) == (2 if status == 200 else 1)  # one that does not answer is left alone for a while


def test_files_are_counted(patient: None, opened: Open, tmp_path: Path) -> None:
    api = opened(DATA_DIR=str(tmp_path))
    assert cards(sources(api)["broker"])["ical"]["available"] == 0  # nobody has made the folder yet
    (tmp_path / "broker").mkdir()
    for name in ("1_a.ical.msg", "2_b.ical.msg", ".3_c", ".4_d.ical.msg.taken", "5_e.x.ical.msg", "6_f.other.msg"):
        (tmp_path / "broker" / name).touch()
    card = cards(sources(api)["broker"])["ical"]
    assert (card["available"], card["in_flight"]) == (2, None)


# What fails


def troubles(api: Api) -> dict[str, str]:
    """What is the matter with each source; none has queues then."""
    found = sources(api)
    assert not any(each["queues"] for each in found.values() if each["trouble"])
    return {name: each["trouble"] for name, each in found.items() if each["trouble"]}


@pytest.mark.parametrize("scheme", ["http", "redis", "amqp"])
def test_one_that_hangs_keeps_nobody_waiting(opened: Open, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with hanging() as port:
        address = f"{scheme}://127.0.0.1:{port}"
        if scheme == "http":
            keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
            lead_to({**keys, "AWS_ENDPOINT_URL": address}, monkeypatch)
            api, source = opened(), "sqs"
        else:
            api, source = opened(CELERY_BROKER_URL=address), "broker"
        began = time.monotonic()
        found = troubles(api)
        assert list(found) == [source]
        assert "in time" in found[source] or "ready" in found[source]
        refused(api.get(f"/queues/{source}/ical"), 503)
        if scheme == "http":
            refused(api.get("/queues/sqs/ical/messages"), 503)
            assert list(cards(sources(api)["broker"])) == ["ical"]
        assert time.monotonic() - began < GENEROUS_SECONDS


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://u:s3cret@127.0.0.1:{redis}/0", "refuses the user or password of CELERY_BROKER_URL"),
        ("redis://:s3cret@127.0.0.1:{free}/0", "cannot be reached"),
        ("redis://:s3cret@127.0.0.1:{redis}/s3cret", "CELERY_BROKER_URL is no address"),
        ("redis://:s3/cret@127.0.0.1:{redis}/0", "CELERY_BROKER_URL is no address"),
        ("redis://:s3?cret@127.0.0.1:{redis}/0", "CELERY_BROKER_URL is no address"),
        ("redis://:12/s3cret@127.0.0.1:{redis}/0", "CELERY_BROKER_URL is no address"),
        ("amqp://guest:s3cret@127.0.0.1:{rabbitmq}//", "refuses what CELERY_BROKER_URL says"),
        ("amqp://guest:guest@127.0.0.1:{rabbitmq}/none", "refuses what CELERY_BROKER_URL says"),
        ("amqp://guest:s3cret@127.0.0.1:{free}//", "cannot be reached"),
        ("amqp://guest:s3/cret@127.0.0.1:{free}//", "CELERY_BROKER_URL is no address"),
    ],
)
def test_a_broker_that_refuses_is_told_in_words_without_the_password(
    url: str, words: str, patient: None, opened: Open, request: pytest.FixtureRequest
) -> None:
    names = [name for name in ("redis", "rabbitmq") if f"{{{name}}}" in url]
    ports = {name: request.getfixturevalue(f"{name}_server").port for name in names}
    api = opened(CELERY_BROKER_URL=url.format(**ports, free=free_port()))
    assert words in troubles(api)["broker"]
    answer = api.get("/queues/broker/ical")
    assert words in refused(answer, 503)
    for text in (api.get("/queues").text, answer.text):
        assert "s3cret" not in text.replace("0.0.1:", "") or "/s3cret" in url.rpartition("@")[2]
        assert "s3" not in text or "/s3cret" in url.rpartition("@")[2]


def test_refused_keys_are_told_in_words_and_tried_anew(
    patient: None, lab: LabServer, led: Any, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with front_of(lab.endpoint) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        front.refuse("ListQueues", refusal("ExpiredToken", 403), times=1)
        api = opened()
        source = api.app.config["CONSOLE"]._sources[0]
        assert troubles(api) == {"sqs": "The AWS credentials have expired: give the web server new ones"}
        assert source._service is None
        assert "ical" in cards(sources(api)["sqs"])
        kept = source._service
        cards(sources(api)["sqs"])
        assert source._service is kept
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
        cards(sources(api)["sqs"])
        assert source._service is not kept
        front.refuse("GetQueueUrl", refusal("AccessDenied", 403))
        words = refused(api.get("/queues/sqs/ical"), 503)
        assert "sqs:GetQueueUrl" in words
        assert "--" not in words


def test_who_may_not_ask_for_the_givers_sees_the_queue(
    patient: None, lab: LabServer, led: Any, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with front_of(lab.endpoint) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        front.refuse("ListDeadLetterSourceQueues", refusal("AccessDenied", 403))
        api = opened()
        assert good(api.get("/queues/sqs/ical-dlq"))["dead_letters_of"] == []
        assert "sqs:ListDeadLetterSourceQueues" in refused(api.get("/queues/sqs/ical-dlq/messages"), 503)
        front.refuse("GetQueueAttributes", refusal("AccessDenied", 403))
        assert cards(sources(api)["sqs"])["ical"]["available"] is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"AWS_ENDPOINT_URL": "http://user:s3cret@"}, "AWS_ENDPOINT_URL is not an address"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:{free}"}, "cannot be reached"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:{free}", "AWS_PROFILE": "none"}, "none"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:{free}", "AWS_ACCESS_KEY_ID": ""}, "AWS credentials"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:{free}", "AWS_DEFAULT_REGION": "a b"}, "region"),
    ],
)
def test_settings_of_aws_that_cannot_be_used(
    settings: dict[str, str], words: str, patient: None, opened: Open, led: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(free=free_port()))
    api = opened()
    assert words in troubles(api)["sqs"]
    answer = api.get("/queues/sqs/ical")
    assert words in refused(answer, 503)
    assert "s3cret" not in answer.text + api.get("/queues").text


def test_what_is_no_sqs_at_all(patient: None, opened: Open, led: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with management(200, {"hello": "world"}) as (address, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        assert set(troubles(opened())) == {"sqs"}


def test_so_many_may_wait_at_once_and_no_more(
    patient: None, opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    api = opened()
    go_on = Event()
    source = api.app.config["CONSOLE"]._sources[0]
    real = source._look

    def wait() -> Any:
        go_on.wait(GENEROUS_SECONDS)
        return real()

    monkeypatch.setattr(source, "_look", wait)
    with ThreadPoolExecutor(console.ASKED_AT_ONCE) as pool:
        waiting = [pool.submit(api.get, "/queues/broker/ical") for _ in range(console.ASKED_AT_ONCE)]
        deadline = time.monotonic() + GENEROUS_SECONDS
        while api.app.config["CONSOLE"]._room._value:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert "Too many" in refused(api.get("/queues"), 503)
        go_on.set()
        assert all(good(each.result()) for each in waiting)
    assert good(api.get("/queues"))
