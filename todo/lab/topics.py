"""The topics of a region: those that are there from the start, and moto's reading of requests to SNS.

Beside `todo.lab.queue`, `todo.lab.region` and `todo.lab.mends`, the only module that knows moto's inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from moto.sns.models import SNSBackend, sns_backends
from moto.sns.responses import SNSResponse
from moto.utilities.utils import get_partition

from todo.lab.queue import models

Subscribers = Mapping[str, Mapping[str, Sequence[str]]]
"""Names of the queues that a topic sends to, with the filter policy of each; an empty one lets all through."""


class TopicAnswers(SNSResponse):
    """moto's reading of requests and writing of answers."""

    @property
    def backend(self) -> SNSBackend:
        """The region that the request is for, with what is there from the start."""
        models.sqs_backends[self.current_account][self.region].prepare()
        return super().backend


def prepare(account: str, region: str, topics: Mapping[str, Subscribers]) -> None:
    """Make these topics in a region, with raw delivery to their queues."""
    backend = sns_backends[account][region]
    for name, subscribers in topics.items():
        topic = backend.create_topic(name)
        for queue, policy in subscribers.items():
            arn = f"arn:{get_partition(region)}:sqs:{region}:{account}:{queue}"
            subscription = backend.subscribe(topic.arn, arn, "sqs")
            wishes: dict[str, object] = {"RawMessageDelivery": True}
            if policy:
                wishes |= {"FilterPolicyScope": "MessageAttributes", "FilterPolicy": json.dumps(policy)}
            for attribute, value in wishes.items():
                backend.set_subscription_attributes(subscription.arn, attribute, value)
