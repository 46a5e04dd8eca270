"""What the line for a new task understands, and what it leaves in the title."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.end_to_end.page import Open, Site, until

pytest_plugins = ["tests.end_to_end.page_fixtures"]

SATURDAY = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # noon in Brisbane

ENGLISH = [
    ("Pay rent fri 9am #home !1", "Pay rent", "2026-11-27T09:00:00"),
    ("Call mum tomorrow", "Call mum", "2026-11-22"),
    ("Send the slides by monday", "Send the slides", "2026-11-23"),
    ("Visit Satélite", "Visit Satélite", None),
    ("See the Monét", "See the Monét", None),
    ("Buy sun-dried tomatoes", "Buy sun-dried tomatoes", None),
    ("Wrap Wed’s gift", "Wrap Wed’s gift", None),
    ("Order #5 pizza", "Order #5 pizza", None),
    ("tomorrow", "tomorrow", None),
]
GERMAN = [
    ("Miete zahlen Freitag 9 Uhr", "Miete zahlen", "2026-11-27T09:00:00"),
    ("Frühstück machen", "Frühstück machen", None),
    ("Party 31.12. 20:00", "Party", "2026-12-31T20:00:00"),
    ("Steuer bis 31.5.", "Steuer", "2027-05-31"),
    ("Call mum tomorrow at 5pm", "Call mum", "2026-11-22T17:00:00"),
]


@pytest.mark.parametrize(
    ("locale", "line", "title", "deadline"),
    [("en-GB", *case) for case in ENGLISH] + [("de-DE", *case) for case in GERMAN],
)
def test_a_line_is_understood(
    open_window: Open, site: Site, locale: str, line: str, title: str, deadline: str | None
) -> None:
    page = open_window(now=SATURDAY, locale=locale)
    with page.expect_response("**/assets/chrono-*.js" if locale == "en-GB" else "**/assets/de-*.js"):
        page.goto("/")
    field = page.locator("#add")
    field.fill(line)
    expect(page.locator(".understood strong")).to_have_text(title)
    field.press("Enter")
    until(page, lambda: site.titles() == [title])
    assert site.todo(title)["deadline_at"] == deadline
