"""Feeds and whoever subscribes to them: addresses fetched as calendar apps do, with a worker beside them or without."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any, cast
from urllib.parse import urlsplit

from icalendar import Calendar
from sqlalchemy import select, text, update

from tests.integration.api import Answer, Api
from todo import builds, database
from todo.database import utc_now
from todo.feed_pieces import PieceCache
from todo.models import Feed, List

LONG_AGO = "2020-01-01 00:00:00.000000"


class Feeds:
    """The feeds of an API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def make(self, **fields: Any) -> dict[str, Any]:
        """A new feed, as the API gives it."""
        answer = self.api.post("/feeds", fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def default(self, list_id: int = 1) -> dict[str, Any]:
        """A list's default feed, as the API gives it."""
        answer = self.api.get(f"/feeds?list_id={list_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json[0]
        assert found["is_default"]
        return found

    def change(self, feed: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """The feed with these fields set."""
        answer = self.api.patch(f"/feeds/{feed['id']}", fields)
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json
        return changed

    def built(self, **fields: Any) -> dict[str, Any]:
        """A new feed that is in use and current."""
        feed = self.make(**fields)
        self.use(feed)
        self.build(feed["list_id"])
        self.age(feed)
        return feed

    def age(self, feed: dict[str, Any]) -> None:
        """As if it had been built a minute ago: only then it is known when it last became another."""
        modified_at = self.row(feed).modified_at
        assert modified_at is not None
        self.set(feed, modified_at=modified_at - timedelta(minutes=1))

    def use(self, feed: dict[str, Any]) -> None:
        """Have somebody asked for it just now."""
        self.set(feed, asked_at=utc_now())

    def set(self, feed: dict[str, Any], **columns: Any) -> None:
        """What the product itself never does."""
        with self.api.engine.begin() as connection:
            connection.execute(update(Feed).where(Feed.id == feed["id"]).values(columns))

    def next_chunk(self) -> None:
        """Have the next todo begin a chunk of its own."""
        with self.api.engine.begin() as connection:
            connection.execute(text("UPDATE lists SET todos_made = (todos_made / 128 + 1) * 128 WHERE id = 1"))

    def row(self, feed: dict[str, Any]) -> Feed:
        """The feed as it is now."""
        with self.api.sessions() as session:
            return session.get_one(Feed, feed["id"])

    def build(self, list_id: int = 1, cache: PieceCache | None = None) -> int:
        """What a worker does when the bell rings: how many feeds it built."""
        return builds.build_list(self.api.sessions, list_id, self.api.settings, cache).built

    def fetch(self, feed: dict[str, Any] | str, method: str = "GET", **headers: str) -> Answer:
        """The answer at a feed's address; `_` in a header's name stands for `-`."""
        url = feed if isinstance(feed, str) else feed["url"]
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.call(method, f"/{urlsplit(url).path}", headers=given)

    def body(self, feed: dict[str, Any]) -> bytes:
        """The calendar at a feed's address, which is current."""
        answer = self.fetch(feed)
        assert answer.status_code == 200, answer.text
        return answer.data

    def stored(self, feed: dict[str, Any]) -> bytes:
        """The calendar that is stored, which is perhaps not current."""
        with self.api.engine.connect() as connection:
            found = connection.execute(text("SELECT gzip FROM feed_bodies WHERE feed_id = :id"), {"id": feed["id"]})
            return gzip.decompress(bytes(found.scalar_one()))

    def titles(self, feed: dict[str, Any]) -> list[str]:
        """What a calendar app shows of it, sorted."""
        return titles(self.body(feed))

    def make_list(self, name: str = "Another") -> int:
        """One more list's id."""
        with self.api.sessions() as session:
            database.begin_change(session)  # the statistic may be written after what is read here
            owner_id = session.scalar(select(List.owner_id).where(List.id == 1))
            made = List(owner_id=owner_id, name=name)
            session.add(made)
            session.commit()
            return made.id

    @contextmanager
    def worker(self, cache: PieceCache | None = None) -> Iterator[None]:
        """A worker's thread: builds each list for which the bell has rung."""
        stop = Event()
        heard = self.api.rings.heard

        def run() -> None:
            done = len(heard)
            while not stop.wait(0.01):
                for list_id, _ in heard[done:]:
                    self.build(list_id, cache)
                    done += 1

        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(run)
            try:
                yield
            finally:
                stop.set()
                running.result(30)


def titles(body: bytes) -> list[str]:
    """The titles of a calendar's events and tasks, sorted."""
    calendar = cast("Any", Calendar.from_ical(body))
    return sorted(str(part["SUMMARY"]) for part in calendar.walk() if part.name in ("VEVENT", "VTODO"))
