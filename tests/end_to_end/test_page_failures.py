"""A server that answers badly, or not at all: said plainly, with a way to try again, and nothing is lost."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.end_to_end.page import (
    LONG_MS,
    NO_LINE,
    Complaints,
    Held,
    Site,
    add,
    all_sent,
    bodies,
    box,
    line,
    on,
    row,
    shows,
    troubles,
    until,
)

pytest_plugins = ["tests.end_to_end.page_fixtures"]

SYNC = "**/api/v1/lists/1/sync"
WORDS = {
    "500": "The server has a problem (500).",
    "503": "The server has a problem (503). The database is away",
    "html": "The server has a problem (502).",
    "html that says it is well": "The server has a problem (200).",
    "cut off": "The server cannot be reached.",
}
"""What the page says of each kind of bad answer."""


def answer_badly(route: Route, how: str) -> None:
    if how == "500":
        route.fulfill(status=500, json={"error": ""}, headers={"Retry-After": "30"})
    elif how == "503":
        route.fulfill(status=503, json={"error": "The database is away"})
    elif how == "html":
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
    elif how == "html that says it is well":
        route.fulfill(status=200, content_type="text/html", body="<h1>Please log in to the hotel's network</h1>")
    else:
        route.abort()


@pytest.mark.parametrize("how", WORDS)
def test_tasks_that_cannot_be_loaded_are_said_and_loaded_at_the_next_try(
    page: Page, site: Site, complaints: Complaints, how: str
) -> None:
    site.add("Milk")
    page.route(SYNC, lambda route: answer_badly(route, how))
    page.goto("/")
    failed = page.get_by_role("alert").filter(has_text="The tasks could not be loaded.")
    expect(failed).to_contain_text(WORDS[how])
    held = Held(page, "POST", SYNC)
    failed.get_by_role("button", name="Try again").click()
    held.let_go()
    shows(page, "Milk")
    expect(line(page)).to_have_count(0)
    complaints.forgive(NO_LINE)


@pytest.mark.parametrize("how", WORDS)
def test_a_change_that_meets_a_bad_answer_stays_shown_and_arrives_once(
    page: Page, site: Site, complaints: Complaints, how: str
) -> None:
    page.goto("/")
    on(page, "POST", lambda route: answer_badly(route, how))
    add(page, "Milk")
    shows(page, "Milk")
    expect(row(page, "Milk")).to_contain_text("Not sent yet")
    expect(line(page)).to_contain_text(f"{WORDS[how]} 1 change waits to be sent; nothing is lost.")
    assert site.titles() == []
    held = Held(page, "POST")
    line(page).get_by_role("button", name="Try now").click()
    held.let_go()
    all_sent(page)
    expect(line(page)).to_have_count(0)
    assert site.titles() == ["Milk"]
    complaints.forgive(NO_LINE)


def test_a_change_that_met_a_bad_answer_is_tried_again_without_being_asked(
    clocked: Page, site: Site, complaints: Complaints
) -> None:
    site.add("Milk")
    clocked.goto("/")
    on(clocked, "PATCH", lambda route: answer_badly(route, "500"))
    box(clocked, "Milk").check()
    expect(line(clocked)).to_contain_text("1 change waits")
    clocked.unroute_all()
    clocked.clock.run_for(40_000)
    until(clocked, lambda: site.todo("Milk")["completed"])
    expect(line(clocked)).to_have_count(0)
    complaints.forgive(NO_LINE)


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_given_up_after_a_while(
    page: Page, site: Site, complaints: Complaints
) -> None:
    site.add("Milk")
    page.goto("/")
    shows(page, "Milk")
    hanging: list[Route] = []
    on(page, "PATCH", hanging.append)
    box(page, "Milk").check()
    expect(line(page)).to_contain_text("Sending 1 change…")
    expect(box(page, "Milk")).to_be_checked()
    expect(page.get_by_text("1 task, 0 open")).to_be_visible()
    expect(line(page)).to_contain_text("The server did not answer within 15 seconds.", timeout=LONG_MS + 10_000)
    held = Held(page, "PATCH")
    line(page).get_by_role("button", name="Try now").click()
    held.let_go()
    until(page, lambda: site.todo("Milk")["completed"])
    assert site.todo("Milk")["sequence"] == 1
    complaints.forgive(NO_LINE)


def let_step_aside(page: Page) -> list[Request]:
    """Try until the change waits for a person; the attempts that were made."""
    made: list[Request] = []
    page.on("requestfinished", lambda request: made.append(request) if request.method in ("PATCH", "POST") else None)

    def were_made(count: int) -> bool:
        return sum(request.url.endswith("/todos") for request in made) >= count

    for attempt in range(1, 6):
        until(page, partial(were_made, attempt))
        expect(line(page)).to_contain_text("1 change waits")
        line(page).get_by_role("button", name="Try now").click()
    expect(troubles(page)).to_be_visible()
    return [request for request in made if request.url.endswith("/todos")]


def test_a_change_that_fails_again_and_again_steps_aside_and_can_be_tried_again(
    page: Page, site: Site, complaints: Complaints
) -> None:
    site.add_many([{"title": "Milk"}, {"title": "Bread"}])
    milk = site.todo("Milk")["id"]
    page.goto("/")

    def refuse_milk(route: Route) -> None:
        if bodies([route.request])[0][0]["id"] == milk:
            answer_badly(route, "500")
        else:
            route.continue_()

    on(page, "PATCH", refuse_milk)
    box(page, "Milk").check()
    let_step_aside(page)
    expect(troubles(page)).to_contain_text("The change of “Milk” was not taken. The server has a problem (500).")
    box(page, "Bread").check()  # is not held up
    until(page, lambda: site.todo("Bread")["completed"])
    page.unroute_all()
    troubles(page).get_by_role("button", name="Try again").click()
    expect(troubles(page)).to_have_count(0)
    until(page, lambda: site.todo("Milk")["completed"])
    expect(box(page, "Milk")).to_be_checked()
    complaints.forgive(NO_LINE)


def test_a_change_that_stepped_aside_is_discarded_and_taken_back(
    page: Page, site: Site, complaints: Complaints
) -> None:
    site.add("Milk")
    page.goto("/")
    on(page, "PATCH", lambda route: answer_badly(route, "500"))
    box(page, "Milk").check()
    attempts = let_step_aside(page)
    troubles(page).get_by_role("button", name="Discard").click()
    expect(troubles(page)).to_have_count(0)
    expect(box(page, "Milk")).not_to_be_checked()
    expect(line(page)).to_have_count(0)
    page.reload()
    expect(box(page, "Milk")).not_to_be_checked()
    assert (len(attempts), site.todo("Milk")["sequence"]) == (6, 0)
    complaints.forgive(NO_LINE)


def test_what_the_server_refuses_is_said_in_its_words_and_goes_back_into_the_field(
    page: Page, site: Site, complaints: Complaints
) -> None:
    page.goto("/")
    refusal = {"error": "title: such words are not for calendars", "field": "title"}
    on(page, "POST", lambda route: route.fulfill(status=400, json=refusal))
    add(page, "Rude words")
    expect(troubles(page)).to_contain_text("“Rude words” could not be added. title: such words are not for calendars")
    page.unroute_all()
    troubles(page).get_by_role("button", name="Put it back in the field").click()
    expect(troubles(page)).to_have_count(0)
    expect(page.get_by_label("New task")).to_have_value("Rude words")
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    assert site.titles() == []
    complaints.forgive(NO_LINE)


def test_a_tick_on_what_the_server_refused_to_make_goes_with_it(page: Page, site: Site, complaints: Complaints) -> None:
    page.goto("/")
    on(page, "POST", lambda route: route.fulfill(status=400, json={"error": "No", "field": "title"}))
    add(page, "Milk")
    box(page, "Milk").check()
    troubles(page).get_by_role("button", name="Discard").click()
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    expect(troubles(page)).to_have_count(0)
    expect(line(page)).to_have_count(0)
    complaints.forgive(NO_LINE)


def test_a_part_of_the_page_that_cannot_be_loaded_is_said_with_a_way_to_reload(
    page: Page, complaints: Complaints
) -> None:
    page.goto("/")
    page.route("**/assets/*", lambda route: route.abort())
    page.get_by_role("link", name="Calendar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This part of the page could not be loaded.")
    page.unroute_all()
    page.get_by_role("button", name="Reload the page").click()
    expect(page.get_by_role("button", name="New task")).to_be_visible()
    complaints.forgive(NO_LINE)


def test_a_list_changed_by_the_settings_that_the_server_refuses_is_said(
    page: Page, site: Site, complaints: Complaints
) -> None:
    page.goto("/")
    page.get_by_role("button", name="Settings").click()
    dialog = page.get_by_role("dialog", name="Settings")
    dialog.get_by_label("The list's time zone").fill("Mars/Olympus")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("time_zone")
    dialog.get_by_label("The list's time zone").fill("Europe/Berlin")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    assert site.api("GET", "lists/1")["time_zone"] == "Europe/Berlin"
    complaints.forgive(NO_LINE)
