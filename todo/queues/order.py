"""How far numbers that should rise are out of order. Pure; knows nothing of messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import gt, sub

_BLOCK_BITS = 10
_LOW = (1 << _BLOCK_BITS) - 1
_SHELF_BITS = 5
"""Blocks are counted by shelves of 32, so that neither sum below gets long, even if all is in disorder."""


@dataclass(frozen=True, slots=True)
class Order:
    """How messages arrived, against the order in which they were sent."""

    messages: int = 0
    """How many were looked at: of each number the first that arrived."""
    neighbours: int = 0
    """How many arrived right after one that was sent later."""
    inversions: int = 0
    """How many pairs arrived the other way round, neighbours or not."""
    displacement: int = 0
    """How many places the one that is farthest off arrived from its own, among those that arrived."""

    @property
    def is_kept(self) -> bool:
        """Nothing overtook anything."""
        return not self.neighbours


def order_of(sequences: Sequence[int]) -> Order:
    """The order of numbers that are all different, in O(n log n); at once when they rise."""
    neighbours = sum(map(gt, sequences, islice(sequences, 1, None)))
    if not neighbours:
        return Order(len(sequences))
    # Places by rank instead of ranks by place: the inverse has as many inversions, and is as far off.
    places = sorted(range(len(sequences)), key=sequences.__getitem__)
    displacement = max(map(abs, map(sub, places, range(len(places)))))
    return Order(len(sequences), neighbours, _inversions(places), displacement)


def all_of(orders: Iterable[Order]) -> Order:
    """Several orders taken together, each on its own."""
    messages = neighbours = inversions = displacement = 0
    for order in orders:
        messages += order.messages
        neighbours += order.neighbours
        inversions += order.inversions
        displacement = max(displacement, order.displacement)
    return Order(messages, neighbours, inversions, displacement)


def _inversions(numbers: Sequence[int]) -> int:
    """Pairs of `0 … n-1`, in any order, whose greater one comes first.

    Each block of 1,024 numbers is one int, a bit for each that came. Most numbers come near the highest so far, and
    then only the last blocks are looked at.
    """
    last_block = len(numbers) >> _BLOCK_BITS
    came = [0] * (last_block + 1)
    counts = [0] * (last_block + 1)
    shelves = [0] * ((last_block >> _SHELF_BITS) + 1)
    highest = -1
    inversions = 0
    for number in numbers:
        block = number >> _BLOCK_BITS
        bit = number & _LOW
        shelf = block >> _SHELF_BITS
        if number > highest:
            highest = number
        else:
            inversions += (came[block] >> bit).bit_count()
            if block < highest >> _BLOCK_BITS:
                inversions += sum(counts[block + 1 : (shelf + 1) << _SHELF_BITS]) + sum(shelves[shelf + 1 :])
        came[block] |= 1 << bit
        counts[block] += 1
        shelves[shelf] += 1
    return inversions
