"""JSON that has one meaning is read as it is; anything else is refused, with a sentence that says why."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.errors import BadInput
from todo.views.strict_json import DEPTH_MAX, read

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(VALUES)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert read(json.dumps(value).encode()) == value
    assert read(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    with suppress(BadInput):  # anything else fails the test
        read(data)


@given(st.text(alphabet='[]{}",:0123456789eE.-+truefalsnNaIfiy\\u dD8'))
def test_what_is_read_is_what_the_standard_library_reads(text: str) -> None:
    try:
        value = read(text.encode())
    except BadInput:
        return
    assert value == json.loads(text)


def refusal(data: bytes) -> tuple[str, str | None]:
    with pytest.raises(BadInput) as caught:
        read(data)
    return str(caught.value), caught.value.field


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"NaN", "NaN is not JSON"),
        (b"[Infinity]", "Infinity is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"1e999", "The body holds a number that is too large"),
        (b"[-1e999]", "The body holds a number that is too large"),
        (b"9" * 5_000, "The body holds a number that is too large"),
        (b"-" + b"9" * 5_000, "The body holds a number that is too large"),
        (b"\xff", "The body is not UTF-8 (at byte 0)"),
        (b'{"a": "\xed\xa0\x80"}', "The body is not UTF-8 (at byte 7)"),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes at character 1"),
        (b"\xef\xbb\xbf{}", "The body is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig) at character 0"),
    ],
)
def test_what_has_no_one_meaning_is_refused(data: bytes, message: str) -> None:
    assert refusal(data) == (message, "body")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b'{"a": 1, "a": 1}', "a"),
        (b'{"a": 1, "b": 2, "\\u0061": 3}', "a"),
        (b'[{"x": {"y": 1, "y": 2}}]', "y"),
        (b'{"": 1, "": 2}', ""),
        (b'{"' + b"k" * 1_000 + b'": 1, "' + b"k" * 1_000 + b'": 2}', "k" * 64),
    ],
)
def test_a_key_given_twice_is_refused_by_its_name(data: bytes, field: str) -> None:
    message, found = refusal(data)
    assert found == field
    assert "given twice" in message
    assert len(message) < 200


def test_the_same_key_in_two_objects_is_fine() -> None:
    assert read(b'[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_has_a_limit(opening: str, closing: str) -> None:
    levels = DEPTH_MAX // (opening.count("[") + opening.count("{"))
    deepest = opening * levels + "1" + closing * levels
    assert read(deepest.encode()) == json.loads(deepest)
    for more in (1, 1_000, 100_000):
        too_deep = opening * (levels + more) + "1" + closing * (levels + more)
        assert refusal(too_deep.encode()) == (f"The body is nested deeper than {DEPTH_MAX} levels", "body")


def test_empty_brackets_count_as_a_level() -> None:
    assert read(("[" * DEPTH_MAX + "]" * DEPTH_MAX).encode()) is not None
    assert refusal(("[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1)).encode())[1] == "body"


def test_wide_values_are_no_deep_ones() -> None:
    assert len(read(b"[" + b"[]," * 99_999 + b"[]]")) == 100_000


def test_numbers_keep_their_kind_and_size() -> None:
    assert read(b"[1, 1.0, 1e0, -0.0, 1e308, 123456789012345678901234567890]") == [
        1,
        1.0,
        1.0,
        -0.0,
        1e308,
        123456789012345678901234567890,
    ]
    assert type(read(b"1e0")) is float  # so that 1e0 is no id
    assert math.copysign(1, read(b"-0.0")) == -1
