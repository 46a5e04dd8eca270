"""The messages of one queue: which are there, which may be handed out next, and what was sent before. Pure.

Knows no protocol, no other queue and no clock: `now`, in seconds since 1970, is passed in. Whoever calls holds the
queue's lock. All but `purge` costs at most the logarithm of the number of messages.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from todo.lab.disorder import HOLD_SECONDS, PLACES_MAX, Disorder

DEDUPLICATION_SECONDS = 300.0
SPARE_ENTRIES = 64  # outdated entries that a heap may hold however few messages there are


class State(Enum):
    """Where a message is."""

    NEW = "new"
    READY = "ready"
    HELD = "held"  # others may overtake it
    DELAYED = "delayed"
    IN_FLIGHT = "in flight"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Message:
    """One message, with the names that the answers of SQS give its parts where these have one."""

    id: str
    body: str
    body_md5: str
    sent_timestamp: int
    """Milliseconds since 1970."""
    message_attributes: dict[str, Any] = field(default_factory=dict)
    attribute_md5: str = ""
    system_attributes: dict[str, Any] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None
    sequence_number: str | None = None
    approximate_receive_count: int = 0
    approximate_first_receive_timestamp: int | None = None
    dead_letter_source: str | None = None
    """The ARN of the queue that gave it up."""

    user_id: str = ""
    """The id of its entry in the batch that it was sent with."""
    number: int = 0
    """Its own within the queue, as long as it is there."""
    place: int = 0
    """Its place in the order of handing out."""
    state: State = State.NEW
    turn: int = 0
    """How often its state changed: an entry of a heap that was made before is outdated."""
    received_at: float = 0.0
    twice: bool = False

    def anew(self, message_id: str, sent_timestamp: int) -> Message:
        """The same content as a new message that nobody received yet, for another queue."""
        return Message(
            id=message_id,
            body=self.body,
            body_md5=self.body_md5,
            sent_timestamp=sent_timestamp,
            message_attributes=self.message_attributes,
            attribute_md5=self.attribute_md5,
            system_attributes=self.system_attributes,
            group_id=self.group_id,
            deduplication_id=self.deduplication_id,
            sequence_number=self.sequence_number,
        )


Entry = tuple[float, int, int, Message]
"""Of a heap: what it is sorted by, the message's number and turn, the message."""


@dataclass(slots=True)
class Group:
    """A FIFO queue's message group: nothing of it is handed out while some of it is in flight."""

    ready: list[Entry] = field(default_factory=list)
    in_flight: int = 0


class Messages:
    """The messages of one queue."""

    def __init__(self, *, is_fifo: bool, disorder: Disorder | None = None) -> None:
        """`disorder` None keeps a standard queue's messages in order, and each of them single."""
        self._is_fifo = is_fifo
        self._disorder = None if is_fifo else disorder
        self._numbers = 0
        self._arrivals = 0
        self._fifo_not_before = 0.0
        self._sent_before: dict[str, tuple[float, str, str | None]] = {}
        self._sent_order: deque[str] = deque()
        self.purge()

    def purge(self) -> None:
        """Drop every message, those in flight too; what was sent before is still known."""
        self._all: dict[int, Message] = {}
        self._counts: Counter[State] = Counter()
        self._ready: list[Entry] = []
        self._held: list[Entry] = []
        self._timers: list[Entry] = []
        self._groups: dict[str, Group] = {}
        self._open_groups: list[tuple[int, str]] = []  # by the number of their first message; may be outdated

    def known(self, key: str, now: float) -> tuple[str, str | None] | None:
        """The id and sequence number of the message that was sent with this key within the last five minutes."""
        while self._sent_order and self._sent_before[self._sent_order[0]][0] <= now:
            del self._sent_before[self._sent_order.popleft()]
        found = self._sent_before.get(key)
        return found[1:] if found else None

    def remember(self, key: str, message: Message, now: float) -> None:
        """Make `known` find this message by the key; the key is not known yet."""
        self._sent_before[key] = (now + DEDUPLICATION_SECONDS, message.id, message.sequence_number)
        self._sent_order.append(key)

    def add(self, message: Message, now: float, *, delay_seconds: float = 0) -> None:
        """Put a message at the end."""
        self._arrivals += 1
        message.place = self._arrivals
        self._enter(message)
        places = self._disorder.places() if self._disorder else 0
        message.twice = bool(self._disorder and self._disorder.twice())
        if self._is_fifo:  # a delay that was shortened meanwhile must not let it overtake
            self._fifo_not_before = max(self._fifo_not_before, now + delay_seconds)
            delay_seconds = self._fifo_not_before - now
        if delay_seconds > 0:
            self._set(message, State.DELAYED, until=now + delay_seconds)
        elif places:
            message.place += places
            self._set(message, State.HELD, until=now + HOLD_SECONDS)
            self._push(self._held, message.place, message)
        else:
            self._release(message)
        self._release_held(self._arrivals)

    def take(
        self, count: int, now: float, *, visibility_seconds: float, accept: Callable[[Message], bool] | None = None
    ) -> list[Message]:
        """Up to `count` messages, from now on in flight. One that `accept` refuses leaves the queue instead."""
        self.wake(now)
        taken: list[Message] = []
        while len(taken) < count and (message := self._next(taken)):
            if accept and not accept(message):
                self.delete(message)
                continue
            message.approximate_receive_count += 1
            message.approximate_first_receive_timestamp = message.approximate_first_receive_timestamp or int(now * 1000)
            message.received_at = now
            self._set(message, State.IN_FLIGHT, until=now + visibility_seconds)
            taken.append(message)
            if message.twice:
                self._repeat(message, now)
        return taken

    def withdraw(self, now: float) -> Message | None:
        """Remove the message that would be handed out next, uncounted; None when those held back are gone as well."""
        self.wake(now)
        if not self._counts[State.READY]:
            self._release_held(self._arrivals + PLACES_MAX)
        message = self._next([])
        if message is not None:
            self.delete(message)
        return message

    def find(self, number: int) -> Message | None:
        """The message of this number, while it is there."""
        return self._all.get(number)

    def hide(self, message: Message, now: float, seconds: float) -> None:
        """Let a message in flight become visible so many seconds from now."""
        self._set(message, State.IN_FLIGHT, until=now + seconds)
        self.wake(now)

    def count(self, state: State, now: float) -> int:
        """How many are ready (those held back count as ready), delayed, or in flight."""
        self.wake(now)
        return self._counts[state] + (self._counts[State.HELD] if state is State.READY else 0)

    def next_change(self) -> float | None:
        """When time alone lets a message become visible; None when it never does."""
        while self._timers and not _current(self._timers[0]):
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def oldest(self) -> Message | None:
        """The message that has been there longest."""
        return next(iter(self._all.values()), None)

    def __len__(self) -> int:
        return len(self._all)

    def _enter(self, message: Message) -> None:
        self._numbers += 1
        message.number = self._numbers
        self._all[message.number] = message

    def _repeat(self, message: Message, now: float) -> None:
        """Have the message come once more soon, deleted or not, as from a server that missed its being received."""
        message.twice = False
        again = replace(message, approximate_receive_count=0, approximate_first_receive_timestamp=None, state=State.NEW)
        self._enter(again)
        self._set(again, State.HELD, until=now + HOLD_SECONDS)

    def _next(self, taken: list[Message]) -> Message | None:
        if not self._is_fifo:
            while self._ready:
                entry = heapq.heappop(self._ready)
                if _current(entry):
                    return entry[3]
            return None
        while self._open_groups:
            number, name = heapq.heappop(self._open_groups)
            group = self._groups.get(name)
            # A group that was opened by this very take may give more; one that others hold may not.
            if group is None or group.in_flight > sum(message.group_id == name for message in taken):
                continue
            first = _first(group)
            if first is not None and first.number == number:
                return first
        return None

    def wake(self, now: float) -> None:
        """Let what is due by now become visible; whoever asks by `find` calls this first."""
        while self._timers and self._timers[0][0] <= now:
            entry = heapq.heappop(self._timers)
            if _current(entry):
                self._release(entry[3])

    def _release_held(self, place: float) -> None:
        while self._held and self._held[0][0] <= place:
            entry = heapq.heappop(self._held)
            if _current(entry):
                self._release(entry[3])

    def _release(self, message: Message) -> None:
        self._set(message, State.READY)
        if not self._is_fifo:
            self._push(self._ready, message.place, message)
            return
        name = message.group_id or ""
        group = self._groups.setdefault(name, Group())
        self._push(group.ready, message.number, message)
        self._open(name)

    def _open(self, name: str) -> None:
        """Note the first message of a FIFO queue's group, for `_next`; forget a group that is empty."""
        group = self._groups[name]
        first = _first(group)
        if first is not None:
            heapq.heappush(self._open_groups, (first.number, name))
        elif not group.in_flight:
            del self._groups[name]

    def delete(self, message: Message) -> None:
        """Remove a message, wherever it is."""
        del self._all[message.number]
        self._set(message, State.GONE)

    def _set(self, message: Message, state: State, *, until: float | None = None) -> None:
        before, message.state = message.state, state
        message.turn += 1
        self._counts[before] -= 1
        self._counts[state] += 1
        if until is not None:
            self._push(self._timers, until, message)
        if self._is_fifo and message.group_id in self._groups:
            group = self._groups[message.group_id]
            group.in_flight += (state is State.IN_FLIGHT) - (before is State.IN_FLIGHT)
            if state is not State.READY and (before is not state):
                self._open(message.group_id)

    def _push(self, heap: list[Entry], key: float, message: Message) -> None:
        # What is outdated stays in its heap until it comes to the top; with long visibility timeouts that is late.
        if len(heap) > SPARE_ENTRIES + 2 * len(self._all):
            heap[:] = [entry for entry in heap if _current(entry)]
            heapq.heapify(heap)
        heapq.heappush(heap, (key, message.number, message.turn, message))


def _current(entry: Entry) -> bool:
    return entry[2] == entry[3].turn


def _first(group: Group) -> Message | None:
    while group.ready and not _current(group.ready[0]):
        heapq.heappop(group.ready)
    return group.ready[0][3] if group.ready else None
