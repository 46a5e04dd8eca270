from __future__ import annotations

import threading
from collections import defaultdict

import pytest
from botocore.exceptions import ClientError

from tests.conformance.service import Queue, Service, code_of


def bodies(queue: Queue, count: int) -> list[str]:
    """Receive and delete so many, one receive after the other."""
    found: list[str] = []
    while len(found) < count:
        for message in queue.receive(1):
            found.append(message["Body"])
            queue.delete(message)
    return found


def test_messages_of_a_group_come_in_the_order_in_which_they_were_sent(service: Service) -> None:
    queue = service.fifo()
    for first in range(0, 40, 10):
        entries = [
            {"Id": str(number), "MessageBody": f"{number}", "MessageGroupId": f"group {number % 4}"}
            for number in range(first, first + 10)
        ]
        queue.send_batch(entries)
    groups = defaultdict(list)
    for body in bodies(queue, 40):
        groups[int(body) % 4].append(int(body))
    assert groups == {group: list(range(group, 40, 4)) for group in range(4)}


def test_a_group_waits_while_one_of_its_messages_is_in_flight_and_others_do_not(service: Service) -> None:
    queue = service.fifo()
    queue.send("a1", MessageGroupId="a")
    queue.send("a2", MessageGroupId="a")
    first = queue.one()
    assert first["Body"] == "a1"
    queue.send("b1", MessageGroupId="b")
    assert queue.one()["Body"] == "b1"
    assert queue.stays_empty()
    queue.delete(first)
    assert queue.one()["Body"] == "a2"


def test_one_receive_may_bring_several_of_a_group_in_order(service: Service) -> None:
    queue = service.fifo()
    entries = [{"Id": str(number), "MessageBody": str(number), "MessageGroupId": "a"} for number in range(5)]
    queue.send_batch(entries)
    received = [message["Body"] for message in queue.receive(5)]
    assert received == ["0", "1", "2", "3", "4"]


def test_a_message_that_becomes_visible_again_comes_before_its_successors(service: Service) -> None:
    queue = service.fifo()
    for body in ("1", "2", "3"):
        queue.send(body, MessageGroupId="a")
    first = queue.ask(2, wait=5)
    for message in first:
        queue.hide(message, 0)
    assert bodies(queue, 3) == ["1", "2", "3"]


@pytest.mark.mend
def test_a_long_poll_wakes_when_the_group_is_unlocked(service: Service) -> None:
    queue = service.fifo()
    queue.send("1", MessageGroupId="a")
    queue.send("2", MessageGroupId="a")
    first = queue.one()
    unlock = threading.Timer(1, queue.delete, [first])
    unlock.start()
    received = queue.ask(wait=5)
    unlock.join()
    assert [message["Body"] for message in received] == ["2"]


def test_a_long_poll_wakes_when_a_message_of_the_group_becomes_visible(service: Service) -> None:
    queue = service.fifo(VisibilityTimeout="1")
    queue.send("1", MessageGroupId="a")
    queue.one()
    assert [message["Body"] for message in queue.ask(wait=5)] == ["1"]


def test_a_duplicate_is_dropped_while_the_first_is_there(service: Service) -> None:
    queue = service.fifo()
    queue.send("same", MessageGroupId="a")
    queue.send("same", MessageGroupId="a")
    assert len(queue.ask(wait=5)) == 1
    assert queue.stays_empty()


@pytest.mark.mend
def test_a_duplicate_is_dropped_after_the_first_was_deleted(service: Service) -> None:
    queue = service.fifo()
    queue.send("same", MessageGroupId="a")
    queue.delete(queue.one())
    queue.send("same", MessageGroupId="a")
    assert queue.stays_empty(after=1)


@pytest.mark.mend
def test_a_duplicate_is_answered_with_the_first_ones_id_and_sequence_number(service: Service) -> None:
    queue = service.fifo()
    first = queue.send("same", MessageGroupId="a")
    again = queue.send("same", MessageGroupId="a")
    assert again["MessageId"] == first["MessageId"]
    assert again["SequenceNumber"] == first["SequenceNumber"]
    (batched,) = queue.send_batch([{"Id": "1", "MessageBody": "same", "MessageGroupId": "a"}])["Successful"]
    assert (batched["MessageId"], batched["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])


@pytest.mark.mend
def test_sequence_numbers_rise_and_are_told_to_receivers(service: Service) -> None:
    queue = service.fifo()
    numbers = [int(queue.send(f"{number}", MessageGroupId="a")["SequenceNumber"]) for number in range(20)]
    assert numbers == sorted(set(numbers))
    received = [int(message["Attributes"]["SequenceNumber"]) for message in queue.receive(5)]
    assert received == numbers[:5]


def test_an_id_of_ones_own_goes_before_the_content(service: Service) -> None:
    queue = service.fifo()
    queue.send("same", MessageGroupId="a", MessageDeduplicationId="1")
    queue.send("same", MessageGroupId="a", MessageDeduplicationId="2")
    queue.send("other", MessageGroupId="a", MessageDeduplicationId="2")
    received = queue.receive(2)
    assert [message["Body"] for message in received] == ["same", "same"]
    assert [message["Attributes"]["MessageDeduplicationId"] for message in received] == ["1", "2"]
    assert {message["Attributes"]["MessageGroupId"] for message in received} == {"a"}


def test_deduplication_spans_all_groups_of_the_queue(service: Service) -> None:
    queue = service.fifo()
    queue.send("same", MessageGroupId="a")
    queue.send("same", MessageGroupId="b")
    assert len(queue.ask(wait=5)) == 1
    assert queue.stays_empty()


@pytest.mark.mend
def test_deduplication_within_each_group_when_the_queue_says_so(service: Service) -> None:
    queue = service.fifo(DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    for group in ("a", "b", "a"):
        queue.send("same", MessageGroupId=group)
    assert len(queue.receive(2)) == 2
    assert queue.stays_empty()


def test_a_message_without_group_or_without_a_way_to_know_it_again_is_refused(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.fifo().send("text")
    assert code_of(error) == "MissingParameter"
    with pytest.raises(ClientError) as error:
        service.fifo(ContentBasedDeduplication="false").send("text", MessageGroupId="a")
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_one_message_of_a_batch_without_group_fails_alone(service: Service) -> None:
    queue = service.fifo()
    answer = queue.send_batch([{"Id": "1", "MessageBody": "1", "MessageGroupId": "a"}, {"Id": "2", "MessageBody": "2"}])
    assert [each["Id"] for each in answer["Successful"]] == ["1"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("2", "MissingParameter")]


@pytest.mark.mend
def test_a_standard_queue_takes_no_deduplication_id(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.queue().send("text", MessageDeduplicationId="1")
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_an_expired_receipt_handle_deletes_nothing(service: Service) -> None:
    queue = service.fifo(VisibilityTimeout="1")
    queue.send("text", MessageGroupId="a")
    first = queue.one()
    second = queue.one(VisibilityTimeout=30)
    with pytest.raises(ClientError) as error:
        queue.delete(first)
    assert code_of(error) == "InvalidParameterValue"
    queue.delete(second)
    assert queue.stays_empty()
