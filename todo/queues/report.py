"""A verdict as a whole: text for a terminal (`render`), and one HTML page that needs nothing else (`html`)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from todo.queues.charts import charts
from todo.queues.figures import Row, rows, title
from todo.queues.sentences import sentences
from todo.queues.summary import render
from todo.queues.svg import draw, legend
from todo.queues.verdict import QueueVerdict, Verdict

__all__ = ["html", "render"]

# The policy is there for whatever a queue or a client may be called: nothing on the page runs, and it asks for nothing.
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ --ground: #fff; --ink: #1c2127; --faint: #59636e; --line: #d5dae0; --bad: #b42318;
  --s0: #0b6bcb; --s1: #a34b00; --s2: #6b3fc9; --s3: #18794e; --s4: #b0246e; --s5: #59636e; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #15181c; --ink: #e6e9ed; --faint: #9aa4b0; --line: #343b44; --bad: #ff8a7a;
    --s0: #6cb6ff; --s1: #f0a35c; --s2: #b79cff; --s3: #5fd0a0; --s4: #ff8ac2; --s5: #9aa4b0; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }}
h1 {{ font-size: 1.5rem; margin: 0 0 1rem; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .75rem; overflow-wrap: anywhere; }}
h3 {{ font-size: 1rem; margin: 1.5rem 0 .25rem; }}
li {{ overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); text-align: left; font-weight: 400; }}
th, td {{ vertical-align: baseline; overflow-wrap: break-word; }}
td.value {{ text-align: right; white-space: nowrap; font-weight: 600; }}
td.note, .label {{ color: var(--faint); fill: var(--faint); }}
.bad {{ color: var(--bad); }}
.plot {{ overflow-x: auto; }}
svg {{ display: block; width: 100%; min-width: 36rem; height: auto; }}
svg.key {{ display: inline-block; width: 14px; min-width: 0; height: 14px; margin-right: .35rem; }}
path {{ fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }}
path[d$="h0"] {{ stroke-width: 4; }}
.axis {{ stroke: var(--faint); stroke-width: 1; }}
.grid {{ stroke: var(--line); stroke-width: 1; }}
.label {{ font-size: 12px; }}
.s0 {{ stroke: var(--s0); }} .s1 {{ stroke: var(--s1); }} .s2 {{ stroke: var(--s2); }}
.s3 {{ stroke: var(--s3); }} .s4 {{ stroke: var(--s4); }} .s5 {{ stroke: var(--s5); }}
.again {{ stroke: var(--bad); stroke-width: 2; }}
.legend {{ display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0; padding: 0; list-style: none; }}
</style>
</head>
<body>
<main>
"""
_FOOT = "</main>\n</body>\n</html>\n"


def html(verdict: Verdict) -> str:
    """The page, in UTF-8's characters: the same sentences, figures and plots as in the terminal."""
    names = ", ".join(title(queue) for queue in verdict.queues) or "an empty log"
    parts = [_HEAD.format(title=escape(f"Queue report: {names}")), "<h1>Queue report</h1>\n"]
    for queue in verdict.queues:
        parts += _queue(queue)
    if not verdict.queues:
        parts.append("<p>There is nothing in the log.</p>\n")
    return "".join([*parts, _FOOT])


def _queue(queue: QueueVerdict) -> Iterator[str]:
    said = sentences(queue)
    yield f"<h2>{escape(title(queue))}</h2>\n<ul>\n"
    yield from (f"<li>{escape(sentence)}</li>\n" for sentence in said)
    yield "</ul>\n"
    for chart in charts(queue):
        yield f"<h3>{escape(chart.title)}</h3>\n{legend(chart)}\n"
        plot = draw(chart, f"{chart.title}, against {chart.x_title}. {said[0]}")
        yield f'<div class="plot" tabindex="0" role="group" aria-label="{escape(chart.title)}">{plot}</div>\n'
    yield "<h3>Figures</h3>\n<table>\n"
    yield from map(_row, rows(queue))
    yield "</table>\n"


def _row(row: Row) -> str:
    bad = " bad" if row.bad else ""
    head = f'<th scope="row">{escape(row.what)}</th>' if row.what else "<td></td>"
    return f'<tr>{head}<td class="value{bad}">{escape(row.value)}</td><td class="note">{escape(row.note)}</td></tr>\n'
