from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo.lab.disorder import HOLD_SECONDS, PLACES_MAX, Disorder
from todo.lab.messages import DEDUPLICATION_SECONDS, SPARE_ENTRIES, Message, Messages, State

ALWAYS = 1e9


def message(body: str = "text", group: str | None = None, sent: int = 0) -> Message:
    return Message(id=body, body=body, body_md5="", sent_timestamp=sent, group_id=group)


def bodies(taken: list[Message]) -> list[str]:
    return [each.body for each in taken]


def filled(queue: Messages, texts: list[str], *, group: str | None = None) -> Messages:
    for text in texts:
        queue.add(message(text, group), 0)
    return queue


def test_a_queue_in_order_hands_out_in_order_and_each_once() -> None:
    queue = filled(Messages(is_fifo=False), list("abcde"))
    assert bodies(queue.take(3, 0, visibility_seconds=30)) == ["a", "b", "c"]
    assert bodies(queue.take(3, 0, visibility_seconds=30)) == ["d", "e"]
    assert queue.take(3, 0, visibility_seconds=30) == []


def test_what_is_not_deleted_comes_again_in_its_old_place() -> None:
    queue = filled(Messages(is_fifo=False), list("abc"))
    first, second = queue.take(2, 0, visibility_seconds=30)
    queue.delete(second)
    assert queue.next_change() == 30
    assert bodies(queue.take(9, 29, visibility_seconds=30)) == ["c"]
    assert bodies(queue.take(9, 30, visibility_seconds=30)) == ["a"]
    assert first.approximate_receive_count == 2


def test_delayed_messages_come_when_their_time_has_come() -> None:
    queue = Messages(is_fifo=False)
    queue.add(message("late"), 0, delay_seconds=5)
    queue.add(message("now"), 0)
    assert queue.count(State.DELAYED, 0) == 1
    assert bodies(queue.take(9, 0, visibility_seconds=30)) == ["now"]
    assert bodies(queue.take(9, 5, visibility_seconds=30)) == ["late"]


def test_a_shortened_delay_lets_no_message_of_a_fifo_queue_overtake() -> None:
    queue = Messages(is_fifo=True)
    queue.add(message("1", "a"), 0, delay_seconds=5)
    queue.add(message("2", "a"), 1)
    assert queue.take(9, 1, visibility_seconds=30) == []
    assert bodies(queue.take(9, 5, visibility_seconds=30)) == ["1", "2"]


def test_a_group_of_which_something_is_in_flight_waits_and_the_others_do_not() -> None:
    queue = filled(Messages(is_fifo=True), ["a1", "a2", "a3"], group="a")
    filled(queue, ["b1", "b2"], group="b")
    (first,) = queue.take(1, 0, visibility_seconds=30)
    assert bodies(queue.take(9, 0, visibility_seconds=30)) == ["b1", "b2"]
    assert queue.take(9, 0, visibility_seconds=30) == []
    queue.delete(first)
    assert bodies(queue.take(9, 0, visibility_seconds=30)) == ["a2", "a3"]


def test_a_group_of_which_only_some_came_back_still_waits() -> None:
    queue = filled(Messages(is_fifo=True), ["1", "2"], group="a")
    first, second = queue.take(2, 0, visibility_seconds=30)
    queue.hide(first, 0, 0)
    assert queue.take(9, 0, visibility_seconds=30) == []
    queue.delete(second)
    assert bodies(queue.take(9, 0, visibility_seconds=30)) == ["1"]


def test_a_message_that_is_refused_leaves_the_queue() -> None:
    queue = filled(Messages(is_fifo=True), ["bad", "good"], group="a")
    taken = queue.take(9, 0, visibility_seconds=30, accept=lambda each: each.body != "bad")
    assert bodies(taken) == ["good"]
    assert len(queue) == 1


def test_withdrawing_spares_what_is_in_flight() -> None:
    queue = filled(Messages(is_fifo=False), list("ab"))
    queue.take(1, 0, visibility_seconds=30)
    withdrawn = queue.withdraw(0)
    assert withdrawn
    assert (withdrawn.body, withdrawn.approximate_receive_count) == ("b", 0)
    assert queue.withdraw(0) is None


def test_withdrawing_takes_along_what_is_held_back() -> None:
    queue = Messages(is_fifo=False, disorder=Disorder(0))
    for number in range(50):
        queue.add(message(str(number)), 0)
    withdrawn = set()
    while found := queue.withdraw(0):
        withdrawn.add(found.body)
    assert len(withdrawn) == 50


def test_what_was_sent_is_known_for_five_minutes() -> None:
    queue = Messages(is_fifo=True)
    for number in range(3):
        queue.remember(f"{number}", message(f"{number}"), number)
    assert queue.known("0", DEDUPLICATION_SECONDS - 1) == ("0", None)
    assert queue.known("0", DEDUPLICATION_SECONDS) is None
    assert queue.known("1", DEDUPLICATION_SECONDS) == ("1", None)


def test_purging_forgets_messages_and_not_what_was_sent() -> None:
    queue = filled(Messages(is_fifo=True), ["1", "2"], group="a")
    queue.remember("1", message("1"), 0)
    queue.take(1, 0, visibility_seconds=30)
    queue.purge()
    assert len(queue) == queue.count(State.IN_FLIGHT, 0) == 0
    assert queue.known("1", 1)
    queue.add(message("3", "a"), 0)
    assert bodies(queue.take(9, 0, visibility_seconds=30)) == ["3"]


@pytest.mark.parametrize("is_fifo", [False, True])
def test_what_is_gone_takes_no_room(is_fifo: bool) -> None:
    queue = Messages(is_fifo=is_fifo)
    for number in range(2_000):
        queue.add(message(f"{number}", f"{number}"), 0)
        (taken,) = queue.take(1, 0, visibility_seconds=43_200)
        queue.delete(taken)
    room = (queue._timers, queue._ready, queue._held, queue._groups, queue._open_groups, queue._all)
    assert max(map(len, room)) <= SPARE_ENTRIES + 2


def drained(queue: Messages, now: float) -> list[str]:
    found = []
    while taken := queue.take(10, now, visibility_seconds=ALWAYS):
        for each in taken:
            found.append(each.body)
            queue.delete(each)
    return found


@given(st.integers(0, 10_000), st.integers(1, 120))
def test_disorder_loses_nothing_and_no_message_is_overtaken_by_more_than_a_few(seed: int, count: int) -> None:
    queue = Messages(is_fifo=False, disorder=Disorder(seed))
    arrived: list[int] = []
    for number in range(count):
        queue.add(message(f"{number}"), 0)
        arrived += map(int, drained(queue, 0))  # a subscriber that is faster than the publisher
    arrived += map(int, drained(queue, HOLD_SECONDS))
    arrived += map(int, drained(queue, 2 * HOLD_SECONDS))
    first = list(dict.fromkeys(arrived))
    assert sorted(first) == list(range(count))
    for place, number in enumerate(first):
        overtakers = [other for other in first[:place] if other > number]
        assert len(overtakers) <= PLACES_MAX
    assert max(Counter(arrived).values()) <= 2


def test_a_hundred_messages_show_the_disorder_and_the_seed_repeats_it() -> None:
    def run(seed: int) -> list[str]:
        queue = filled(Messages(is_fifo=False, disorder=Disorder(seed)), [f"{number}" for number in range(500)])
        return drained(queue, 0) + drained(queue, HOLD_SECONDS) + drained(queue, 2 * HOLD_SECONDS)

    arrived = run(1)
    assert arrived != sorted(arrived, key=int)
    assert len(arrived) > 500
    assert arrived == run(1)
    assert arrived != run(2)


class Reference:
    """A FIFO queue as one would write it who has all the time in the world."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []
        self.hidden: dict[str, float] = {}

    def take(self, count: int, now: float, visibility: float) -> list[str]:
        self.hidden = {body: until for body, until in self.hidden.items() if until > now}
        locked = {group for body, group in self.all if body in self.hidden}
        free = [body for body, group in self.all if group not in locked][:count]
        self.hidden |= dict.fromkeys(free, now + visibility)
        return free

    def delete(self, body: str) -> None:
        self.all = [each for each in self.all if each[0] != body]
        self.hidden.pop(body, None)


@settings(max_examples=500)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("send"), st.sampled_from("abc")),
            st.tuples(st.just("take"), st.integers(1, 4)),
            st.tuples(st.just("delete"), st.integers(0, 20)),
            st.tuples(st.just("hide"), st.integers(0, 20)),
            st.tuples(st.just("wait"), st.integers(1, 4)),
        ),
        max_size=60,
    )
)
def test_a_fifo_queue_does_what_the_obvious_one_does(actions: list[tuple[str, str | int]]) -> None:
    queue, reference = Messages(is_fifo=True), Reference()
    now = 0.0
    taken: dict[str, Message] = {}
    for number, (what, value) in enumerate(actions):
        flying = sorted(body for body, each in taken.items() if body in reference.hidden)
        if what == "send":
            queue.add(message(f"{number:03}", str(value)), now)
            reference.all.append((f"{number:03}", str(value)))
        elif what == "take":
            received = queue.take(int(value), now, visibility_seconds=3)
            assert bodies(received) == reference.take(int(value), now, 3)
            taken |= {each.body: each for each in received}
        elif what == "wait":
            now += int(value)
            queue.wake(now)
            reference.hidden = {body: until for body, until in reference.hidden.items() if until > now}
        elif flying:
            body = flying[int(value) % len(flying)]
            if what == "delete":
                queue.delete(taken[body])
                reference.delete(body)
            else:
                queue.hide(taken[body], now, 0)
                reference.hidden.pop(body)
        assert len(queue) == len(reference.all)
        assert queue.count(State.IN_FLIGHT, now) == len(reference.hidden)
