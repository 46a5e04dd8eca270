"""What the page loads: little at first, the rest when it is asked for, nothing from anywhere else."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.end_to_end.page import Site
from tests.running import ROOT

pytest_plugins = ["tests.end_to_end.page_fixtures"]

FOLDER = ROOT / "todo" / "app"
FIRST_LOAD_MAX = 150_000


def loaded(page: Page) -> set[str]:
    """The page's own files that it asks for, as they are asked for, from now on."""
    names: set[str] = set()

    def take(url: str) -> None:
        path = re.sub(r"^\w+://[^/]+/|[?#].*", "", url)
        if not path.startswith(("api/", "feeds/", "docs")):
            names.add(path or "index.html")

    page.on("request", lambda request: take(request.url))
    return names


def compressed(name: str) -> int:
    path = FOLDER / f"{name}.gz"
    return (path if path.exists() else FOLDER / name).stat().st_size


def calendar_files() -> set[str]:
    """Those that hold FullCalendar's code or its styles."""
    paths = [*FOLDER.glob("assets/*.js"), *FOLDER.glob("assets/*.css")]
    return {f"assets/{path.name}" for path in paths if re.search(r"dayGridMonth|\.calendar-cell", path.read_text())}


def test_the_first_load_is_small_and_without_the_calendar_s_code(page: Page) -> None:
    names = loaded(page)
    page.goto("/")
    page.get_by_label("New task").fill("Milk tomorrow")  # needs the part that reads dates
    expect(page.locator("#understood .chip")).to_be_visible()
    assert len([name for name in names if name.endswith(".js")]) > 1
    assert names & calendar_files() == set()
    sizes = {name: compressed(name) for name in names}
    assert sum(sizes.values()) < FIRST_LOAD_MAX, sizes


def test_the_calendar_s_code_comes_with_the_calendar(page: Page) -> None:
    names = loaded(page)
    page.goto("/calendar")
    expect(page.get_by_role("button", name="New task")).to_be_visible()
    assert calendar_files() <= names
    assert len(calendar_files()) >= 2


def test_a_walk_through_all_views_asks_nothing_of_anybody_else(page: Page, site: Site) -> None:
    site.add("Milk", deadline_at="2031-05-01")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    for name in ("Calendar", "Get the calendar", "Activity", "Queues", "Tasks"):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_focused()
    for button, sheet in (("Settings", "Settings"), ("Keys and help", "Keys")):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog", name=sheet)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(f"{site.address}/")] == []


def test_what_is_loaded_has_a_compressed_copy_that_is_smaller() -> None:
    for path in [*FOLDER.glob("assets/*.js"), *FOLDER.glob("assets/*.css"), FOLDER / "index.html", FOLDER / "sw.js"]:
        assert path.with_name(f"{path.name}.gz").stat().st_size < path.stat().st_size, path.name
