"""Many tasks at once: selected in every way there is, and changed in one request each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.page import (
    CENTRAL,
    Site,
    bodies,
    box,
    row,
    rows,
    shows,
    toasts,
    until,
    watch_requests,
    words,
)

pytest_plugins = ["tests.end_to_end.page_fixtures"]
pytestmark = CENTRAL

TITLES = ["Six", "Five", "Four", "Three", "Two", "One"]
"""As they are shown, the newest first."""


@pytest.fixture
def six(clocked: Page, site: Site) -> Page:
    """A window with six tasks, of which one is due at a time, one on a day."""
    site.add_many([{"title": title} for title in reversed(TITLES)])
    site.change(site.todo("Two")["id"], deadline_at="2031-03-20T10:30:00")
    site.change(site.todo("Three")["id"], deadline_at="2031-03-21")
    clocked.goto("/")
    shows(clocked, *TITLES)
    return clocked


def click(page: Page, title: str, *keys: Any) -> None:
    """Beside the words of a task: on those, a click without keys opens the editor."""
    row(page, title).locator(".body").click(modifiers=list(keys), position={"x": 2, "y": 2})


def with_shift(page: Page) -> None:
    click(page, "Five", "Control")
    click(page, "Two", "Shift")


def with_control(page: Page) -> None:
    for title in ("Two", "Five", "Three", "Four"):
        click(page, title, "Control")


def with_the_button(page: Page) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for title in ("Two", "Three", "Four", "Five"):
        page.get_by_role("checkbox", name=f"Select {title}").check()


def with_a_tap_on_the_rows(page: Page) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for title in ("Two", "Three", "Four", "Five"):
        click(page, title)


def with_the_arrows(page: Page) -> None:
    row(page, "Five").focus()
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")


WAYS = [with_shift, with_control, with_the_button, with_a_tap_on_the_rows, with_the_arrows]


@pytest.mark.parametrize("way", WAYS)
def test_tasks_are_selected_and_ticked_off_in_one_request(six: Page, site: Site, way: Callable[[Page], None]) -> None:
    patches = watch_requests(six, "PATCH")
    way(six)
    bar = six.get_by_role("region", name="4 selected")
    bar.get_by_role("button", name="Tick off").click()
    expect(toasts(six)).to_contain_text("4 tasks done.")
    for title in TITLES:
        expect(box(six, title)).to_be_checked(checked=title not in ("Six", "One"))
    until(
        six, lambda: {todo["title"] for todo in site.todos() if todo["completed"]} == {"Two", "Three", "Four", "Five"}
    )
    assert [len(body) for body in bodies(patches)] == [4]
    expect(six.locator(".selection")).to_have_count(0)


def test_all_are_selected_with_one_key_and_deleted_in_one_request(six: Page, site: Site) -> None:
    patches = watch_requests(six, "PATCH")
    row(six, "Four").focus()
    six.keyboard.press("Control+a")
    expect(six.get_by_role("region", name="6 selected")).to_be_visible()
    six.keyboard.press("Delete")
    expect(six.get_by_text("No tasks yet")).to_be_visible()
    assert len(site.todos()) == 6
    six.clock.run_for(8_000)
    until(six, lambda: site.todos() == [])
    assert [len(body) for body in bodies(patches)] == [6]


def test_many_that_were_deleted_come_back_together(six: Page, site: Site) -> None:
    patches = watch_requests(six, "PATCH")
    with_shift(six)
    six.get_by_role("region", name="4 selected").get_by_role("button", name="Delete").click()
    shows(six, "Six", "One")
    toasts(six).get_by_role("button", name="Undo").click()
    shows(six, *TITLES)
    six.clock.run_for(8_000)
    box(six, "Six").check()
    until(six, lambda: site.todo("Six")["completed"])
    assert len(patches) == 1
    assert len(site.todos()) == 6


def test_tasks_are_moved_in_one_request_each_at_its_own_time(six: Page, site: Site) -> None:
    patches = watch_requests(six, "PATCH")
    with_shift(six)
    six.get_by_role("region", name="4 selected").get_by_role("button", name="Move").click()
    dialog = six.get_by_role("dialog", name="Move 4 tasks")
    dialog.get_by_label("To when?").fill("whenever I like")
    six.keyboard.press("Enter")
    expect(dialog).to_contain_text("Not understood")
    dialog.get_by_label("To when?").fill("next monday")
    six.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(row(six, "Two")).to_contain_text(words("Mon 10 Mar, 10:30"))
    until(six, lambda: site.todo("Two")["deadline_at"] == "2031-03-10T10:30:00")
    assert {title: site.todo(title)["deadline_at"] for title in TITLES} == {
        "Six": None, "Five": "2031-03-10", "Four": "2031-03-10", "Three": "2031-03-10", "Two": "2031-03-10T10:30:00",
        "One": None,
    }  # fmt: skip
    assert [len(body) for body in bodies(patches)] == [4]
    toasts(six).get_by_role("button", name="Undo").click()
    until(six, lambda: site.todo("Two")["deadline_at"] == "2031-03-20T10:30:00")
    assert site.todo("Five")["deadline_at"] is None
    assert len(patches) == 2


@pytest.mark.parametrize(
    ("button", "deadline"),
    [("Today", "2031-03-05T10:30:00"), ("Tomorrow", "2031-03-06T10:30:00"), ("Next week", "2031-03-12T10:30:00"),
     ("No deadline", None)],
)  # fmt: skip
def test_one_button_moves_to_the_days_meant_most(six: Page, site: Site, button: str, deadline: str | None) -> None:
    row(six, "Two").focus()
    six.keyboard.press("m")
    six.get_by_role("dialog", name="Move 1 task").get_by_role("button", name=button).click()
    expect(six.get_by_role("dialog")).to_have_count(0)
    until(six, lambda: site.todo("Two")["deadline_at"] == deadline)


def test_a_selection_is_given_up_with_escape_and_with_its_button(six: Page) -> None:
    with_shift(six)
    expect(six.get_by_role("region", name="4 selected")).to_be_visible()
    expect(rows(six).and_(six.locator('[aria-selected="true"]'))).to_have_count(4)
    row(six, "Two").focus()
    six.keyboard.press("Escape")
    expect(six.locator(".selection")).to_have_count(0)
    with_shift(six)
    six.get_by_role("button", name="Clear selection").click()
    expect(six.locator(".selection")).to_have_count(0)
    expect(rows(six).and_(six.locator('[aria-selected="true"]'))).to_have_count(0)
