"""What people type that is too long, meant to harm, or of no hour: shown as text, refused in words, never lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.page import Open, Site, add, all_sent, editor, row, rows, shows, until, words

pytest_plugins = ["tests.end_to_end.page_fixtures"]

HARMFUL = "<img src=x onerror=window.pwned=1><script>window.pwned=2</script><b>bold</b>"


def is_unharmed(page: Page) -> bool:
    return bool(page.evaluate("window.pwned === undefined"))


def test_a_title_of_ten_thousand_characters_is_refused_before_it_is_sent_and_kept(page: Page, site: Site) -> None:
    page.goto("/")
    field = page.get_by_label("New task")
    field.fill("x" * 10_000)
    page.keyboard.press("Enter")
    said = page.get_by_text("A title has at most 255 characters; this one has 10,000.")
    expect(said).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("x" * 10_000)
    field.fill("😀" * 255)  # the longest there is, as the server counts
    page.keyboard.press("Enter")
    shows(page, "😀" * 255)
    all_sent(page)
    assert site.titles() == ["😀" * 255]


def test_what_looks_like_html_is_shown_as_text_wherever_it_stands(page: Page, site: Site) -> None:
    tag = "<script>window.pwned=3</script>"
    site.add(HARMFUL, description=HARMFUL, tags=[tag, "<b>"], deadline_at="2031-05-01")
    site.api("PATCH", "lists/1", json={"name": HARMFUL})
    page.goto("/")
    shows(page, HARMFUL)
    expect(rows(page).locator(".description")).to_have_text(HARMFUL)
    expect(rows(page).locator(".chip")).to_have_text([f"#{tag}", "#<b>"])
    expect(page.get_by_label("Tag").locator("option")).to_have_text(["Any tag", "#<b>", f"#{tag}"])
    page.get_by_role("button", name=f"Delete {HARMFUL}").click()
    expect(page.locator(".toasts")).to_contain_text(HARMFUL)
    page.keyboard.press("u")
    page.get_by_role("button", name=f"Edit {HARMFUL}").click()
    expect(editor(page).get_by_label("Title")).to_have_value(HARMFUL)
    editor(page).get_by_label("Title").press("Escape")
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("The list's name")).to_have_value(HARMFUL)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Get the calendar").first.click()
    expect(page.get_by_role("heading", name=HARMFUL)).to_be_visible()
    page.get_by_role("link", name="Calendar", exact=True).click()
    expect(page.get_by_role("heading", name="Calendar", level=1)).to_be_visible()
    assert is_unharmed(page)
    assert page.locator("img[src=x], main b").count() == 0


def test_html_typed_into_every_field_is_kept_as_it_was_typed(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("New task").fill(HARMFUL)
    expect(page.locator("#understood strong")).to_have_text(HARMFUL)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Edit {HARMFUL}").click()
    editor(page).get_by_label("Description").fill(HARMFUL)
    editor(page).get_by_label("Tags").fill("<b>, <i>")
    editor(page).get_by_role("button", name="Save").click()
    expect(rows(page).locator(".description")).to_have_text(HARMFUL)
    all_sent(page)
    until(page, lambda: site.todo(HARMFUL)["tags"] == ["<b>", "<i>"])
    assert site.todo(HARMFUL)["description"] == HARMFUL
    assert is_unharmed(page)


def test_a_title_from_right_to_left_is_written_so(page: Page) -> None:
    page.goto("/")
    title = "شراء الحليب 3"
    add(page, title)
    direction = "element => getComputedStyle(element).direction"
    assert rows(page).locator(".title").evaluate(direction) == "rtl"
    add(page, "Milk")
    assert row(page, "Milk").locator(".title").evaluate(direction) == "ltr"


def test_a_time_that_the_clocks_skip_is_kept_and_said(open_window: Open, site: Site) -> None:
    page = open_window(now=datetime(2026, 3, 20, 12, tzinfo=UTC), timezone_id="Europe/Berlin")
    page.goto("/")
    page.get_by_label("New task").fill("Wake up 29 March 2026 at 2:30")
    expect(page.locator("#understood")).to_contain_text("skip that time: calendars show 03:30")
    page.keyboard.press("Enter")
    expect(row(page, "Wake up")).to_contain_text(words("Sun 29 Mar, 02:30"))
    all_sent(page)
    assert site.todo("Wake up")["deadline_at"] == "2026-03-29T02:30:00"
    page.get_by_role("button", name="Edit Wake up").click()
    expect(editor(page)).to_contain_text("skip that time: calendars show 03:30")
    expect(editor(page).get_by_label("Time")).to_have_value("02:30")
    editor(page).get_by_role("button", name="Save").click()
    expect(row(page, "Wake up")).to_contain_text("02:30")
    assert site.todo("Wake up")["sequence"] == 0


def test_a_blank_title_is_refused_with_the_focus_where_it_can_be_mended(page: Page, site: Site) -> None:
    page.goto("/")
    field = page.get_by_label("New task")
    for blank in ("", "   ", "#home !1"):
        field.fill(blank)
        page.keyboard.press("Enter")
        expect(page.get_by_text("A task needs a title.")).to_be_visible()
        expect(field).to_be_focused()
        field.fill("something else")
        expect(page.get_by_text("A task needs a title.")).to_have_count(0)
    assert site.titles() == []


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Title", "  ", "A task needs a title."),
        ("Title", "x" * 256, "A title has at most 255 characters; this one has 256."),
        ("Description", "x" * 10_001, "A description has at most 10,000 characters."),
        ("Tags", ", ".join(f"tag{number}" for number in range(21)), "At most 20 tags, of 50 characters each."),
        ("Tags", "x" * 51, "At most 20 tags, of 50 characters each."),
        ("Time", "10:30", "A time needs a day."),
    ],
)
def test_the_editor_says_what_cannot_be_and_keeps_what_was_typed(
    page: Page, site: Site, label: str, value: str, said: str
) -> None:
    site.add("Milk")
    page.goto("/")
    page.get_by_role("button", name="Edit Milk").click()
    field = editor(page).get_by_label(label)
    field.fill(value)
    editor(page).get_by_role("button", name="Save").click()
    expect(editor(page).get_by_role("alert")).to_have_text(said)
    expect(field).to_have_value(value)
    expect(editor(page).get_by_label("Day", exact=True) if label == "Time" else field).to_be_focused()
    assert site.todo("Milk")["sequence"] == 0


def test_more_than_twenty_tags_are_refused_in_the_line_too(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("New task").fill("Milk " + " ".join(f"#tag{number}" for number in range(21)))
    page.keyboard.press("Enter")
    expect(page.get_by_text("At most 20 tags, of 50 characters each.")).to_be_visible()
    assert site.titles() == []


def test_deadlines_that_only_an_api_can_write_are_shown_on_the_readers_clock(clocked: Page, site: Site) -> None:
    site.add("instant", deadline_at="2031-05-01T10:00:00Z")
    site.add("far", deadline_at="9999-12-31")
    site.add("long ago", deadline_at="0001-01-01T00:00:00")
    clocked.goto("/")
    expect(row(clocked, "instant")).to_contain_text(words("Thu 1 May, 20:00"))
    expect(row(clocked, "far")).to_contain_text("31 Dec 9999")
    expect(row(clocked, "long ago")).to_contain_text("Overdue")
    clocked.get_by_label("Sort by").select_option("Deadline")
    shows(clocked, "long ago", "instant", "far")
