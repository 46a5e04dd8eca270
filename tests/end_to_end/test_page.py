"""The page at `/` and the API's page at `/docs/`, used as a person does: in a browser, by what is written on them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import icalendar
import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

from tests.processes import Watched
from tests.servers.process import ServerMissing, find_program, free_port

# A browser in a container has no user namespaces to build its sandbox from, and little shared memory.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server and a worker that run with nothing configured."""
    port = free_port()
    env = {**os.environ, "DATA_DIR": str(tmp_path_factory.mktemp("page"))}
    running = Watched([sys.executable, "-m", "todo.cli", "up", "--port", str(port)], env)
    try:
        running.see(f"TaskOverflow is at http://127.0.0.1:{port} (Ctrl-C stops it)".encode())
        running.see_like(rb"worker \| .*\. ical")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium: none is downloaded. Without it the tests are skipped, or fail where `CI` is set."""
    try:
        path = find_program("chromium")
    except ServerMissing as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser wrote to its console, and what it asked of others; a test fails when something is left here."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A new browser window; the list of todos is empty."""
    known = requests.get(f"{address}/api/v1/todos", timeout=10).json()
    if known:
        changes = [{"id": todo["id"], "deleted": True} for todo in known]
        requests.patch(f"{address}/api/v1/todos", json=changes, timeout=10).raise_for_status()
    context = browser.new_context(base_url=address, locale="en-GB", timezone_id="Australia/Brisbane")
    window = context.new_page()

    def check_origin(request: Request) -> None:
        if not request.url.startswith((f"{address}/", "data:")):
            complaints.append(request.url)

    window.on("request", check_origin)
    window.on("console", lambda message: complaints.append(message.text))
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    yield window
    context.close()
    assert complaints == []


def post(address: str, **fields: str) -> None:
    requests.post(f"{address}/api/v1/todos", json=fields, timeout=10).raise_for_status()


def add(page: Page, title: str, *, deadline: str = "", whole_day: bool = False, description: str = "") -> None:
    """Fill in the form and send it."""
    page.get_by_label("Title").fill(title)
    page.get_by_label("Whole day").set_checked(whole_day)
    page.get_by_label("Deadline").fill(deadline)
    page.get_by_label("Description").fill(description)
    page.get_by_role("button", name="Add task").click()
    expect(page.get_by_text(f"Added “{title}”.")).to_be_visible()


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Tasks").get_by_role("listitem")


def box(page: Page, title: str) -> Locator:
    """What a task is ticked off with."""
    return page.get_by_role("checkbox", name=title, exact=True)


def download(page: Page, folder: Path) -> list[icalendar.Event]:
    """Make the calendar and read the file that the browser saves."""
    with page.expect_download() as started:
        page.get_by_role("button", name="Make the calendar").click()
    assert started.value.suggested_filename == "taskoverflow.ics"
    started.value.save_as(folder / "saved.ics")
    calendar = icalendar.Calendar.from_ical((folder / "saved.ics").read_bytes())
    assert isinstance(calendar, icalendar.Calendar)
    return calendar.events


def test_a_person_adds_tasks_and_downloads_a_calendar_of_those_with_a_deadline(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    add(page, "Hand in the report", deadline="2031-05-01T10:30", description="As a PDF;\nby mail")
    add(page, "Mia’s birthday", deadline="2031-06-02", whole_day=True)
    add(page, "Read a book")
    expect(rows(page)).to_contain_text(["Read a book", "Mia’s birthday", "Hand in the report"])
    expect(rows(page)).to_contain_text(["", "2 Jun 2031", "1 May 2031, 10:30"])
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("Title")).to_be_empty()

    events = download(page, tmp_path)
    assert {(str(event["SUMMARY"]), event.start, event.get("DESCRIPTION")) for event in events} == {
        ("Hand in the report", datetime(2031, 5, 1, 10, 30), "As a PDF;\nby mail"),
        ("Mia’s birthday", date(2031, 6, 2), None),
    }
    expect(page.get_by_text(re.compile("Ready after .* seconds"))).to_be_visible()
    expect(page.get_by_role("link", name="Download taskoverflow.ics")).to_be_visible()


def test_a_task_is_ticked_off_and_stays_so(page: Page, address: str) -> None:
    post(address, title="Water the plants", deadline_at="2001-01-01")
    page.goto("/")
    expect(rows(page)).to_contain_text(["Overdue: 1 Jan 2001"])
    box(page, "Water the plants").check()
    expect(page.get_by_text("0 open, 1 done")).to_be_visible()
    expect(rows(page)).not_to_contain_text(["Overdue"])
    page.reload()
    expect(box(page, "Water the plants")).to_be_checked()
    box(page, "Water the plants").uncheck()
    expect(page.get_by_text("1 open, 0 done")).to_be_visible()
    assert [todo["completed"] for todo in requests.get(f"{address}/api/v1/todos", timeout=10).json()] == [False]


def test_a_deadline_is_shown_as_the_kind_it_is(page: Page, address: str) -> None:
    post(address, title="instant", deadline_at="2031-05-01T23:00:00Z")
    post(address, title="local", deadline_at="2031-05-01T23:00:00")
    post(address, title="day", deadline_at="2031-05-01")
    page.goto("/")
    # Brisbane is ten hours ahead of UTC.
    expect(rows(page)).to_contain_text(["1 May 2031", "1 May 2031, 23:00", "2 May 2031, 09:00"])


def test_html_in_a_task_is_shown_as_text(page: Page, address: str, complaints: list[str]) -> None:
    text = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>"
    page.goto("/")
    add(page, text, description=text)
    page.reload()
    expect(box(page, text)).to_have_count(1)
    expect(rows(page).get_by_text(text, exact=True)).to_have_count(2)
    assert complaints == []


def test_deleting_asks_first_and_leaves_the_focus_nearby(page: Page, address: str) -> None:
    post(address, title="First")
    post(address, title="Second")
    page.goto("/")
    page.get_by_role("button", name="Delete Second").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Delete “Second”?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete Second")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows(page)).to_contain_text(["First"])
    expect(page.get_by_role("button", name="Delete First")).to_be_focused()
    assert [todo["title"] for todo in requests.get(f"{address}/api/v1/todos", timeout=10).json()] == ["First"]


def test_more_than_two_hundred_tasks_come_in_two_steps(page: Page, address: str) -> None:
    for number in range(203):
        post(address, title=f"Number {number}")
    page.goto("/")
    expect(page.get_by_text("newest 200: 200 open, 0 done")).to_be_visible()
    expect(rows(page)).to_have_count(200)
    page.get_by_role("button", name="Show more").click()
    expect(rows(page)).to_have_count(203)
    expect(rows(page).last).to_contain_text("Number 0")
    expect(box(page, "Number 2")).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_what_the_server_refuses_is_said_in_its_words_and_nothing_typed_is_lost(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.goto("/")
    answer = requests.post(f"{address}/api/v1/todos", json={"title": "x" * 256}, timeout=10)
    page.get_by_label("Title").fill("x" * 256)
    page.get_by_label("Description").fill("kept")
    page.get_by_role("button", name="Add task").click()
    expect(page.get_by_text(f"Adding failed. {answer.json()['error']}")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("x" * 256)
    expect(page.get_by_label("Description")).to_have_value("kept")
    assert len(complaints) == 1
    assert "400" in complaints.pop()  # Chromium notes each answer of that kind in its console


def test_a_server_that_went_away_is_said_and_the_page_goes_on_when_it_is_back(
    page: Page, address: str, complaints: list[str]
) -> None:
    post(address, title="Milk")
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto("/")
    gone = "The server cannot be reached. Is it running?"
    expect(page.get_by_text(f"Loading the tasks failed. {gone}")).to_be_visible()
    page.get_by_role("button", name="Make the calendar").click()
    expect(page.get_by_text(f"No calendar. {gone}")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_contain_text(["Milk"])
    page.route("**/api/v1/**", lambda route: route.abort())
    box(page, "Milk").click()
    expect(page.get_by_text(f"Changing “Milk” failed. {gone}")).to_be_visible()
    expect(box(page, "Milk")).not_to_be_checked()
    assert all("Failed to load resource" in complaint for complaint in complaints)
    complaints.clear()


def test_the_reason_of_a_failed_build_is_shown(page: Page) -> None:
    failed = {"task_id": "0", "task_status": "FAILURE", "result_url": "", "error": "The disk is full"}
    page.route("**/ical/*/status", lambda route: route.fulfill(json=failed))
    page.goto("/")
    page.get_by_role("button", name="Make the calendar").click()
    expect(page.get_by_text("No calendar. The disk is full")).to_be_visible()


def test_a_proxy_without_words_is_quoted_with_its_status(page: Page, complaints: list[str]) -> None:
    page.route("**/api/v1/todos?*", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.goto("/")
    expect(page.get_by_text("Loading the tasks failed. The server answered 502")).to_be_visible()
    assert len(complaints) == 1
    assert "502" in complaints.pop()


def test_the_page_fits_a_narrow_phone(page: Page, address: str) -> None:
    post(address, title="W" * 255, description="W" * 300, deadline_at="2031-05-01T10:00:00")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    expect(rows(page)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_api_docs_are_one_click_away_and_send_requests(page: Page, address: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="API docs").click()
    expect(page).to_have_url(f"{address}/docs/")
    operation = page.locator(".opblock", has_text="/api/v1/health")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"status": "ok"')


def test_the_api_docs_are_found_without_the_last_slash_too(page: Page, address: str) -> None:
    page.goto("/docs")
    expect(page).to_have_url(f"{address}/docs/")
    expect(page.get_by_role("heading", name="TaskOverflow").first).to_be_visible()
