from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.service import Service, code_of

LIMIT = 1_048_576


def entry(number: int, body: str = "text", **rest: Any) -> dict[str, Any]:
    return {"Id": str(number), "MessageBody": body, **rest}


def text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def test_a_message_comes_as_it_was_sent(service: Service) -> None:
    queue = service.queue()
    attributes = {
        "client": text("Client 1"),
        "number": {"DataType": "Number", "StringValue": "7"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\0\1"},
    }
    sent = queue.send("Grüße, 世界", MessageAttributes=attributes)
    assert sent["MD5OfMessageBody"] == hashlib.md5("Grüße, 世界".encode()).hexdigest()  # noqa: S324 (the protocol's)
    received = queue.one()
    assert received["MessageId"] == sent["MessageId"]
    assert received["Body"] == "Grüße, 世界"
    assert received["MessageAttributes"] == attributes
    assert received["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    own = received["Attributes"]
    assert own["ApproximateReceiveCount"] == "1"
    assert int(own["SentTimestamp"]) <= int(own["ApproximateFirstReceiveTimestamp"])


def test_only_the_attributes_asked_for_are_told(service: Service) -> None:
    queue = service.queue()
    queue.send(MessageAttributes={"client.name": text("a"), "client.kind": text("b"), "other": text("c")})
    queue.one(VisibilityTimeout=0)
    answer: dict[str, Any] = {}
    while "Messages" not in answer:
        answer = queue.sqs.receive_message(QueueUrl=queue.url, MessageAttributeNames=["client.*"], WaitTimeSeconds=5)
    assert set(answer["Messages"][0]["MessageAttributes"]) == {"client.name", "client.kind"}
    assert "Attributes" not in answer["Messages"][0]


def test_a_hundred_messages_sent_in_batches_all_come(service: Service) -> None:
    queue = service.queue()
    for first in range(0, 100, 10):
        answer = queue.send_batch([entry(number, f"Message {number}") for number in range(first, first + 10)])
        assert len(answer["Successful"]) == 10
    assert {message["Body"] for message in queue.receive(100)} == {f"Message {number}" for number in range(100)}


def test_a_delayed_message_comes_later_and_is_counted_as_delayed(service: Service) -> None:
    queue = service.queue()
    queue.send(DelaySeconds=2)
    assert queue.ask(wait=0) == []
    assert queue.counts() == (0, 0, 1)
    assert queue.one()["Body"] == "text"


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([entry(number) for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([entry(1), entry(1)], "BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "MessageBody": "text"}], "InvalidBatchEntryId"),
        ([entry(number, "x" * (LIMIT // 2)) for number in range(3)], "BatchRequestTooLong"),
        ([], "EmptyBatchRequest"),
    ],
    ids=["eleven", "ids twice", "a bad id", "too long", "empty"],
)
def test_a_bad_batch_is_refused_whole(service: Service, entries: list[dict[str, Any]], code: str) -> None:
    queue = service.queue()
    with pytest.raises(ClientError) as error:
        queue.send_batch(entries)
    assert code_of(error) == code
    assert queue.stays_empty()


@pytest.mark.mend
def test_the_length_of_a_batch_is_counted_in_bytes(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.queue().send_batch([entry(number, "é" * (LIMIT // 4)) for number in range(3)])
    assert code_of(error) == "BatchRequestTooLong"


@pytest.mark.mend
def test_one_bad_entry_fails_alone(service: Service) -> None:
    queue = service.queue(MaximumMessageSize="1024")
    answer = queue.send_batch([entry(1), entry(2, "x" * 1025), entry(3)])
    assert {each["Id"] for each in answer["Successful"]} == {"1", "3"}
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["SenderFault"], failed["Code"]) == ("2", True, "InvalidParameterValue")
    assert len(queue.receive(2)) == 2


def test_a_body_of_exactly_the_maximum_is_taken_and_one_byte_more_is_not(service: Service) -> None:
    queue = service.queue()
    queue.send("x" * LIMIT)
    with pytest.raises(ClientError) as error:
        queue.send("x" * (LIMIT + 1))
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_a_body_is_counted_in_bytes(service: Service) -> None:
    queue = service.queue(MaximumMessageSize="1024")
    queue.send("é" * 512)
    with pytest.raises(ClientError) as error:
        queue.send("é" * 513)
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_attributes_count_against_the_maximum_too(service: Service) -> None:
    queue = service.queue(MaximumMessageSize="1024")
    queue.send("x" * 1000, MessageAttributes={"name": text("y" * 14)})  # 1000 + 4 + 6 + 14
    with pytest.raises(ClientError) as error:
        queue.send("x" * 1000, MessageAttributes={"name": text("y" * 15)})
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
@pytest.mark.parametrize(
    ("body", "code"),
    [("", "MissingParameter"), ("a\0b", "InvalidMessageContents"), ("\ufffe", "InvalidMessageContents")],
)
def test_a_body_that_is_empty_or_no_text_is_refused(service: Service, body: str, code: str) -> None:
    with pytest.raises(ClientError) as error:
        service.queue().send(body)
    assert code_of(error) == code


@pytest.mark.mend
@pytest.mark.parametrize("attributes", [{str(number): text("x") for number in range(11)}, {"name": text("")}])
def test_more_than_ten_attributes_or_an_empty_one_are_refused(service: Service, attributes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        service.queue().send(MessageAttributes=attributes)
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_a_negative_delay_is_refused(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.queue().send(DelaySeconds=-1)
    assert code_of(error) == "InvalidParameterValue"


def test_a_queue_that_does_not_exist_is_named_so(service: Service) -> None:
    with pytest.raises(service.sqs.exceptions.QueueDoesNotExist):
        service.sqs.get_queue_url(QueueName=service.name())
