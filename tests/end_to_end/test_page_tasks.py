"""Tasks on the page: added in a line, edited, ticked off, deleted and taken back, as a person does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.end_to_end.page import (
    CENTRAL,
    Open,
    Site,
    add,
    all_sent,
    bodies,
    box,
    editor,
    on,
    row,
    shows,
    toasts,
    until,
    watch_requests,
    words,
)

pytest_plugins = ["tests.end_to_end.page_fixtures"]
pytestmark = CENTRAL


def test_a_line_is_added_as_it_was_understood(clocked: Page, site: Site) -> None:
    clocked.goto("/")
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()
    clocked.get_by_label("New task").fill("Pay rent friday 9am #home !1")
    said = clocked.locator("#understood")
    expect(said.locator("strong")).to_have_text("Pay rent")
    expect(said.locator(".chip")).to_have_text([words("Fri 7 Mar, 09:00"), "#home", "Priority 1"])
    clocked.keyboard.press("Enter")
    shows(clocked, "Pay rent")
    expect(row(clocked, "Pay rent")).to_contain_text(words("Fri 7 Mar, 09:00"))
    expect(clocked.get_by_label("New task")).to_be_focused()
    expect(clocked.get_by_label("New task")).to_have_value("")
    all_sent(clocked)
    todo = site.todo("Pay rent")
    assert (todo["deadline_at"], todo["tags"], todo["priority"]) == ("2031-03-07T09:00:00", ["home"], 1)


@pytest.mark.parametrize(
    ("line", "title", "shown", "deadline"),
    [
        ("Dentist tomorrow", "Dentist", "tomorrow", "2031-03-06"),
        ("Call Mia today at 17:30", "Call Mia", "today, 17:30", "2031-03-05T17:30:00"),
        ("Report in 2 weeks", "Report", "Wed 19 Mar", "2031-03-19"),
        ("Party 24 May", "Party", "Sat 24 May", "2031-05-24"),
        ("Renew 1 January 2033", "Renew", "1 Jan 2033", "2033-01-01"),
        ("Read a book", "Read a book", None, None),
        ("Tomorrow", "Tomorrow", None, None),
    ],
)
def test_dates_are_read_as_people_write_them(
    clocked: Page, site: Site, line: str, title: str, shown: str | None, deadline: str | None
) -> None:
    clocked.goto("/")
    clocked.get_by_label("New task").fill(line)
    said = clocked.locator("#understood")
    expect(said.locator(".chip")).to_have_text([words(shown)] if shown else [])
    expect(said.locator("strong")).to_have_text(title)
    clocked.keyboard.press("Enter")
    shows(clocked, title)
    all_sent(clocked)
    assert site.todo(title)["deadline_at"] == deadline


def test_a_date_that_was_not_meant_is_taken_away(clocked: Page, site: Site) -> None:
    clocked.goto("/")
    clocked.get_by_label("New task").fill("Watch Friday the movie")
    clocked.get_by_role("button", name="No deadline: Friday").click()
    expect(clocked.locator("#understood")).to_contain_text("no deadline")
    expect(clocked.get_by_label("New task")).to_be_focused()
    clocked.keyboard.press("Enter")
    shows(clocked, "Watch Friday the movie")
    all_sent(clocked)
    assert site.todo("Watch Friday the movie")["deadline_at"] is None


def test_a_line_half_typed_is_there_after_a_reload(page: Page) -> None:
    page.goto("/")
    page.get_by_label("New task").fill("Half a th")
    page.reload()
    expect(page.get_by_label("New task")).to_have_value("Half a th")


def test_a_task_is_edited_in_its_place(clocked: Page, site: Site) -> None:
    site.add("Report", deadline_at="2031-03-07T10:30:00", description="As a PDF;\nby mail", tags=["work"], priority=2)
    clocked.goto("/")
    patches = watch_requests(clocked, "PATCH")
    row(clocked, "Report").locator(".title").click()
    form = editor(clocked)
    expect(form.get_by_label("Title")).to_be_focused()
    expect(form.get_by_label("Day", exact=True)).to_have_value("2031-03-07")
    expect(form.get_by_label("Time")).to_have_value("10:30")
    form.get_by_label("Title").fill("Report, final")
    form.get_by_label("Day", exact=True).fill("2031-04-01")
    form.get_by_label("Time").fill("")
    form.get_by_label("Priority").select_option("1, the highest")
    form.get_by_label("Tags").fill("work, urgent")
    clocked.keyboard.press("Control+Enter")
    expect(row(clocked, "Report, final")).to_contain_text(words("Tue 1 Apr"))
    expect(row(clocked, "Report, final")).to_be_focused()
    all_sent(clocked)
    todo = site.todo("Report, final")
    assert (todo["deadline_at"], todo["tags"], todo["priority"]) == ("2031-04-01", ["work", "urgent"], 1)
    assert (todo["description"], todo["sequence"], len(patches)) == ("As a PDF;\nby mail", 1, 1)


def test_an_edit_that_is_left_changes_nothing(page: Page, site: Site) -> None:
    site.add("Milk")
    page.goto("/")
    patches = watch_requests(page, "PATCH")
    page.get_by_role("button", name="Edit Milk").click()
    editor(page).get_by_label("Title").fill("Bread")
    page.keyboard.press("Escape")
    shows(page, "Milk")
    expect(row(page, "Milk")).to_be_focused()
    page.get_by_role("button", name="Edit Milk").click()
    editor(page).get_by_role("button", name="Save").click()
    shows(page, "Milk")
    assert patches == []


def test_a_task_is_ticked_off_reopened_and_the_tick_taken_back(clocked: Page, site: Site) -> None:
    site.add("Water the plants", deadline_at="2031-03-01")
    clocked.goto("/")
    expect(row(clocked, "Water the plants")).to_contain_text(words("Overdue: Sat 1 Mar"))
    box(clocked, "Water the plants").check()
    expect(toasts(clocked)).to_contain_text("Done: “Water the plants”.")
    expect(row(clocked, "Water the plants")).not_to_contain_text("Overdue")
    expect(clocked.get_by_text("1 task, 0 open")).to_be_visible()
    until(clocked, lambda: site.todo("Water the plants")["completed"])
    toasts(clocked).get_by_role("button", name="Undo").click()
    expect(box(clocked, "Water the plants")).not_to_be_checked()
    until(clocked, lambda: not site.todo("Water the plants")["completed"])
    clocked.reload()
    expect(box(clocked, "Water the plants")).not_to_be_checked()


@pytest.mark.parametrize("how", ["button", "key"])
def test_a_deletion_is_taken_back_before_it_was_ever_sent(clocked: Page, site: Site, how: str) -> None:
    site.add("Milk")
    site.add("Bread")
    clocked.goto("/")
    patches = watch_requests(clocked, "PATCH")
    clocked.get_by_role("button", name="Delete Milk").click()
    expect(toasts(clocked)).to_contain_text("Deleted “Milk”.")
    shows(clocked, "Bread")
    if how == "button":
        toasts(clocked).get_by_role("button", name="Undo").click()
    else:
        clocked.keyboard.press("u")
    shows(clocked, "Bread", "Milk")
    clocked.clock.fast_forward(30_000)
    box(clocked, "Bread").check()
    until(clocked, lambda: site.todo("Bread")["completed"])
    assert [body[0]["id"] for body in bodies(patches)] == [site.todo("Bread")["id"]]
    assert site.titles() == ["Milk", "Bread"]


def test_a_deletion_is_sent_when_it_can_no_longer_be_taken_back(clocked: Page, site: Site) -> None:
    site.add("Milk")
    clocked.goto("/")
    clocked.get_by_role("button", name="Delete Milk").click()
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()
    clocked.clock.run_for(6_000)
    assert site.titles() == ["Milk"]
    clocked.clock.run_for(2_000)
    until(clocked, lambda: site.titles() == [])
    clocked.reload()
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()


def test_a_deletion_is_sent_at_once_when_the_page_is_left(clocked: Page, site: Site) -> None:
    site.add("Milk")
    clocked.goto("/")
    clocked.get_by_role("button", name="Delete Milk").click()
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()
    assert site.titles() == ["Milk"]
    clocked.goto("/docs/")
    until(clocked, lambda: site.titles() == [])


def test_a_deletion_taken_back_too_late_makes_the_task_anew(clocked: Page, site: Site) -> None:
    site.add("Milk", description="two of them", tags=["shop"])
    clocked.goto("/")
    clocked.get_by_role("button", name="Delete Milk").click()
    toasts(clocked).hover()  # under a pointer it stays
    clocked.clock.run_for(8_000)
    until(clocked, lambda: site.titles() == [])
    toasts(clocked).get_by_role("button", name="Undo").click()
    shows(clocked, "Milk")
    until(clocked, lambda: site.titles() == ["Milk"])
    assert (site.todo("Milk")["description"], site.todo("Milk")["tags"]) == ("two of them", ["shop"])


def test_changes_made_elsewhere_appear_by_themselves(open_window: Open, site: Site) -> None:
    one, other = open_window(), open_window()
    one.goto("/")
    other.goto("/")
    expect(one.get_by_text("No tasks yet")).to_be_visible()
    expect(other.get_by_text("No tasks yet")).to_be_visible()
    add(one, "Milk")
    shows(other, "Milk")
    box(other, "Milk").check()
    expect(box(one, "Milk")).to_be_checked()
    site.change(site.todo("Milk")["id"], title="Bread")
    shows(one, "Bread")
    shows(other, "Bread")
    site.api("DELETE", f"todos/{site.todo('Bread')['id']}")
    expect(one.get_by_text("No tasks yet")).to_be_visible()
    expect(other.get_by_text("No tasks yet")).to_be_visible()


def test_what_is_added_is_shown_before_the_server_answers(page: Page, site: Site) -> None:
    waiting: list[Route] = []
    on(page, "POST", waiting.append)
    page.goto("/")
    page.get_by_label("New task").fill("Milk")
    page.keyboard.press("Enter")
    shows(page, "Milk")
    expect(row(page, "Milk")).to_contain_text("Not sent yet")
    box(page, "Milk").check()
    expect(box(page, "Milk")).to_be_checked()
    until(page, lambda: waiting)
    waiting[0].continue_()
    all_sent(page)
    until(page, lambda: site.todo("Milk")["completed"])
    assert len(waiting) == 1
