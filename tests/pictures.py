"""`make screenshots`: the page's main views as pictures in docs/images, and its icons, drawn by the system's Chromium.

The product runs as `make run` starts it, on a free port and in a temporary folder, with tasks that a person might have.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conformance.lab_server import LabServer
from tests.processes import Watched
from tests.running import ROOT
from tests.servers.process import find_program, free_port
from todo.lab.figures import SECONDS_KEPT, Figures

IMAGES = ROOT / "docs" / "images"
ICONS = ROOT / "ui" / "public"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
VIEWS = {"tasks": "", "calendar": "calendar", "subscribe": "subscribe", "activity": "activity"}
QUEUE = "csse6400_prac"
QUEUE_VIEWS = {"queues": "queues", "queue": f"queues/sqs/{QUEUE}"}
QUEUE_PICTURES = {("desktop", "light"), ("phone", "dark")}  # two are enough
# A browser in a container has no user namespaces to build its sandbox from, and little shared memory.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]

_TASKS: list[tuple[str, int | None, str | None, dict[str, Any]]] = [
    ("Water the plants", None, None, {"tags": ["home"]}),
    ("Return the library books", -2, None, {"description": "Three of them, the atlas too"}),
    ("Pay the rent", 3, None, {"tags": ["home"], "priority": 1}),
    ("Send the slides to the workshop", 1, "11:30", {"tags": ["work"], "priority": 2}),
    ("Call the dentist", 2, "09:00", {}),
    ("Buy tickets for the concert", 6, "16:00", {"tags": ["fun"]}),
    (
        "Hand in the assignment",
        9,
        "14:00",
        {"tags": ["study"], "priority": 1, "description": "Chapters 4 to 6"},
    ),
    ("Book a train home", 12, None, {"tags": ["travel"]}),
    ("Renew the passport", 24, None, {"tags": ["travel"]}),
    ("Clean the bike chain", -1, None, {"completed": True, "tags": ["home"]}),
    ("Answer Friday's letters", 0, "10:00", {"completed": True, "tags": ["work"]}),
]
"""Title, days from today, time, other fields."""


def main() -> None:
    """Draw all of them."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder, LabServer(strict=True) as lab:
        browser = playwright.chromium.launch(executable_path=find_program("chromium"), args=CHROMIUM_OPTIONS)
        _draw_icons(browser)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "todo.cli", "up", "--port", str(port), "--data-dir", folder]
        running = Watched(command, {**os.environ, **lab.environment})
        try:
            running.see(f"TaskOverflow is at {address} (Ctrl-C stops it)".encode())
            ten_minutes, left = _ten_minutes()
            _fill_queue(lab, left)
            _fill(address)
            for size, (width, height) in SIZES.items():
                for theme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme="dark" if theme == "dark" else "light",
                        locale="en-GB",
                        is_mobile=size == "phone",
                    )
                    page = context.new_page()
                    page.route("**/figures?*", lambda route: route.fulfill(json=ten_minutes))
                    views = VIEWS | (QUEUE_VIEWS if (size, theme) in QUEUE_PICTURES else {})
                    for name, path in views.items():
                        _open(page, f"{address}/{path}")
                        _save(page, IMAGES / f"{name}-{size}-{theme}.png")
                    context.close()
        finally:
            running.end()
        browser.close()


def _fill(address: str) -> None:
    today = datetime.now().astimezone().date()
    for title, days, time_of_day, values in _TASKS:
        day = None if days is None else (today + timedelta(days=days)).isoformat()
        deadline = f"{day}T{time_of_day}:00" if time_of_day else day
        todo = {"title": title, "deadline_at": deadline, **values}
        requests.post(f"{address}/api/v1/todos", json=todo, timeout=10).raise_for_status()
    headers = {"Prefer": "wait=10"}
    requests.post(f"{address}/api/v1/todos/ical", headers=headers, timeout=20).raise_for_status()
    feed = requests.get(f"{address}/api/v1/feeds", timeout=10).json()[0]
    first = requests.get(feed["url"], timeout=10)
    for _ in range(12):
        requests.get(feed["url"], headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    # The figures of the activity are written a few seconds late.
    for _ in range(60):
        totals = requests.get(f"{address}/api/v1/lists/1/activity", timeout=10).json()["totals"]
        if totals["not_modified"] and totals["builds"]:
            return
        time.sleep(0.25)


def _fill_queue(lab: LabServer, count: int) -> None:
    client = boto3.client(
        "sqs",
        endpoint_url=lab.endpoint,
        region_name=lab.environment["AWS_DEFAULT_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    url = client.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    for number in range(count):
        client.send_message(QueueUrl=url, MessageBody=f"Message {number}")


def _ten_minutes() -> tuple[dict[str, Any], int]:
    """Ten minutes of a queue as the laboratory counts them, without waiting for so long; how many messages are left."""
    now = time.time() - SECONDS_KEPT
    figures = Figures(lambda: now)
    waiting: list[float] = []
    for second in range(SECONDS_KEPT):
        sent = max(0, round(5 + 5 * math.sin(second / 70)))
        waiting += [now] * sent
        received = min(len(waiting), 4 if 200 < second < 320 else 6)
        waiting = waiting[received:]
        for name, count in (("sent", sent), ("received", received), ("deleted", received)):
            figures.count(name, count)
        figures.count("empty_receives", int(received == 0 and second % 3 == 0))
        age = int(now - waiting[0]) if waiting else 0
        figures.note({"available": len(waiting), "in_flight": received, "delayed": 0, "oldest_seconds": age})
        now += 1
    return {"origin": "laboratory", **figures.as_json()["seconds"]}, len(waiting)


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    page.locator("main h1").wait_for()
    page.wait_for_timeout(1_500)  # fonts, the calendar's chunk, the chart: pictures are looked at by people


def _save(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    print(path.relative_to(ROOT))  # noqa: T201 - a command's output


def _draw_icons(browser: Browser) -> None:
    """PNG files of the icon, for systems that take no SVG; the maskable one leaves room for any system's shape."""
    source = (ICONS / "icon.svg").read_text()
    for name, size, margin in (("icon-192", 192, 0), ("icon-512", 512, 0), ("icon-maskable-512", 512, 64)):
        page = browser.new_page(viewport={"width": size, "height": size})
        ground = "#3355d1" if margin else "transparent"
        page.set_content(
            f"<style>body{{margin:0;background:{ground}}}"
            f"svg{{display:block;width:{size - 2 * margin}px;margin:{margin}px}}</style>{source}"
        )
        page.screenshot(path=ICONS / f"{name}.png", omit_background=True)
        page.close()


if __name__ == "__main__":
    main()
