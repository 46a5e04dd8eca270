"""Tasks found again: filters, tags, search, order, and a list far longer than the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.page import Open, Site, box, row, rows, shows, until

pytest_plugins = ["tests.end_to_end.page_fixtures"]

MANY = 3_000


@pytest.fixture
def some(clocked: Page, site: Site) -> Page:
    """A window on Wednesday, 5 March 2031, with a task of every kind."""
    site.add_many(
        [
            {"title": "b late", "deadline_at": "2031-03-04T10:00:00", "tags": ["home"]},
            {"title": "a soon", "deadline_at": "2031-03-08", "priority": 5, "tags": ["home", "café"]},
            {"title": "d later", "deadline_at": "2031-06-01", "priority": 1},
            {"title": "c never", "description": "Mentions ÖL"},
            {"title": "e done", "deadline_at": "2031-03-01", "completed": True, "tags": ["café"]},
        ]
    )
    clocked.goto("/")
    expect(rows(clocked)).to_have_count(5)
    return clocked


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("All", ["e done", "c never", "d later", "a soon", "b late"]),
        ("Open", ["c never", "d later", "a soon", "b late"]),
        ("Done", ["e done"]),
        ("Due soon", ["a soon"]),
        ("Overdue", ["b late"]),
    ],
)
def test_a_filter_shows_what_it_says_and_how_many_that_are(some: Page, name: str, found: list[str]) -> None:
    some.get_by_role("radio", name=name).check()
    shows(some, *found)
    expect(some.locator(".segments label", has_text=name).first).to_contain_text(str(len(found)))


def test_a_tag_and_a_search_narrow_down_together(some: Page) -> None:
    some.get_by_label("Tag").select_option("#café")
    shows(some, "e done", "a soon")
    some.get_by_role("radio", name="Open").check()
    shows(some, "a soon")
    some.get_by_label("Search").fill("nothing like it")
    expect(some.get_by_text("No task is like that")).to_be_visible()
    some.get_by_role("button", name="Show all tasks").click()
    expect(rows(some)).to_have_count(5)


def test_a_search_reads_titles_and_descriptions_whatever_the_case(some: Page) -> None:
    for wanted, found in {"öl": ["c never"], "LATE": ["d later", "b late"], "  soon ": ["a soon"]}.items():
        some.get_by_label("Search").fill(wanted)
        shows(some, *found)


@pytest.mark.parametrize(
    ("sorting", "found"),
    [
        ("Newest first", ["e done", "c never", "d later", "a soon", "b late"]),
        ("Oldest first", ["b late", "a soon", "d later", "c never", "e done"]),
        ("Deadline", ["e done", "b late", "a soon", "d later", "c never"]),
        ("Priority", ["d later", "a soon", "e done", "b late", "c never"]),
        ("Title", ["a soon", "b late", "c never", "d later", "e done"]),
    ],
)
def test_tasks_are_sorted_and_the_order_stays_after_a_reload(some: Page, sorting: str, found: list[str]) -> None:
    some.get_by_label("Sort by").select_option(sorting)
    shows(some, *found)
    some.reload()
    shows(some, *found)


def test_an_open_filter_empties_with_a_word_of_praise(some: Page) -> None:
    some.get_by_role("radio", name="Open").check()
    for title in ("c never", "d later", "a soon", "b late"):
        box(some, title).click()
        expect(row(some, title)).to_have_count(0)
    expect(some.get_by_text("All done")).to_be_visible()


@pytest.fixture
def long(open_window: Open, site: Site) -> Page:
    """A window with three thousand tasks."""
    site.add_quickly([f"Number {number}" for number in range(MANY)])
    page = open_window()
    page.goto("/")
    expect(page.get_by_text("3,000 tasks, 3,000 open")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    return page


def test_of_three_thousand_tasks_few_are_drawn_and_the_keys_reach_them_all(long: Page, site: Site) -> None:
    assert rows(long).count() < 60
    row(long, "Number 2999").focus()
    long.keyboard.press("End")
    expect(row(long, "Number 0")).to_be_focused()
    expect(row(long, "Number 0")).to_be_in_viewport()
    assert rows(long).count() < 60
    assert row(long, "Number 0").get_attribute("aria-rowindex") == str(MANY)
    long.keyboard.press("ArrowUp")
    expect(row(long, "Number 1")).to_be_focused()
    expect(row(long, "Number 1")).to_be_in_viewport()
    long.keyboard.press("Home")
    expect(row(long, "Number 2999")).to_be_focused()
    expect(row(long, "Number 2999")).to_be_in_viewport()
    long.mouse.wheel(0, 60_000)  # the row with the focus scrolls away, and must keep it
    until(long, lambda: long.evaluate("scrollY") > 40_000)
    expect(row(long, "Number 2999")).to_be_focused()
    long.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert long.evaluate("scrollY") > 40_000  # and nothing leads the reader back to it

    long.keyboard.press("End")
    long.keyboard.press("Space")
    until(long, lambda: site.todo("Number 0")["completed"])
    expect(row(long, "Number 0")).to_be_focused()
    long.get_by_label("Search").fill("Number 17")
    expect(long.get_by_text("111 of 3,000 tasks")).to_be_visible()
