"""Counts open tasks from a topic of Kafka: python kafka.py 127.0.0.1:9092 events open.sqlite"""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer
from open_tasks import OpenTasks

servers, topic, path = sys.argv[1:]
tasks = OpenTasks(path)


def go_on(consumer, partitions):
    """Read on where the count is, which Kafka need not know."""
    for one in partitions:
        one.offset = tasks.position(f"{topic} {one.partition}", OFFSET_BEGINNING)
    consumer.assign(partitions)


consumer = Consumer(
    {
        "bootstrap.servers": servers,
        "group.id": "open-tasks",
        "enable.auto.commit": False,
        "session.timeout.ms": 6_000,  # how long one that was killed keeps the next from its partitions
    }
)
consumer.subscribe([topic], on_assign=go_on)
while True:
    message = consumer.poll(1)
    if message is not None and message.error() is None:
        tasks.take(json.loads(message.value()), f"{topic} {message.partition()}", message.offset() + 1)
