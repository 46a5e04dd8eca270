"""Charts as lines of text for a terminal, of Braille dots or of plain marks. Knows no terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from todo.queues.charts import Chart, Tick
from todo.queues.wording import columns, name

MARKS = "ox+*#%"
AGAIN, AGAIN_PLAIN = "×", "!"
COLORS = (36, 33, 35, 32, 34, 97)
RED = 31

_BRAILLE = 0x2800
_BRAILLE_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_LEGEND_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Style:
    """What the terminal can show."""

    color: bool = True
    unicode: bool = True
    """False: ASCII alone."""

    def paint(self, text: str, code: int) -> str:
        """The text in a color of the terminal's own sixteen; 1 is bold, 2 faint."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


class _Canvas:
    """Cells of one character each. Braille has 2 by 4 dots in one; a mark stands in front of dots."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots: dict[tuple[int, int], int] = {}
        self.series: dict[tuple[int, int], int] = {}
        self.marks: dict[tuple[int, int], tuple[str, int]] = {}

    def dot(self, x: float, y: float, series: int) -> None:
        """A dot of Braille; its cell takes the series' color."""
        column, row = _place(x, self.width * 2), _place(1 - y, self.height * 4)
        cell = (row // 4, column // 2)
        self.dots[cell] = self.dots.get(cell, 0) | _BRAILLE_BITS[column % 2][row % 4]
        self.series[cell] = series

    def mark(self, x: float, y: float, mark: str, color: int) -> None:
        """A character in a color."""
        self.marks[_place(1 - y, self.height), _place(x, self.width)] = (mark, color)

    def line(self, row: int, style: Style) -> str:
        """A row of cells, without the empty ones at its end. Neighbours of one color share its escapes."""
        runs: list[tuple[str, int | None]] = []
        for column in range(self.width):
            cell = (row, column)
            color: int | None = None
            if cell in self.marks:
                text, color = self.marks[cell]
            elif cell in self.dots:
                text, color = chr(_BRAILLE + self.dots[cell]), COLORS[self.series[cell] % len(COLORS)]
            else:
                text = " "
            if runs and runs[-1][1] == color:
                runs[-1] = (runs[-1][0] + text, color)
            else:
                runs.append((text, color))
        if runs and runs[-1][1] is None:
            runs.pop()
        return "".join(text if color is None else style.paint(text, color) for text, color in runs)


def plot(chart: Chart, *, width: int, height: int, style: Style) -> str:
    """The chart in so many columns, `height` of the lines for the points; no line ends in a blank."""
    gutter = max((columns(tick.text) for tick in chart.y_ticks), default=0)
    canvas = _Canvas(max(width - gutter - 2, 10), height)
    # Dots of several series can only be told apart by color, and marks without one.
    is_braille = style.unicode and (style.color or len(chart.series) == 1)
    again = AGAIN if style.unicode else AGAIN_PLAIN
    for point in chart.points:
        if point.again:
            canvas.mark(point.x, point.y, again, RED)
        elif is_braille:
            canvas.dot(point.x, point.y, point.series)
        else:
            canvas.mark(point.x, point.y, MARKS[point.series % len(MARKS)], COLORS[point.series % len(COLORS)])
    at_rows = {_place(1 - tick.place, height): tick.text for tick in chart.y_ticks}
    wall, notch, corner, floor, foot = "│┤└─┬" if style.unicode else "|++-+"
    lines = [style.paint(chart.title, 1), *_legend(chart, width, style, is_braille=is_braille, again=again)]
    for row in range(height):
        label = at_rows.get(row, "")
        edge = " " * (gutter - columns(label)) + label + " " + (notch if label else wall)
        lines.append(style.paint(edge, 2) + canvas.line(row, style))
    feet = {_place(tick.place, canvas.width) for tick in chart.x_ticks}
    ground = "".join(foot if column in feet else floor for column in range(canvas.width))
    lines.append(style.paint(" " * (gutter + 1) + corner + ground, 2))
    lines.append(style.paint(" " * (gutter + 2) + _labels(chart.x_ticks, canvas.width), 2))
    lines.append(style.paint(" " * (gutter + 2) + chart.x_title.center(canvas.width).rstrip(), 2))
    return "\n".join(lines)


def _legend(chart: Chart, width: int, style: Style, *, is_braille: bool, again: str) -> list[str]:
    entries: list[tuple[str, int, str]] = []
    if len(chart.series) > 1:
        for number, series in enumerate(chart.series):
            mark = "⠿" if is_braille else MARKS[number % len(MARKS)]
            entries.append((mark, COLORS[number % len(COLORS)], name(series, _LEGEND_CHARACTERS)))
    if chart.has_repeated:
        entries.append((again, RED, "came again"))
    return list(_filled(entries, width, style))


def _filled(entries: Sequence[tuple[str, int, str]], width: int, style: Style) -> Iterable[str]:
    line, taken = "", 0
    for mark, color, text in entries:
        size = columns(text) + 2
        if taken and taken + 3 + size > width:
            yield line
            line, taken = "", 0
        line += ("   " if taken else "") + f"{style.paint(mark, color)} {text}"
        taken += size + (3 if taken else 0)
    if line:
        yield line


def _labels(ticks: Sequence[Tick], width: int) -> str:
    """Each tick's text below it, those left out that would touch the one before."""
    line = ""
    for tick in ticks:
        start = max(_place(tick.place, width) - len(tick.text) // 2, 0)
        start = min(start, width - len(tick.text))
        if start > len(line) or not line:
            line = line.ljust(start) + tick.text
    return line


def _place(part: float, cells: int) -> int:
    """The cell of a number between 0 and 1."""
    return min(max(round(part * (cells - 1)), 0), cells - 1)
