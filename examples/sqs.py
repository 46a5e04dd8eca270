"""Counts open tasks from a queue of SQS, also one that a topic of SNS fills: python sqs.py events open.sqlite"""

import json
import sys

import boto3
from open_tasks import OpenTasks

name, path = sys.argv[1:]
tasks = OpenTasks(path)
sqs = boto3.client("sqs")
queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
while True:
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", [])
    for message in messages:
        event = json.loads(message["Body"])
        if event.get("Type") == "Notification":  # of a subscription without raw message delivery
            event = json.loads(event["Message"])
        tasks.take(event)
    if messages:  # after the commit: they come again when this is killed in between
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)
        ]
        sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
