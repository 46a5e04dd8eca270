"""Without a line: the page opens, shows the tasks and takes changes; back on it, each arrives once and in order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.page import (
    CENTRAL,
    LONG_MS,
    NO_LINE,
    NOW,
    Complaints,
    Open,
    Site,
    add,
    all_sent,
    box,
    editor,
    line,
    row,
    shows,
    troubles,
    until,
    watch_requests,
)

pytest_plugins = ["tests.end_to_end.page_fixtures"]
pytestmark = CENTRAL


@pytest.fixture
def kept(open_window: Open, site: Site) -> Page:
    """A window with three tasks, whose service worker keeps the page."""
    site.add_many([{"title": "Milk"}, {"title": "Bread"}, {"title": "Salt"}])
    page = open_window(now=NOW, service_workers="allow")
    page.goto("/")
    shows(page, "Salt", "Bread", "Milk")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    return page


def change_a_little_of_everything(page: Page) -> None:
    """A tick, an edit, two additions, of which one is ticked off, and a deletion."""
    box(page, "Milk").check()
    page.get_by_role("button", name="Edit Bread").click()
    editor(page).get_by_label("Title").fill("Bread, brown")
    editor(page).get_by_role("button", name="Save").click()
    add(page, "First #new")
    add(page, "Second")
    box(page, "First").check()
    page.get_by_role("button", name="Delete Salt").click()
    page.clock.run_for(8_000)
    shows(page, "Second", "First", "Bread, brown", "Milk")


def has_arrived(site: Site) -> bool:
    return [(todo["title"], todo["completed"]) for todo in site.todos()] == [
        ("Milk", True),
        ("Bread, brown", False),
        ("First", True),
        ("Second", False),
    ]


def test_the_page_opens_without_a_line_and_shows_the_tasks(kept: Page, complaints: Complaints) -> None:
    kept.context.set_offline(True)
    kept.reload()
    shows(kept, "Salt", "Bread", "Milk")
    expect(line(kept)).to_contain_text("Offline. Shown is what was last known.")
    kept.goto("/calendar")
    expect(kept.get_by_role("heading", name="Calendar", level=1)).to_be_visible()
    kept.context.set_offline(False)
    expect(line(kept)).to_have_count(0, timeout=LONG_MS)
    complaints.forgive(NO_LINE)


def test_the_page_opens_while_the_server_is_dead(kept: Page, site: Site, complaints: Complaints) -> None:
    site.kill()
    try:
        kept.reload()
        shows(kept, "Salt", "Bread", "Milk")
        expect(line(kept)).to_contain_text("The server cannot be reached. Shown is what was last known.")
        box(kept, "Milk").check()
        expect(line(kept)).to_contain_text("1 change waits to be sent; nothing is lost.")
        kept.reload()
        expect(box(kept, "Milk")).to_be_checked()
    finally:
        site.start()
    line(kept).get_by_role("button", name="Try now").click()
    expect(line(kept)).to_have_count(0, timeout=LONG_MS)
    assert (site.todo("Milk")["completed"], site.todo("Milk")["sequence"]) == (True, 1)
    complaints.forgive(NO_LINE)


def test_changes_made_without_a_line_wait_visibly_and_arrive_once_and_in_order(
    kept: Page, site: Site, complaints: Complaints
) -> None:
    kept.context.set_offline(True)
    change_a_little_of_everything(kept)
    expect(line(kept)).to_contain_text("Offline. 6 changes wait to be sent; nothing is lost.")
    for title in ("Second", "First", "Bread, brown", "Milk"):
        expect(row(kept, title)).to_contain_text("Not sent yet")
    assert site.titles() == ["Milk", "Bread", "Salt"]
    kept.context.set_offline(False)
    until(kept, lambda: has_arrived(site))
    all_sent(kept)
    expect(line(kept)).to_have_count(0)
    expect(troubles(kept)).to_have_count(0)
    shows(kept, "Second", "First", "Bread, brown", "Milk")
    assert [todo["sequence"] for todo in site.todos()] == [1, 1, 1, 0]
    assert site.todo("First")["tags"] == ["new"]
    complaints.forgive(NO_LINE)


def test_a_reload_without_a_line_loses_none_of_the_changes(kept: Page, site: Site, complaints: Complaints) -> None:
    kept.context.set_offline(True)
    change_a_little_of_everything(kept)
    kept.reload()
    shows(kept, "Second", "First", "Bread, brown", "Milk")
    expect(box(kept, "Milk")).to_be_checked()
    expect(box(kept, "First")).to_be_checked()
    kept.reload()
    kept.context.set_offline(False)
    until(kept, lambda: has_arrived(site))
    all_sent(kept)
    assert [todo["sequence"] for todo in site.todos()] == [1, 1, 1, 0]
    complaints.forgive(NO_LINE)


def test_changes_wait_while_the_server_is_dead_and_arrive_when_it_is_back(
    kept: Page, site: Site, complaints: Complaints
) -> None:
    site.kill()
    try:
        change_a_little_of_everything(kept)
        expect(line(kept)).to_contain_text("The server cannot be reached.")
        expect(line(kept)).to_contain_text("6 changes wait to be sent; nothing is lost.")
    finally:
        site.start()
    kept.clock.run_for(40_000)  # longer than the longest pause between two attempts
    until(kept, lambda: has_arrived(site))
    all_sent(kept)
    assert [todo["sequence"] for todo in site.todos()] == [1, 1, 1, 0]
    complaints.forgive(NO_LINE)


def test_what_was_added_without_a_line_can_be_deleted_again_and_never_arrives(
    kept: Page, site: Site, complaints: Complaints
) -> None:
    kept.context.set_offline(True)
    add(kept, "Never mind")
    kept.get_by_role("button", name="Delete Never mind").click()
    kept.clock.run_for(8_000)
    shows(kept, "Salt", "Bread", "Milk")
    kept.context.set_offline(False)
    expect(line(kept)).to_have_count(0)
    until(kept, lambda: site.titles() == ["Milk", "Bread", "Salt"])
    box(kept, "Milk").check()
    until(kept, lambda: site.todo("Milk")["completed"])
    until(kept, lambda: site.titles() == ["Milk", "Bread", "Salt"])
    complaints.forgive(NO_LINE)


def test_two_tabs_share_what_waits_and_send_it_once(kept: Page, site: Site, complaints: Complaints) -> None:
    other = kept.context.new_page()
    other.goto("/")
    shows(other, "Salt", "Bread", "Milk")
    posts = [watch_requests(tab, "POST") for tab in (kept, other)]
    kept.context.set_offline(True)
    add(kept, "From the first")
    shows(other, "From the first", "Salt", "Bread", "Milk")
    add(other, "From the second")
    shows(kept, "From the second", "From the first", "Salt", "Bread", "Milk")
    for made in posts:
        made.clear()  # the attempts without a line
    kept.context.set_offline(False)
    until(kept, lambda: len(site.todos()) == 5)
    all_sent(kept)
    all_sent(other)
    assert site.titles() == ["Milk", "Bread", "Salt", "From the first", "From the second"]
    shows(other, "From the second", "From the first", "Salt", "Bread", "Milk")
    assert sum(len(made) for made in posts) == 2
    complaints.forgive(NO_LINE)


def test_a_new_build_of_the_page_is_seen_at_the_next_visit(kept: Page) -> None:
    answer = kept.reload()
    assert answer
    assert not answer.from_service_worker or answer.headers["cache-control"] == "no-cache"
    cached = kept.evaluate("caches.keys()")
    assert len(cached) == 1
