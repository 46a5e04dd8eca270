"""The calendar view: tasks on their days, dragged to others, added and opened, by mouse, finger and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.page import NO_LINE, NOW, Complaints, Open, Site, editor, line, toasts, until, words

pytest_plugins = ["tests.end_to_end.page_fixtures"]


@pytest.fixture
def month(clocked: Page, site: Site) -> Page:
    """A window that shows March 2031, on the 5th, with a task of every kind."""
    site.add("Milk", deadline_at="2031-03-12T10:30:00")
    site.add("Trip", deadline_at="2031-03-14")
    site.add("Old", deadline_at="2031-03-03")
    site.add("Past", deadline_at="2031-03-04", completed=True)
    site.add("Someday")
    clocked.goto("/calendar")
    expect(clocked.get_by_role("heading", name="March 2031")).to_be_visible()
    expect(event(clocked, "10:30 Milk")).to_be_visible()
    return clocked


def day(page: Page, text: str) -> Locator:
    return page.get_by_role("gridcell", name=text, exact=True)


def event(page: Page, name: str) -> Locator:
    return page.locator(".calendar").get_by_role("button", name=name, exact=True)


def drag(page: Page, what: Locator, to: Locator) -> None:
    """With the mouse, in steps as a hand does."""
    start, end = what.bounding_box(), to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 12, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
    page.mouse.up()


def test_tasks_stand_on_their_days_and_say_what_they_are(month: Page) -> None:
    expect(day(month, "12 March 2031").get_by_role("button")).to_have_text(re.compile("10:30 Milk"))
    expect(day(month, "14 March 2031").get_by_role("button", name="Trip", exact=True)).to_be_visible()
    expect(day(month, "3 March 2031").get_by_role("button", name="Overdue: Old", exact=True)).to_be_visible()
    expect(day(month, "4 March 2031").get_by_role("button", name="Done: Past", exact=True)).to_be_visible()
    expect(day(month, "5 March 2031")).to_have_attribute("aria-current", "date")
    expect(month.locator(".calendar").get_by_text("Someday")).to_have_count(0)


def test_a_task_is_dragged_to_another_day_and_keeps_its_time(month: Page, site: Site) -> None:
    drag(month, event(month, "10:30 Milk"), day(month, "20 March 2031"))
    expect(day(month, "20 March 2031").get_by_role("button", name="10:30 Milk")).to_be_visible()
    expect(toasts(month)).to_contain_text(words("Moved “Milk”: Thu 20 Mar, 10:30."))
    until(month, lambda: site.todo("Milk")["deadline_at"] == "2031-03-20T10:30:00")
    toasts(month).get_by_role("button", name="Undo").click()
    expect(day(month, "12 March 2031").get_by_role("button", name="10:30 Milk")).to_be_visible()
    until(month, lambda: site.todo("Milk")["deadline_at"] == "2031-03-12T10:30:00")


def test_a_whole_day_that_is_dragged_stays_one(month: Page, site: Site) -> None:
    drag(month, event(month, "Trip"), day(month, "17 March 2031"))
    expect(day(month, "17 March 2031").get_by_role("button", name="Trip")).to_be_visible()
    until(month, lambda: site.todo("Trip")["deadline_at"] == "2031-03-17")


def test_an_instant_that_is_dragged_stays_an_instant(month: Page, site: Site) -> None:
    site.add("Call", deadline_at="2031-03-11T00:00:00Z")
    expect(event(month, "10:00 Call")).to_be_visible()
    drag(month, event(month, "10:00 Call"), day(month, "18 March 2031"))
    until(month, lambda: site.todo("Call")["deadline_at"] == "2031-03-18T00:00:00Z")


def test_a_task_dragged_without_a_line_stays_where_it_was_put(month: Page, site: Site, complaints: Complaints) -> None:
    month.context.set_offline(True)
    drag(month, event(month, "10:30 Milk"), day(month, "20 March 2031"))
    moved = day(month, "20 March 2031").get_by_role("button", name="10:30 Milk")
    expect(moved).to_contain_text("Not sent yet")
    expect(line(month)).to_contain_text("1 change waits")
    assert site.todo("Milk")["deadline_at"] == "2031-03-12T10:30:00"
    month.context.set_offline(False)
    until(month, lambda: site.todo("Milk")["deadline_at"] == "2031-03-20T10:30:00")
    complaints.forgive(NO_LINE)


def test_a_click_on_a_day_adds_a_task_there(month: Page, site: Site) -> None:
    day(month, "25 March 2031").click()
    dialog = month.get_by_role("dialog", name="New task")
    expect(dialog.get_by_label("Title")).to_be_focused()
    expect(dialog.get_by_label("Day", exact=True)).to_have_value("2031-03-25")
    month.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("A task needs a title.")
    month.keyboard.type("Dentist")
    month.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(day(month, "25 March 2031").get_by_role("button", name="Dentist")).to_be_visible()
    until(month, lambda: "Dentist" in site.titles())
    assert site.todo("Dentist")["deadline_at"] == "2031-03-25"


def test_the_keyboard_walks_the_days_and_adds(month: Page, site: Site) -> None:
    day(month, "5 March 2031").focus()
    for key, reached in {"ArrowRight": "6 March 2031", "ArrowDown": "13 March 2031", "End": "16 March 2031"}.items():
        month.keyboard.press(key)
        expect(day(month, reached)).to_be_focused()
    month.keyboard.press("PageDown")
    expect(month.get_by_role("heading", name="April 2031")).to_be_visible()
    expect(day(month, "16 April 2031")).to_be_focused()
    month.keyboard.press("Enter")
    dialog = month.get_by_role("dialog", name="New task")
    expect(dialog.get_by_label("Title")).to_be_focused()
    month.keyboard.type("Easter")
    month.keyboard.press("Enter")
    expect(day(month, "16 April 2031").get_by_role("button", name="Easter")).to_be_visible()
    until(month, lambda: "Easter" in site.titles())
    assert site.todo("Easter")["deadline_at"] == "2031-04-16"


def test_the_keyboard_opens_a_task_and_moves_it(month: Page, site: Site) -> None:
    event(month, "Trip").focus()
    month.keyboard.press("Enter")
    dialog = month.get_by_role("dialog", name="Trip")
    expect(dialog.get_by_label("Title")).to_be_focused()
    dialog.get_by_label("Day", exact=True).fill("2031-03-21")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(day(month, "21 March 2031").get_by_role("button", name="Trip")).to_be_focused()
    until(month, lambda: site.todo("Trip")["deadline_at"] == "2031-03-21")


def test_a_task_is_ticked_off_and_deleted_from_its_dialog(month: Page, site: Site) -> None:
    event(month, "10:30 Milk").click()
    month.get_by_role("dialog", name="Milk").get_by_role("button", name="Tick off").click()
    expect(event(month, "Done: 10:30 Milk")).to_be_visible()
    until(month, lambda: site.todo("Milk")["completed"])
    event(month, "Trip").click()
    month.get_by_role("dialog", name="Trip").get_by_role("button", name="Delete").click()
    expect(event(month, "Trip")).to_have_count(0)
    month.clock.run_for(8_000)
    until(month, lambda: "Trip" not in site.titles())


def test_the_dialog_of_a_task_deleted_elsewhere_closes(month: Page, site: Site) -> None:
    event(month, "Trip").click()
    expect(month.get_by_role("dialog", name="Trip")).to_be_visible()
    site.api("DELETE", f"todos/{site.todo('Trip')['id']}")
    expect(month.get_by_role("dialog")).to_have_count(0)
    expect(event(month, "Trip")).to_have_count(0)


def test_changes_made_elsewhere_appear_on_their_days(month: Page, site: Site) -> None:
    site.change(site.todo("Trip")["id"], deadline_at="2031-03-28", title="Voyage")
    expect(day(month, "28 March 2031").get_by_role("button", name="Voyage")).to_be_visible()
    expect(event(month, "Trip")).to_have_count(0)


def test_the_view_is_kept_and_the_pages_are_turned(month: Page) -> None:
    month.get_by_role("button", name="Week", exact=True).click()
    month.get_by_role("button", name="Next week").click()
    expect(event(month, "10:30 Milk")).to_be_visible()
    month.get_by_role("button", name="Today", exact=True).click()
    expect(event(month, "10:30 Milk")).to_have_count(0)
    month.get_by_role("button", name="Agenda").click()
    expect(month.get_by_role("button", name=re.compile("Milk"))).to_be_visible()
    month.reload()
    expect(month.get_by_role("button", name="Agenda")).to_have_attribute("aria-pressed", "true")
    month.get_by_role("button", name=re.compile("Milk")).click()
    expect(month.get_by_role("dialog", name="Milk").get_by_label("Title")).to_be_focused()


def test_more_tasks_than_a_day_has_room_for_are_in_a_popover(month: Page, site: Site) -> None:
    site.add_many([{"title": f"Number {number}", "deadline_at": "2031-03-19"} for number in range(8)])
    more = day(month, "19 March 2031").get_by_text(re.compile(r"^\+\d+ more$"))
    more.click()
    popover = month.locator(".calendar-popover")
    for number in range(8):
        expect(popover.get_by_role("button", name=f"Number {number}", exact=True)).to_be_visible()
    popover.get_by_role("button", name="Number 7", exact=True).click()
    expect(editor(month).get_by_label("Title")).to_have_value("Number 7")


def test_a_calendar_without_dates_says_how_to_begin(clocked: Page, site: Site) -> None:
    site.add("Someday")
    clocked.goto("/calendar")
    expect(clocked.get_by_text("No task has a deadline yet.")).to_be_visible()
    clocked.get_by_role("button", name="New task").click()
    expect(clocked.get_by_role("dialog").get_by_label("Day", exact=True)).to_have_value("2031-03-05")


def test_a_phone_shows_the_agenda_first(open_window: Open, site: Site) -> None:
    site.add("Milk", deadline_at="2031-03-12T10:30:00")
    phone = open_window(now=NOW, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto("/calendar")
    expect(phone.get_by_role("button", name="Agenda")).to_have_attribute("aria-pressed", "true")
    phone.get_by_role("button", name=re.compile("Milk")).tap()
    expect(phone.get_by_role("dialog", name="Milk")).to_be_visible()
