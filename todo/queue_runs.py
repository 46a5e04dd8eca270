"""One run of `taskoverflow queue`: connects, publishes or receives until it is over, tells how it went.

Whatever ends it, what was received is deleted, or told to be left; `--help` lists the exit codes.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from todo import interrupts
from todo.errors import NotFound, QueueUnavailable, TodoError
from todo.program import program
from todo.queue_options import connect, naming_options
from todo.queues import catalog
from todo.queues.banner import BANNER
from todo.queues.connection import Access, Queue, Service, find
from todo.queues.crew import Crew
from todo.queues.ledger import Ledger
from todo.queues.publishing import Publication, Publisher
from todo.queues.receiving import Receiver, Subscription
from todo.queues.records import Began, Ended
from todo.queues.report import html, render
from todo.queues.screen import STOPPING, WORKING, Screen
from todo.queues.tally import Tally
from todo.queues.verdict import Verdict, verdict_of
from todo.queues.wording import count, duration, rate

DONE, FAILED = 0, 1
_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be told of a run."""

    as_json: bool = False
    report: bool | None = None
    """None: at the end of receiving at a terminal."""
    page: Path | None = None


class Run:
    """A run's parts. Made at once, connected by `open`."""

    def __init__(self, wishes: Wishes, *, client: str, is_report_usual: bool) -> None:
        self.wishes = wishes
        self.client = client
        self.screen = Screen(sys.stderr if wishes.as_json else sys.stdout)
        usual = is_report_usual and self.screen.is_terminal and not wishes.as_json
        self.shows_report = usual if wishes.report is None else wishes.report
        self.is_report_asked = bool(wishes.report)
        self.tally = Tally() if self.shows_report or wishes.page else None
        self.stop = Event()
        self.crew = Crew(self.stop)
        self.interrupted = 0
        """How often."""
        self._is_over = self._is_told = False
        self._handlers: dict[int, Any] = {}
        self.ledger = Ledger(
            log=sys.stdout.buffer if wishes.as_json else None,
            tally=self.tally,
            show=None if wishes.as_json else self.screen.messages,
        )

    def open(self, access: Access, name: str, threads: int) -> Queue | None:
        """The queue; None when there is none, which was told."""
        self.screen.write(f"{BANNER}\n")
        # Nothing was sent or received yet that would have to be told.
        with interrupts.ending_at_once(), naming_options():
            service = connect(access, threads=threads)
            try:
                queue = find(service, name)
            except NotFound as error:
                print(f"{error}\n{_advice(service, name)}", file=sys.stderr)  # noqa: T201
                return None
        self.screen.line(f"Connected to {name}")
        return queue

    @contextmanager
    def going(self, queue: Queue, *, visibility_seconds: int | None = None) -> Iterator[None]:
        """While this is entered, Ctrl-C and SIGTERM stop the crew, and at the second time leave it behind.

        After it they do nothing, until `finish`: what became of the messages is always told.
        """
        self.ledger.note([_began(queue, self.client, visibility_seconds)])
        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, self._heard)
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = max(self.interrupted, 2)
        self._is_over = True
        try:
            ended = Ended(time.time(), self.client, queue.name, queue.service.requests, bool(self.interrupted))
            self.ledger.note([ended])
        except OSError as error:
            self.crew.errors.append(error)
        self.ledger.close()
        if any(isinstance(error, OSError) for error in self.crew.errors):
            _forget_output()
            self.screen = Screen(sys.stderr)

    def _heard(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.interrupted += 1
        self.stop.set()
        if self.interrupted > 1 and not self._is_over:  # until all is told, nothing more can be cut short
            raise KeyboardInterrupt

    def tell_stopping(self, *, is_shown: bool = False) -> None:
        """Say once that it was heard, unless that is shown otherwise."""
        if self.interrupted and not self._is_told and not is_shown:
            self._is_told = True
            self.screen.line("Stopping, when the queue has answered what it was asked. Ctrl-C stops at once.")

    def finish(self, refused: Counter[str]) -> int:
        """Tell the verdict, then what failed; the exit code."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self.tally:
            verdict = verdict_of(self.tally)
            if self.ledger.is_cut:
                self.screen.line("The report is about the first part of the run; keep a --json log of long ones.")
            if self.shows_report and (self.is_report_asked or self.ledger.sent + self.ledger.received):
                show(verdict, self.screen)
            if self.wishes.page:
                write_page(verdict, self.wishes.page)
        for error in self.crew.errors[:1]:
            if isinstance(error, OSError):
                error = QueueUnavailable(f"What was to be told cannot be written: {error.strerror}")
            if not self.interrupted or not isinstance(error, TodoError):
                raise error
            print(f"taskoverflow: {error}", file=sys.stderr)  # noqa: T201
        if self.interrupted:
            return interrupts.INTERRUPTED
        return FAILED if refused else DONE


def publish(access: Access, name: str, publication: Publication, wishes: Wishes) -> int:
    """Publish to the queue; the exit code."""
    run = Run(wishes, client=publication.client, is_report_usual=False)
    queue = run.open(access, name, publication.concurrency)
    if queue is None:
        return FAILED
    with naming_options():
        publisher = Publisher(queue, publication, run.ledger, run.stop)
    run.screen.line("Sending Messages:")
    start = time.monotonic()
    with run.going(queue), run.screen.progress(publication.total) as progress:

        def look() -> None:
            run.tell_stopping(is_shown=run.screen.is_terminal)
            progress(run.ledger.sent, STOPPING if run.interrupted else WORKING)

        run.crew.work(publisher.jobs(), look)
        progress(run.ledger.sent, WORKING)
    seconds = time.monotonic() - start
    sent, total = run.ledger.sent, publication.total
    speed = f" ({rate(sent / seconds)})" if sent and seconds else ""
    requests = count(queue.service.requests, "request")
    run.screen.line(f"{sent:,} of {count(total, 'message')} sent in {duration(seconds)}{speed}, {requests}")
    _tell_refused(run.screen, "sent", publisher.refused)
    unsent = total - sent - publisher.refused.total()
    if unsent:
        run.screen.line(f"{count(unsent, 'message')} not sent, or the queue's answer did not arrive")
    if publisher.again and queue.is_fifo:
        run.screen.line(f"{count(publisher.again, 'message')} taken at a later attempt, behind others of the same call")
    return run.finish(publisher.refused)


def receive(access: Access, name: str, subscription: Subscription, wishes: Wishes) -> int:
    """Receive from the queue; the exit code."""
    run = Run(wishes, client=subscription.client, is_report_usual=True)
    queue = run.open(access, name, subscription.consumers)
    if queue is None:
        return FAILED
    with naming_options():
        receiver = Receiver(queue, subscription, run.ledger, run.stop)
    run.screen.line("Waiting for messages...")
    with run.going(queue, visibility_seconds=subscription.visibility_seconds):
        run.crew.work(receiver.jobs(), run.tell_stopping)
    ledger, screen = run.ledger, run.screen
    again = f" ({ledger.redelivered:,} not for the first time)" if ledger.redelivered else ""
    screen.line(
        f"{count(ledger.received, 'message')} received{again}, {ledger.deleted:,} deleted,"
        f" {count(ledger.empty, 'empty receive')}, {count(queue.service.requests, 'request')}"
    )
    if receiver.left:
        seconds = (
            queue.visibility_seconds if subscription.visibility_seconds is None else subscription.visibility_seconds
        )
        crashed = f", {receiver.crashes:,} times on purpose" if receiver.crashes else ""
        left = count(len(receiver.left), "message")
        screen.line(
            f"{left} received and not deleted{crashed}: the queue hands them out again, {seconds} s after it did,"
            " or moves them to its dead-letter queue"
        )
    _tell_refused(screen, "deleted", receiver.refused)
    if run.interrupted > 1:
        screen.line("What the queue handed out in the last moment was not looked at; it comes again as well")
    return run.finish(receiver.refused)


def show(verdict: Verdict, screen: Screen) -> None:
    """Print a verdict."""
    screen.line()
    screen.write(render(verdict, width=screen.width, color=screen.color, unicode=screen.unicode))


def write_page(verdict: Verdict, path: Path) -> None:
    """Write a verdict's page. Raises `QueueUnavailable` when it cannot be written."""
    try:
        path.write_text(html(verdict), encoding="utf-8", errors="replace")
    except OSError as error:
        raise QueueUnavailable(f"{path} cannot be written: {error.strerror}") from None


def _began(queue: Queue, client: str, visibility_seconds: int | None) -> Began:
    return Began(
        at=time.time(),
        client=client,
        queue=queue.name,
        is_fifo=queue.is_fifo,
        endpoint=queue.service.emulator,
        content_based_deduplication=bool(queue.content_based_deduplication),
        visibility_seconds=queue.visibility_seconds if visibility_seconds is None else visibility_seconds,
    )


def _tell_refused(screen: Screen, what: str, refused: Counter[str]) -> None:
    for reason, number in refused.most_common():
        screen.line(f"{count(number, 'message')} not {what}: {reason}")


def _advice(service: Service, name: str) -> str:
    """What to do when there is no such queue: names that begin alike, or how to make one."""
    where = service.emulator or service.region
    try:
        alike = [card.name for card in catalog.cards(service, name.removesuffix(".fifo"))][:_SUGGESTIONS]
    except TodoError:
        alike = []
    if alike:
        return f"At {where} there is {', '.join(alike)}"
    command = f"{program()} queue"
    return f"`{command} ls` lists those at {where}, `{command} create {name}` makes it"


def _forget_output() -> None:
    """Nobody reads standard output any more, or it is full: let what is left in its buffer go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
