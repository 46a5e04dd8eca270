"""The baseline's publisher and subscriber: the sheets' own way, one message a call, written afresh to be measured.

Nothing here is part of the product.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TextIO

CLIENT = "Client 1"


def publish(client: Any, url: str, count: int) -> None:
    """Send so many numbered messages, each in a call of its own."""
    for number in range(count):
        client.send_message(
            QueueUrl=url,
            MessageBody=f"Message {number}",
            MessageAttributes={"client": {"DataType": "String", "StringValue": CLIENT}},
        )


def drain(client: Any, url: str, count: int, output: TextIO) -> None:
    """Receive, print and delete so many messages, each in calls of its own."""
    while count:
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=1, MessageAttributeNames=["client"])
        for message in answer.get("Messages", []):
            sender = message["MessageAttributes"]["client"]["StringValue"]
            output.write(f"[{datetime.now():%H:%M:%S}] {sender}: {message['Body']}\n")  # noqa: DTZ005 (as people read it)
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            count -= 1
