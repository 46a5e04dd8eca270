"""What a process remembers: up to a size, the least recently used dropped first."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.cache import Cache


def texts(size_max: int) -> Cache[str]:
    return Cache(size_max, len)


def test_what_was_put_is_found_and_what_was_not_is_none() -> None:
    cache = texts(10)
    cache.put(1, "one")
    cache.put("two", "two")
    assert (cache.get(1), cache.get("two"), cache.get(3)) == ("one", "two", None)


def test_what_does_not_fit_any_more_drops_the_least_recently_used() -> None:
    cache = texts(6)
    for key in "abc":
        cache.put(key, key * 2)
    assert cache.get("a") == "aa"  # used last now
    cache.put("d", "dd")
    assert [cache.get(key) for key in "abcd"] == ["aa", None, "cc", "dd"]


def test_one_large_value_drops_as_many_as_it_takes() -> None:
    cache = texts(6)
    for key in "abc":
        cache.put(key, key * 2)
    cache.put("d", "ddddd")
    assert [cache.get(key) for key in "abcd"] == [None, None, None, "ddddd"]


def test_a_value_of_exactly_the_size_is_kept_and_a_larger_one_is_not() -> None:
    cache = texts(3)
    cache.put("a", "aaa")
    assert cache.get("a") == "aaa"
    cache.put("b", "bbbb")
    assert (cache.get("a"), cache.get("b")) == ("aaa", None)


def test_a_value_that_is_replaced_gives_its_room_back() -> None:
    cache = texts(6)
    cache.put("a", "aaaa")
    cache.put("b", "bb")
    for text in ("a", "aa", "aaa", "aaaa"):
        cache.put("a", text)
    assert (cache.get("a"), cache.get("b")) == ("aaaa", "bb")


def test_a_value_replaced_by_one_that_is_too_large_is_forgotten_and_not_kept_as_it_was() -> None:
    cache = texts(3)
    cache.put("a", "old")
    cache.put("a", "much too large")
    assert cache.get("a") is None
    cache.put("b", "bbb")
    assert cache.get("b") == "bbb"


@pytest.mark.parametrize("value", [[], ()])
def test_an_empty_value_is_remembered_too(value: object) -> None:
    cache: Cache[object] = Cache(1, lambda _: 0)
    cache.put(1, value)
    assert cache.get(1) is value


@given(
    st.integers(0, 12),
    st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 6))),
)
def test_it_does_what_a_plain_model_of_it_does(size_max: int, steps: list[tuple[bool, int, int]]) -> None:
    cache = texts(size_max)
    model: OrderedDict[int, str] = OrderedDict()
    for is_put, key, size in steps:
        if is_put:
            cache.put(key, "x" * size)
            model.pop(key, None)
            if size <= size_max:
                model[key] = "x" * size
            while sum(map(len, model.values())) > size_max:
                model.popitem(last=False)
        else:
            assert cache.get(key) == model.get(key)
            if key in model:
                model.move_to_end(key)
    assert {key: cache.get(key) for key in range(5)} == {key: model.get(key) for key in range(5)}


def test_threads_that_use_it_at_once_leave_it_within_its_size() -> None:
    cache = texts(50)

    def use(number: int) -> None:
        for step in range(2_000):
            key = (number * 7 + step) % 20
            cache.put(key, "x" * (step % 9))
            found = cache.get((key + 1) % 20)
            assert found is None or set(found) <= {"x"}

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert sum(len(cache.get(key) or "") for key in range(20)) <= 50
    cache.put("last", "x" * 50)  # what it thinks it holds is what it holds: all of it makes room
    assert [key for key in range(20) if cache.get(key)] == []
    assert cache.get("last") == "x" * 50
