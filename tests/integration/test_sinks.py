"""Sinks on the real thing: what arrives, in which order, and what they say when it cannot."""

from __future__ import annotations

import json
import resource
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
import pytest
from redis import Redis

from tests.conformance.lab_server import LabServer
from tests.conftest import running
from tests.integration.sink_places import (
    Arrived,
    FilePlace,
    KafkaPlace,
    Place,
    RabbitPlace,
    RedisPlace,
    SnsPlace,
    SqsPlace,
    event,
)
from tests.servers import KafkaServer, RabbitServer, RedisServer
from tests.slow_proxy import SlowProxy
from todo.errors import BadInput, BadSetting, QueueUnavailable
from todo.events import Envelope
from todo.sinks import BOUND_SECONDS, Sink, SinkUnavailable, open_sink
from todo.sinks.aws import AwsSink
from todo.sinks.order import in_order

LISTS = 7

ALL = ["redis", "amqp", "kafka", "sqs", "sqs.fifo", "sns", "sns.fifo", "file"]


def at(*names: str) -> pytest.MarkDecorator:
    """The test runs once for each of these places."""
    return pytest.mark.parametrize("place", names, indirect=True)


class StrictLab(LabServer):
    """Standard queues in order, nothing twice: what differs is the sink's doing."""

    def __init__(self) -> None:
        super().__init__(strict=True)


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with running(StrictLab) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "redis":
        return RedisPlace(request.getfixturevalue("redis_server"))
    if request.param == "amqp":
        return RabbitPlace(request.getfixturevalue("rabbitmq_server"))
    if request.param == "kafka":
        return KafkaPlace(request.getfixturevalue("kafka_server"))
    if request.param == "file":
        (tmp_path / "folder").mkdir()
        return FilePlace(tmp_path / "folder" / "events.jsonl")
    kind = SqsPlace if request.param.startswith("sqs") else SnsPlace
    return kind(request.getfixturevalue("lab"), is_fifo=request.param.endswith(".fifo"))


_to_close: list[Any] = []


@pytest.fixture(autouse=True)
def _close_all() -> Iterator[None]:
    yield
    while _to_close:
        _to_close.pop().close()


def opened(url: str) -> Sink:
    """The sink at this address, closed when the test is over."""
    _to_close.append(open_sink(url))
    sink: Sink = _to_close[-1]
    return sink


def following(url: str, *, from_start: bool = False) -> Iterator[bytes]:
    """What is read there from now on, with patience."""
    found = open_sink(url).follow(from_start=from_start)
    _to_close.append(found)
    assert from_start or next(found) is None

    def read() -> Iterator[bytes]:
        deadline = time.monotonic() + 20
        for one in found:
            assert time.monotonic() < deadline
            if one is not None:
                yield one

    return read()


def events(first: int, count: int, lists: int = LISTS) -> list[Envelope]:
    return [event(number, number % lists + 1) for number in range(first, first + count)]


def send(sink: Sink, batch: Sequence[Envelope]) -> None:
    """As the relay does: what was not given back is sent again. Fails when anything is refused, or not taken."""
    left = list(batch)
    deadline = time.monotonic() + 30
    while left:
        assert time.monotonic() < deadline
        taken = set()
        for one, reason in sink.send(left):
            assert reason is None
            taken.add(one.id)
        assert taken
        left = [one for one in left if one.id not in taken]


def fails(sink: Sink, batch: Sequence[Envelope]) -> str:
    """What the sink says when it takes none of these, in one line and in time."""
    began = time.monotonic()
    with pytest.raises(SinkUnavailable) as error:
        list(sink.send(batch))
    assert time.monotonic() - began < BOUND_SECONDS + 1
    text = str(error.value)
    assert text
    assert "\n" not in text
    assert "secret" not in text
    return text


def is_in_order(arrived: Iterable[Arrived]) -> bool:
    """Whether each list's events came in order; those that came again are left out."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for one in arrived:
        content = json.loads(one.json)
        number = int(content["sequence"])
        if number not in numbers[content["partitionkey"]]:
            numbers[content["partitionkey"]].append(number)
    return all(own == sorted(own) for own in numbers.values())


@at(*ALL)
def test_events_arrive_each_as_it_is_and_each_list_in_its_order(place: Place) -> None:
    sink = opened(place.url)
    batch = [*events(1, 60), *(event(number, 1, octets=200_000) for number in range(61, 68))]
    send(sink, batch)
    sink.close()
    arrived = place.wait_for({one.uuid for one in batch})
    assert sorted(one.json for one in arrived) == sorted(one.json for one in batch)
    assert is_in_order(arrived)
    by_json = {one.json: one for one in batch}
    for one in arrived:
        sent = by_json[one.json]
        assert one.uuid in (sent.uuid, None)
        assert one.kind in (sent.kind, None)
        assert one.list_id in (sent.list_id, None)


@at(*ALL)
def test_a_sink_that_was_down_gets_everything_when_it_is_back(place: Place) -> None:
    sink = opened(place.url)
    first, second = events(1, 20), events(21, 20)
    send(sink, first)
    before = place.wait_for({one.uuid for one in first})
    place.down()
    try:
        fails(sink, second)
    finally:
        place.up()
    deadline = time.monotonic() + 20
    while True:
        try:
            send(sink, second)
        except SinkUnavailable:
            assert time.monotonic() < deadline
        else:
            break
    sink.close()
    assert is_in_order([*before, *place.wait_for({one.uuid for one in second})])


@at(*ALL[:-1])
def test_a_sink_that_hangs_is_given_up_in_time_and_taken_up_again(place: Place) -> None:
    assert place.server is not None
    sink = opened(place.url)
    # More than a socket takes by itself.
    first, second = events(1, 10), [event(number, number % LISTS + 1, octets=100_000) for number in range(11, 91)]
    send(sink, first)
    place.server.suspend()
    try:
        fails(sink, second)
        began = time.monotonic()
        sink.close()
        assert time.monotonic() - began < 3
    finally:
        place.server.resume()
    send(sink, second)
    assert is_in_order(place.wait_for({one.uuid for one in (*first, *second)}))
    sink.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "kilobytes_per_second"),
    [("redis", 300), ("redis", 40), ("amqp", 300), ("amqp", 40), ("sqs", 300), ("sqs.fifo", 300), ("sns.fifo", 300)],
    indirect=["place"],
)
def test_a_slow_line_takes_what_it_can_within_the_bound_and_the_rest_after_it(
    place: Place, kilobytes_per_second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.server is not None
    # More than it passes within the bound.
    batch = [event(number, number % LISTS + 1, octets=20_000) for number in range(kilobytes_per_second * 12 // 20)]
    with SlowProxy(place.server.port, kilobytes_per_second * 1_000) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
        sink = opened(place.url.replace(f":{place.server.port}/", f":{proxy.port}/"))
        left, sent = list(batch), 0
        while left:
            began = time.monotonic()
            taken = {one.id for one, _ in sink.send(left)}  # nothing is raised: it is slow, and not away
            assert time.monotonic() - began < BOUND_SECONDS
            assert taken
            left = [one for one in left if one.id not in taken]
            sent += 1
        assert sent > 1
        sink.close()
    arrived = place.wait_for({one.uuid for one in batch})
    assert is_in_order(arrived)
    assert len(arrived) == len(batch)


@at("redis", "amqp", "kafka", "sns", "sns.fifo", "file")
def test_who_follows_sees_what_arrives_from_then_on(place: Place) -> None:
    sink = opened(place.url)
    send(sink, events(1, 3))
    arriving = following(place.url)
    batch = events(4, 20)
    send(sink, batch)
    seen = list(islice(arriving, len(batch)))
    assert sorted(seen) == sorted(one.json for one in batch)
    assert is_in_order([Arrived(one, None, None, None) for one in seen])
    place.wait_for({one.uuid for one in batch})  # nothing was taken away


@at("redis", "kafka", "file")
def test_who_follows_from_the_start_sees_what_was_there(place: Place) -> None:
    batch = events(1, 5)
    send(opened(place.url), batch)
    seen = list(islice(following(place.url, from_start=True), len(batch)))
    assert sorted(seen) == sorted(one.json for one in batch)


@at("redis", "amqp", "kafka")
def test_who_follows_is_told_that_it_went_away(place: Place) -> None:
    send(opened(place.url), events(1, 1))
    arriving = following(place.url)
    place.down()
    try:
        with pytest.raises(SinkUnavailable):
            next(arriving)
    finally:
        place.up()


def test_a_topic_of_sns_keeps_no_queue_of_one_who_followed(lab: LabServer) -> None:
    place = SnsPlace(lab, is_fifo=True)
    found = open_sink(place.url).follow()
    assert next(found) is None
    sqs = boto3.client("sqs")
    assert sqs.list_queues(QueueNamePrefix="taskoverflow-tail-")["QueueUrls"]
    found.close()  # type: ignore[attr-defined]
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="taskoverflow-tail-")
    subscriptions = boto3.client("sns").list_subscriptions()["Subscriptions"]
    assert not [one for one in subscriptions if "taskoverflow-tail-" in one["Endpoint"]]


def test_a_queue_of_sqs_cannot_be_followed() -> None:
    with pytest.raises(BadInput, match="belongs to those who receive"):
        next(open_sink("sqs://events").follow())


# Refused for ever: the others go on.


@pytest.mark.parametrize("suffix", ["", ".fifo"])
def test_sqs_refuses_what_is_too_large_and_takes_the_rest(lab: LabServer, suffix: str) -> None:
    place = SqsPlace(lab, is_fifo=bool(suffix), attributes={"MaximumMessageSize": "2048"})
    batch = [event(1), event(2, octets=4_000), event(3), event(4, 2)]
    settled = {one.id: reason for one, reason in opened(place.url).send(batch)}
    assert {number for number, reason in settled.items() if reason is None} == {1, 3, 4}
    assert "2048" in (settled[2] or "")
    assert is_in_order(place.wait_for({batch[0].uuid, batch[2].uuid, batch[3].uuid}))


def test_sns_refuses_what_is_too_large_and_takes_the_rest(lab: LabServer) -> None:
    place = SnsPlace(lab, is_fifo=False)
    batch = [event(1), event(2, octets=1_100_000), event(3)]
    settled = {one.id: reason for one, reason in opened(place.url).send(batch)}
    assert settled[1] is None
    assert settled[3] is None
    assert settled[2]


def test_kafka_refuses_what_is_too_large_and_takes_the_rest(kafka_server: KafkaServer) -> None:
    place = KafkaPlace(kafka_server)
    batch = [event(1), event(2, octets=1_100_000), event(3)]
    settled = {one.id: reason for one, reason in opened(place.url).send(batch)}
    assert settled[1] is None
    assert settled[3] is None
    assert "too large" in (settled[2] or "")


def test_several_brokers_of_kafka_are_tried(kafka_server: KafkaServer) -> None:
    place = KafkaPlace(kafka_server)
    send(opened(place.url.replace("://", "://127.0.0.1:1,")), [one := event(1)])
    assert place.wait_for({one.uuid})


def test_kafka_refuses_what_the_broker_finds_too_large(kafka_server: KafkaServer) -> None:
    place = KafkaPlace(kafka_server)
    sink = opened(place.url)
    send(sink, [event(1)])
    kafka_server.say("error 10 1")  # MSG_SIZE_TOO_LARGE
    [(_, reason)] = sink.send([event(2)])
    assert "too large" in (reason or "")
    send(sink, [event(3)])


def test_kafka_sends_again_what_fails_in_passing_in_order(kafka_server: KafkaServer) -> None:
    place = KafkaPlace(kafka_server)
    sink = opened(place.url)
    kafka_server.say("error 7 3")  # REQUEST_TIMED_OUT
    batch = events(1, 30, 2)
    send(sink, batch)
    assert is_in_order(place.wait_for({one.uuid for one in batch}))


def test_characters_that_sqs_takes_in_no_message_are_told_otherwise(lab: LabServer) -> None:
    place = SqsPlace(lab, is_fifo=False)
    odd = event(1)
    odd = odd._replace(json=odd.json[:-1] + ',"title":"\uffff \ufffe \x7f 😀"}'.encode())
    send(opened(place.url), [odd])
    [arrived] = place.wait_for({odd.uuid})
    assert "\uffff".encode() not in arrived.json
    assert json.loads(arrived.json) == json.loads(odd.json)


# What fails in passing: nothing of the list that follows may be given back.


class Scripted(AwsSink):
    """The sink of SQS and SNS with answers of the test's own."""

    bytes_max = 1_000

    def __init__(self, *, is_fifo: bool, failing: dict[int, dict[str, Any]]) -> None:
        super().__init__(is_fifo=is_fifo)
        self.failing = failing
        self.calls: list[list[int]] = []
        self.poison = 0
        self.poison_error = QueueUnavailable("SendMessageBatch was refused: invalid", code="InvalidMessageContents")

    def _find(self, _service: object) -> None: ...

    def _entry(self, one: Envelope) -> dict[str, Any]:
        return {"number": one.id, "list": one.list_id, "size": len(one.json)}

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        raise NotImplementedError

    def _post(self, _service: object, entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.calls.append([entry["number"] for entry in entries])
        if self.poison in self.calls[-1]:
            raise self.poison_error
        lists = [entry["list"] for entry in entries]
        assert not self.is_fifo or len(set(lists)) == len(lists)
        assert len(entries) == 1 or sum(entry["size"] for entry in entries) <= self.bytes_max
        return {
            "Failed": [
                {"Id": entry["Id"], **self.failing[entry["number"]]}
                for entry in entries
                if entry["number"] in self.failing
            ]
        }


@pytest.mark.parametrize("is_fifo", [False, True])
def test_an_entry_that_fails_keeps_what_follows_in_its_list_from_being_given_back(
    lab: LabServer, *, is_fifo: bool
) -> None:
    batch = events(1, 10, 2)
    stuck = batch[2]
    later = {"Code": "InternalError", "Message": "later", "SenderFault": False}
    sink = Scripted(is_fifo=is_fifo, failing={stuck.id: later})
    sink.bytes_max = 100_000  # a list in one call
    _to_close.append(sink)
    taken = taken_until_trouble(sink, batch)
    assert batch[0].id in taken
    assert not [one.id for one in batch if one.list_id == stuck.list_id and one.id >= stuck.id and one.id in taken]


@pytest.mark.parametrize(
    ("code", "message", "is_refused"),
    [
        ("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 9", True),
        ("InvalidParameter", "Invalid parameter: Message too long", True),
        ("InvalidMessageContents", "Invalid character found", True),
        ("InvalidParameterValue", "The request must contain the parameter MessageGroupId.", False),
        ("InvalidParameter", "Invalid parameter: The topic should either have ContentBasedDeduplication", False),
        ("InvalidAttributeValue", "Invalid value for the attribute", False),
    ],
)
def test_only_what_is_wrong_with_an_event_itself_is_a_refusal(
    lab: LabServer, code: str, message: str, *, is_refused: bool
) -> None:
    sink = Scripted(is_fifo=True, failing={1: {"Code": code, "Message": f"{message}\n\x1b[2J", "SenderFault": True}})
    _to_close.append(sink)
    if not is_refused:
        assert message in fails(sink, [event(1)])
        return
    [(_, reason)] = sink.send([event(1)])
    assert reason is not None
    assert message in reason
    assert reason.isprintable()


@pytest.mark.parametrize(("words", "is_refused"), [("must be shorter than 9 bytes", True), ("no such group", False)])
def test_a_call_that_is_refused_whole_is_judged_by_its_words_too(
    lab: LabServer, words: str, *, is_refused: bool
) -> None:
    sink = Scripted(is_fifo=True, failing={})
    sink.poison, sink.poison_error = 1, QueueUnavailable(words, code="InvalidParameterValue")
    _to_close.append(sink)
    if is_refused:
        assert list(sink.send([one := event(1)])) == [(one, words)]
    else:
        assert words in fails(sink, [event(1)])


def taken_until_trouble(sink: Sink, batch: Sequence[Envelope]) -> list[int]:
    taken = []
    try:
        for one, reason in sink.send(batch):
            assert reason is None
            taken.append(one.id)
    except SinkUnavailable:
        return taken
    pytest.fail("it took everything")


@pytest.mark.parametrize("code", ["InternalError", "RequestThrottled", "KmsThrottled", "AccessDenied"])
def test_an_entry_that_fails_in_passing_holds_back_the_rest_of_its_list(lab: LabServer, code: str) -> None:
    batch = events(1, 30, 3)
    stuck = batch[9]
    sink = Scripted(is_fifo=True, failing={stuck.id: {"Code": code, "Message": "later", "SenderFault": False}})
    taken = taken_until_trouble(sink, batch)
    assert not [one.id for one in batch if one.list_id == stuck.list_id and one.id >= stuck.id and one.id in taken]
    sent = [number for call in sink.calls for number in call]
    assert not [one.id for one in batch if one.list_id == stuck.list_id and one.id > stuck.id and one.id in sent]
    sink.close()


def test_calls_stay_within_the_limits_of_the_service(lab: LabServer) -> None:
    sink = Scripted(is_fifo=False, failing={})
    batch = [event(number, number % 3, octets=number * 7) for number in range(1, 100)]
    send(sink, batch)
    assert sorted(number for call in sink.calls for number in call) == [one.id for one in batch]
    assert max(map(len, sink.calls)) <= 10
    sink.close()


@pytest.mark.parametrize("is_fifo", [False, True])
def test_a_call_that_is_refused_for_the_sake_of_one_event_does_not_hold_up_the_others(
    lab: LabServer, *, is_fifo: bool
) -> None:
    sink = Scripted(is_fifo=is_fifo, failing={})
    _to_close.append(sink)
    sink.poison = 14
    batch = events(1, 30, 3)
    settled = {one.id: reason for one, reason in sink.send(batch)}
    assert settled.pop(14) == "SendMessageBatch was refused: invalid"
    assert settled == {one.id: None for one in batch if one.id != 14}


def test_what_follows_in_a_list_is_not_given_back_before_what_is_missing() -> None:
    batch = [event(1, 1), event(2, 2), event(3, 1), event(4, 2), event(5, 1)]
    outcomes: dict[int, str | None] = {1: None, 2: "too large", 4: None, 5: None}
    assert [(one.id, reason) for one, reason in in_order(batch, outcomes)] == [(1, None), (2, "too large"), (4, None)]


def test_rabbitmq_with_a_full_queue_takes_what_fits_and_the_rest_when_there_is_room(
    rabbitmq_server: RabbitServer,
) -> None:
    place = RabbitPlace(rabbitmq_server, {"x-max-length": 5, "x-overflow": "reject-publish"})
    sink = opened(place.url)
    batch = events(1, 40, 2)
    taken = taken_until_trouble(sink, batch)
    assert taken
    assert len(taken) < 40
    arrived, left = place.read(), [one for one in batch if one.id not in taken]
    deadline = time.monotonic() + 20
    while left:
        assert time.monotonic() < deadline
        try:
            for one, _ in sink.send(left[:4]):
                left.remove(one)
        except SinkUnavailable:
            pass
        arrived += place.read()
    place_of = {json.loads(one.json)["id"] for one in arrived}
    assert place_of == {one.uuid for one in batch}
    sink.close()


def test_rabbitmq_that_is_short_of_memory_is_not_waited_for_long(rabbitmq_server: RabbitServer) -> None:
    place = RabbitPlace(rabbitmq_server)
    sink = opened(place.url)
    send(sink, events(1, 5))
    rabbitmq_server._control("set_vm_memory_high_watermark", "0.0001")
    try:
        assert "memory" in fails(sink, events(6, 5))
    finally:
        rabbitmq_server._control("set_vm_memory_high_watermark", "0.4")
    batch = events(11, 5)
    send(sink, batch)
    place.wait_for({one.uuid for one in batch})
    sink.close()


def test_rabbitmq_makes_the_exchange_that_is_missing(rabbitmq_server: RabbitServer) -> None:
    url = f"{rabbitmq_server.virtual_host()}/fresh"
    sink = opened(url)
    send(sink, events(1, 3))
    arriving = following(url)
    batch = events(4, 1)
    send(sink, batch)
    assert next(arriving) == batch[0].json


def test_redis_that_only_reads_is_looked_for_again(redis_server: RedisServer) -> None:
    place = RedisPlace(redis_server)
    with running(RedisServer) as former, SlowProxy(former.port) as proxy:
        sink = opened(place.url.replace(f":{redis_server.port}/", f":{proxy.port}/"))
        with Redis.from_url(former.url) as client:
            client.replicaof("127.0.0.1", "1")
        assert "read only replica" in fails(sink, events(1, 3))
        proxy.target = redis_server.port  # as the address does after a failover
        send(sink, events(1, 3))
    assert len(place.read()) == 3


def test_what_redis_says_to_each_event_is_heard(redis_server: RedisServer) -> None:
    place = RedisPlace(redis_server)
    with Redis.from_url(place.url.removesuffix("/events")) as client:
        client.set("events", "no stream")
        assert "wrong kind of value" in fails(opened(place.url), events(1, 3))


def test_redis_that_is_full_is_unavailable(redis_server: RedisServer) -> None:
    place = RedisPlace(redis_server)
    sink = opened(place.url)
    with Redis.from_url(redis_server.url) as client:
        client.config_set("maxmemory", 1)
        try:
            assert "maxmemory" in fails(sink, events(1, 3))
        finally:
            client.config_set("maxmemory", 0)
    send(sink, events(1, 3))
    sink.close()


def test_a_stream_of_redis_keeps_the_newest(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("todo.sinks.redis_stream.LENGTH_MAX", 1_000)
    database = redis_server.database()
    sink = opened(f"{database}/events")
    send(sink, events(1, 3_000))
    with Redis.from_url(database) as client:
        length: Any = client.xlen("events")
        assert 1_000 <= length <= 1_200
        newest: Any = client.xrevrange("events", count=1)
        assert json.loads(newest[0][1][b"json"])["sequence"] == f"{3_000:020}"
    sink.close()


# Files.


def test_half_a_line_of_one_who_was_killed_spoils_no_other(tmp_path: Path) -> None:
    place = FilePlace(tmp_path / "events.jsonl")
    whole = event(1)
    place.path.write_bytes(whole.json + b"\n" + whole.json[:30])
    arriving = following(place.url, from_start=True)
    send(opened(place.url), [one := event(2)])
    assert place.path.read_bytes() == whole.json + b"\n" + whole.json[:30] + b"\n" + one.json + b"\n"
    assert list(islice(arriving, 2)) == [whole.json, one.json]


def test_a_disk_that_is_full_takes_none_of_the_batch(tmp_path: Path) -> None:
    place = FilePlace(tmp_path / "events.jsonl")
    sink = opened(place.url)
    send(sink, [event(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        assert str(place.path) in fails(sink, events(2, 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert place.path.stat().st_size == 1_000  # some of it was written
    batch = events(2, 20)
    send(sink, batch)
    lines = place.path.read_bytes().splitlines()
    assert lines[-20:] == [one.json for one in batch]


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    place = FilePlace(tmp_path / "events.jsonl")
    sink = opened(place.url)
    send(sink, [event(1)])
    arriving = following(place.url)
    place.path.rename(tmp_path / "events.jsonl.1")
    send(sink, [one := event(2)])
    assert next(arriving) == one.json


@pytest.mark.parametrize("path", ["/", "/dev/null", "/proc/none/events"])
def test_what_is_no_ordinary_file_is_unavailable(path: str) -> None:
    if path == "/":
        with pytest.raises(BadSetting):
            open_sink("file:///")
        return
    assert path in fails(opened(f"file://{path}"), [event(1)])


# Wrong addresses and passwords.


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis",
        "http://user:secret@host/events",
        "redis://user:secret@host:6379/0",
        "redis://user:secret@host:6379/",
        "redis://user:secret@host:no/0/events",
        "redis://user:secret@host:6379/zero/events",
        "redis://user:secret@host:6379/0/events?socket_timeout=secret",
        "redis://user:secret@host:6379/0/events?secret=1",
        "amqp://user:secret@host",
        "amqp://user:secret@host:70000/events",
        "amqp://user:secret@[host/events",
        "amqp://user:secret@one:5672,other:5672/events",
        "amqp://user:secret@one,other/events",
        "amqp://user:secret@:5672/events",
        "amqp://user:secret@a..b/events",
        "redis://user:secret@a..b/0/events",
        "redis://user:secret@a%2e.b/0/events",
        "redis://user:secret@one:6379,other:6379/0/events",
        "kafka://user:secret@a..b:9092,other:9092/events",
        "kafka://user:secret@one:9092,/events",
        "kafka://user:secret@host:9092",
        "kafka:///secret",
        "sqs://",
        "sqs://secret secret",
        "sns://secret",
        "sns://arn:aws:sqs:us-east-1:123456789012:secret",
        "file://secret.jsonl",
        "file:///secret/",
    ],
)
def test_an_address_that_cannot_be_used_is_told_in_one_line(url: str) -> None:
    with pytest.raises(BadSetting) as error:
        open_sink(url)
    assert str(error.value).startswith("EVENTS_URL: ")
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:secret@127.0.0.1:1/events",
        "amqp://user:secret@127.0.0.1:1/events",
        "amqps://user:secret@127.0.0.1:1/events",
        "kafka://127.0.0.1:1/events",
        "kafka://user:secret@127.0.0.1:1/events?security.protocol=SASL_PLAINTEXT",
        "kafka://user:secret@127.0.0.1:1/events?no.such.option=secret",
        "redis://user:secret@host.invalid/events",
        "amqp://user:secret@host.invalid/events",
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_line(url: str) -> None:
    sink = opened(url)
    text = fails(sink, [event(1)])
    assert "127.0.0.1:1" in text or "host.invalid" in text
    with pytest.raises(SinkUnavailable) as error:
        list(sink.follow())
    assert "secret" not in str(error.value)
    sink.close()


@pytest.mark.parametrize("scheme", ["redis", "rediss", "amqp", "amqps", "kafka"])
def test_something_that_never_answers_is_given_up_in_time(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sink = opened(f"{scheme}://user:secret@127.0.0.1:{silent.getsockname()[1]}/events")
        fails(sink, [event(1)])
        sink.close()


@pytest.mark.parametrize("password", ["wrong-secret", "s%3Acr%2Fet-secret"])
def test_wrong_passwords_are_told_without_them(
    redis_server: RedisServer, rabbitmq_server: RabbitServer, password: str
) -> None:
    text = fails(opened(f"redis://guest:{password}@127.0.0.1:{redis_server.port}/events"), [event(1)])
    assert "user or password" in text
    text = fails(opened(f"amqp://guest:{password}@127.0.0.1:{rabbitmq_server.port}/events"), [event(1)])
    assert "refuses this user" in text
    for credentials in ("guest:", "guest"):
        text = fails(opened(f"amqp://{credentials}@127.0.0.1:{rabbitmq_server.port}/events"), [event(1)])
        assert "refuses this user" in text
    text = fails(open_sink(f"amqp://guest:guest@127.0.0.1:{rabbitmq_server.port}/none/events"), [event(1)])
    assert "RabbitMQ" in text


def test_a_queue_or_topic_that_is_not_there_is_told(lab: LabServer) -> None:
    assert "none" in fails(opened("sqs://none"), [event(1)])
    assert "Topic" in fails(opened("sns://arn:aws:sns:us-east-1:123456789012:none"), [event(1)])


def test_missing_credentials_are_told(lab: LabServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "AWS_ACCESS_KEY_ID" in fails(opened("sqs://events"), [event(1)])
    assert "AWS_ACCESS_KEY_ID" in fails(opened("sns://arn:aws:sns:us-east-1:123456789012:events"), [event(1)])


def test_a_library_that_is_missing_is_named_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "todo.sinks.kafka", raising=False)
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(BadSetting, match=r"pip install 'taskoverflow\[kafka\]'"):
        open_sink("kafka://host/events")
