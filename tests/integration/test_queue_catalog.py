"""Queues as a whole, asked of a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.conformance.lab_server import LabServer
from tests.integration.queue_front import Answer, Content, Front, front_of, refusal
from tests.integration.queue_sides import Side
from tests.servers import SqsServer
from todo.errors import BadInput, NotFound, QueueUnavailable
from todo.queues import catalog
from todo.queues.connection import find


@pytest.fixture
def side(sqs: SqsServer) -> Side:
    return Side()


@pytest.fixture
def front(sqs: SqsServer) -> Iterator[Front]:
    with front_of(sqs.endpoint) as front:
        yield front


def test_all_queues_by_name_with_what_is_in_them(side: Side) -> None:
    side.publish(side.make("b"), count=7)
    side.make("a.fifo", content_based_deduplication=True)
    side.make("c.fifo")
    b = find(side.service, "b")
    b.call("receive_message", MaxNumberOfMessages=2)
    b.call("send_message", MessageBody="later", DelaySeconds=900)
    cards = catalog.cards(side.service)
    assert [(card.name, card.type, card.content_based_deduplication) for card in cards] == [
        ("a.fifo", "FIFO", True),
        ("b", "Standard", None),
        ("c.fifo", "FIFO", False),
    ]
    assert (cards[1].available, cards[1].in_flight, cards[1].delayed) == (5, 2, 1)
    created = cards[1].created_at
    assert created
    assert abs(datetime.now(UTC) - created) < timedelta(hours=1)
    assert [card.name for card in catalog.cards(side.service, "b")] == ["b"]


def test_more_queues_than_one_answer_holds(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "PAGE_QUEUES", 2)
    for number in range(5):
        side.make(f"q{number}")
    assert [card.name for card in catalog.cards(side.service)] == [f"q{number}" for number in range(5)]


def test_one_queue_with_its_policy_and_its_dead_letter_queue(side: Side) -> None:
    side.make("dead")
    queue = side.make("q", dead_letter_queue="dead", receives_max=4, visibility_seconds=7)
    statement = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    queue.call("set_queue_attributes", Attributes={"KmsMasterKeyId": "alias/k"})
    queue.call("set_queue_attributes", Attributes={"Policy": json.dumps(policy)})  # last: others make moto forget it
    card = catalog.card(side.service, "q")
    assert (card.dead_letter_queue, card.receives_max, card.visibility_seconds) == ("dead", 4, 7)
    assert card.encryption == "SSE-KMS (alias/k)"
    assert card.policy == policy


def test_a_queue_that_goes_while_they_are_listed_is_left_out(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.make("a")
    side.make("b")

    def gone(operation: str, content: Content) -> Answer | None:
        is_b = content.get("QueueUrl", "").endswith("/b")
        return refusal("QueueDoesNotExist") if operation == "GetQueueAttributes" and is_b else None

    front.answers.append(gone)
    assert [card.name for card in catalog.cards(side.service)] == ["a"]


def test_a_queue_that_may_be_seen_and_not_asked_is_listed(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.make("a")
    front.refuse("GetQueueAttributes", refusal("AccessDenied", 403))
    card = catalog.cards(side.service)[0]
    assert (card.name, card.created_at) == ("a", None)


def test_making_one_that_is_there(side: Side) -> None:
    side.make("q", visibility_seconds=7)
    side.make("q", visibility_seconds=7)
    with pytest.raises(QueueUnavailable, match="CreateQueue was refused"):
        side.make("q", visibility_seconds=8)


@pytest.mark.parametrize("name", ["a/b", "", "a b", "x" * 81, "x" * 76 + ".fifo", "a.fifo.b", ".fifo", "ä", "a\n"])
def test_names_that_cannot_be(side: Side, name: str) -> None:
    with pytest.raises(BadInput) as error:
        catalog.create(side.service, name)
    assert error.value.field == "name"
    assert str(error.value).isprintable()


def test_what_does_not_go_together(side: Side) -> None:
    side.make("dead")
    with pytest.raises(BadInput):
        catalog.create(side.service, "q", content_based_deduplication=True)
    with pytest.raises(BadInput):
        catalog.create(side.service, "q.fifo", dead_letter_queue="dead")
    with pytest.raises(NotFound, match="Unable to find a Queue by this name none"):
        catalog.create(side.service, "q", dead_letter_queue="none")


def test_emptied_and_deleted(side: Side) -> None:
    side.publish(side.make("q"), count=5)
    catalog.purge(side.service, "q")
    assert catalog.card(side.service, "q").available == 0
    catalog.delete(side.service, "q")
    for action in (catalog.card, catalog.purge, catalog.delete):
        with pytest.raises(NotFound, match="Unable to find a Queue by this name q"):
            action(side.service, "q")


def test_a_redrive_brings_the_messages_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with LabServer(strict=True) as lab:
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        side = Side()
        side.make("dead")
        side.publish(side.make("q", dead_letter_queue="dead", receives_max=1, visibility_seconds=1), count=5)
        side.receive(find(side.service, "q"), crash=1.0, seconds=3)
        assert catalog.card(side.service, "dead").available == 5
        moves = list(catalog.redrive(side.service, "dead", rest=lambda _: None))
        assert (moves[-1].status, moves[-1].moved) == ("COMPLETED", 5)
        assert catalog.card(side.service, "q").available == 5


def test_a_redrive_is_followed_to_its_end(front: Front) -> None:
    side = Side(endpoint=front.endpoint)
    side.make("dead")
    side.make("q")
    states = iter([("RUNNING", 1), ("RUNNING", 2), ("COMPLETED", 3)])

    def move(operation: str, content: Content) -> Answer | None:
        if operation == "StartMessageMoveTask":
            return 200, {"TaskHandle": "t"}
        if operation == "ListMessageMoveTasks":
            status, moved = next(states)
            task = {"Status": status, "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": 3}
            return 200, {"Results": [task]}
        return None

    front.answers.append(move)
    moves = list(catalog.redrive(side.service, "dead", to="q", per_second=5, rest=lambda _: None))
    assert [(move.status, move.moved, move.total) for move in moves] == [
        ("RUNNING", 1, 3),
        ("RUNNING", 2, 3),
        ("COMPLETED", 3, 3),
    ]
    started = next(content for name, content in front.calls if name == "StartMessageMoveTask")
    assert started["MaxNumberOfMessagesPerSecond"] == 5
    assert started["SourceArn"].endswith(":dead")
    assert started["DestinationArn"].endswith(":q")
