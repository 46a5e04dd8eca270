from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError

from tests.conformance.service import Service, code_of, eventually


def test_a_message_in_flight_is_hidden_and_comes_again_when_time_is_up(service: Service) -> None:
    queue = service.queue(VisibilityTimeout="2")
    sent = queue.send()
    queue.one()
    assert queue.ask(wait=0) == []
    again = queue.one()
    assert again["MessageId"] == sent["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_deleted_message_does_not_come_again(service: Service) -> None:
    queue = service.fifo(VisibilityTimeout="1")  # of a standard queue it may
    queue.send(MessageGroupId="a")
    message = queue.one()
    queue.delete(message)
    queue.delete(message)  # once more is no error
    assert queue.stays_empty(after=1)


def test_a_receiver_gives_a_message_back_by_making_it_visible(service: Service) -> None:
    queue = service.queue()
    queue.send()
    queue.hide(queue.one(), 0)
    assert queue.one()["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_receiver_keeps_a_message_by_prolonging(service: Service) -> None:
    queue = service.queue(VisibilityTimeout="1")
    queue.send()
    queue.hide(queue.one(), 30)
    assert queue.stays_empty(after=1)


def test_messages_in_flight_are_counted(service: Service) -> None:
    queue = service.fifo()
    for body in ("1", "2", "3"):
        queue.send(body, MessageGroupId=body)
    eventually(lambda: queue.counts() == (3, 0, 0))
    queue.receive(2)
    eventually(lambda: queue.counts() == (1, 2, 0))


@pytest.mark.mend
def test_a_message_that_is_not_in_flight_cannot_be_hidden(service: Service) -> None:
    queue = service.queue()
    queue.send()
    message = queue.one()
    queue.hide(message, 0)
    with pytest.raises(service.sqs.exceptions.MessageNotInflight):
        queue.hide(message, 10)


@pytest.mark.mend
def test_a_message_that_is_gone_cannot_be_hidden(service: Service) -> None:
    queue = service.queue()
    queue.send()
    message = queue.one()
    queue.delete(message)
    with pytest.raises(ClientError) as error:
        queue.hide(message, 10)
    assert code_of(error) == "InvalidParameterValue"


def test_a_receipt_handle_that_is_none_is_refused(service: Service) -> None:
    queue = service.queue()
    with pytest.raises(ClientError) as error:
        queue.delete({"ReceiptHandle": "no handle"})
    assert code_of(error) == "ReceiptHandleIsInvalid"


def test_batches_of_deletes_and_changes_tell_what_failed(service: Service) -> None:
    queue = service.queue()
    queue.send()
    handle = queue.one()["ReceiptHandle"]
    entries = [{"Id": "good", "ReceiptHandle": handle}, {"Id": "bad", "ReceiptHandle": "no handle"}]
    changed = queue.sqs.change_message_visibility_batch(
        QueueUrl=queue.url, Entries=[{**entry, "VisibilityTimeout": 20} for entry in entries]
    )
    deleted = queue.sqs.delete_message_batch(QueueUrl=queue.url, Entries=entries)
    for answer in (changed, deleted):
        assert [each["Id"] for each in answer["Successful"]] == ["good"]
        assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]


@pytest.mark.mend
def test_a_batch_of_eleven_deletes_is_refused(service: Service) -> None:
    queue = service.queue()
    entries = [{"Id": str(number), "ReceiptHandle": f"none {number}"} for number in range(11)]
    with pytest.raises(ClientError) as error:
        queue.sqs.delete_message_batch(QueueUrl=queue.url, Entries=entries)
    assert code_of(error) == "TooManyEntriesInBatchRequest"


@pytest.mark.parametrize(
    "options", [{"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}, {"VisibilityTimeout": 43_201}], ids=str
)
def test_what_is_out_of_range_is_refused(service: Service, options: dict[str, int]) -> None:
    queue = service.queue()
    with pytest.raises(ClientError) as error:
        queue.sqs.receive_message(QueueUrl=queue.url, **options)
    assert code_of(error) == "InvalidParameterValue"


def test_a_long_poll_wakes_when_a_message_comes(service: Service) -> None:
    queue = service.queue()
    late = threading.Timer(1, queue.send)
    late.start()
    assert [message["Body"] for message in queue.ask(wait=10)] == ["text"]
    late.join()


def test_a_long_poll_of_an_empty_queue_ends_without_a_message(service: Service) -> None:
    queue = service.queue(ReceiveMessageWaitTimeSeconds="1")
    assert "Messages" not in queue.sqs.receive_message(QueueUrl=queue.url)


def test_a_long_poll_ends_when_the_queue_is_deleted(service: Service) -> None:
    queue = service.queue()
    deletion = threading.Timer(1, queue.sqs.delete_queue, kwargs={"QueueUrl": queue.url})
    deletion.start()

    def ask_on() -> None:
        for _ in range(4):  # AWS may take a while to hear of the deletion everywhere
            queue.ask(wait=5)

    with pytest.raises(service.sqs.exceptions.QueueDoesNotExist):
        ask_on()
    deletion.join()
