"""The same task changed in two places, and answers that are lost: nothing is doubled, nothing silently overwritten."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.end_to_end.page import (
    CENTRAL,
    NO_LINE,
    NOW,
    Complaints,
    Open,
    Site,
    add,
    all_sent,
    box,
    editor,
    on,
    shows,
    troubles,
    until,
    watch_requests,
)

pytest_plugins = ["tests.end_to_end.page_fixtures"]
pytestmark = CENTRAL


@pytest.fixture
def milk(clocked: Page, site: Site, complaints: Complaints) -> Page:
    """A window with one task, and no line."""
    site.add("Milk", description="two", tags=["shop"])
    clocked.goto("/")
    shows(clocked, "Milk")
    clocked.context.set_offline(True)
    return clocked


def retitle(page: Page, before: str, after: str) -> None:
    page.get_by_role("button", name=f"Edit {before}").click()
    editor(page).get_by_label("Title").fill(after)
    editor(page).get_by_role("button", name="Save").click()
    shows(page, after)


def back(page: Page, complaints: Complaints) -> None:
    page.context.set_offline(False)
    complaints.forgive(NO_LINE)


@pytest.fixture
def conflict(milk: Page, site: Site, complaints: Complaints) -> Page:
    """A window that says: the title was changed here to `Mine`, elsewhere to `Theirs`."""
    retitle(milk, "Milk", "Mine")
    site.change(site.todo("Milk")["id"], title="Theirs")
    back(milk, complaints)
    expect(troubles(milk)).to_contain_text("“Theirs” was changed elsewhere in the meantime.")
    complaints.forgive(NO_LINE)
    return milk


def test_a_field_changed_in_two_places_is_shown_with_both_values(conflict: Page, site: Site) -> None:
    values = troubles(conflict).locator("dl > div")
    expect(values).to_have_text(["YoursTitle: Mine", "NowTitle: Theirs"])
    shows(conflict, "Theirs")
    assert site.titles() == ["Theirs"]


def test_mine_is_kept_when_i_say_so(conflict: Page, site: Site) -> None:
    troubles(conflict).get_by_role("button", name="Keep yours").click()
    expect(troubles(conflict)).to_have_count(0)
    shows(conflict, "Mine")
    until(conflict, lambda: site.titles() == ["Mine"])
    assert site.todo("Mine")["sequence"] == 2


def test_theirs_is_kept_when_i_say_so(conflict: Page, site: Site) -> None:
    patches = watch_requests(conflict, "PATCH")
    troubles(conflict).get_by_role("button", name="Keep what is there now").click()
    expect(troubles(conflict)).to_have_count(0)
    shows(conflict, "Theirs")
    conflict.reload()
    shows(conflict, "Theirs")
    expect(troubles(conflict)).to_have_count(0)
    assert (site.titles(), patches) == (["Theirs"], [])


def test_a_conflict_still_asks_after_a_reload(conflict: Page) -> None:
    conflict.reload()
    expect(troubles(conflict)).to_contain_text("“Theirs” was changed elsewhere in the meantime.")


def test_another_field_changed_elsewhere_is_no_conflict(milk: Page, site: Site, complaints: Complaints) -> None:
    retitle(milk, "Milk", "Mine")
    site.change(site.todo("Milk")["id"], completed=True, tags=["other"])
    back(milk, complaints)
    until(milk, lambda: site.titles() == ["Mine"])
    todo = site.todo("Mine")
    assert (todo["completed"], todo["tags"], todo["description"]) == (True, ["other"], "two")
    all_sent(milk)
    expect(box(milk, "Mine")).to_be_checked()
    expect(troubles(milk)).to_have_count(0)
    complaints.forgive(NO_LINE)


def test_the_same_change_made_elsewhere_is_no_conflict(milk: Page, site: Site, complaints: Complaints) -> None:
    box(milk, "Milk").check()
    site.change(site.todo("Milk")["id"], completed=True)
    back(milk, complaints)
    all_sent(milk)
    expect(troubles(milk)).to_have_count(0)
    assert site.todo("Milk")["sequence"] == 1
    complaints.forgive(NO_LINE)


def test_a_task_deleted_elsewhere_is_said_and_made_anew(milk: Page, site: Site, complaints: Complaints) -> None:
    retitle(milk, "Milk", "Mine")
    site.api("DELETE", f"todos/{site.todo('Milk')['id']}")
    back(milk, complaints)
    expect(troubles(milk)).to_contain_text("“Milk” was deleted elsewhere; your change of it cannot be made.")
    troubles(milk).get_by_role("button", name="Make it anew").click()
    expect(troubles(milk)).to_have_count(0)
    shows(milk, "Mine")
    until(milk, lambda: site.titles() == ["Mine"])
    assert (site.todo("Mine")["description"], site.todo("Mine")["tags"]) == ("two", ["shop"])
    complaints.forgive(NO_LINE)


def test_a_task_deleted_elsewhere_is_let_go(milk: Page, site: Site, complaints: Complaints) -> None:
    box(milk, "Milk").check()
    site.api("DELETE", f"todos/{site.todo('Milk')['id']}")
    back(milk, complaints)
    troubles(milk).get_by_role("button", name="Let it go").click()
    expect(milk.get_by_text("No tasks yet")).to_be_visible()
    milk.reload()
    expect(milk.get_by_text("No tasks yet")).to_be_visible()
    assert site.titles() == []
    complaints.forgive(NO_LINE)


def test_a_task_changed_elsewhere_is_not_deleted_unseen(milk: Page, site: Site, complaints: Complaints) -> None:
    milk.get_by_role("button", name="Delete Milk").click()
    milk.clock.run_for(8_000)
    site.change(site.todo("Milk")["id"], title="Milk and honey")
    back(milk, complaints)
    expect(troubles(milk)).to_contain_text("“Milk and honey” was changed elsewhere in the meantime.")
    expect(troubles(milk).locator("dl > div").first).to_have_text("Yoursdeleted")
    assert site.titles() == ["Milk and honey"]
    troubles(milk).get_by_role("button", name="Keep yours").click()
    until(milk, lambda: site.titles() == [])
    complaints.forgive(NO_LINE)


def test_two_people_who_delete_the_same_task_are_both_content(
    open_window: Open, site: Site, complaints: Complaints
) -> None:
    site.add("Milk")
    both = [open_window(now=NOW), open_window(now=NOW)]
    for window in both:
        window.goto("/")
        shows(window, "Milk")
    for window in both:
        window.get_by_role("button", name="Delete Milk").click()
    for window in both:
        window.clock.run_for(8_000)
        expect(window.get_by_text("No tasks yet")).to_be_visible()
    until(both[0], lambda: site.titles() == [])
    for window in both:
        window.reload()
        expect(window.get_by_text("No tasks yet")).to_be_visible()
        expect(troubles(window)).to_have_count(0)


def lose_the_first_answer(page: Page, method: str) -> list[int]:
    """Statuses that the server gave; the page never sees the first of them."""
    given: list[int] = []

    def forward(route: Route) -> None:
        answer = route.fetch()
        given.append(answer.status)
        if len(given) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    on(page, method, forward)
    return given


def test_a_lost_answer_to_an_addition_makes_no_second_task(page: Page, site: Site, complaints: Complaints) -> None:
    page.goto("/")
    given = lose_the_first_answer(page, "POST")
    add(page, "Milk")
    shows(page, "Milk")
    until(page, lambda: len(given) == 2)
    all_sent(page)
    assert (site.titles(), given) == (["Milk"], [201, 200])
    shows(page, "Milk")
    complaints.forgive(NO_LINE)


def test_a_lost_answer_to_a_change_is_neither_a_second_change_nor_a_conflict(
    page: Page, site: Site, complaints: Complaints
) -> None:
    site.add("Milk")
    page.goto("/")
    given = lose_the_first_answer(page, "PATCH")
    box(page, "Milk").check()
    until(page, lambda: len(given) == 2)
    all_sent(page)
    expect(box(page, "Milk")).to_be_checked()
    expect(troubles(page)).to_have_count(0)
    assert (site.todo("Milk")["completed"], site.todo("Milk")["sequence"]) == (True, 1)
    complaints.forgive(NO_LINE)


def test_a_lost_answer_to_a_deletion_is_no_trouble(clocked: Page, site: Site, complaints: Complaints) -> None:
    site.add("Milk")
    clocked.goto("/")
    given = lose_the_first_answer(clocked, "PATCH")
    clocked.get_by_role("button", name="Delete Milk").click()
    clocked.clock.run_for(8_000)
    until(clocked, lambda: given)
    clocked.clock.run_for(3_000)
    until(clocked, lambda: len(given) == 2)
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()
    expect(troubles(clocked)).to_have_count(0)
    assert site.titles() == []
    complaints.forgive(NO_LINE)
