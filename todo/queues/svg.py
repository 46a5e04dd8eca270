"""Charts as SVG to stand in a page, whose style sheet has the colors (`s0` to `s5`, `again`, `axis`, `label`)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from todo.queues.charts import Chart, Point
from todo.queues.wording import name

WIDTH, HEIGHT = 860, 300
SHAPES = (
    "m-3 0h6m-3-3v6",
    "m-3-3l6 6m0-6l-6 6",
    "m0-4l4 7h-8z",
    "m-3-3h6v6h-6z",
    "m0-4l4 4l-4 4l-4-4z",
    "m-4 3l4-7l4 7",
)
"""A shape for each series, so that color is not all that tells them apart."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 14, 10, 44
_SHAPED = 1_500
"""More points are dots: shapes would hide each other, and make the page large."""
_DOT = "h0"
_AGAIN = "m-4-4l8 8m0-8l-8 8"
_LABEL_PIXELS = 7


def draw(chart: Chart, summary: str) -> str:
    """The chart; `summary` is what somebody hears who doesn't see it."""
    parts = [*_axes(chart), *_points(chart)]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(summary)}">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def legend(chart: Chart) -> str:
    """What its shapes mean; empty when there is one of them."""
    shaped = len(chart.points) <= _SHAPED
    entries = []
    if len(chart.series) > 1:
        for number, series in enumerate(chart.series):
            entries.append((f"s{number}", _shape(number, shaped=shaped, alone=False), name(series)))
    if chart.has_repeated:
        entries.append(("again", _AGAIN, "came again"))
    if not entries:
        return ""
    items = (
        f'<li><svg viewBox="0 0 14 14" class="key" aria-hidden="true"><path class="{kind}" d="M7 7{shape}"/></svg>'
        f"{escape(text)}</li>"
        for kind, shape, text in entries
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _points(chart: Chart) -> Iterator[str]:
    shaped, alone = len(chart.points) <= _SHAPED, len(chart.series) == 1
    for number in range(len(chart.series)):
        if points := [point for point in chart.points if point.series == number and not point.again]:
            yield f'<path class="s{number}" d="{_path(points, _shape(number, shaped=shaped, alone=alone))}"/>'
    if again := [point for point in chart.points if point.again]:
        yield f'<path class="again" d="{_path(again, _AGAIN)}"/>'


def _shape(number: int, *, shaped: bool, alone: bool) -> str:
    return SHAPES[number % len(SHAPES)] if shaped and not alone else _DOT


def _path(points: list[Point], shape: str) -> str:
    return "".join(f"M{_x(point.x):.1f} {_y(point.y):.1f}{shape}" for point in points)


def _axes(chart: Chart) -> Iterator[str]:
    right, bottom = _x(1), _y(0) + 6
    for tick in chart.y_ticks:
        yield f'<path class="grid" d="M{_LEFT} {_y(tick.place):.1f}H{right:.1f}"/>'
        yield _text(_LEFT - 10, _y(tick.place) + 4, tick.text, "end")
    reached = 0.0
    for tick in chart.x_ticks:
        x, half = _x(tick.place), len(tick.text) * _LABEL_PIXELS / 2
        yield f'<path class="axis" d="M{x:.1f} {bottom:.1f}v5"/>'
        if x - half > reached and x + half < WIDTH:
            yield _text(x, bottom + 18, tick.text, "middle")
            reached = x + half
    yield f'<path class="axis" d="M{_LEFT - 6} {_TOP}V{bottom:.1f}H{right:.1f}"/>'
    yield _text((_LEFT + right) / 2, HEIGHT - 4, chart.x_title, "middle")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(part: float) -> float:
    return _LEFT + part * (WIDTH - _LEFT - _RIGHT)


def _y(part: float) -> float:
    return HEIGHT - _BOTTOM - part * (HEIGHT - _BOTTOM - _TOP)
