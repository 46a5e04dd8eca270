"""Counts open tasks from RabbitMQ: python rabbitmq.py amqp://guest:guest@127.0.0.1/%2F events open.sqlite"""

import json
import sys

import pika
from open_tasks import OpenTasks

url, exchange, path = sys.argv[1:]
tasks = OpenTasks(path)
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
channel.exchange_declare(exchange, "topic", durable=True)
channel.queue_declare("open-tasks", durable=True)
channel.queue_bind("open-tasks", exchange, "todo.*")
channel.basic_qos(prefetch_count=100)
for delivery, _, body in channel.consume("open-tasks"):
    tasks.take(json.loads(body))
    channel.basic_ack(delivery.delivery_tag)  # after the commit: it comes again when this is killed in between
