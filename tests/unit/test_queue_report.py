"""What people read of a verdict: golden texts, sentences, and the page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.queue_runs import FOLDER, LOOKS, RUNS, START, file, run, text
from todo.queues import prices
from todo.queues.figures import rows
from todo.queues.records import Began, Deleted, Ended, Received, Record, Sent
from todo.queues.report import html, render
from todo.queues.sentences import sentences
from todo.queues.verdict import judge
from todo.queues.wording import columns, dollars, duration, name, rate

FIFO = "csse6400_prac.fifo"
EVIL = '</title><script>alert(1)</script>"\x1b[31m\u202e'


def said(records: list[Record]) -> str:
    return " ".join(sentences(judge(records).queues[0]))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("run_name", RUNS)
def test_a_terminal_shows_its_golden_text(run_name: str, look: str) -> None:
    assert text(run_name, look) == file(run_name, look).read_text(encoding="utf-8")


def test_every_golden_text_has_its_run() -> None:
    assert set(FOLDER.iterdir()) == {file(run_name, look) for run_name in RUNS for look in LOOKS}


@given(st.sampled_from(sorted(RUNS)), st.integers(40, 160), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_terminal(run_name: str, width: int, color: bool, unicode: bool) -> None:
    shown = render(VERDICTS[run_name], width=width, color=color, unicode=unicode)
    plain = re.sub(r"\x1b\[\d+m", "", shown)
    assert max(map(columns, plain.split("\n"))) <= width
    assert (plain == shown) is (not color or run_name == "empty")
    assert shown.isascii() or unicode
    assert not re.search(r"[ \t]\n", plain)


VERDICTS = {run_name: judge(make()) for run_name, make in RUNS.items()}


def test_order_kept_in_groups_and_resends_dropped_are_told() -> None:
    told = said(run(100, queue=FIFO, groups=4, resend=1))
    assert "FIFO kept the order within each of 4 groups." in told
    assert "100 of 100 resends were dropped by content-based deduplication." in told
    assert "No message came twice." in told


def test_a_broken_group_is_named() -> None:
    records = run(40, queue=FIFO, groups=4)
    first = next(record for record in records if isinstance(record, Received) and record.group == "group 2")
    late = [replace(first, at=START + 90) if record is first else record for record in records]
    assert (
        "FIFO did not keep the order within 1 of 4 groups: in group group 2 9 pairs are out of order, "
        "the farthest 9 places off."
    ) in said(late)


def test_one_group_and_one_message_have_words_of_their_own() -> None:
    assert "FIFO kept the order within its one group." in said(run(9, queue=FIFO, groups=1))
    assert "A single message has no order. The one message arrived." in said(run(1))
    assert "Both messages arrived." in said(run(2))


def test_what_is_missing_is_told_with_what_it_may_mean() -> None:
    records = [
        record for record in run(10, queue=FIFO) if getattr(record, "sequence", None) != 3 or record.kind == "sent"
    ]
    assert (
        "1 of 10 messages did not arrive; it may still be in the queue, or dropped as the resend of an earlier run."
        in said(records)
    )


def test_one_side_alone_proves_nothing_of_the_other() -> None:
    records = run(10)
    assert "The log holds no receiver" in said([record for record in records if isinstance(record, Sent)])
    received: list[Record] = [record for record in records if isinstance(record, Received)]
    assert "The log does not hold what was sent" in said(received)
    assert "1 number below the highest did not come here" in said(received[:4] + received[5:])


def figures(records: list[Record]) -> dict[str, str]:
    """Each figure and its note."""
    return {row.what: f"{row.value} {row.note}".strip() for row in rows(judge(records).queues[0]) if row.what}


def test_of_the_side_that_a_log_does_not_hold_nothing_is_counted() -> None:
    records = run(10, resend=0.5)
    sends: list[Record] = [record for record in records if isinstance(record, Sent)]
    of_sender = figures(sends)
    assert of_sender["Sent"].startswith(f"{len(sends)} by 1 client")
    for what in ("Received", "Deleted", "Missing", "Duplicates", "Redeliveries", "Empty receives", "Inversions"):
        assert of_sender[what] == "not known"
    assert "deduplicate" not in said(sends)
    of_receiver = figures([record for record in records if not isinstance(record, Sent)])
    assert of_receiver["Received"].endswith("by 1 client")
    assert of_receiver["Empty receives"] == "1"
    assert of_receiver["Sent"] == of_receiver["Missing"] == of_receiver["Deduplication hits"] == "not known"


def test_deletions_are_counted_as_deliveries_are() -> None:
    records = run(10)
    again = next(record for record in records if isinstance(record, Received))
    deleted = next(record for record in records if isinstance(record, Deleted))
    twice = [*records, replace(again, at=again.at + 1), replace(deleted, at=deleted.at + 1)]
    assert figures(twice)["Received"] == "11 by 1 client, 10 messages"
    assert figures(twice)["Deleted"] == "11 10 messages"


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://127.0.0.1:4566", "This was not AWS but an emulator at http://127.0.0.1:4566. It leaves unproven how"),
        (None, None),
    ],
)
def test_an_emulator_is_told_with_what_it_leaves_unproven(endpoint: str | None, told: str | None) -> None:
    shown = said(run(10, endpoint=endpoint))
    assert told is None or told in shown
    assert ("unproven" in shown) is (told is not None)


def test_a_log_that_does_not_say_whose_service_it_was_is_told() -> None:
    assert "does not say whether this was AWS" in said([Sent(START, "a", "q", 0, "x")])


def test_an_interrupted_run_and_an_empty_one_are_told() -> None:
    began = Began(START, "hello", "q", False, None)
    assert said([began, Ended(START, "hello", "q", 0, interrupted=True)]) == (
        "The log tells of no message that was sent to q, and of none that arrived from it. "
        "The run was interrupted; this is what had happened until then."
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("run_name", RUNS)
def test_the_page_needs_nothing_from_elsewhere(run_name: str) -> None:
    page = _Page()
    page.feed(html(VERDICTS[run_name]))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "image", "use", "a", "base", "form"}
    assert not {name for _, attributes in page.tags for name in attributes} & {"src", "href", "style", "onload"}
    assert "url(" not in html(VERDICTS[run_name])
    assert ("svg" in tags) is (run_name != "empty")


def test_the_page_says_what_the_terminal_says() -> None:
    page = re.sub("<[^>]*>", "", html(VERDICTS["fifo"]))
    for sentence in sentences(VERDICTS["fifo"].queues[0]):
        assert sentence.replace("'", "&#x27;") in page


def hostile() -> list[Record]:
    records: list[Record] = [Began(START, EVIL, EVIL, False, f"http://{EVIL}", visibility_seconds=1)]
    for number in range(20):
        for sender in (EVIL, f"{EVIL}2"):
            group = f"{EVIL}{number % 3}"
            records.append(Sent(START + number, sender, EVIL, number, f"{sender}{number}", group))
            at = START + 100 - number
            records.append(Received(at, EVIL, EVIL, f"{sender}{number}", sender, number, group, 0, 1, None))
    return records


def test_names_from_outside_are_text_on_the_page_and_cannot_steer_a_terminal() -> None:
    verdict = judge(hostile())
    page = html(verdict)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    shown = render(verdict, width=80, color=False)
    for letter in "\x1b\u202e":
        assert letter not in page
        assert letter not in shown


def test_several_queues_are_told_one_after_the_other() -> None:
    verdict = judge([*run(5), *run(5, queue=FIFO, groups=2)])
    assert [queue.name for queue in verdict.queues] == ["csse6400_prac", FIFO]
    assert render(verdict, width=80, color=False).index("(standard)") < render(verdict, width=80, color=False).index(
        "(FIFO)"
    )
    assert html(verdict).count("<h2>") == 2


def test_a_run_within_one_moment_and_one_with_vast_times_are_drawn() -> None:
    at_once: list[Record] = [replace(record, at=START) for record in run(10)]
    vast: list[Record] = [
        Sent(0, "a", "q", 2**62, "x"),
        Received(2e11, "b", "q", "x", "a", 2**62),
        Received(2e11 + 1, "b", "q", "x", "a", 0),
    ]
    for records in (at_once, vast):
        assert render(judge(records), width=80, color=True)
        assert "nan" not in html(judge(records)).replace("finance", "")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 ms"),
        (0.0032, "3.2 ms"),
        (0.005, "5 ms"),
        (0.25, "250 ms"),
        (0.9996, "1 s"),
        (1.25, "1.25 s"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
    ],
)
def test_durations_are_as_long_as_they_have_to_be(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_rates_costs_and_names() -> None:
    assert [rate(5_000), rate(3.21), rate(0.025)] == ["5,000/s", "3.21/s", "0.025/s"]
    assert [dollars(0), dollars(1234.5), dollars(0.000008)] == ["$0.00", "$1,234.50", "$0.000008"]
    assert [name("a\x1b\n"), name("x" * 50, 5)] == ["a\\x1b\\x0a", "xxxx…"]
    assert [columns("abc"), columns("日本"), columns("e\u0301")] == [3, 4, 1]


def test_a_million_requests_cost_what_the_list_says() -> None:
    assert (prices.cost(1_000_000, is_fifo=False), prices.cost(1_000_000, is_fifo=True)) == (0.4, 0.5)
    assert prices.cost(0, is_fifo=True) == 0
    assert figures(run(10))["Cost at AWS"].endswith("list price of June 2026, us-east-1, without the free tier")
