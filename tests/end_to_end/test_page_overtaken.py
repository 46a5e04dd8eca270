"""What happens between a change and its arrival: somebody takes it back, another tab goes, another server comes."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.end_to_end.page import (
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

GONE = r"410 \(GONE\)"


def opened(page: Page, site: Site, *titles: str) -> Page:
    for title in titles:
        site.add(title)
    page.goto("/")
    shows(page, *reversed(titles))
    return page


def retitle(page: Page, before: str, after: str) -> None:
    page.get_by_role("button", name=f"Edit {before}").click()
    editor(page).get_by_label("Title").fill(after)
    editor(page).get_by_role("button", name="Save").click()
    shows(page, after)


def test_one_change_that_merges_does_not_carry_another_over_a_conflict(
    page: Page, site: Site, complaints: Complaints
) -> None:
    opened(page, site, "Milk")
    page.context.set_offline(True)
    box(page, "Milk").check()
    retitle(page, "Milk", "Mine")
    site.change(site.todo("Milk")["id"], title="Theirs")
    page.context.set_offline(False)
    expect(troubles(page)).to_contain_text("“Theirs” was changed elsewhere in the meantime.")
    until(page, lambda: site.todo("Theirs")["completed"])
    assert site.titles() == ["Theirs"]
    complaints.forgive(NO_LINE)


def test_a_change_that_somebody_took_back_before_its_lost_answer_is_asked_about(
    page: Page, site: Site, complaints: Complaints
) -> None:
    opened(page, site, "Milk")
    todo_id = site.todo("Milk")["id"]
    given: list[int] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        given.append(answer.status)
        if len(given) == 1:
            site.change(todo_id, completed=False)
            route.abort()
        else:
            route.fulfill(response=answer)

    on(page, "PATCH", lose_the_first)
    box(page, "Milk").check()
    expect(troubles(page)).to_contain_text("“Milk” was changed elsewhere in the meantime.")
    assert site.todo("Milk")["completed"] is False
    complaints.forgive(NO_LINE)


def test_a_task_that_was_deleted_before_its_lost_answer_is_not_made_again(
    page: Page, site: Site, complaints: Complaints
) -> None:
    opened(page, site)
    given: list[int] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        given.append(answer.status)
        if len(given) == 1:
            site.api("DELETE", f"todos/{answer.json()['id']}")
            route.abort()
        else:
            route.fulfill(response=answer)

    on(page, "POST", lose_the_first)
    add(page, "Milk")
    until(page, lambda: given[1:] == [410])
    all_sent(page)
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    assert site.titles() == []
    complaints.forgive(NO_LINE)
    complaints.forgive(GONE)


def test_what_waits_for_one_server_is_not_sent_to_another_at_its_address(
    page: Page, site: Site, complaints: Complaints
) -> None:
    opened(page, site, "Milk")
    page.context.set_offline(True)
    box(page, "Milk").check()
    add(page, "Bread")

    def answer_as_another(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "installation": "00000000-0000-4000-8000-000000000000"})

    on(page, "POST", answer_as_another, "**/api/v1/lists/1/sync")
    sent = watch_requests(page, "PATCH")
    page.context.set_offline(False)
    expect(troubles(page)).to_contain_text("“Milk” belongs to other tasks, which were at this address before.")
    assert (site.todo("Milk")["completed"], site.titles(), sent) == (False, ["Milk"], [])
    troubles(page).get_by_role("button", name="Add it here").click()
    until(page, lambda: "Bread" in site.titles())
    troubles(page).get_by_role("button", name="Discard").click()
    expect(troubles(page)).to_have_count(0)
    complaints.forgive(NO_LINE)


def test_a_tab_that_is_closed_does_not_cut_short_the_undo_of_another(open_window: Open, site: Site) -> None:
    one = opened(open_window(now=NOW), site, "Milk")
    other = one.context.new_page()
    other.goto("/")
    shows(other, "Milk")
    one.get_by_role("button", name="Delete Milk").click()
    expect(other.get_by_text("No tasks yet")).to_be_visible()
    other.close(run_before_unload=False)
    one.get_by_role("button", name="Undo").click()
    shows(one, "Milk")
    all_sent(one)
    one.reload()
    shows(one, "Milk")
    assert site.titles() == ["Milk"]


def test_what_is_typed_into_an_editor_outlives_a_look_at_another_view(page: Page, site: Site) -> None:
    opened(page, site, "Milk")
    page.get_by_role("button", name="Edit Milk").click()
    editor(page).get_by_label("Description").fill("two litres")
    page.get_by_role("link", name="Activity").click()
    expect(page.get_by_role("heading", name="Activity", level=1)).to_be_visible()
    page.get_by_role("link", name="Tasks", exact=True).click()
    expect(editor(page).get_by_label("Description")).to_have_value("two litres")
    editor(page).get_by_role("button", name="Save").click()
    until(page, lambda: site.todo("Milk")["description"] == "two litres")


def test_an_editor_stays_open_when_its_task_no_longer_matches(page: Page, site: Site) -> None:
    opened(page, site, "Milk")
    page.get_by_role("radio", name="Open").check()
    page.get_by_role("button", name="Edit Milk").click()
    editor(page).get_by_label("Title").fill("Milk and honey")
    site.change(site.todo("Milk")["id"], completed=True)
    expect(page.get_by_text("0 open")).to_be_visible()
    expect(editor(page).get_by_label("Title")).to_have_value("Milk and honey")
    editor(page).get_by_role("button", name="Save").click()
    until(page, lambda: site.titles() == ["Milk and honey"])


def test_the_key_that_undoes_leaves_alone_what_is_no_longer_offered(open_window: Open, site: Site) -> None:
    page = opened(open_window(now=NOW), site, "Milk")
    retitle(page, "Milk", "Bread")
    all_sent(page)
    page.clock.run_for(8_000)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    site.change(site.todo("Bread")["id"], title="Butter")
    patches = watch_requests(page, "PATCH")
    page.locator("main h1").focus()
    page.keyboard.press("u")
    page.reload()
    shows(page, "Butter")
    assert (site.titles(), patches) == (["Butter"], [])
