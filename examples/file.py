"""Counts open tasks from a file, a line each: python file.py events.jsonl open.sqlite"""

import json
import os
import sys
import time

from open_tasks import OpenTasks

name, path = sys.argv[1:]
tasks = OpenTasks(path)
position = tasks.position(name, 0)
while True:
    if not os.path.exists(name) or os.path.getsize(name) == position:
        time.sleep(0.2)
        continue
    with open(name, "rb") as file:
        # A file that is shorter was begun anew.
        position = file.seek(position if position <= os.path.getsize(name) else 0)
        for line in file:
            if not line.endswith(b"\n"):
                time.sleep(0.2)
                break  # it is being written
            position += len(line)
            try:
                event = json.loads(line)
            except ValueError:
                continue  # half a line, of a crash; the whole event follows
            tasks.take(event, name, position)
