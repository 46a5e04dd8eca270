"""Counts open tasks from a stream of Redis: python redis_stream.py redis://127.0.0.1:6379/0 events open.sqlite"""

import json
import sys

import redis
from open_tasks import OpenTasks

url, stream, path = sys.argv[1:]
tasks = OpenTasks(path)
client = redis.Redis.from_url(url)
last = tasks.position(stream, "0")
while True:
    for _, entries in client.xread({stream: last}, count=100, block=1_000):
        for number, fields in entries:
            last = number.decode()
            tasks.take(json.loads(fields[b"json"]), stream, last)
