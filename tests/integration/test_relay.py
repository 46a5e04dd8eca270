"""Sending events: in order, at least once, by one at a time, whatever the sink does. On SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.integration.lists import Lists, MakeLists
from todo import events, relay
from todo.events import Envelope
from todo.relay import Relay
from todo.sinks import SinkUnavailable


class Sink:
    """Remembers what it took, as titles. `away` raises before the event with that title; `refuses` refuses it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.ids: list[str] = []
        self.away: str | None = None
        self.refuses: str | None = None
        self.closed = False

    def send(self, batch: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Take them, one after the other."""
        for event in batch:
            found = json.loads(event.json)
            title = found["data"].get("todo", {}).get("title", found["type"])
            if self.away in (title, "all"):
                raise SinkUnavailable("nobody there")
            if title == self.refuses:
                yield event, "no such titles here"
                continue
            self.taken.append(title)
            self.ids.append(event.uuid)
            yield event, None

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        """Nothing to see."""
        assert not from_start
        return iter(())

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@pytest.fixture
def lists(make_lists: MakeLists) -> Iterator[Lists]:
    """Lists whose events are sent."""
    lists = make_lists(WINDOW_SECONDS=0, EVENTS_URL="file:///dev/null")
    lists.execute("UPDATE installation SET relay_holder = NULL, relay_until = NULL")
    with lists.engine.begin() as connection:
        events.settle_mode(connection, lists.settings)
    yield lists
    with lists.engine.begin() as connection:
        events.settle_mode(connection, lists.settings.model_copy(update={"EVENTS_RETENTION_DAYS": 0}), may_end=True)


@pytest.fixture
def sink() -> Sink:
    return Sink()


class Clock:
    """What time it is, as the test says; it goes on at each look by `hurry`."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.hurry = 0.0

    def __call__(self) -> float:
        """Seconds."""
        self.now += self.hurry
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sender(lists: Lists, sink: Sink, clock: Clock) -> Relay:
    return Relay(lists.sessions, sink, clock)


def standing(lists: Lists) -> relay.Standing:
    with lists.sessions() as session:
        return relay.standing(session)


def add(lists: Lists, *titles: str) -> None:
    for title in titles:
        lists.add(title)


def test_what_waits_is_sent_in_order_and_once(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a", "b", "c")
    assert standing(lists).waiting == 3
    assert sender.step() == relay.IDLE_SECONDS
    assert sender.step() == relay.IDLE_SECONDS
    assert sink.taken == ["a", "b", "c"]
    assert standing(lists)[1:4] == (0, 0, 0)


def test_the_lag_is_the_age_of_the_oldest_that_waits(lists: Lists) -> None:
    add(lists, "a")
    lists.execute("UPDATE events SET occurred_at = '2026-01-01 00:00:00.000000'")
    assert standing(lists).lag_seconds > 86_400


def test_more_than_a_batch_is_sent_in_several(lists: Lists, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    sender = Relay(lists.sessions, sink)
    add(lists, *"abcde")
    assert [sender.step() for _ in range(3)] == [0, 0, relay.IDLE_SECONDS]
    assert sink.taken == list("abcde")


def test_what_was_taken_before_the_sink_went_away_is_not_sent_again(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, *"abcd")
    sink.away = "c"
    assert sender.step() > 0
    assert standing(lists).waiting == 2
    sink.away = None
    sender.step()
    assert sink.taken == list("abcd")


def test_the_delay_grows_while_the_sink_is_away_up_to_a_ceiling(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a")
    sink.away = "all"
    delays = [sender.step() for _ in range(30)]
    assert delays[0] <= relay.FIRST_DELAY_SECONDS
    assert delays[5] > delays[0]
    assert max(delays) <= relay.LONGEST_DELAY_SECONDS
    assert standing(lists).waiting == 1
    sink.away = None
    assert sender.step() <= relay.IDLE_SECONDS
    add(lists, "b")
    sink.away = "all"
    assert sender.step() <= relay.FIRST_DELAY_SECONDS  # begins anew


def refuse(sender: Relay, clock: Clock) -> None:
    """As often as it takes."""
    for _ in range(relay.ATTEMPTS_MAX):
        sender.step()
        sender.step()  # not yet again
        clock.now += max(relay.RETRY_SECONDS) + 1


def test_an_event_that_is_refused_is_set_aside_and_the_others_go_on(
    lists: Lists, sink: Sink, sender: Relay, clock: Clock
) -> None:
    add(lists, "a", "poison", "b")
    sink.refuses = "poison"
    refuse(sender, clock)
    assert sink.taken == ["a", "b"]
    assert standing(lists)[1:4] == (0, 0, 1)
    with lists.sessions() as session:
        found = relay.refused(session)
    assert [(one.reason, one.envelope.attempts) for one in found] == [("no such titles here", relay.ATTEMPTS_MAX)]


def refused_ids(lists: Lists) -> list[str]:
    with lists.sessions() as session:
        return [one.envelope.uuid for one in relay.refused(session)]


def test_what_was_set_aside_can_be_sent_again(lists: Lists, sink: Sink, sender: Relay, clock: Clock) -> None:
    add(lists, "poison")
    sink.refuses = "poison"
    refuse(sender, clock)
    ids = refused_ids(lists)
    with lists.sessions() as session:
        assert relay.retry(session, ["there is no such"]) == 0
        assert relay.retry(session, ids) == 1
        assert relay.retry(session, None) == 0
    assert standing(lists).waiting == 1
    sink.refuses = None
    sender.step()
    assert (sink.taken, sink.ids) == (["poison"], ids)
    assert standing(lists)[1:4] == (0, 0, 0)


def test_one_that_died_between_sending_and_marking_sends_again_with_the_same_ids(
    lists: Lists, sink: Sink, sender: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(lists, "a", "b")

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Relay, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            sender.step()
    sender.step()
    assert sink.taken == ["a", "b", "a", "b"]
    assert sink.ids[:2] == sink.ids[2:]


def test_of_two_one_sends_and_the_other_takes_over_when_it_stops(lists: Lists, sink: Sink, sender: Relay) -> None:
    other_sink = Sink()
    other = Relay(lists.sessions, other_sink)
    add(lists, "a")
    sender.step()
    add(lists, "b")
    assert other.step() == relay.STANDBY_SECONDS
    assert other_sink.taken == []
    sender.stop()
    assert sink.closed
    other.step()
    assert other_sink.taken == ["b"]


def test_one_that_died_is_followed_when_its_time_is_over(lists: Lists, sender: Relay) -> None:
    other_sink = Sink()
    other = Relay(lists.sessions, other_sink)
    sender.step()  # holds it now, and is never heard of again
    add(lists, "a")
    assert other.step() == relay.STANDBY_SECONDS
    lists.execute("UPDATE installation SET relay_until = '2026-01-01 00:00:00.000000'")
    other.step()
    assert other_sink.taken == ["a"]


def test_one_whose_time_was_over_stands_by_instead_of_sending_beside_another(
    lists: Lists, sink: Sink, sender: Relay, clock: Clock
) -> None:
    sender.step()
    clock.now += relay.RENEW_SECONDS + 1
    lists.execute("UPDATE installation SET relay_until = '2026-01-01 00:00:00.000000'")
    other = Relay(lists.sessions, Sink())
    other.step()
    add(lists, "a")
    assert sender.step() == relay.STANDBY_SECONDS
    assert sink.taken == []


def test_one_that_was_held_up_before_sending_asks_first_whether_it_still_may(
    lists: Lists, sink: Sink, sender: Relay, clock: Clock
) -> None:
    sender.step()
    add(lists, "a")
    clock.hurry = relay.RENEW_SECONDS + relay.MARGIN_SECONDS + 1
    assert sender.step() == 0
    assert sink.taken == []
    clock.hurry = 0
    sender.step()
    assert sink.taken == ["a"]


def test_a_sender_says_itself_that_events_are_sent(lists: Lists, sink: Sink, sender: Relay) -> None:
    lists.execute("UPDATE installation SET sends_events = false")
    sender.step()
    add(lists, "a")
    sender.step()
    assert sink.taken == ["a"]


def test_after_trouble_batches_are_smaller_and_grow_again(
    lists: Lists, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 8)
    sender = Relay(lists.sessions, sink)
    sizes: list[int] = []
    send = sink.send

    def counted(batch: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        sizes.append(len(batch))
        return send(batch)

    monkeypatch.setattr(sink, "send", counted)
    add(lists, *[f"{number}" for number in range(40)])
    sink.away = "all"
    for _ in range(5):
        sender.step()
    sink.away = None
    for _ in range(5):
        sender.step()
    assert sizes == [8, 4, 2, 1, 1, 1, 2, 4, 8, 8]


def test_batches_are_limited_in_octets_too(lists: Lists, sink: Sink, sender: Relay) -> None:
    for number in range(4):
        lists.add(f"{number}", description="x" * 400_000)
    sender.step()
    assert sink.taken == ["0", "1"]
    sender.step()
    assert sink.taken == ["0", "1", "2", "3"]


def test_why_events_wait_is_told_as_long_as_they_do(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a")
    sink.away = "all"
    sender.step()
    sender.step()
    assert standing(lists).trouble == "nobody there"
    sink.away = None
    sender.step()
    assert standing(lists).trouble is None


def test_what_an_earlier_one_said_is_forgotten(lists: Lists, sink: Sink, sender: Relay) -> None:
    relay.say_trouble(lists.sessions, "an address that nobody could use")
    add(lists, "a")
    assert standing(lists).trouble is not None
    sink.away = "all"
    sender.step()
    assert standing(lists).trouble is None


def test_a_sink_that_took_some_is_not_away(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, *"abcd")
    sink.away = "c"
    assert sender.step() == relay.IDLE_SECONDS
    assert sender.step() > 0
    sink.away = "d"
    assert sender.step() <= relay.IDLE_SECONDS


def test_a_fault_within_the_sink_costs_nothing_of_what_it_took(
    lists: Lists, sink: Sink, sender: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = sink.send

    def faulty(batch: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        yield from send(batch[:1])
        raise ValueError("a fault")

    monkeypatch.setattr(sink, "send", faulty)
    add(lists, "a", "b")
    sender.step()
    sender.step()
    assert sink.taken == ["a", "b"]


def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_ever(lists: Lists, sink: Sink, sender: Relay) -> None:
    lists.execute("UPDATE installation SET relay_holder = 'somebody', relay_until = '2999-01-01 00:00:00.000000'")
    add(lists, "a")
    sender.step()
    assert sink.taken == ["a"]


def test_stopping_one_that_does_not_send_leaves_who_does(lists: Lists, sink: Sink, sender: Relay) -> None:
    sender.step()
    idle = Relay(lists.sessions, Sink())
    idle.step()
    idle.stop()
    add(lists, "a")
    assert Relay(lists.sessions, Sink()).step() == relay.STANDBY_SECONDS
    sender.step()
    assert sink.taken == ["a"]
