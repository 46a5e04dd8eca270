"""Getting the calendar: the file, the feeds' addresses, and what is done to them, as a person does it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.end_to_end.page import CENTRAL, LONG_MS, NO_LINE, Complaints, Site, on, toasts, until

pytest_plugins = ["tests.end_to_end.page_fixtures"]
pytestmark = CENTRAL

STATUS = "**/api/v1/todos/ical/*/status"
EVENTS = "**/api/v1/jobs/*/events"


def card(page: Page, name: str) -> Locator:
    """A feed, with all that belongs to it."""
    feeds = page.get_by_role("list", name="Feeds")
    return feeds.locator("> li").filter(has=page.get_by_role("heading", name=name))


def address(page: Page, name: str) -> str:
    return card(page, name).get_by_role("textbox", name=f"Address of {name}").input_value()


def status(url: str) -> int:
    return requests.get(url, timeout=20).status_code


def change(page: Page, **new: Any) -> None:
    """Have the page get other values of the default feed."""

    def answer(route: Route) -> None:
        content = route.fetch().json()
        content[0] |= new
        route.fulfill(json=content)

    page.route("**/api/v1/feeds?*", answer)


def test_the_calendar_is_downloaded_and_any_program_reads_it(page: Page, site: Site, tmp_path: Path) -> None:
    site.add("Hand in the report", deadline_at="2031-05-01T10:30:00", description="As a PDF;\nby mail")
    site.add("Mia’s birthday", deadline_at="2031-06-02")
    site.add("Read a book")
    page.goto("/subscribe")
    with page.expect_download(timeout=LONG_MS) as started:
        page.get_by_role("button", name="Download the calendar").click()
    assert started.value.suggested_filename == "taskoverflow.ics"
    started.value.save_as(tmp_path / "saved.ics")
    calendar = icalendar.Calendar.from_ical((tmp_path / "saved.ics").read_bytes())
    assert isinstance(calendar, icalendar.Calendar)
    assert {(str(event["SUMMARY"]), event.start, event.get("DESCRIPTION")) for event in calendar.events} == {
        ("Hand in the report", datetime(2031, 5, 1, 10, 30), "As a PDF;\nby mail"),
        ("Mia’s birthday", date(2031, 6, 2), None),
    }
    expect(page.get_by_text("Ready after")).to_be_visible()
    expect(page.get_by_role("link", name="Save taskoverflow.ics again")).to_be_visible()


def test_without_an_event_stream_the_download_asks_for_its_state(
    page: Page, site: Site, complaints: Complaints
) -> None:
    site.add("Milk", deadline_at="2031-05-01")
    page.route(EVENTS, lambda route: route.fulfill(status=503, json={"error": "No room"}))
    page.goto("/subscribe")
    with page.expect_download(timeout=LONG_MS):
        page.get_by_role("button", name="Download the calendar").click()
    complaints.forgive(NO_LINE)


def test_the_reason_of_a_failed_build_is_shown_and_can_be_tried_again(
    page: Page, site: Site, complaints: Complaints
) -> None:
    failed = {"task_id": "0", "task_status": "FAILURE", "result_url": "", "error": "The disk is full"}
    page.route(EVENTS, lambda route: route.abort())
    page.route(STATUS, lambda route: route.fulfill(json=failed))
    page.goto("/subscribe")
    page.get_by_role("button", name="Download the calendar").click()
    expect(page.get_by_text("No calendar. The disk is full")).to_be_visible()
    page.unroute_all()
    with page.expect_download(timeout=LONG_MS):
        page.get_by_role("region", name="Download it once").get_by_role("button", name="Try again").click()
    complaints.forgive(NO_LINE)


def test_an_address_is_copied(page: Page, site: Site) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/subscribe")
    [feed] = site.api("GET", "feeds")
    card(page, "Tasks").get_by_role("button", name="Copy: Address of Tasks").click()
    expect(toasts(page)).to_contain_text("Copied the address of “Tasks”.")
    assert page.evaluate("navigator.clipboard.readText()") == feed["url"] == address(page, "Tasks")
    link = card(page, "Tasks").get_by_role("link", name="Subscribe to Tasks")
    expect(link).to_have_attribute("href", feed["webcal_url"])
    assert status(feed["url"]) == 200


def test_an_address_is_copied_where_the_browser_withholds_the_clipboard(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/subscribe")
    page.get_by_role("button", name="Copy: Address of Tasks").click()
    expect(toasts(page)).to_contain_text("Copied the address of “Tasks”.")
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == address(page, "Tasks")


def test_an_address_is_shown_as_a_code_for_phones(page: Page) -> None:
    page.goto("/subscribe")
    page.get_by_role("button", name="QR code of Tasks").click()
    dialog = page.get_by_role("dialog", name="QR code of “Tasks”")
    code = dialog.get_by_role("img", name="QR code of the address of Tasks")
    expect(code).to_be_visible()
    shape = code.locator("path").get_attribute("d")
    dialog.get_by_role("radio", name="iPhone and iPad").check()
    expect(code.locator("path")).not_to_have_attribute("d", str(shape))
    expect(dialog).to_contain_text("webcal://")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="QR code of Tasks")).to_be_focused()


def test_a_new_address_is_given_after_a_question_and_the_old_one_is_gone(page: Page, site: Site) -> None:
    page.goto("/subscribe")
    expect(card(page, "Tasks")).to_be_visible()
    old = address(page, "Tasks")
    page.get_by_role("button", name="New address for Tasks").click()
    dialog = page.get_by_role("dialog", name="A new address for “Tasks”?")
    expect(dialog).to_contain_text("The old address stops working at once.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert (address(page, "Tasks"), status(old)) == (old, 200)
    page.get_by_role("button", name="New address for Tasks").click()
    dialog.get_by_role("button", name="Make a new address").click()
    expect(toasts(page)).to_contain_text("“Tasks” has a new address.")
    until(page, lambda: address(page, "Tasks") != old)
    assert (status(old), status(address(page, "Tasks"))) == (404, 200)


def test_an_address_is_revoked_after_a_question_and_a_new_one_can_be_had(page: Page) -> None:
    page.goto("/subscribe")
    expect(card(page, "Tasks")).to_be_visible()
    old = address(page, "Tasks")
    page.get_by_role("button", name="Revoke the address of Tasks").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke the address").click()
    expect(card(page, "Tasks")).to_contain_text("It has no address: that was revoked.")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    assert status(old) == 404
    page.get_by_role("button", name="New address for Tasks").click()
    expect(page.get_by_role("textbox", name="Address of Tasks")).to_be_visible()
    assert (status(old), status(address(page, "Tasks"))) == (404, 200)


def test_a_feed_is_made_changed_and_deleted(page: Page, site: Site) -> None:
    site.add("Milk at home", deadline_at="2031-05-01")
    site.add("Report", deadline_at="2031-05-02")
    page.goto("/subscribe")
    page.get_by_role("button", name="New feed").click()
    dialog = page.get_by_role("dialog", name="New feed")
    dialog.get_by_role("textbox", name="Name").fill("At home")
    dialog.get_by_label("Tasks", exact=True).select_option("Only open ones")
    dialog.get_by_label("Only with this text").fill("home")
    dialog.get_by_label("From so many days ago on").fill("minus one")
    dialog.get_by_role("button", name="Make the feed").click()
    expect(dialog).to_contain_text("A whole number from 0 to 36,500, or nothing.")
    expect(dialog.get_by_label("From so many days ago on")).to_be_focused()
    dialog.get_by_label("From so many days ago on").fill("")
    dialog.get_by_role("button", name="Make the feed").click()
    expect(dialog).to_have_count(0)
    made = card(page, "At home")
    expect(made).to_contain_text("open tasks only")
    expect(made).to_contain_text("with “home” in title or description")
    body = requests.get(address(page, "At home"), timeout=20).text
    assert ("Milk at home" in body, "Report" in body) == (True, False)

    page.get_by_role("button", name="Change At home").click()
    dialog = page.get_by_role("dialog", name="Change “At home”")
    dialog.get_by_label("Only with this text").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(made).not_to_contain_text("in title or description")
    url = address(page, "At home")
    until(page, lambda: "Report" in requests.get(url, timeout=20).text)

    page.get_by_role("button", name="Delete At home").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the feed").click()
    expect(made).to_have_count(0)
    assert (status(url), len(site.api("GET", "feeds"))) == (404, 1)
    expect(page.get_by_role("button", name="Delete Tasks")).to_have_count(0)  # there is always one


def test_what_the_server_refuses_is_said_at_its_field(page: Page, complaints: Complaints) -> None:
    refusal = {"error": "name: there is one of that name", "field": "name"}
    on(page, "POST", lambda route: route.fulfill(status=400, json=refusal), "**/api/v1/feeds")
    page.goto("/subscribe")
    page.get_by_role("button", name="New feed").click()
    dialog = page.get_by_role("dialog", name="New feed")
    field = dialog.get_by_role("textbox", name="Name")
    field.fill("At home")
    dialog.get_by_role("button", name="Make the feed").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value("At home")
    expect(dialog).to_contain_text("name: there is one of that name")
    complaints.forgive(NO_LINE)


def test_a_feed_is_examined_and_says_who_reads_it(page: Page, site: Site) -> None:
    site.add("Milk", deadline_at="2031-05-01")
    page.goto("/subscribe")
    expect(card(page, "Tasks")).to_be_visible()
    url = address(page, "Tasks")
    agent = {"User-Agent": "Google-Calendar-Importer"}
    until(page, lambda: "Milk" in requests.get(url, headers=agent, timeout=20).text)
    page.get_by_text("Check it, and see who reads it").click()
    expect(card(page, "Tasks")).to_contain_text("It is healthy.", timeout=LONG_MS)
    page.get_by_role("button", name="Check again").click()
    expect(card(page, "Tasks")).to_contain_text("It is healthy.", timeout=LONG_MS)


def test_an_address_that_google_cannot_reach_says_so(page: Page) -> None:
    page.goto("/subscribe")
    expect(card(page, "Tasks")).to_contain_text("nobody else can read it, phones included")
    for app, word in {"Apple": "Mac", "Outlook": "Classic Outlook", "Thunderbird": "On the Network"}.items():
        card(page, "Tasks").get_by_role("radio", name=app).check()
        expect(card(page, "Tasks")).to_contain_text(word)
    page.reload()
    expect(card(page, "Tasks").get_by_role("radio", name="Thunderbird")).to_be_checked()


def test_a_feed_is_shown_with_its_size_its_warnings_and_what_went_wrong(page: Page) -> None:
    name = "<img src=x onerror=alert(1)>"
    change(page, name=name, bytes=1_234_567, todos=1, built_at="2031-05-01T10:30:00.123456",
           failure="The ink is out", warnings=["It is large.", "It is very large."])  # fmt: skip
    page.goto("/subscribe")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("1.2 MB, 1 task, built 1 May 2031, 20:30")).to_be_visible()
    expect(page.get_by_text("The last build failed. The ink is out")).to_be_visible()
    expect(page.locator(".warnings li")).to_have_text(["It is large.", "It is very large."])


@pytest.mark.parametrize("kind", ["500", "cut off"])
def test_feeds_that_cannot_be_loaded_are_said_and_loaded_at_the_next_try(
    page: Page, complaints: Complaints, kind: str
) -> None:
    bad = {"500": lambda route: route.fulfill(status=500, body="<h1>Oh</h1>"), "cut off": lambda route: route.abort()}
    page.route("**/api/v1/feeds?*", bad[kind])
    page.goto("/subscribe")
    failed = page.get_by_text("The feeds could not be loaded.")
    expect(failed).to_be_visible()
    page.unroute_all()
    page.get_by_role("region", name="Subscribe").get_by_role("button", name="Try again").click()
    expect(card(page, "Tasks")).to_be_visible()
    expect(failed).to_have_count(0)
    complaints.forgive(NO_LINE)
