"""The page's manners: colors, languages, small windows, still pictures, and that it can be installed."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.end_to_end.page import NOW, Open, Site, add, all_sent, row, rows, shows, site_views, until

pytest_plugins = ["tests.end_to_end.page_fixtures"]

LONG = "W" * 255
BACKGROUND = "[document.documentElement, document.body].map((one) => getComputedStyle(one).backgroundColor).join()"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def stands(page: Page) -> None:
    """Wait until a view is there, with what it shows."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main :is(button, input, table)").first).to_be_visible()
    expect(page.get_by_role("main").get_by_text(re.compile("^(Loading|Lädt)"))).to_have_count(0)


def settings(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_the_colors_are_the_system_s_until_others_are_chosen(open_window: Open) -> None:
    page = open_window(color_scheme="light")
    page.goto("/")
    light = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(BACKGROUND)
    assert light != dark
    settings(page)
    page.get_by_role("radio", name="Light").check()
    assert page.evaluate(BACKGROUND) == light
    page.reload()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    assert page.evaluate(BACKGROUND) == light
    settings(page)
    page.get_by_role("radio", name="As the system").check()
    assert page.evaluate(BACKGROUND) == dark


def test_a_browser_in_german_gets_a_page_in_german(open_window: Open, site: Site) -> None:
    page = open_window(now=NOW, locale="de-DE", timezone_id="Europe/Berlin")
    page.goto("/")
    expect(page.get_by_role("heading", name="Aufgaben", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.get_by_label("Neue Aufgabe").fill("Miete zahlen freitag 9 uhr #zuhause")
    expect(page.locator("#understood .chip").first).to_have_text("Fr., 7. März, 09:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(1)
    expect(page.get_by_text("Noch nicht gesendet")).to_have_count(0)
    until(page, lambda: site.titles() == ["Miete zahlen"])
    assert site.todo("Miete zahlen")["deadline_at"] == "2031-03-07T09:00:00"
    for link, heading in {"Kalender": "Kalender", "Kalender holen": "Kalender holen", "Aktivität": "Aktivität"}.items():
        page.get_by_role("navigation").get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def test_the_language_is_chosen_by_hand_and_stays(open_window: Open, site: Site) -> None:
    page = open_window(now=NOW)
    page.goto("/")
    settings(page)
    page.get_by_label("Language").select_option("Deutsch")
    expect(page.get_by_role("heading", name="Aufgaben", level=1)).to_be_attached()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_role("heading", name="Aufgaben", level=1)).to_be_visible()
    page.get_by_label("Neue Aufgabe").fill("Zahnarzt morgen um 10 Uhr")
    page.keyboard.press("Enter")
    until(page, lambda: site.titles() == ["Zahnarzt"])
    assert site.todo("Zahnarzt")["deadline_at"] == "2031-03-06T10:00:00"


def texts_seen(page: Page) -> str:
    return str(page.evaluate("document.body.innerText"))


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_no_view_shows_a_hole_where_words_should_be(open_window: Open, site: Site, locale: str) -> None:
    site.add("X", deadline_at="2031-03-07", priority=1, tags=["x"])
    page = open_window(now=NOW, locale=locale)
    for path in site_views():
        page.goto(path)
        stands(page)
        for hole in ("undefined", "[object", "NaN", "null"):
            assert hole not in texts_seen(page), path
    german = {"Download", "Subscribe", "Calendar", "Tasks", "Search", "Newest"}
    if locale == "de-DE":
        for path in site_views():
            page.goto(path)
            stands(page)
            assert [word for word in german if word in texts_seen(page).split()] in ([], ["Tasks"]), path


def fill(site: Site) -> None:
    site.add(LONG, description="V" * 300, deadline_at="2031-03-07T10:00:00", tags=["T" * 50, "x"], priority=1)
    site.add("Milk", deadline_at="2031-03-05")
    site.api("PATCH", "lists/1", json={"name": LONG})


@pytest.mark.parametrize("path", site_views())
@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 640, "height": 400}])
def test_no_view_scrolls_sideways_on_the_narrowest_phone_or_at_two_hundred_percent(
    open_window: Open, site: Site, path: str, size: Any
) -> None:
    fill(site)
    page = open_window(now=NOW, viewport=size, device_scale_factor=2)
    page.goto(path)
    stands(page)
    assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 640, "height": 400}])
def test_no_dialog_scrolls_sideways_either(open_window: Open, site: Site, size: Any) -> None:
    fill(site)
    page = open_window(now=NOW, viewport=size, device_scale_factor=2)
    page.goto("/")
    expect(rows(page)).to_have_count(2)
    width = "element => [element.scrollWidth <= element.clientWidth, element.getBoundingClientRect().right]"
    for button, close in {"Settings": "Escape", "Keys and help": "Escape"}.items():
        page.get_by_role("button", name=button).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        fits, right = dialog.evaluate(width)
        assert fits, button
        assert right <= size["width"], button
        page.keyboard.press(close)
        expect(dialog).to_have_count(0)
    page.get_by_role("button", name=f"Edit {LONG}").click()
    expect(page.locator("form.editor")).to_be_visible()
    page.get_by_label("New task").fill(LONG)
    assert page.evaluate(OVERFLOW) <= 0


def test_targets_are_large_enough_for_fingers(open_window: Open, site: Site) -> None:
    fill(site)
    page = open_window(now=NOW, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for path in site_views():
        page.goto(path)
        stands(page)
        small = page.evaluate(
            """[...document.querySelectorAll("button, select, input:not([type=radio]), nav a")]
              .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen"))
              .map((element) => [element.ariaLabel ?? element.textContent, element.getBoundingClientRect()])
              .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
              .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
        )
        assert small == [], path


def test_nothing_moves_where_motion_is_unwelcome(open_window: Open, site: Site) -> None:
    site.add("Milk")
    page = open_window(reduced_motion="reduce")
    page.goto("/")
    shows(page, "Milk")
    page.get_by_role("button", name="Delete Milk").click()
    expect(page.locator(".toasts").get_by_role("button", name="Undo")).to_be_visible()
    moving = page.evaluate(
        """document.getAnimations().filter(({ effect }) => effect.getComputedTiming().activeDuration > 10).length"""
    )
    assert moving == 0
    longest = page.evaluate(
        """Math.max(...[...document.querySelectorAll("*")].map((element) => getComputedStyle(element))
          .flatMap((style) => [parseFloat(style.transitionDuration), parseFloat(style.animationDuration)]))"""
    )
    assert longest <= 0.01


def test_the_page_can_be_installed(open_window: Open, site: Site) -> None:
    page = open_window(service_workers="allow")
    page.goto("/")
    link = page.locator("link[rel=manifest]").get_attribute("href")
    answer = requests.get(f"{site.address}/{str(link).removeprefix('./')}", timeout=20)
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert (manifest["display"], bool(manifest["name"]), manifest["start_url"]) == ("standalone", True, "./")
    sizes = set()
    for icon in manifest["icons"]:
        got = requests.get(f"{site.address}/{icon['src']}", timeout=20)
        assert (got.status_code, got.headers["Content-Type"].split(";")[0]) == (200, icon["type"]), icon
        if icon["type"] == "image/png":
            size = "x".join(str(part) for part in struct.unpack(">II", got.content[16:24]))
            assert size == icon["sizes"]
            sizes.add(size)
    assert sizes == {"192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    scope = page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.scope)")
    assert scope == f"{site.address}/"
    errors = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


def test_the_title_says_where_one_is(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_title("TaskOverflow")
    page.get_by_role("link", name="Activity").first.click()
    expect(page).to_have_title("Activity – TaskOverflow")
    page.go_back()
    expect(page).to_have_title("TaskOverflow")


def test_a_task_waits_with_the_words_for_it_and_no_empty_sign_is_left(page: Page, site: Site) -> None:
    page.goto("/")
    add(page, "Milk")
    all_sent(page)
    expect(row(page, "Milk").locator(".waits")).to_have_count(0)
    assert site.titles() == ["Milk"]


def test_the_api_docs_are_one_click_away_and_send_requests(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_role("link", name="API").click()
    expect(page).to_have_url(f"{site.address}/docs/")
    operation = page.locator(".opblock", has_text="/api/v1/health")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"status": "ok"')


def test_the_api_docs_are_found_without_the_last_slash_too(page: Page, site: Site) -> None:
    page.goto("/docs")
    expect(page).to_have_url(f"{site.address}/docs/")
    expect(page.get_by_role("heading", name="TaskOverflow").first).to_be_visible()
