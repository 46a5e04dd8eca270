from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from tests.conformance.service import Service, code_of, eventually


def policy_for(arn: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SetQueueAttributes", "Resource": f"{arn}-other"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.mend
def test_times_are_whole_seconds(service: Service) -> None:
    attributes = service.queue().attributes()
    for name in ("CreatedTimestamp", "LastModifiedTimestamp"):
        assert attributes[name].isdecimal()
        assert abs(int(attributes[name]) - time.time()) < 300


def test_a_new_queue_has_the_known_defaults(service: Service) -> None:
    attributes = service.queue().attributes()
    known = {
        "DelaySeconds": "0",
        "MessageRetentionPeriod": "345600",
        "ReceiveMessageWaitTimeSeconds": "0",
        "VisibilityTimeout": "30",
        "SqsManagedSseEnabled": "true",
    }
    assert {name: attributes[name] for name in known} == known
    assert not {"FifoQueue", "ContentBasedDeduplication", "Policy", "RedrivePolicy"} & set(attributes)
    attributes = service.fifo().attributes()
    assert (attributes["FifoQueue"], attributes["ContentBasedDeduplication"]) == ("true", "true")
    assert (attributes["DeduplicationScope"], attributes["FifoThroughputLimit"]) == ("queue", "perQueue")


@pytest.mark.mend
def test_a_policy_stays_when_another_attribute_is_changed(service: Service) -> None:
    queue = service.queue()
    policy = policy_for(queue.arn)
    queue.change(Policy=policy)
    eventually(lambda: "Policy" in queue.attributes())
    queue.change(VisibilityTimeout="7")
    eventually(lambda: queue.attributes()["VisibilityTimeout"] == "7")
    assert json.loads(queue.attributes()["Policy"]) == json.loads(policy)
    queue.change(Policy="")
    eventually(lambda: "Policy" not in queue.attributes())


@pytest.mark.mend
def test_which_queues_may_send_their_dead_letters_is_kept(service: Service) -> None:
    allowed = json.dumps({"redrivePermission": "denyAll"})
    queue = service.queue(RedriveAllowPolicy=allowed)
    assert json.loads(queue.attributes()["RedriveAllowPolicy"]) == json.loads(allowed)
    queue.change(RedriveAllowPolicy="")
    eventually(lambda: "RedriveAllowPolicy" not in queue.attributes())


def test_a_redrive_policy_is_removed_by_an_empty_one(service: Service) -> None:
    policy = {"deadLetterTargetArn": service.queue().arn, "maxReceiveCount": 3}
    queue = service.queue(RedrivePolicy=json.dumps(policy))
    assert json.loads(queue.attributes()["RedrivePolicy"]) == policy
    queue.change(RedrivePolicy="")
    eventually(lambda: "RedrivePolicy" not in queue.attributes())


@pytest.mark.mend
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "soon"),
        ("DelaySeconds", "-1"),
        ("MessageRetentionPeriod", "59"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("MaximumMessageSize", "1023"),
        ("Policy", "no JSON"),
    ],
)
def test_a_value_that_an_attribute_cannot_have_is_refused(service: Service, name: str, value: str) -> None:
    queue = service.queue()
    with pytest.raises(ClientError) as error:
        queue.change(**{name: value})
    assert code_of(error) == "InvalidAttributeValue"


@pytest.mark.mend
def test_an_attribute_that_does_not_exist_is_refused(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.queue(Colour="blue")
    assert code_of(error) == "InvalidAttributeName"


def test_a_fifo_queue_ends_in_fifo(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.sqs.create_queue(QueueName=service.name(), Attributes={"FifoQueue": "true"})
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.mend
def test_only_a_fifo_queue_ends_in_fifo(service: Service) -> None:
    with pytest.raises(ClientError) as error:
        service.sqs.create_queue(QueueName=service.name(fifo=True))
    assert code_of(error) == "InvalidParameterValue"


@pytest.mark.parametrize("name", ["with/slash", "with space", "x" * 81])
def test_a_bad_name_is_refused(service: Service, name: str) -> None:
    with pytest.raises(ClientError) as error:
        service.sqs.create_queue(QueueName=name)
    assert code_of(error) == "InvalidParameterValue"


def test_making_a_queue_again_finds_it_unless_it_differs(service: Service) -> None:
    queue = service.queue(VisibilityTimeout="5")
    again = service.sqs.create_queue(QueueName=queue.name, Attributes={"VisibilityTimeout": "5"})
    assert again["QueueUrl"] == queue.url
    with pytest.raises(ClientError) as error:
        service.sqs.create_queue(QueueName=queue.name, Attributes={"VisibilityTimeout": "6"})
    assert code_of(error) in ("QueueAlreadyExists", "QueueNameExists")


def test_queues_are_listed_by_the_beginning_of_their_names(service: Service) -> None:
    queue, other = service.queue(), service.queue()
    eventually(lambda: service.sqs.list_queues(QueueNamePrefix=queue.name).get("QueueUrls") == [queue.url])
    assert other.url not in service.sqs.list_queues(QueueNamePrefix=queue.name)["QueueUrls"]


@pytest.mark.mend
def test_a_beginning_is_no_pattern(service: Service) -> None:
    service.queue()
    assert "QueueUrls" not in service.sqs.list_queues(QueueNamePrefix="c.nformance")


def test_a_queue_carries_tags(service: Service) -> None:
    queue = service.queue()
    service.sqs.tag_queue(QueueUrl=queue.url, Tags={"course": "practical"})
    eventually(lambda: service.sqs.list_queue_tags(QueueUrl=queue.url).get("Tags") == {"course": "practical"})


def test_purging_drops_what_is_there(service: Service) -> None:
    queue = service.fifo()
    for body in ("1", "2"):
        queue.send(body, MessageGroupId="a")
    queue.one()
    service.sqs.purge_queue(QueueUrl=queue.url)
    eventually(lambda: queue.counts() == (0, 0, 0))
    assert queue.stays_empty()


def test_a_queue_is_purged_once_a_minute(service: Service) -> None:
    queue = service.queue()
    service.sqs.purge_queue(QueueUrl=queue.url)
    with pytest.raises(service.sqs.exceptions.PurgeQueueInProgress):
        service.sqs.purge_queue(QueueUrl=queue.url)
