"""What AWS does with messages of standard queues and emulators do not: a few overtake others, a few come twice. Pure.

AWS keeps a queue on many servers and asks some of them at each receive, so a message may be seen late, and a server
that missed a receive or delete hands the message out once more. Here both are drawn, from a seed.
"""

from __future__ import annotations

from random import Random

LATE_CHANCE = 0.3
"""How many messages let others overtake them."""
PLACES_MAX = 5
"""How many later messages overtake such a message at most."""
TWICE_CHANCE = 0.01
"""How many messages come twice. AWS's own share is far smaller; at this one, a hundred messages show it."""
HOLD_SECONDS = 0.2
"""How long a message waits at most for others to overtake it, and how soon one comes the second time."""


class Disorder:
    """The draws of one queue: the same seed and the same sends give the same disorder."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)  # noqa: S311 (nothing here is secret)

    def places(self) -> int:
        """How many of the messages sent after the next one may overtake it; mostly 0."""
        return self._random.randint(1, PLACES_MAX) if self._random.random() < LATE_CHANCE else 0

    def twice(self) -> bool:
        """Whether the next message is handed out twice."""
        return self._random.random() < TWICE_CHANCE
