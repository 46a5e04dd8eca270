"""The page at `/activity`, used as a person does, and the API's events as a browser reads them."""

# ruff: noqa: F811 (pytest hands over the fixtures imported here by their names)

from __future__ import annotations

from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.end_to_end.test_page import address, browser, complaints, page, post  # noqa: F401
from tests.processes import wait_for

NEWS_MS = 20_000
"""Far more than the counts take to be written and the page to ask for them."""


def activity(address: str, query: str = "") -> Any:
    return requests.get(f"{address}/api/v1/lists/1/activity{query}", timeout=10).json()


def feeds(address: str) -> Any:
    return requests.get(f"{address}/api/v1/feeds", timeout=10).json()


def tile(page: Page, name: str) -> Locator:
    """The number that stands under a name."""
    return page.locator("dl > div", has=page.get_by_role("term").get_by_text(name, exact=True)).locator("dd").first


def change(page: Page, pattern: str, **new: Any) -> None:
    """Have the page get other values in the answers to what matches `pattern`."""

    def answer(route: Route) -> None:
        content = route.fetch().json()
        if isinstance(content, list):
            content[0] |= new
        else:
            content |= new
        route.fulfill(json=content)

    page.route(pattern, answer)


def test_changes_and_fetches_appear_without_a_reload(page: Page, address: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Activity").click()
    expect(page).to_have_url(f"{address}/activity")
    before = activity(address)["totals"]
    for number in range(3):
        post(address, title=f"Number {number}", deadline_at="2031-05-01")
    url = feeds(address)[0]["url"]
    known = {"If-None-Match": requests.get(url, timeout=20).headers["ETag"]}
    wait_for(lambda: requests.get(url, headers=known, timeout=20).status_code == 304, lambda: "never 304")
    wait_for(lambda: activity(address)["totals"]["not_modified"] > before["not_modified"], lambda: "not counted")
    now = activity(address)
    assert now["totals"]["changes"] >= before["changes"] + 3
    expect(tile(page, "Changes")).to_have_text(str(now["totals"]["changes"]), timeout=NEWS_MS)
    expect(tile(page, "Not modified")).to_have_text(str(now["totals"]["not_modified"]), timeout=NEWS_MS)
    wait_for(
        lambda: page.get_by_text(f"{activity(address)['summary']}.", exact=True).is_visible(), lambda: "no summary"
    )
    page.get_by_role("link", name="Tasks").click()
    expect(page).to_have_url(f"{address}/")


def test_the_chart_has_a_name_and_the_same_figures_as_a_table(page: Page, address: str) -> None:
    none: dict[str, Any] = dict.fromkeys(activity(address)["totals"], 0)
    parts = [none | {"from": f"2031-05-01T10:{minute:02}:00Z"} for minute in range(60)]
    parts[7] |= {"changes": 1_234, "bells": 3, "builds": 2}
    parts[59] |= {"fetches": 5, "not_modified": 4, "bytes_sent": 1_000, "bytes_saved": 4_000_000}
    totals = {name: sum(part[name] for part in parts) for name in none}
    change(page, "**/activity?*", series=parts, totals=totals, bucket_minutes=1, summary="What happened")
    page.goto("/activity")
    chart = page.get_by_role("img", name="Changes, builds and fetches over time")
    expect(chart).to_be_visible()
    expect(chart.locator("desc")).to_contain_text("What happened")
    assert [chart.locator(f"rect.{kind}").count() for kind in ("done", "saved")] == [3, 1]
    page.get_by_text("The same as a table").click()
    cells = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]
    assert cells == [
        ["20:59", "0", "0", "0", "5", "4", "1 kB", "4 MB"],  # Brisbane is ten hours ahead of UTC
        ["20:07", "1,234", "3", "2", "0", "0", "0 bytes", "0 bytes"],
    ]
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 7.5 / 60, box["y"] + 100)
    expect(page.get_by_text("20:07–20:08: 1,234 changes, 2 builds, no fetches")).to_be_visible()
    page.mouse.move(0, 0)
    expect(page.get_by_text("Each bar is 1 minute.")).to_be_visible()


def test_where_nothing_happened_the_page_says_what_to_do(page: Page, address: str) -> None:
    change(page, "**/activity?*", totals=dict.fromkeys(activity(address)["totals"], 0))
    page.goto("/activity")
    expect(page.get_by_text("Nothing happened in this time.")).to_be_visible()
    expect(page.get_by_role("img", name="Changes")).to_have_count(0)
    page.get_by_role("link", name="Change a task").click()
    expect(page).to_have_url(f"{address}/")


def test_the_span_is_chosen_by_keyboard_too_and_stays_after_a_reload(page: Page) -> None:
    page.goto("/activity")
    hour, day, month = (page.get_by_role("radio", name=name) for name in ("1 hour", "1 day", "30 days"))
    expect(hour).to_be_checked()
    with page.expect_response("**/activity?minutes=1440&*") as answered:
        day.check()
    assert answered.value.ok
    with page.expect_response("**/activity?minutes=43200&*") as answered:
        page.keyboard.press("ArrowRight")
    assert answered.value.ok
    expect(month).to_be_checked()
    page.reload()
    expect(month).to_be_checked()


def test_an_address_is_copied(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/activity")
    [feed] = feeds(address)
    item = page.get_by_role("list", name="Calendar addresses").get_by_role("listitem").first
    expect(item.get_by_role("textbox")).to_have_value(feed["url"])
    assert item.get_by_role("link", name="Subscribe").get_attribute("href") == feed["webcal_url"]
    item.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied the address of “Tasks”.")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == feed["url"]


def test_an_address_is_copied_where_the_browser_withholds_the_clipboard(page: Page, address: str) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/activity")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied the address of “Tasks”.")).to_be_attached()
    selected = "document.activeElement.value.slice(document.activeElement.selectionStart)"
    assert page.evaluate(selected) == feeds(address)[0]["url"]


def test_a_feed_is_shown_with_its_size_its_warnings_and_what_went_wrong(page: Page, complaints: list[str]) -> None:
    name = "<img src=x onerror=alert(1)>"
    change(page, "**/feeds?*", name=name, bytes=1_234_567, todos=1, built_at="2031-05-01T10:30:00.123456",
           failure="The ink is out", warnings=["It is large.", "It is very large."])  # fmt: skip
    page.goto("/activity")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("1.2 MB, 1 task, built 1 May 2031, 20:30")).to_be_visible()
    expect(page.get_by_text("The last build failed. The ink is out")).to_be_visible()
    expect(page.locator(".warnings li")).to_have_text(["It is large.", "It is very large."])
    assert complaints == []


def test_a_revoked_address_is_not_offered(page: Page) -> None:
    change(page, "**/feeds?*", url=None, webcal_url=None, revoked=True)
    page.goto("/activity")
    expect(page.get_by_text("It has no address: that was revoked.")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_server_that_went_away_is_said_and_the_page_goes_on_when_it_is_back(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.goto("/activity")
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_role("radio", name="1 day").check()
    expect(page.get_by_text("The server cannot be reached. Is it running?")).to_be_visible()
    page.unroute_all()
    expect(page.get_by_text("The server cannot be reached.")).to_be_hidden(timeout=NEWS_MS)
    assert all("Failed to load resource" in complaint for complaint in complaints)
    complaints.clear()


@pytest.mark.parametrize("path", ["/", "/activity"])
def test_the_pages_fit_a_narrow_phone(page: Page, address: str, path: str) -> None:
    post(address, title="one")
    change(page, "**/feeds?*", name="W" * 255, warnings=["W" * 300], failure="W" * 300)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(path)
    if path == "/activity":
        expect(page.get_by_role("button", name="Copy")).to_be_visible()
        page.get_by_text("The same as a table").click(timeout=NEWS_MS)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_browser_follows_a_job_to_its_end_and_does_not_come_back(page: Page, address: str) -> None:
    post(address, title="one", deadline_at="2031-05-01")
    job = requests.post(f"{address}/api/v1/todos/ical", timeout=10).json()["task_id"]
    page.goto("/")
    told = page.evaluate(
        """job => new Promise((ended) => {
          const told = [];
          const source = new EventSource(`api/v1/jobs/${job}/events`);
          source.onmessage = (event) => told.push(JSON.parse(event.data).task_status);
          source.onerror = () => source.readyState === EventSource.CLOSED && ended(told);
        })""",
        job,
    )
    assert told[-1] == "SUCCESS"
    assert told.count("SUCCESS") == 1
