"""Inversions and displacement, against counting every pair."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.queues.order import Order, all_of, order_of


def counted(numbers: list[int]) -> Order:
    ranks = {number: rank for rank, number in enumerate(sorted(numbers))}
    return Order(
        messages=len(numbers),
        neighbours=sum(first > second for first, second in pairwise(numbers)),
        inversions=sum(first > second for first, second in combinations(numbers, 2)),
        displacement=max((abs(place - ranks[number]) for place, number in enumerate(numbers)), default=0),
    )


@given(st.lists(st.integers(-(2**62), 2**62), unique=True, max_size=60))
def test_an_order_is_what_counting_every_pair_finds(numbers: list[int]) -> None:
    assert order_of(numbers) == counted(numbers)


@given(st.randoms(use_true_random=False), st.integers(0, 40))
def test_numbers_that_are_a_little_out_of_order(chance: Random, most: int) -> None:
    numbers = sorted(range(200), key=lambda number: number + chance.uniform(0, most))
    assert order_of(numbers) == counted(numbers)


@pytest.mark.parametrize("size", [1_023, 1_024, 1_025, 40_000])
def test_numbers_in_reverse_over_several_blocks_and_shelves(size: int) -> None:
    assert order_of(range(size)[::-1]) == Order(size, size - 1, size * (size - 1) // 2, size - 1)


def test_a_shuffle_over_several_blocks() -> None:
    numbers = list(range(3_000))
    Random(1).shuffle(numbers)
    assert order_of(numbers) == counted(numbers)


def test_the_first_of_many_that_comes_last_passes_all_of_them() -> None:
    assert order_of([*range(1, 50_000), 0]) == Order(50_000, 1, 49_999, 49_999)


def test_orders_are_added_up_and_the_farthest_is_the_farthest_of_any() -> None:
    assert all_of([order_of([0, 1]), order_of([2, 1, 0])]) == Order(5, 2, 3, 2)
    assert all_of([]) == Order()
