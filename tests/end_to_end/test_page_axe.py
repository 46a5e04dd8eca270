"""What axe finds wrong for people with disabilities (WCAG 2.2, A and AA) in every view and state: nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.end_to_end.page import (
    NO_LINE,
    NOW,
    Complaints,
    Open,
    Site,
    bodies,
    box,
    editor,
    line,
    row,
    rows,
    shows,
    troubles,
)
from tests.end_to_end.queue_answers import answer, answer_all

pytest_plugins = ["tests.end_to_end.page_fixtures"]

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What a popover covers is out of reach until a click anywhere closes it: it alone is looked at.
RUN = """tags => axe.run(document.querySelector(".calendar-popover") ?? document,
  { runOnly: tags, resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`)))
"""


def nothing(page: Page, site: Site) -> None:
    page.goto("/")
    expect(page.get_by_text("No tasks yet")).to_be_visible()


def loading(page: Page, site: Site) -> None:
    page.route("**/api/v1/lists/1/sync", lambda _: None)
    page.goto("/")
    expect(page.locator(".ghosts")).to_be_visible()


def failed(page: Page, site: Site) -> None:
    page.route("**/api/v1/lists/1/sync", lambda route: route.fulfill(status=500, body="no"))
    page.goto("/")
    expect(page.get_by_text("The tasks could not be loaded.")).to_be_visible()


def full(page: Page, site: Site) -> None:
    site.add_many(
        [
            {"title": "Late", "deadline_at": "2031-03-01", "tags": ["home"]},
            {"title": "Soon", "deadline_at": "2031-03-07T10:30:00", "priority": 1, "description": "Some words"},
            {"title": "Done", "deadline_at": "2031-03-04", "completed": True},
            {"title": "Never"},
        ]
    )
    page.goto("/")
    shows(page, "Never", "Done", "Soon", "Late")
    page.get_by_label("New task").fill("Pay rent friday 9am #home !1")
    expect(page.locator("#understood .chip").first).to_be_visible()


def selected(page: Page, site: Site) -> None:
    full(page, site)
    row(page, "Soon").focus()
    page.keyboard.press("Control+a")
    expect(page.get_by_role("region", name="4 selected")).to_be_visible()


def selecting(page: Page, site: Site) -> None:
    full(page, site)
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_role("checkbox", name="Select Soon").check()


def edited(page: Page, site: Site) -> None:
    full(page, site)
    page.get_by_role("button", name="Edit Soon").click()
    editor(page).get_by_label("Title").fill(" ")
    editor(page).get_by_role("button", name="Save").click()
    expect(editor(page).get_by_role("alert")).to_be_visible()


def moved(page: Page, site: Site) -> None:
    full(page, site)
    row(page, "Soon").focus()
    page.keyboard.press("m")
    page.get_by_label("To when?").fill("whenever")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not understood")).to_be_visible()


def deleted(page: Page, site: Site) -> None:
    full(page, site)
    page.get_by_role("button", name="Delete Soon").click()
    expect(page.locator(".toasts").get_by_role("button", name="Undo")).to_be_visible()


def without_a_line(page: Page, site: Site) -> None:
    full(page, site)
    page.context.set_offline(True)
    box(page, "Soon").check()
    expect(line(page)).to_contain_text("Offline.")


def in_trouble(page: Page, site: Site) -> None:
    full(page, site)

    def conflict(route: Route) -> None:
        [[item]] = bodies([route.request])
        todo = site.todo("Soon") | {"title": "Theirs", "sequence": 7}
        route.fulfill(json=[{"id": item["id"], "status": 409, "error": "changed", "todo": todo}])

    page.route("**/api/v1/todos", conflict)
    page.get_by_role("button", name="Edit Soon").click()
    editor(page).get_by_label("Title").fill("Mine")
    editor(page).get_by_role("button", name="Save").click()
    expect(troubles(page)).to_contain_text("was changed elsewhere")
    page.unroute_all()
    page.route("**/api/v1/todos", lambda route: route.fulfill(status=400, json={"error": "No", "field": "title"}))
    box(page, "Never").click()
    expect(troubles(page)).to_contain_text("was not taken")


def settings(page: Page, site: Site) -> None:
    nothing(page, site)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def keys(page: Page, site: Site) -> None:
    nothing(page, site)
    page.get_by_role("button", name="Keys and help").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def calendar(page: Page, site: Site, view: str) -> None:
    site.add_many([{"title": f"Number {number}", "deadline_at": "2031-03-06"} for number in range(6)])
    site.add("Soon", deadline_at="2031-03-07T10:30:00")
    site.add("Late", deadline_at="2031-03-04")
    site.add("Done", deadline_at="2031-03-05", completed=True)
    page.goto("/calendar")
    page.get_by_role("button", name=view, exact=True).click()
    expect(page.locator(".calendar").get_by_text("Soon")).to_be_visible()


def month(page: Page, site: Site) -> None:
    calendar(page, site, "Month")


def more_of_a_day(page: Page, site: Site) -> None:
    calendar(page, site, "Month")
    page.locator(".calendar-more").first.click()
    expect(page.locator(".calendar-popover")).to_be_visible()


def week(page: Page, site: Site) -> None:
    calendar(page, site, "3 days" if (page.viewport_size or {"width": 1})["width"] < 736 else "Week")


def agenda(page: Page, site: Site) -> None:
    calendar(page, site, "Agenda")


def new_in_the_calendar(page: Page, site: Site) -> None:
    calendar(page, site, "Agenda")
    page.get_by_role("button", name="New task").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def feeds(page: Page, site: Site) -> None:
    page.goto("/subscribe")
    expect(page.get_by_role("button", name="Copy")).to_be_visible()


def revoked(page: Page, site: Site) -> None:
    feeds(page, site)
    page.get_by_role("button", name="Revoke the address of Tasks").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke the address").click()
    expect(page.get_by_text("It has no address")).to_be_visible()


def new_feed(page: Page, site: Site) -> None:
    feeds(page, site)
    page.get_by_role("button", name="New feed").click()
    page.get_by_label("From so many days ago on").fill("x")
    page.get_by_role("button", name="Make the feed").click()
    expect(page.get_by_text("A whole number from 0")).to_be_visible()


def code(page: Page, site: Site) -> None:
    feeds(page, site)
    page.get_by_role("button", name="QR code of Tasks").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()


def question(page: Page, site: Site) -> None:
    feeds(page, site)
    page.get_by_role("button", name="New address for Tasks").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def doctor(page: Page, site: Site) -> None:
    feeds(page, site)
    page.get_by_text("Check it, and see who reads it").click()
    expect(page.get_by_role("button", name="Check again")).to_be_visible()


def activity(page: Page, site: Site) -> None:
    site.add("Milk")
    page.goto("/activity")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table")).to_be_visible()


def queues(page: Page, site: Site) -> None:
    answer_all(page)
    page.goto("/queues")
    expect(page.get_by_role("table", name="SQS")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def no_queues(page: Page, site: Site) -> None:
    answer(page, "", {"is_writable": False, "sources": []})
    page.goto("/queues")
    expect(page.get_by_text("There are no queues yet")).to_be_visible()


def one_queue(page: Page, site: Site) -> None:
    answer_all(page)
    page.goto("/queues/sqs/ical-dlq")
    page.get_by_role("button", name="Read the messages").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("progressbar")).to_be_visible()
    for summary in page.get_by_text("The same as a table").all():
        summary.click()
    expect(page.get_by_role("table")).to_have_count(2)


def redriven(page: Page, site: Site) -> None:
    answer_all(page)
    answer(page, "/sqs/ical-dlq/redrive", {"status": "FAILED", "moved": 3, "total": 9, "reason": "No such queue"})
    page.goto("/queues/sqs/ical-dlq")
    page.get_by_role("button", name="Redrive…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Messages a second").fill("none")
    dialog.get_by_role("button", name="Redrive", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()


State = Callable[[Page, Site], None]
STATES: list[State] = [
    nothing, loading, failed, full, selected, selecting, edited, moved, deleted, without_a_line, in_trouble,
    settings, keys, month, more_of_a_day, week, agenda, new_in_the_calendar, feeds, revoked, new_feed, code, question,
    doctor, activity, queues, no_queues, one_queue, redriven,
]  # fmt: skip

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("state", STATES)
def test_nobody_is_shut_out(
    open_window: Open, site: Site, complaints: Complaints, state: State, device: dict[str, Any], theme: Any
) -> None:
    page = open_window(now=NOW, color_scheme=theme, reduced_motion="reduce", **device)
    state(page, site)
    page.evaluate(AXE)
    assert page.evaluate(RUN, TAGS) == []
    page.close()  # or it tries once more, and complains after it was forgiven
    complaints.forgive(NO_LINE)


def test_axe_would_find_something(page: Page) -> None:
    page.goto("/")
    expect(rows(page)).to_have_count(0)
    page.evaluate(AXE)
    page.evaluate("document.querySelector('#add').parentElement.append(document.createElement('button'))")
    found = page.evaluate(RUN, TAGS)
    assert any(violation.startswith("button-name") for violation in found)
