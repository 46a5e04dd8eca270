"""The view of activity, used as a person does, and the API's events as a browser reads them."""

from __future__ import annotations

from typing import Any

import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.end_to_end.page import LONG_MS, NO_LINE, Complaints, Site, until

pytest_plugins = ["tests.end_to_end.page_fixtures"]


def activity(site: Site) -> Any:
    return site.api("GET", "lists/1/activity")


def tile(page: Page, name: str) -> Locator:
    """The number that stands under a name."""
    return page.locator("dl > div", has=page.get_by_role("term").get_by_text(name, exact=True)).locator("dd").first


def change(page: Page, **new: Any) -> None:
    """Have the page get other figures."""

    def answer(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | new)

    page.route("**/activity?*", answer)


def test_changes_and_fetches_appear_without_a_reload(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_role("link", name="Activity").first.click()
    expect(page).to_have_url(f"{site.address}/activity")
    before = activity(site)["totals"]
    site.add_many([{"title": f"Number {number}", "deadline_at": "2031-05-01"} for number in range(3)])
    url = site.api("GET", "feeds")[0]["url"]
    known = {"If-None-Match": requests.get(url, timeout=20).headers["ETag"]}
    until(page, lambda: requests.get(url, headers=known, timeout=20).status_code == 304, "never 304")
    until(page, lambda: activity(site)["totals"]["not_modified"] > before["not_modified"], "not counted")
    now = activity(site)["totals"]
    assert now["changes"] >= before["changes"] + 3
    expect(tile(page, "Changes")).to_have_text(str(now["changes"]), timeout=LONG_MS)
    expect(tile(page, "Not modified")).to_have_text(str(now["not_modified"]), timeout=LONG_MS)


def test_the_chart_has_a_name_and_the_same_figures_as_a_table(page: Page, site: Site) -> None:
    none: dict[str, Any] = dict.fromkeys(activity(site)["totals"], 0)
    parts = [none | {"from": f"2031-05-01T10:{minute:02}:00Z"} for minute in range(60)]
    parts[7] |= {"changes": 1_234, "bells": 3, "builds": 2}
    parts[59] |= {"fetches": 5, "not_modified": 4, "bytes_sent": 1_000, "bytes_saved": 4_000_000}
    totals = {name: sum(part[name] for part in parts) for name in none}
    change(page, series=parts, totals=totals, bucket_minutes=1)
    page.goto("/activity")
    said = "1,234 changes → 2 builds, 5 fetches → 4 not modified, 4 MB not sent."
    expect(page.get_by_text(said, exact=True)).to_be_visible()
    chart = page.get_by_role("img", name="Changes, builds and fetches over time")
    expect(chart).to_be_visible()
    expect(chart.locator("desc")).to_contain_text(said)
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


def test_where_nothing_happened_the_page_says_what_to_do(page: Page, site: Site) -> None:
    change(page, totals=dict.fromkeys(activity(site)["totals"], 0))
    page.goto("/activity")
    expect(page.get_by_text("Nothing happened in this time.")).to_be_visible()
    expect(page.get_by_role("img", name="Changes")).to_have_count(0)
    page.get_by_role("link", name="Change a task").click()
    expect(page).to_have_url(f"{site.address}/")
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_focused()


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


def test_a_server_that_went_away_is_said_and_the_page_goes_on_when_it_is_back(
    page: Page, complaints: Complaints
) -> None:
    page.goto("/activity")
    expect(tile(page, "Changes").or_(page.get_by_text("Nothing happened in this time.")).first).to_be_visible()
    page.route("**/activity?*", lambda route: route.abort())
    page.get_by_role("radio", name="1 day").check()
    failed = page.get_by_text("No news: The server cannot be reached.")
    expect(failed).to_be_visible()
    page.unroute_all()
    expect(failed).to_be_hidden(timeout=LONG_MS)
    complaints.forgive(NO_LINE)


def test_the_way_to_the_feeds_is_one_link(page: Page, site: Site) -> None:
    page.goto("/activity")
    page.get_by_role("main").get_by_role("link", name="Get the calendar").click()
    expect(page).to_have_url(f"{site.address}/subscribe")
    expect(page.get_by_role("heading", name="Get the calendar", level=1)).to_be_focused()


def test_a_browser_follows_a_job_to_its_end_and_does_not_come_back(page: Page, site: Site) -> None:
    site.add("one", deadline_at="2031-05-01")
    job = site.api("POST", "todos/ical")["task_id"]
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
