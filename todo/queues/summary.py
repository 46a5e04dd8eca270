"""A whole verdict as text for a terminal of a given width."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from todo.queues.charts import charts
from todo.queues.figures import Row, rows, title
from todo.queues.plots import RED, Style, plot
from todo.queues.sentences import sentences
from todo.queues.verdict import QueueVerdict, Verdict
from todo.queues.wording import columns

WIDTH_MIN, WIDTH_MAX = 40, 160
HEIGHTS = (16, 10)
"""Lines of the first plot's points, and of each other's."""


def render(verdict: Verdict, *, width: int, color: bool, unicode: bool = True) -> str:
    """What was seen, the figures and the plots of each queue, no line wider than `width` (at least 40). Without colors
    there are no escapes; without `unicode` all is ASCII, and a name that isn't is escaped, and may be wider."""
    style = Style(color, unicode)
    width = min(max(width, WIDTH_MIN), WIDTH_MAX)
    if not verdict.queues:
        return "There is nothing in the log.\n"
    text = "\n\n".join("\n".join(_queue(queue, width, style)) for queue in verdict.queues) + "\n"
    return text if unicode else text.translate(_PLAIN).encode("ascii", "backslashreplace").decode()


def _queue(queue: QueueVerdict, width: int, style: Style) -> Iterator[str]:
    yield style.paint(title(queue), 1)
    yield ""
    for sentence in sentences(queue):
        bullet = "• " if style.unicode else "- "
        yield from wrap(sentence, width, initial_indent=bullet, subsequent_indent="  ", break_on_hyphens=False)
    yield ""
    yield from _table(rows(queue), width, style)
    for number, chart in enumerate(charts(queue)):
        yield ""
        yield plot(chart, width=width, height=HEIGHTS[min(number, 1)], style=style)


def _table(table: list[Row], width: int, style: Style) -> Iterator[str]:
    """Names, values to the right of them, and notes, which go on below themselves, or begin there for want of room."""
    first = max(columns(row.what) for row in table)
    second = max(columns(row.value) for row in table)
    indent = first + second + 4 if width - first - second - 4 >= _NOTE_MIN else _INDENT
    for row in table:
        value = " " * (second - columns(row.value)) + row.value
        head = row.what + " " * (first - columns(row.what)) + "  "
        notes = wrap(row.note, width - indent) or [""]
        if indent == _INDENT and row.note:
            notes.insert(0, "")
        shown = style.paint(value, RED) if row.bad else value
        yield (head + shown + style.paint(f"  {notes[0]}" if notes[0] else "", 2)).rstrip()
        for note in notes[1:]:
            yield style.paint(" " * indent + note, 2)


_NOTE_MIN, _INDENT = 20, 4
_PLAIN = str.maketrans({"…": "..", "’": "'"})
