"""What a test of the page may ask for: a server, a browser, windows of it. For modules with these `pytest_plugins`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.end_to_end.page import CHROMIUM_OPTIONS, EMBEDDED, NOW, Complaints, Open, Site, watch
from tests.running import ROOT
from tests.servers.process import ServerMissing, find_program
from tests.setups import settings_for


@pytest.fixture(scope="module")
def setup(request: pytest.FixtureRequest) -> str:
    """What the server runs on, one of `tests.setups`."""
    return str(getattr(request, "param", EMBEDDED))


@pytest.fixture(scope="module")
def running_site(
    setup: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The module's server; it has todos of earlier tests."""
    if not (ROOT / "todo" / "app" / "index.html").exists():
        pytest.fail("The page is not built, todo/app/index.html is absent: bin/build_ui builds it (make test does).")
    settings = {} if setup == EMBEDDED else settings_for(setup, request)
    site = Site(tmp_path_factory.mktemp("page"), settings)
    try:
        site.start()
        yield site
    finally:
        site.kill()


expect.set_options(timeout=20_000)  # what a machine that is busy with other tests may need


@pytest.fixture
def site(running_site: Site) -> Site:
    """A server without todos."""
    running_site.wipe()
    return running_site


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
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_window(browser: Browser, site: Site, complaints: Complaints) -> Iterator[Open]:
    """Opens windows of browsers that know nothing yet: each call is another person, or another machine.

    `now` is the time that its clock begins at, and that the test can turn on (`page.clock`); the options are
    Playwright's. Service workers are blocked unless asked for: what they fetch, no test can hold up.
    """
    contexts: list[BrowserContext] = []

    def open_one(*, now: datetime | None = None, **options: Any) -> Page:
        known = {"locale": "en-GB", "timezone_id": "Australia/Brisbane", "service_workers": "block", **options}
        context = browser.new_context(base_url=site.address, **known)
        contexts.append(context)
        context.set_default_timeout(10_000)
        watch(context, site, complaints)
        if now:
            context.clock.install(time=now)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_window: Open) -> Page:
    """A window of a browser that knows nothing yet; the server has no todos."""
    return open_window()


@pytest.fixture
def clocked(open_window: Open) -> Page:
    """The same at the time `NOW`, with a clock that the test can turn on."""
    return open_window(now=NOW)
