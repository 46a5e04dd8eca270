"""How many requests of a server process may wait at the same time for a job, a build or news; others need threads."""

from __future__ import annotations

import threading

from todo import gunicorn_conf

ROOM = threading.BoundedSemaphore(gunicorn_conf.threads - 4)
"""Taken by each that waits, without waiting for it."""
