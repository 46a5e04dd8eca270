"""Publishing to a real queue: all of it, in order where there is an order, and what is refused is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from tests.integration.queue_front import Answer, Content, Front, front_of, refusal
from tests.integration.queue_sides import Side
from tests.servers import SqsServer
from todo.errors import BadInput, NotFound, QueueUnavailable
from todo.queues import catalog, connection
from todo.queues.connection import find
from todo.queues.log import judge_lines
from todo.queues.publishing import Publication, Publisher


@pytest.fixture
def side(sqs: SqsServer) -> Side:
    return Side()


@pytest.fixture
def front(sqs: SqsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    monkeypatch.setattr(connection, "PAUSE_SECONDS", 0.01)
    with front_of(sqs.endpoint) as front:
        yield front


def test_a_hundred_messages_go_in_ten_calls(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.publish(side.make("q"))
    assert front.count("SendMessageBatch") == 10
    side.receive(find(side.service, "q"))
    assert Counter(side.bodies) == Counter(f"Message {number}" for number in range(100))
    assert {record.sender for record in side.records("received")} == {"Client 1"}
    assert side.service.requests == len(front.calls)


def test_what_was_sent_is_noted_once_and_with_what_the_queue_answered(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=37, concurrency=4)
    side.receive(queue)
    sent = {record.message_id: record.sequence for record in side.records("sent")}
    assert sorted(sent.values()) == list(range(37))
    assert {record.message_id: record.sequence for record in side.records("received")} == sent


@pytest.mark.parametrize("threads", [1, 4])
def test_groups_keep_their_order_however_many_threads_send(side: Side, threads: int) -> None:
    queue = side.make("q.fifo", content_based_deduplication=True)
    side.publish(queue, count=60, groups=3, concurrency=threads)
    side.receive(queue)
    by_group: dict[str, list[int]] = {}
    for record in side.records("received"):
        by_group.setdefault(record.group, []).append(record.sequence)
    assert by_group == {f"Client-1-{group}": list(range(group, 60, 3)) for group in range(3)}


def test_running_it_again_brings_nothing_where_deduplication_goes_by_content(side: Side) -> None:
    queue = side.make("q.fifo", content_based_deduplication=True)
    side.publish(queue, count=20)
    side.publish(queue, count=20, client="Client 2")
    side.publish(queue, count=20, prepend="again ")
    side.receive(queue)
    assert Counter(side.bodies) == Counter([f"{p}Message {n}" for n in range(20) for p in ("", "again ")])


def test_without_that_copies_are_dropped_and_another_run_is_not(side: Side) -> None:
    queue = side.make("q.fifo")
    side.publish(queue, count=5, copies=2)
    side.publish(queue, count=5)
    side.receive(queue)
    assert Counter(side.bodies) == Counter({f"Message {number}": 2 for number in range(5)})
    sent = side.records("sent")
    assert [record.copy for record in sent[:6]] == [0, 1, 2, 0, 1, 2]
    assert len({record.deduplication for record in sent}) == 10


def test_a_second_run_of_the_same_client_is_no_repetition_of_the_first(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=5)
    side.publish(queue, count=5)
    side.receive(queue)
    verdict = judge_lines(side.log.getvalue().splitlines()).queues[0]
    assert (verdict.messages, verdict.missing, verdict.duplicates_by_sequence) == (10, 0, 0)


def test_a_standard_queue_takes_every_copy(side: Side) -> None:
    queue = side.make("q")
    side.publish(queue, count=5, copies=1)
    side.receive(queue)
    assert Counter(record.copy for record in side.records("received")) == {0: 5, 1: 5}


def test_size_and_attributes_arrive(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    side.publish(queue, count=3, size=300_000, attributes=(("colour", "red"),))
    calls = [content for name, content in front.calls if name == "SendMessageBatch"]
    assert len(calls) == 1  # three fit into a megabyte
    entry = calls[0]["Entries"][0]
    assert len(entry["MessageBody"]) == 300_000
    assert entry["MessageAttributes"]["colour"]["StringValue"] == "red"
    assert entry["MessageAttributes"]["client"]["StringValue"] == "Client 1"


def test_batches_hold_no_more_than_a_call_may_carry(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.publish(side.make("q"), count=3, size=600_000)
    assert front.count("SendMessageBatch") == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"size": 1_048_576}, "size"),
        ({"prepend": "x" * 2 * 1_048_576}, "size"),
        ({"groups": 2}, "groups"),
        ({"client": ""}, "client-name"),
        ({"prepend": "\x00"}, "prepend"),
        ({"attributes": (("copy", "1"),)}, "attributes"),
    ],
)
def test_what_the_queue_would_refuse_is_refused_before_anything_is_sent(
    side: Side, given: dict[str, Any], field: str
) -> None:
    queue = side.make("q")
    with pytest.raises(BadInput) as error:
        side.publish(queue, **given)
    assert error.value.field == field
    assert catalog.card(side.service, "q").available == 0


def test_the_queues_own_limit_holds(side: Side) -> None:
    queue = side.make("q")
    side.service.call("set_queue_attributes", QueueUrl=queue.url, Attributes={"MaximumMessageSize": "1024"})
    with pytest.raises(BadInput, match="takes 1,024"):
        side.publish(find(side.service, "q"), size=1024)


def test_a_rate_is_kept_by_small_calls(front: Front) -> None:
    class Waits(Event):
        """Notes how long it was to be waited, and doesn't."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            return False

    waits: list[float] = []
    side = Side(endpoint=front.endpoint)
    side.stop = Waits()
    side.publish(side.make("q"), count=5, rate=0.02)
    assert [round(wait / 50) for wait in waits] == [0, 1, 2, 3, 4]
    side.publish(find(side.service, "q"), count=6, rate=20)
    assert front.count("SendMessageBatch") == 5 + 3  # two each


def test_messages_refused_in_passing_are_sent_again_and_noted_once(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    odd_once = {"1", "3"}

    def refuse_odd_ones(operation: str, content: Content, answer: Content) -> None:
        if operation == "SendMessageBatch" and front.count("SendMessageBatch") == 1:
            answer["Failed"] = [
                {"Id": entry["Id"], "SenderFault": False, "Code": "ServiceUnavailable"}
                for entry in answer["Successful"]
                if entry["Id"] in odd_once
            ]
            answer["Successful"] = [entry for entry in answer["Successful"] if entry["Id"] not in odd_once]

    front.change = refuse_odd_ones
    publisher = side.publish(queue, count=5)
    assert sorted(record.sequence for record in side.records("sent")) == [0, 1, 2, 3, 4]
    assert publisher.again == 2
    assert not publisher.refused
    retried = front.calls[-1][1]["Entries"]
    assert [entry["MessageBody"] for entry in retried] == ["Message 1", "Message 3"]


@pytest.mark.parametrize("fault", [True, False, None])
def test_messages_refused_for_good_are_told_and_the_others_sent(front: Front, fault: bool | None) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")

    def refuse(operation: str, content: Content) -> Answer | None:
        """Take all but the message with number 3; of it, say so, or (None) say nothing at all."""
        if operation != "SendMessageBatch":
            return None
        bad = [entry["Id"] for entry in content["Entries"] if entry["MessageBody"] == "Message 3"]
        failed = [{"Id": number, "SenderFault": fault, "Code": "Bad", "Message": "so\nbad"} for number in bad]
        good = [
            {"Id": entry["Id"], "MessageId": entry["MessageBody"], "MD5OfMessageBody": "x"}
            for entry in content["Entries"]
            if entry["Id"] not in bad
        ]
        return 200, {"Successful": good, "Failed": failed if fault is not None else []}

    front.answers.append(refuse)
    publisher = side.publish(queue, count=25)
    assert len(side.records("sent")) == 24
    assert publisher.refused.total() == 1
    assert list(publisher.refused) == [
        "NoAnswer: the service did not say what became of it" if fault is None else "Bad: so bad"
    ]
    assert front.count("SendMessageBatch") == (3 if fault else 8)


@pytest.mark.parametrize(
    "answer", [refusal("RequestThrottled", 429), refusal("ThrottlingException"), refusal("x", 503)]
)
def test_throttling_is_waited_out(front: Front, answer: Answer) -> None:
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    front.refuse("SendMessageBatch", answer, times=4)
    side.publish(queue, count=10)
    assert len(side.records("sent")) == 10
    assert front.count("SendMessageBatch") == 5
    assert side.service.requests == len(front.calls)  # those made again were counted


def test_throttling_without_end_is_told(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CALL_ATTEMPTS", 1)
    side = Side(endpoint=front.endpoint)
    queue = side.make("q")
    front.refuse("SendMessageBatch", refusal("RequestThrottled", 429))
    with pytest.raises(QueueUnavailable, match=r"too many calls \(RequestThrottled\): try a lower --rate"):
        side.publish(queue, count=10)
    assert front.count("SendMessageBatch") == connection.PATIENCE


def test_a_queue_that_is_deleted_meanwhile_ends_it(side: Side) -> None:
    queue = side.make("q")
    catalog.delete(side.service, "q")
    with pytest.raises(NotFound, match="The queue q is not there any more"):
        side.publish(queue, concurrency=4)


def test_nothing_is_sent_after_a_stop(side: Side) -> None:
    queue = side.make("q")
    publisher = Publisher(queue, Publication("C", rate=1), side.ledger, side.stop)
    side.stop.set()
    for job in publisher.jobs():
        job()
    assert catalog.card(side.service, "q").available == 0


def test_who_may_only_send_can_send(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.make("q.fifo", content_based_deduplication=True)
    front.refuse("GetQueueAttributes", refusal("AccessDenied", 403))
    queue = find(side.service, "q.fifo")
    side.publish(queue, count=3)
    side.publish(queue, count=3)  # known again by its content, as the queue would
    front.answers.clear()
    side.receive(queue)
    assert sorted(side.bodies) == [f"Message {number}" for number in range(3)]
