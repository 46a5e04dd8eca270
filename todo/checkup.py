"""What `taskoverflow doctor` does: fetches a feed twice, has it examined, prints the report.

Runs on the machine of whoever asks, so addresses of their own network may be fetched.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

from todo import doctor
from todo.calendar_octets import Status, count
from todo.errors import BadInput
from todo.foreign import CannotFetch, fetch

EXIT_CODES = {"healthy": 0, "has problems": 1, "not a calendar": 2, "could not be fetched": 2}
MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}
PLAIN_MARKS = {"ok": "+", "warning": "!", "problem": "x"}  # where the terminal's encoding lacks the others
FAULTS: tuple[Status, ...] = ("problem", "warning")
COLOURS = {"ok": 32, "warning": 33, "problem": 31}


def run(url: str, *, as_json: bool) -> int:
    """Print the report on `url` and return the exit code. Takes as long as two fetches may, and a few seconds."""
    report = _report(url)
    if as_json:
        sys.stdout.write(json.dumps(report.to_json(), indent=2) + "\n")
    else:
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text = _text(report, coloured=coloured, marks=_marks())
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return EXIT_CODES[report.verdict]


def _report(url: str) -> doctor.Report:
    try:
        first = fetch(url, allow_private=True)
        validators = doctor.conditional_headers(first) if first.status == 200 else {}
        second = fetch(first.url, headers=validators, allow_private=True) if validators else None
    except (BadInput, CannotFetch) as error:
        return doctor.not_fetched(url, error)
    return doctor.examine(first, second, now=datetime.now(UTC))


def _marks() -> dict[str, str]:
    try:
        "".join(MARKS.values()).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return PLAIN_MARKS
    return MARKS


def _text(report: doctor.Report, *, coloured: bool, marks: dict[str, str]) -> str:
    """The report for a terminal; its last line is the verdict."""
    lines = [report.url]
    width = max(len(check.id) for check in report.checks)
    for check in report.checks:
        mark = marks[check.status]
        if coloured:
            mark = f"\x1b[{COLOURS[check.status]}m{mark}\x1b[0m"
        lines.append(f"  {mark} {check.id:<{width}}  {check.message}")
        if check.hint and check.status != "ok":
            lines.append(f"    {'':<{width}}  {check.hint}")
    if report.verdict in ("healthy", "has problems"):
        lines += ["", "How soon apps see a change:", *_delays()]
        lines.append(f"  The feed's own wish: {report.refresh or 'none (it has no REFRESH-INTERVAL)'}")
    found = [count(report.count(status), status) for status in FAULTS if report.count(status)]
    lines += ["", f"Verdict: {report.verdict}" + (f" ({', '.join(found)})" if found else "")]
    return "\n".join([*lines, ""])


def _delays() -> list[str]:
    delays = doctor.EXPECTED_DELAY.values()
    names, usual = (max(len(delay[column]) for delay in delays) for column in (0, 1))
    return [f"  {delay.name:<{names}}  {delay.usual:<{usual}}  honours: {delay.honours}" for delay in delays]
