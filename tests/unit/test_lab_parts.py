"""The laboratory's small parts: receipt handles, figures over time, digests of attributes."""

from __future__ import annotations

import hashlib

import pytest

from todo.errors import BadInput
from todo.lab import attributes
from todo.lab.figures import COUNTS, LEVELS, MINUTES_KEPT, SECONDS_KEPT, Figures
from todo.lab.receipts import Receipts


def test_a_receipt_handle_names_a_message_and_a_receive() -> None:
    receipts = Receipts()
    assert receipts.read(receipts.make(12, 3)) == (12, 3)


@pytest.mark.parametrize("handle", ["", "no handle", "ä", "AAAA", "A" * 1000])
def test_what_is_no_receipt_handle_is_none(handle: str) -> None:
    assert Receipts().read(handle) is None


def test_another_queues_receipt_handle_is_none() -> None:
    assert Receipts().read(Receipts().make(1, 1)) is None


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_020.0  # the beginning of a minute

    def __call__(self) -> float:
        return self.now


def test_figures_are_kept_by_the_second_and_by_the_minute() -> None:
    clock = Clock()
    figures = Figures(clock)
    figures.count("sent", 10)
    figures.note({"available": 10, "oldest_seconds": 0})
    clock.now += 2.5
    figures.count("sent", 5)
    figures.note({"available": 3})
    figures.note({"available": 2})
    seconds = figures.as_json()["seconds"]
    assert seconds["from"] == 1_000_000_020
    assert seconds["sent"] == [10, 0, 5]
    assert seconds["available"] == [10, None, 3]
    clock.now += 60
    told = figures.as_json()
    assert told["totals"]["sent"] == 15
    assert told["minutes"]["sent"] == [15, 0]
    assert told["minutes"]["available"] == [10, None]
    assert told["minutes"]["from"] == 1_000_000_020


def test_figures_are_bounded_and_their_lists_alike_long() -> None:
    clock = Clock()
    figures = Figures(clock)
    figures.count("deleted")
    clock.now += 10 * 86_400
    told = figures.as_json()
    for name, kept in (("seconds", SECONDS_KEPT), ("minutes", MINUTES_KEPT)):
        series = told[name]
        assert {len(series[column]) for column in (*COUNTS, *LEVELS)} == {kept}
        assert series["from"] + kept * series["step_seconds"] > clock.now
        assert not any(series["deleted"])
    assert told["totals"]["deleted"] == 1


def test_a_clock_that_is_set_back_breaks_nothing() -> None:
    clock = Clock()
    figures = Figures(clock)
    clock.now -= 100
    figures.count("sent")
    assert figures.as_json()["seconds"]["sent"] == [1]


def test_the_digest_of_attributes_is_the_one_that_aws_documents() -> None:
    given = {"b": {"DataType": "Binary", "BinaryValue": b"\0"}, "a": {"DataType": "String", "StringValue": "é"}}
    spelled = b"\0\0\0\1a\0\0\0\6String\1\0\0\0\2\xc3\xa9" + b"\0\0\0\1b\0\0\0\6Binary\2\0\0\0\1\0"
    assert attributes.digest(given) == hashlib.md5(spelled, usedforsecurity=False).hexdigest()
    assert attributes.digest({}) == ""


def test_sizes_are_bytes_of_body_and_attributes() -> None:
    given = {"é": {"DataType": "Binary", "BinaryValue": b"123"}}
    assert attributes.size("ü", given) == 2 + 2 + 6 + 3


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], set()),
        (["a.b"], {"a.b"}),
        (["a.*"], {"a.b", "a.c"}),
        ([".*"], {"a.b", "a.c", "d"}),
        (["All"], {"a.b", "a.c", "d"}),
    ],
)
def test_attributes_are_chosen_by_name_prefix_or_all(names: list[str], found: set[str]) -> None:
    assert set(attributes.chosen(dict.fromkeys(("a.b", "a.c", "d")), names)) == found


def test_a_queue_attribute_is_told_apart_from_a_value() -> None:
    with pytest.raises(BadInput) as error:
        attributes.check_queue({"Colour": "blue"})
    assert error.value.field == "name"
    with pytest.raises(BadInput) as error:
        attributes.check_queue({"DelaySeconds": "٣"})
    assert error.value.field == "value"
    attributes.check_queue({"SqsManagedSseEnabled": True, "DelaySeconds": 3, "Policy": ""})
