"""Where the tour's steps work: the laboratory running in this process, queues made for a step, what was seen on screen.

Every wait is bounded: a step that does not get what it waits for goes on without it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from textwrap import wrap
from typing import Any

from todo.lab.server import REGION, Laboratory
from todo.queues import catalog
from todo.queues.charts import Chart, Point, Tick, charts
from todo.queues.connection import Access, Queue, Service, find
from todo.queues.crew import Crew
from todo.queues.ledger import Ledger
from todo.queues.plots import Style, plot
from todo.queues.publishing import Publication, Publisher
from todo.queues.receiving import Receiver, Subscription
from todo.queues.records import Began
from todo.queues.screen import Screen
from todo.queues.sentences import sentences
from todo.queues.tally import Tally
from todo.queues.verdict import verdict_of

THREADS_MAX = 8
STEP_SECONDS = 20.0
"""How long a step receives at most."""
PLOT_HEIGHT = 12
WIDTH_MAX = 100


Points = Sequence[tuple[float, float]]
"""Seconds, and a number."""


class Bench:
    """The place of one tour."""

    def __init__(self, laboratory: Laboratory, screen: Screen) -> None:
        self.screen = screen
        self.laboratory = laboratory
        self.width = max(40, min(screen.width, WIDTH_MAX))
        self._style = Style(screen.color, screen.unicode)
        # Keys and files of somebody's real account stay out of it, for this process and those it starts.
        os.environ.update(laboratory.environment, AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_SNS"):
            os.environ.pop(name, None)
        self.service = Service(Access(REGION, laboratory.url), {}, threads=THREADS_MAX)

    def queue(self, name: str, **options: Any) -> Queue:
        """A new queue, made as `catalog.create` does."""
        catalog.create(self.service, name, **options)
        return find(self.service, name)

    def publish(self, queue: Queue, tally: Tally, client: str = "publisher", **options: Any) -> None:
        """Send numbered messages."""
        self._work(queue, tally, client, lambda *parts: Publisher(queue, Publication(client, **options), *parts))

    def receive(self, queue: Queue, tally: Tally, client: str = "subscriber", **options: Any) -> None:
        """Receive until the queue is empty, unless the options say otherwise."""
        options = {"until_empty": "seconds" not in options, "seconds": STEP_SECONDS, **options}
        self._work(queue, tally, client, lambda *parts: Receiver(queue, Subscription(client, **options), *parts))

    def _work(
        self, queue: Queue, tally: Tally, client: str, make: Callable[[Ledger, threading.Event], Publisher | Receiver]
    ) -> None:
        stop = threading.Event()
        ledger, crew = Ledger(tally=tally), Crew(stop)
        ledger.note([self.began(queue, client)])
        crew.work(make(ledger, stop).jobs(), lambda: None)
        ledger.close()
        if crew.errors:
            raise crew.errors[0]

    def began(self, queue: Queue, client: str) -> Began:
        """What a verdict has to know of a queue."""
        by_content = bool(queue.content_based_deduplication)
        return Began(
            time.time(), client, queue.name, queue.is_fifo, self.laboratory.url, by_content, queue.visibility_seconds
        )

    def tell(self, text: str, *, bullet: str = "") -> None:
        """A paragraph."""
        self.screen.line("\n".join(wrap(text, self.width, initial_indent=bullet, subsequent_indent=" " * len(bullet))))

    def verdict(self, tally: Tally) -> None:
        """What was seen, in sentences, and the plot of each queue's arrivals."""
        for queue in verdict_of(tally).queues:
            self.screen.line(self._style.paint(queue.name, 1))
            for sentence in sentences(queue)[:-1]:  # the last one says that this is not AWS, which the tour said
                self.tell(sentence, bullet="- ")
            for chart in charts(queue)[:1]:
                self.plot(chart)

    def plot(self, chart: Chart) -> None:
        """A plot."""
        self.screen.line()
        self.screen.line(plot(chart, width=self.width, height=PLOT_HEIGHT, style=self._style))

    def lines(self, title: str, lines: dict[str, Points], marks: dict[str, Points] | None = None) -> None:
        """A plot of numbers over seconds: some as lines, some as marks."""
        series: list[Points] = [list(filled(points)) for points in lines.values()]
        series += (marks or {}).values()
        wide = max((x for points in series for x, _ in points), default=0) or 1.0
        high = max((y for points in series for _, y in points), default=0) or 1.0
        dots = [Point(x / wide, y / high, number) for number, points in enumerate(series) for x, y in points]
        x_ticks = tuple(Tick(second / wide, f"{second} s") for second in range(0, int(wide) + 1, max(1, int(wide / 6))))
        step = max(1, round(high / 4))
        y_ticks = tuple(Tick(number / high, f"{number}") for number in range(0, int(high) + 1, step))
        self.plot(Chart(title, "time", tuple(dots), (*lines, *(marks or {})), x_ticks, y_ticks))

    def grid(self, columns: Sequence[str], rows: dict[str, Sequence[bool]]) -> None:
        """A line for each row, with a dot under each column that it is in."""
        widest = max(map(len, rows), default=0)
        yes, no = ("●", "·") if self._style.unicode else ("x", ".")
        self.screen.line()
        self.screen.line(f"  {'':<{widest}}  {'  '.join(columns)}")
        for name, places in rows.items():
            marks = (f"{yes if is_in else no:^{len(column)}}" for column, is_in in zip(columns, places, strict=True))
            self.screen.line(f"  {name:<{widest}}  {'  '.join(marks)}".rstrip())


@contextmanager
def laboratory(seed: int) -> Iterator[Laboratory]:
    """The server, on a free port, for as long as this is entered."""
    server = Laboratory(0, seed=seed)
    thread = threading.Thread(target=server.serve, name="laboratory", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


def filled(points: Points) -> Iterator[tuple[float, float]]:
    """The points, and between neighbours enough others for a line to be seen."""
    for (x, y), (next_x, next_y) in pairwise(points):
        for part in range(20):
            yield x + (next_x - x) * part / 20, y + (next_y - y) * part / 20
    yield from points[-1:]
