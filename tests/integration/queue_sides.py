"""Publishing to and receiving from queues of the local SQS, within the test's own process."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from threading import Event
from typing import Any

from todo.queues import catalog
from todo.queues.connection import Access, Queue, Service, find
from todo.queues.crew import Crew
from todo.queues.ledger import Ledger
from todo.queues.publishing import Publication, Publisher
from todo.queues.receiving import Receiver, Subscription
from todo.queues.records import Record, from_lines


class Side:
    """One client, and all that it saw."""

    def __init__(self, *, endpoint: str | None = None) -> None:
        self.service = Service(Access(endpoint_url=endpoint), os.environ, threads=8)
        self.stop = Event()
        self.log = io.BytesIO()
        self.bodies: list[str] = []
        self.ledger = Ledger(log=self.log, show=lambda _, bodies: self.bodies.extend(bodies))

    def make(self, name: str, **given: Any) -> Queue:
        """A new queue."""
        catalog.create(self.service, name, **given)
        return find(self.service, name)

    def publish(self, queue: Queue, **given: Any) -> Publisher:
        """Publish, to the end."""
        publication = Publication(**{"client": "Client 1", **given})
        publisher = Publisher(queue, publication, self.ledger, self.stop)
        self.work(publisher.jobs())
        return publisher

    def receive(self, queue: Queue, *, chance: Callable[[], float] = lambda: 0.5, **given: Any) -> Receiver:
        """Receive until the queue is empty, unless told otherwise."""
        subscription = Subscription(**{"client": "S", "until_empty": True, "seconds": 30, **given})
        receiver = Receiver(queue, subscription, self.ledger, self.stop, chance=chance)
        self.work(receiver.jobs())
        return receiver

    def work(self, jobs: list[Callable[[], None]]) -> None:
        self.stop.clear()
        crew = Crew(self.stop)
        crew.work(jobs, lambda: None)
        if crew.errors:
            raise crew.errors[0]

    def records(self, kind: str) -> list[Any]:
        """What was noted of this kind, in order."""
        found: list[Record] = list(from_lines(self.log.getvalue().splitlines()))
        return [record for record in found if record.kind == kind]
