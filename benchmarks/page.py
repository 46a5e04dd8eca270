"""How quick the page is with many tasks, in the system's Chromium, at a screen of 1280 by 800.

The baseline for the first tasks is a page that asks for the whole list and draws a row for each task. All times are the
browser's own (`performance.now()`): from the navigation to the frame that shows the first task; from the click on a
task's box to the frame that shows it ticked; between two frames while the page scrolls through the list.
"""

from __future__ import annotations

from playwright.sync_api import Page, sync_playwright

from benchmarks import databases
from benchmarks.stack import OURS, Stack
from benchmarks.table import Figure, middle, milliseconds, ratio
from tests.servers.process import find_program

TASKS = 10_000
ROUNDS = 5
TICKS = 30
FRAMES = 240
FIRST_SECONDS = 1.0
TICK_SECONDS = 0.05
FRAME_SECONDS = 0.05
WAIT_MS = 30_000
# A browser in a container has no user namespaces to build its sandbox from, and little shared memory.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]

_WATCH = """
new MutationObserver((_, watch) => {
  if (!document.querySelector("[role=row]")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstTaskAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
_PLAIN = """async () => {
  const began = performance.now();
  const tasks = await (await fetch("/api/v1/todos", { cache: "no-store" })).json();
  const rows = tasks.map((task) => {
    const row = document.createElement("li");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: task.completed });
    row.append(box, task.title, " ", task.deadline_at ?? "");
    return row;
  });
  document.body.append(...rows);
  await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)));
  return performance.now() - began;
}"""
# Everything of the page itself that a first visit brings, as it came over the line; the tasks are not counted.
_LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(({ name }) => !name.includes("/api/"))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
_TICK = """async (count) => {
  const times = [];
  for (let turn = 0; turn < count; turn += 1) {
    const box = document.querySelectorAll("[role=row] input[type=checkbox]")[turn % 6];
    const wanted = !box.checked;
    const began = performance.now();
    box.click();
    do await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)));
    while (box.checked !== wanted || box.closest("[role=row]").classList.contains("done") !== wanted);
    times.push(performance.now() - began);
    await new Promise((rested) => setTimeout(rested, 150));
  }
  return times;
}"""
_SCROLL = """async (count) => {
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let turn = 0; turn < count; turn += 1) {
    scrollBy(0, 300);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""


def measure() -> list[Figure]:
    """The page's figures."""
    path = find_program("chromium")
    with Stack(OURS, {}) as stack, sync_playwright() as playwright:
        databases.fill_ours_embedded(stack.data_dir / "taskoverflow.sqlite", TASKS)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        address = f"http://127.0.0.1:{stack.port}/"
        firsts, agains, plains, loaded = [], [], [], 0
        page: Page | None = None
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="allow")
            context.add_init_script(_WATCH)
            page = context.new_page()
            firsts.append(_open(page, address))
            page.wait_for_selector(f"[role=grid][aria-rowcount='{TASKS}']", timeout=WAIT_MS)
            loaded = page.evaluate(_LOADED)
            agains.append(_open(page, address))
            other = browser.new_page()
            plains.append(_plain(other, address))
            other.close()
        assert page is not None
        page.wait_for_selector(f"[role=grid][aria-rowcount='{TASKS}']", timeout=WAIT_MS)
        page.wait_for_load_state("networkidle")
        ticks = sorted(time / 1000 for time in page.evaluate(_TICK, TICKS))
        frames = sorted(time / 1000 for time in page.evaluate(_SCROLL, FRAMES))
        browser.close()
    tick, frame = ticks[int(len(ticks) * 0.95)], frames[int(len(frames) * 0.95)]
    first = middle(firsts)
    return [
        ratio(
            f"page: whole list drawn plainly / first task shown, {TASKS:,} tasks",
            middle(plains),
            first,
            None,
            milliseconds,
        ),
        _limit(f"page: first visit, first task of {TASKS:,} shown, p50", first, FIRST_SECONDS),
        _limit("… a later visit, p50", middle(agains), FIRST_SECONDS),
        _limit("… a tick shown, p95", tick, TICK_SECONDS),
        _limit("… between frames while scrolling, p95", frame, FRAME_SECONDS),
        Figure("… the longest of these", ours=milliseconds(frames[-1])),
        Figure("… compressed bytes of the first load, in kB", ours=f"{loaded / 1000:,.0f}"),
    ]


def _open(page: Page, address: str) -> float:
    """Seconds until the first task is on the screen."""
    page.goto(address)
    page.wait_for_selector("[role=row]", timeout=WAIT_MS)
    while (shown := page.evaluate("window.firstTaskAt ?? null")) is None:
        page.wait_for_timeout(5)
    return float(shown) / 1000


def _plain(page: Page, address: str) -> float:
    """Seconds that the baseline takes, on a page of the same origin with nothing else on it."""
    page.goto(f"{address}api/v1/health")
    return float(page.evaluate(_PLAIN)) / 1000


def _limit(what: str, seconds: float, less_than: float) -> Figure:
    shown = milliseconds(seconds)
    return Figure(what, ours=shown, asked=f"< {milliseconds(less_than)}", measured=shown, passed=seconds < less_than)
