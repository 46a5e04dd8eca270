"""The page in a browser before the real server: what the tests of the page share.

Knows the server's API and the words on the page. What its tests ask for is in `page_fixtures`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, Request, Route, expect

from tests.processes import DEADLINE_SECONDS, Watched
from tests.servers.process import free_port
from todo import database, todos

# A browser in a container has no user namespaces to build its sandbox from, and little shared memory.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]

EMBEDDED = "files-sqlite"
CENTRAL = pytest.mark.parametrize("setup", [EMBEDDED, "redis-postgresql"], indirect=True, scope="module")
"""For modules that say what must hold whatever the server runs on."""

NOW = datetime(2031, 3, 5, 0, 0, tzinfo=UTC)
"""A Wednesday, ten in the morning where the browser is."""

LONG_MS = 20_000
"""For what takes seconds: a pause before the next attempt, a build."""

NO_LINE = "Failed to load resource|ERR_"
"""What Chromium notes in its console for each request without a good answer."""

_POLICY_WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""


class Site:
    """TaskOverflow as one command runs it, at one address for good, and its API as another client uses it."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        """Nothing starts yet."""
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._env = {**os.environ, "DATA_DIR": str(folder), "WINDOW_SECONDS": "0", **settings}
        self._running: Watched | None = None

    def start(self) -> None:
        """Returns when the page is served and a worker takes messages."""
        self._running = Watched([sys.executable, "-m", "todo.cli", "up", "--port", str(self.port)], self._env)
        self._running.see(f"TaskOverflow is at {self.address} (Ctrl-C stops it)".encode())
        self._running.see_like(rb"worker \| .*\. ical")

    def kill(self) -> None:
        """Every process of it, at once."""
        if self._running:
            self._running.end()
            self._running = None

    def api(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of a good answer; `path` is what follows `/api/v1/`."""
        answer = requests.request(method, f"{self.address}/api/v1/{path}", timeout=DEADLINE_SECONDS, **options)
        answer.raise_for_status()
        return answer.json()

    def add(self, title: str, **fields: Any) -> int:
        """Its id."""
        return int(self.api("POST", "todos", json={"title": title, **fields})["id"])

    def add_many(self, many: list[dict[str, Any]]) -> None:
        with requests.Session() as session:
            for todo in many:
                answer = session.post(f"{self.address}/api/v1/todos", json=todo, timeout=DEADLINE_SECONDS)
                answer.raise_for_status()

    def add_quickly(self, titles: list[str]) -> None:
        """As `add_many`, without a request each. Embedded only."""
        engine = database.open_engine(f"sqlite:///{self.folder / 'taskoverflow.sqlite'}")
        with database.sessions(engine)() as session:
            for title in titles:
                now = datetime.now(UTC).replace(tzinfo=None)
                todos.create(session, 1, {"title": title, "completed": False}, now=now, ring=lambda *_: None)
        engine.dispose()

    def change(self, todo_id: int, **fields: Any) -> None:
        self.api("PUT", f"todos/{todo_id}", json=fields)

    def todos(self) -> list[dict[str, Any]]:
        """The oldest first."""
        found: list[dict[str, Any]] = self.api("GET", "todos")
        return found[::-1]

    def titles(self) -> list[str]:
        """The oldest first."""
        return [todo["title"] for todo in self.todos()]

    def todo(self, title: str) -> dict[str, Any]:
        """The only one that is called so."""
        [found] = [todo for todo in self.todos() if todo["title"] == title]
        return found

    def wipe(self) -> None:
        """No todo, the default feed alone, the list as it was first."""
        if known := self.todos():
            self.api("PATCH", "todos", json=[{"id": todo["id"], "deleted": True} for todo in known])
        for feed in self.api("GET", "feeds"):
            if not feed["is_default"]:
                self.api("DELETE", f"feeds/{feed['id']}")
            elif feed["revoked"]:
                self.api("POST", f"feeds/{feed['id']}/rotate")
        self.api("PATCH", "lists/1", json={"name": "Tasks", "time_zone": None})


Open = Callable[..., Page]
"""Opens a window; see `page_fixtures.open_window`."""


class Complaints(list[str]):
    """What the browser wrote to its console as wrong, and what was asked of others. A test fails that leaves any."""

    def forgive(self, pattern: str) -> None:
        """Those that this matches, until now, were meant to come."""
        self[:] = [complaint for complaint in self if not re.search(pattern, complaint)]


def watch(context: BrowserContext, site: Site, complaints: Complaints) -> None:
    """Collect what no window of the context should do."""

    def check_origin(request: Request) -> None:
        if not request.url.startswith((f"{site.address}/", f"blob:{site.address}/")):
            complaints.append(f"request: {request.url}")

    def check_answer(text: str, kind: str) -> None:
        if kind in ("error", "warning", "assert") and "blocked by Playwright" not in text:
            complaints.append(text)

    def refuse(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.add_init_script(_POLICY_WATCH)
    context.on("request", check_origin)
    context.on("console", lambda message: check_answer(message.text, message.type))
    context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
    context.on("dialog", refuse)


def until(page: Page, condition: Callable[[], object], what: str = "") -> None:
    """Return once `condition` holds. What the browser asks of the test meanwhile is answered."""
    deadline = monotonic() + DEADLINE_SECONDS
    while not condition():
        assert monotonic() < deadline, what or "it never came to hold"
        page.wait_for_timeout(20)
    page.evaluate("0")  # there and back: what the browser told before it has arrived, too


# What is on the page


def add(page: Page, line: str) -> None:
    """Type a line and press Enter."""
    page.get_by_label("New task").fill(line)
    page.keyboard.press("Enter")
    expect(page.get_by_label("New task")).to_have_value("")


def rows(page: Page) -> Locator:
    return page.get_by_role("grid", name="Tasks").get_by_role("row")


def row(page: Page, title: str) -> Locator:
    """The task that is called so."""
    named = page.locator(".title").get_by_text(title, exact=True)
    return rows(page).filter(has=named)


def box(page: Page, title: str) -> Locator:
    """What a task is ticked off with."""
    return page.get_by_role("checkbox", name=f"Done: {title}", exact=True)


def toasts(page: Page) -> Locator:
    return page.locator(".toasts")


def line(page: Page) -> Locator:
    """Where the page says that the server cannot be reached, and what waits."""
    return page.locator(".line")


def troubles(page: Page) -> Locator:
    """What needs a decision."""
    return page.get_by_role("region", name="Needs a decision")


def shows(page: Page, *titles: str) -> None:
    """Wait until these tasks are shown, in this order, and no others."""
    expect(rows(page).locator(".title")).to_have_text(list(titles))


def all_sent(page: Page) -> None:
    """Wait until the server has taken everything that is shown."""
    expect(page.get_by_text("Not sent yet")).to_have_count(0)


def editor(page: Page) -> Locator:
    """The fields of the task that is edited in its place."""
    return page.locator("form.editor")


def words(text: str) -> re.Pattern[str]:
    """A date in words; the comma after the weekday is the browser's choice."""
    return re.compile(re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ", r"\1,? ", text))


def watch_requests(page: Page, method: str, path: str = "/api/v1/todos") -> list[Request]:
    """Requests of a kind, as they are made from now on."""
    made: list[Request] = []

    def take(request: Request) -> None:
        if request.method == method and request.url.split("?")[0].endswith(path):
            made.append(request)

    page.on("request", take)
    return made


def bodies(made: list[Request]) -> list[Any]:
    """The JSON that each of them sent."""
    return [json.loads(request.post_data or "null") for request in made]


def on(page: Page, method: str, action: Callable[[Route], object], path: str = "**/api/v1/todos") -> None:
    """Have `action` answer what the page asks by this method."""
    page.route(path, lambda route: action(route) if route.request.method == method else route.fallback())


class Held:
    """What is asked by a method from now on waits for `let_go`, whatever was to answer it before."""

    def __init__(self, page: Page, method: str, path: str = "**/api/v1/todos") -> None:
        self._page = page
        self._routes: list[Route] = []
        self._is_over = False
        on(page, method, self._take, path)

    def _take(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
        else:
            self._routes.append(route)

    def let_go(self) -> None:
        """Wait until something is held, and have the server answer it, and all that comes from now on."""
        until(self._page, lambda: self._routes, "nothing was asked")
        self._is_over = True
        for route in self._routes:
            route.continue_()


def has_focus(page: Page) -> bool:
    """Whether the focus is somewhere, and not lost to the document."""
    return bool(page.evaluate("document.activeElement !== document.body && document.activeElement !== null"))


def site_views() -> list[str]:
    """The paths of all views."""
    return ["/", "/calendar", "/subscribe", "/activity", "/queues", "/queues/broker/ical"]
