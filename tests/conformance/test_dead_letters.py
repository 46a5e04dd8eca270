from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.service import Queue, Service, code_of, eventually


def pair(service: Service, *, fifo: bool = False, receives: int = 1) -> tuple[Queue, Queue]:
    """A queue and its dead-letter queue."""
    make = service.fifo if fifo else service.queue
    dead = make()
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": receives})
    return make(RedrivePolicy=policy, VisibilityTimeout="0"), dead


def give_up(queue: Queue, times: int) -> None:
    """Receive so often what is given back at once, then once more, which is once too often."""
    for _ in range(times):
        queue.one()
    queue.stays_empty()


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(service: Service) -> None:
    queue, dead = pair(service, receives=2)
    sent = queue.send("poison")
    give_up(queue, 2)
    message = dead.one()
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "poison")
    eventually(lambda: queue.counts() == (0, 0, 0))


@pytest.mark.mend
def test_a_dead_letter_names_the_queue_it_comes_from(service: Service) -> None:
    queue, dead = pair(service)
    queue.send("poison")
    give_up(queue, 1)
    assert dead.one()["Attributes"]["DeadLetterQueueSourceArn"] == queue.arn


def test_a_dead_letter_lets_the_next_of_its_group_come(service: Service) -> None:
    queue, dead = pair(service, fifo=True)
    queue.send("poison", MessageGroupId="a")
    queue.one()
    queue.send("good", MessageGroupId="a")
    assert queue.one()["Body"] == "good"
    assert dead.one()["Body"] == "poison"


@pytest.mark.mend
def test_no_dead_letter_is_lost_as_a_duplicate(service: Service) -> None:
    queue, dead = pair(service, fifo=True)
    dead.send("poison", MessageGroupId="a")
    queue.send("poison", MessageGroupId="a")
    give_up(queue, 1)
    assert [message["Body"] for message in dead.receive(2)] == ["poison", "poison"]


def test_a_dead_letter_queue_knows_whose_it_is(service: Service) -> None:
    queue, dead = pair(service)
    assert service.sqs.list_dead_letter_source_queues(QueueUrl=dead.url)["queueUrls"] == [queue.url]


def status(service: Service, dead: Queue) -> dict[str, Any]:
    found: dict[str, Any] = service.sqs.list_message_move_tasks(SourceArn=dead.arn)["Results"][0]
    return found


@pytest.mark.mend
def test_redrive_moves_dead_letters_back_to_where_they_came_from(service: Service) -> None:
    queue, dead = pair(service, fifo=True)  # of standard queues one may come twice
    ids = {queue.send(f"{number}", MessageGroupId=f"{number}")["MessageId"] for number in range(3)}

    def given_up() -> bool:
        queue.ask(wait=0)
        return dead.counts()[0] == 3

    eventually(given_up)
    queue.change(VisibilityTimeout="30")
    service.sqs.start_message_move_task(SourceArn=dead.arn)
    eventually(lambda: status(service, dead)["Status"] == "COMPLETED")
    assert status(service, dead)["ApproximateNumberOfMessagesMoved"] == 3
    received = queue.receive(3)
    assert {message["Body"] for message in received} == {"0", "1", "2"}
    assert {message["Attributes"]["ApproximateReceiveCount"] for message in received} == {"1"}
    assert not ids & {message["MessageId"] for message in received}  # they are new messages


@pytest.mark.mend
def test_redrive_may_go_elsewhere_slowly_and_be_stopped(service: Service) -> None:
    _, dead = pair(service)
    elsewhere = service.queue()
    for number in range(20):
        dead.send(f"{number}")
    handle = service.sqs.start_message_move_task(
        SourceArn=dead.arn, DestinationArn=elsewhere.arn, MaxNumberOfMessagesPerSecond=1
    )["TaskHandle"]
    with pytest.raises(ClientError) as error:
        service.sqs.start_message_move_task(SourceArn=dead.arn)
    assert code_of(error) == "UnsupportedOperation"
    elsewhere.one()
    assert status(service, dead)["TaskHandle"] == handle
    service.sqs.cancel_message_move_task(TaskHandle=handle)
    eventually(lambda: status(service, dead)["Status"] == "CANCELLED")
    assert dead.counts()[0] > 0


@pytest.mark.mend
def test_redrive_of_what_is_no_dead_letter_queue_is_refused(service: Service) -> None:
    queue = service.queue()
    with pytest.raises(ClientError) as error:
        service.sqs.start_message_move_task(SourceArn=queue.arn)
    assert code_of(error) == "InvalidParameterValue"
    with pytest.raises(ClientError) as error:
        service.sqs.start_message_move_task(SourceArn=queue.arn.replace(queue.name, service.name()))
    assert code_of(error) == "ResourceNotFoundException"


@pytest.mark.mend
def test_a_standard_queue_takes_no_fifo_queue_for_its_dead_letters(service: Service) -> None:
    policy = json.dumps({"deadLetterTargetArn": service.fifo().arn, "maxReceiveCount": 1})
    with pytest.raises(ClientError) as error:
        service.queue(RedrivePolicy=policy)
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.parametrize("count", ["0", "1001", '"many"'])
@pytest.mark.mend
def test_a_receive_count_out_of_range_is_refused(service: Service, count: str) -> None:
    policy = f'{{"deadLetterTargetArn": "{service.queue().arn}", "maxReceiveCount": {count}}}'
    with pytest.raises(ClientError) as error:
        service.queue(RedrivePolicy=policy)
    assert code_of(error) in ("InvalidAttributeValue", "InvalidParameterValue")
