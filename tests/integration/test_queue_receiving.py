"""Receiving from a real queue: everything is deleted, or told to be left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Thread

import pytest

from tests.conformance.lab_server import LabServer
from tests.integration.queue_front import Answer, Content, Front, front_of, refusal
from tests.integration.queue_sides import Side
from tests.servers import SqsServer
from tests.servers.process import wait_until
from todo.errors import NotFound, QueueUnavailable
from todo.queues import catalog, connection
from todo.queues.connection import find
from todo.queues.messages import attributes_of
from todo.queues.receiving import Receiver, Subscription
from todo.queues.records import Received


@pytest.fixture
def side(sqs: SqsServer) -> Side:
    return Side()


@pytest.fixture
def front(sqs: SqsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    monkeypatch.setattr(connection, "PAUSE_SECONDS", 0.01)
    with front_of(sqs.endpoint) as front:
        yield front


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[LabServer]:
    """The laboratory's server: moto's hands a message to two who ask at the same moment."""
    with LabServer(strict=True) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.mark.parametrize("consumers", [1, 4])
def test_all_is_received_once_and_deleted(lab: LabServer, consumers: int) -> None:
    side = Side()
    queue = side.make("q")
    side.publish(queue, count=95)
    receiver = side.receive(queue, consumers=consumers)
    assert sorted(record.sequence for record in side.records("received")) == list(range(95))
    ids = {record.message_id for record in side.records("received")}
    assert {record.message_id for record in side.records("deleted")} == ids
    assert not receiver.left
    assert {record.consumer for record in side.records("received")} <= set(range(consumers))


def test_ten_messages_take_one_receive_and_one_deletion(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=50)
    side.receive(queue)
    assert front.count("ReceiveMessage") == 5 + len(side.records("received_nothing"))
    assert front.count("DeleteMessageBatch") == 5
    assert front.count("DeleteMessage") == 0


def test_polls_are_long_ones(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.receive(side.make("q"), seconds=1, until_empty=False, wait_seconds=20)
    waits = [content["WaitTimeSeconds"] for name, content in front.calls if name == "ReceiveMessage"]
    assert set(waits) == {1}  # no longer than it is to go on
    assert len(waits) == len(side.records("received_nothing"))


def test_until_empty_waits_for_what_is_delayed_or_in_flight(side: Side) -> None:
    queue = side.make("q", visibility_seconds=1)
    side.publish(queue, count=1)
    queue.call("send_message", MessageBody="late", DelaySeconds=2)
    queue.call("receive_message")  # somebody else took it, and fails
    side.receive(queue)
    assert sorted(side.bodies) == ["Message 0", "late"]


def test_what_a_consumer_failed_to_delete_comes_again(side: Side) -> None:
    queue = side.make("q", visibility_seconds=1)
    side.publish(queue, count=10)
    draws = iter([0.1, 0.9] * 5 + [0.9] * 100)
    receiver = side.receive(queue, crash=0.5, chance=lambda: next(draws))
    received = side.records("received")
    assert len(received) == 15
    assert sum(record.receive_count == 2 for record in received) == 5
    assert receiver.crashes == 5
    assert not receiver.left


def test_a_failure_on_a_fifo_queue_lets_nothing_of_the_group_overtake(lab: LabServer) -> None:
    side = Side()
    queue = side.make("q.fifo", content_based_deduplication=True, visibility_seconds=1)
    side.publish(queue, count=10, groups=2)
    draws = iter([0.9, 0.9, 0.1])  # the third one: of group 0, before those with 4, 6 and 8
    receiver = side.receive(queue, crash=0.5, chance=lambda: next(draws, 0.9))
    again = [record.sequence for record in side.records("received") if record.receive_count > 1]
    assert again == [2, 4, 6, 8]
    assert receiver.crashes == 4


def test_what_is_left_is_told(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=10)
    receiver = side.receive(queue, crash=1.0, seconds=1, until_empty=False)
    assert len(receiver.left) == 10
    assert not side.records("deleted")
    assert catalog.card(side.service, "q").in_flight == 10


def test_visibility_is_what_is_asked_for(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.receive(side.make("q"), visibility_seconds=7)
    assert {content["VisibilityTimeout"] for name, content in front.calls if name == "ReceiveMessage"} == {7}


def test_messages_of_others_are_received(side: Side) -> None:
    queue = side.make("q")
    queue.call("send_message", MessageBody="plain")
    named = {"client": {"DataType": "String", "StringValue": "Client 1"}}
    queue.call("send_message", MessageBody="Message 5", MessageAttributes=named)
    side.receive(queue)
    assert {(record.sender, record.sequence) for record in side.records("received")} == {
        (None, None),
        ("Client 1", None),
    }


def test_a_subscriber_that_knows_the_client_alone_reads_ours(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=1)
    found = queue.call("receive_message", MessageAttributeNames=["client"])["Messages"][0]
    assert found["Body"] == "Message 0"
    assert found["MessageAttributes"] == {"client": attributes_of("Client 1", 0, "", 0, ())["client"]}


@pytest.mark.parametrize("fault", [True, False, None])
def test_deletions_that_fail_are_told(front: Front, fault: bool | None) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=3)

    def refuse(operation: str, content: Content) -> Answer | None:
        """Delete nothing; say so, or (None) say nothing at all."""
        if operation != "DeleteMessageBatch":
            return None
        failed = [{"Id": entry["Id"], "SenderFault": fault, "Code": "Bad"} for entry in content["Entries"]]
        return 200, {"Successful": [], "Failed": failed if fault is not None else []}

    front.answers.append(refuse)
    receiver = side.receive(queue, seconds=1, until_empty=False)
    assert receiver.refused == {"NoAnswer" if fault is None else "Bad": 3}
    assert len(receiver.left) == 3
    assert not side.records("deleted")
    assert front.count("DeleteMessageBatch") == (1 if fault else connection.PATIENCE)


def test_deletions_that_fail_in_passing_are_done_again(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=3)

    def forget_one(operation: str, content: Content, answer: Content) -> None:
        if operation == "DeleteMessageBatch" and front.count("DeleteMessageBatch") == 1:
            gone = answer["Successful"].pop()
            answer["Failed"] = [{"Id": gone["Id"], "SenderFault": False, "Code": "InternalError"}]

    front.change = forget_one
    receiver = side.receive(queue)
    assert len(side.records("deleted")) == 3
    assert not receiver.left
    assert [len(content["Entries"]) for name, content in front.calls if name == "DeleteMessageBatch"] == [3, 1]


def test_a_queue_that_is_deleted_meanwhile_ends_it(side: Side) -> None:
    queue = side.make("q")
    receiver = Receiver(queue, Subscription("S", consumers=3, wait_seconds=1), side.ledger, side.stop)
    failed: list[Exception] = []

    def receive() -> None:
        try:
            side.work(receiver.jobs())
        except NotFound as error:
            failed.append(error)

    thread = Thread(target=receive)
    thread.start()
    wait_until(lambda: side.records("received_nothing"), 10, "the first poll has ended")
    catalog.delete(side.service, "q")
    thread.join(30)
    assert [str(error) for error in failed] == ["The queue q is not there any more: somebody deleted it"]


def test_throttling_is_waited_out(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=1)
    front.refuse("ReceiveMessage", refusal("RequestThrottled", 429), times=4)
    side.receive(queue)
    assert side.bodies == ["Message 0"]


def test_a_poll_that_fails_after_a_stop_fails_nobody(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    receiver = Receiver(queue, Subscription("S"), side.ledger, side.stop)

    def stop(operation: str, content: Content) -> Answer | None:
        side.stop.set()
        return refusal("RequestThrottled", 429)

    front.answers.append(stop)
    side.work(receiver.jobs())
    assert not side.records("received_nothing")


def test_what_cannot_be_shown_is_not_deleted(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=3)

    def broken(records: Sequence[Received], bodies: Sequence[str]) -> None:
        raise BrokenPipeError

    side.ledger._show = broken
    with pytest.raises(BrokenPipeError):
        side.receive(queue)
    assert catalog.card(side.service, "q").in_flight == 3


def test_nothing_is_deleted_once_the_account_is_closed(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=3)
    side.ledger.close()
    receiver = side.receive(queue, seconds=1, until_empty=False)
    assert len(receiver.left) == 3
    assert catalog.card(side.service, "q").in_flight == 3


def test_who_may_not_ask_for_counts_ends_when_a_poll_finds_nothing(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=3)
    front.refuse("GetQueueAttributes", refusal("AccessDenied", 403))
    side.receive(find(side.service, "q"))
    assert len(side.bodies) == 3


def test_no_permission_ends_it_with_what_to_ask_for(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    front.refuse("ReceiveMessage", refusal("AccessDenied", 403))
    with pytest.raises(QueueUnavailable, match="may not do sqs:ReceiveMessage on q"):
        side.receive(queue)
    assert front.count("ReceiveMessage") == 1
