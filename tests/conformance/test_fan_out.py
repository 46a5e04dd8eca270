from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.service import Queue, Service


def subscribe(service: Service, topic: str, queue: Queue, **attributes: str) -> None:
    """Let a queue hear a topic; AWS asks the queue's policy whether it may."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    queue.change(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    service.sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=attributes, ReturnSubscriptionArn=True
    )


def text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def test_every_subscribed_queue_gets_the_message(service: Service) -> None:
    topic = service.topic()
    queues = [service.queue() for _ in range(3)]
    for queue in queues:
        subscribe(service, topic, queue)
    sent = service.sns.publish(TopicArn=topic, Message="ticked", Subject="Todo")
    for queue in queues:
        envelope = json.loads(queue.one()["Body"])
        assert (envelope["Type"], envelope["Message"], envelope["Subject"]) == ("Notification", "ticked", "Todo")
        assert (envelope["MessageId"], envelope["TopicArn"]) == (sent["MessageId"], topic)


def test_raw_delivery_leaves_the_envelope_out_and_keeps_the_attributes(service: Service) -> None:
    topic, queue = service.topic(), service.queue()
    subscribe(service, topic, queue, RawMessageDelivery="true")
    service.sns.publish(TopicArn=topic, Message="ticked", MessageAttributes={"kind": text("todo.completed")})
    message = queue.one()
    assert message["Body"] == "ticked"
    assert message["MessageAttributes"] == {"kind": text("todo.completed")}


@pytest.mark.parametrize(
    ("scope", "message", "attributes"),
    [
        ("MessageAttributes", "{}", {"kind": text("todo.completed")}),
        ("MessageBody", '{"kind": "todo.completed"}', {}),
    ],
)
def test_a_filter_policy_lets_through_what_matches(
    service: Service, scope: str, message: str, attributes: dict[str, Any]
) -> None:
    topic, queue, other = service.topic(), service.queue(), service.queue()
    policy = {"kind": [{"prefix": "todo.c"}]}
    subscribe(service, topic, queue, FilterPolicyScope=scope, FilterPolicy=json.dumps(policy))
    subscribe(service, topic, other, FilterPolicyScope=scope, FilterPolicy=json.dumps({"kind": ["todo.deleted"]}))
    service.sns.publish(TopicArn=topic, Message=message, MessageAttributes=attributes)
    assert json.loads(queue.one()["Body"])["Message"] == message
    assert other.stays_empty()


def test_a_fifo_topic_keeps_the_order_and_drops_duplicates(service: Service) -> None:
    topic = service.topic(FifoTopic="true", ContentBasedDeduplication="true")
    queue = service.fifo()
    subscribe(service, topic, queue, RawMessageDelivery="true")
    for body in ("1", "2", "2", "3"):
        service.sns.publish(TopicArn=topic, Message=body, MessageGroupId="a")
    assert [message["Body"] for message in queue.receive(3)] == ["1", "2", "3"]


@pytest.mark.mend
def test_a_fifo_topic_drops_duplicates_in_envelopes_too(service: Service) -> None:
    topic = service.topic(FifoTopic="true", ContentBasedDeduplication="true")
    queue = service.fifo()
    subscribe(service, topic, queue)
    for _ in range(2):
        service.sns.publish(TopicArn=topic, Message="same", MessageGroupId="a")
    queue.delete(queue.one())
    assert queue.stays_empty()


@pytest.mark.mend
def test_a_subscriber_that_is_gone_fails_neither_the_publisher_nor_the_others(service: Service) -> None:
    topic, gone, queue = service.topic(), service.queue(), service.queue()
    for each in (gone, queue):
        subscribe(service, topic, each)
    service.sqs.delete_queue(QueueUrl=gone.url)
    service.sns.publish(TopicArn=topic, Message="ticked")
    assert json.loads(queue.one()["Body"])["Message"] == "ticked"
