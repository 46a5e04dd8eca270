"""The page by keyboard alone: everything can be reached and done, and the focus is never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.page import Open, Site, box, editor, has_focus, row, shows, toasts, until, words

pytest_plugins = ["tests.end_to_end.page_fixtures"]


@pytest.fixture
def three(clocked: Page, site: Site) -> Page:
    """A window with three tasks."""
    site.add_many([{"title": "One"}, {"title": "Two"}, {"title": "Three"}])
    clocked.goto("/")
    shows(clocked, "Three", "Two", "One")
    return clocked


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_day_s_work_is_done_without_a_mouse(clocked: Page, site: Site) -> None:
    clocked.goto("/")
    expect(clocked.get_by_text("No tasks yet")).to_be_visible()
    press(clocked, "n")
    expect(clocked.get_by_label("New task")).to_be_focused()
    clocked.keyboard.type("Milk tomorrow")
    press(clocked, "Enter")
    shows(clocked, "Milk")
    clocked.keyboard.type("Bread")
    press(clocked, "Enter")
    shows(clocked, "Bread", "Milk")
    for _ in range(30):
        press(clocked, "Tab")
        if row(clocked, "Bread").evaluate("element => element === document.activeElement"):
            break
    expect(row(clocked, "Bread")).to_be_focused()
    press(clocked, "ArrowDown")
    expect(row(clocked, "Milk")).to_be_focused()
    press(clocked, "Space")
    expect(box(clocked, "Milk")).to_be_checked()
    press(clocked, "ArrowUp", "Enter")
    expect(editor(clocked).get_by_label("Title")).to_be_focused()
    press(clocked, "End")
    clocked.keyboard.type(", brown")
    press(clocked, "Enter")
    expect(row(clocked, "Bread, brown")).to_be_focused()
    press(clocked, "m")
    expect(clocked.get_by_label("To when?")).to_be_focused()
    clocked.keyboard.type("friday")
    press(clocked, "Enter")
    expect(clocked.get_by_role("dialog")).to_have_count(0)
    expect(row(clocked, "Bread, brown")).to_contain_text(words("Fri 7 Mar"))
    expect(row(clocked, "Bread, brown")).to_be_focused()
    press(clocked, "Delete")
    shows(clocked, "Milk")
    press(clocked, "u")
    shows(clocked, "Bread, brown", "Milk")
    until(clocked, lambda: [todo["deadline_at"] for todo in site.todos()] == ["2031-03-06", "2031-03-07"])
    assert site.todo("Milk")["completed"]


def test_the_dialog_for_moving_has_the_focus_where_one_types(three: Page) -> None:
    row(three, "Two").focus()
    press(three, "m")
    expect(three.get_by_label("To when?")).to_be_focused()


def test_slash_leads_to_the_search_and_back_it_finds(three: Page) -> None:
    press(three, "/")
    expect(three.get_by_label("Search")).to_be_focused()
    three.keyboard.type("two")
    shows(three, "Two")
    expect(three.get_by_label("Search")).to_be_focused()
    press(three, "/")
    expect(three.get_by_label("Search")).to_have_value("two/")


def test_the_figures_lead_through_the_views_and_the_focus_to_their_headings(three: Page) -> None:
    for key, heading in [("2", "Calendar"), ("3", "Get the calendar"), ("4", "Activity"), ("1", "Tasks")]:
        press(three, key)
        expect(three.get_by_role("heading", name=heading, level=1)).to_be_focused()
    press(three, "4")
    expect(three.get_by_role("heading", name="Activity", level=1)).to_be_focused()
    press(three, "n")
    expect(three.get_by_label("New task")).to_be_focused()


def test_rows_are_selected_with_x_and_given_up_with_escape(three: Page) -> None:
    row(three, "Three").focus()
    press(three, "x", "ArrowDown", "ArrowDown", "x")
    expect(three.get_by_role("region", name="2 selected")).to_be_visible()
    expect(row(three, "Two")).to_have_attribute("aria-selected", "false")
    press(three, "Escape")
    expect(three.locator(".selection")).to_have_count(0)
    expect(row(three, "One")).to_be_focused()


def test_the_sheet_of_keys_opens_with_a_question_mark_and_gives_the_focus_back(three: Page) -> None:
    row(three, "Two").focus()
    press(three, "?")
    expect(three.get_by_role("dialog", name="Keys")).to_be_visible()
    press(three, "n")  # means nothing while a dialog is open
    expect(three.get_by_role("dialog", name="Keys")).to_be_visible()
    press(three, "Escape")
    expect(three.get_by_role("dialog")).to_have_count(0)
    expect(row(three, "Two")).to_be_focused()


def test_every_key_of_the_sheet_is_named_in_it(three: Page) -> None:
    press(three, "?")
    keys = three.get_by_role("dialog", name="Keys").locator("kbd").all_inner_texts()
    wanted = {"?", "n", "/", "1", "2", "3", "4", "5", "u", "Esc", "↓", "↑", "Home", "End", "Space", "Enter", "Delete"}
    assert wanted | {"m", "x", "Shift", "Ctrl", "A"} == set(keys)


def test_single_keys_can_be_switched_off_for_good(three: Page) -> None:
    three.get_by_role("button", name="Settings").click()
    three.get_by_label("Single keys as shortcuts").uncheck()
    press(three, "Escape")
    row(three, "Two").focus()
    press(three, "n", "/", "?", "2")
    expect(row(three, "Two")).to_be_focused()
    expect(three.get_by_role("dialog")).to_have_count(0)
    press(three, "x", "m")
    expect(three.get_by_role("dialog")).to_have_count(0)
    expect(three.locator(".selection")).to_have_count(0)
    three.reload()
    shows(three, "Three", "Two", "One")
    press(three, "n")
    expect(three.get_by_label("New task")).not_to_be_focused()


def test_letters_that_are_typed_are_no_shortcuts(three: Page) -> None:
    three.get_by_label("New task").focus()
    three.keyboard.type("n/?u1x")
    expect(three.get_by_label("New task")).to_have_value("n/?u1x")
    expect(three.get_by_role("dialog")).to_have_count(0)


def test_undo_works_with_control_z_too(three: Page) -> None:
    row(three, "Two").focus()
    press(three, "Delete")
    shows(three, "Three", "One")
    press(three, "Control+z")
    shows(three, "Three", "Two", "One")


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_after_a_deletion_the_focus_is_on_the_row_that_took_the_place(three: Page, where: str) -> None:
    title, then = {"first": ("Three", "Two"), "middle": ("Two", "One"), "last": ("One", "Two")}[where]
    row(three, title).focus()
    press(three, "Delete")
    expect(row(three, title)).to_have_count(0)
    expect(row(three, then)).to_be_focused()


def test_after_a_deletion_by_its_button_the_focus_stays_in_the_list(three: Page) -> None:
    three.get_by_role("button", name="Delete Two").focus()
    press(three, "Enter")
    expect(row(three, "Two")).to_have_count(0)
    expect(row(three, "One")).to_be_focused()


def test_when_the_last_task_goes_the_focus_is_on_the_heading(three: Page) -> None:
    row(three, "Three").focus()
    press(three, "Control+a", "Delete")
    expect(three.get_by_text("No tasks yet")).to_be_visible()
    expect(three.get_by_role("heading", name="Tasks", level=1)).to_be_focused()


def test_a_task_ticked_out_of_a_filter_leaves_the_focus_to_the_next(three: Page) -> None:
    three.get_by_role("radio", name="Open").check()
    row(three, "Two").focus()
    press(three, "Space")
    expect(row(three, "Two")).to_have_count(0)
    expect(row(three, "One")).to_be_focused()


def test_the_focus_survives_every_small_thing(three: Page) -> None:
    row(three, "Two").focus()
    press(three, "Space")
    expect(row(three, "Two")).to_be_focused()
    press(three, "m")
    expect(three.get_by_role("dialog")).to_be_visible()
    press(three, "Escape")
    expect(three.get_by_role("dialog")).to_have_count(0)
    expect(row(three, "Two")).to_be_focused()
    press(three, "Enter")
    expect(editor(three).get_by_label("Title")).to_be_focused()
    press(three, "Escape")
    expect(row(three, "Two")).to_be_focused()
    for name in ("Settings", "Keys and help"):
        three.get_by_role("button", name=name).focus()
        press(three, "Enter")
        expect(three.get_by_role("dialog")).to_be_visible()
        press(three, "Escape")
        expect(three.get_by_role("dialog")).to_have_count(0)
        expect(three.get_by_role("button", name=name)).to_be_focused()
    three.get_by_role("radio", name="Done").focus()
    press(three, "Space")
    shows(three, "Two")
    expect(three.get_by_role("radio", name="Done")).to_be_focused()
    toasts(three).get_by_role("button", name="Undo").focus()
    press(three, "Enter")
    expect(three.get_by_text("No task is like that")).to_be_visible()
    until(three, lambda: has_focus(three), "the undo's button took the focus with it")


def test_the_selection_bar_s_buttons_do_not_lose_the_focus(three: Page) -> None:
    row(three, "Three").focus()
    press(three, "x")
    three.get_by_role("region", name="1 selected").get_by_role("button", name="Tick off").focus()
    press(three, "Enter")
    expect(three.locator(".selection")).to_have_count(0)
    until(three, lambda: has_focus(three), "the bar took the focus with it")


def test_the_first_stop_of_the_tab_key_skips_to_the_content(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    press(page, "Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    press(page, "Enter")
    expect(page.locator("main#content")).to_be_focused()
    press(page, "Tab")
    expect(page.get_by_label("New task")).to_be_focused()


def test_a_view_is_opened_in_another_tab_when_asked_so(open_window: Open) -> None:
    page = open_window()
    page.goto("/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Activity").first.click(modifiers=["Control"])
    opened.value.wait_for_load_state()
    expect(opened.value.get_by_role("heading", name="Activity", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    page.get_by_role("link", name="Calendar", exact=True).click()
    page.go_back()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
