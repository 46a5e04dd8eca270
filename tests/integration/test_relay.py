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
        events.settle_mode(connection, lists.settings.model_copy(update={"EVENTS_RETENTION_DAYS": 0}))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def sender(lists: Lists, sink: Sink) -> Relay:
    return Relay(lists.sessions, sink)


def standing(lists: Lists) -> relay.Standing:
    with lists.sessions() as session:
        return relay.standing(session)


def add(lists: Lists, *titles: str) -> None:
    for title in titles:
        lists.add(title)


def test_what_waits_is_sent_in_order_and_once(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a", "b", "c")
    assert standing(lists).waiting == 3
    assert sender.step(0) == relay.IDLE_SECONDS
    assert sender.step(0) == relay.IDLE_SECONDS
    assert sink.taken == ["a", "b", "c"]
    assert standing(lists) == (0, 0, 0)


def test_the_lag_is_the_age_of_the_oldest_that_waits(lists: Lists) -> None:
    add(lists, "a")
    lists.execute("UPDATE events SET occurred_at = '2026-01-01 00:00:00.000000'")
    assert standing(lists).lag_seconds > 86_400


def test_more_than_a_batch_is_sent_in_several(
    lists: Lists, sink: Sink, sender: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    add(lists, *"abcde")
    assert [sender.step(0) for _ in range(3)] == [0, 0, relay.IDLE_SECONDS]
    assert sink.taken == list("abcde")


def test_what_was_taken_before_the_sink_went_away_is_not_sent_again(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, *"abcd")
    sink.away = "c"
    assert sender.step(0) > 0
    assert standing(lists).waiting == 2
    sink.away = None
    sender.step(0)
    assert sink.taken == list("abcd")


def test_the_delay_grows_while_the_sink_is_away_up_to_a_ceiling(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a")
    sink.away = "all"
    delays = [sender.step(0) for _ in range(30)]
    assert delays[0] <= relay.FIRST_DELAY_SECONDS
    assert delays[5] > delays[0]
    assert max(delays) <= relay.LONGEST_DELAY_SECONDS
    assert standing(lists).waiting == 1
    sink.away = None
    assert sender.step(0) == relay.IDLE_SECONDS
    add(lists, "b")
    sink.away = "all"
    assert sender.step(0) <= relay.FIRST_DELAY_SECONDS  # begins anew


def test_an_event_that_is_refused_is_set_aside_and_the_others_go_on(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "a", "poison", "b")
    sink.refuses = "poison"
    for _ in range(relay.ATTEMPTS_MAX):
        sender.step(0)
    assert sink.taken == ["a", "b"]
    assert standing(lists) == (0, 0, 1)
    with lists.sessions() as session:
        found = relay.refused(session)
    assert [(one.reason, one.envelope.attempts) for one in found] == [("no such titles here", relay.ATTEMPTS_MAX)]


def refused_ids(lists: Lists) -> list[str]:
    with lists.sessions() as session:
        return [one.envelope.uuid for one in relay.refused(session)]


def test_what_was_set_aside_can_be_sent_again(lists: Lists, sink: Sink, sender: Relay) -> None:
    add(lists, "poison")
    sink.refuses = "poison"
    for _ in range(relay.ATTEMPTS_MAX):
        sender.step(0)
    ids = refused_ids(lists)
    with lists.sessions() as session:
        assert relay.retry(session, ["there is no such"]) == 0
        assert relay.retry(session, ids) == 1
        assert relay.retry(session, None) == 0
    assert standing(lists).waiting == 1
    sink.refuses = None
    sender.step(0)
    assert (sink.taken, sink.ids) == (["poison"], ids)
    assert standing(lists) == (0, 0, 0)


def test_one_that_died_between_sending_and_marking_sends_again_with_the_same_ids(
    lists: Lists, sink: Sink, sender: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(lists, "a", "b")

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Relay, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            sender.step(0)
    sender.step(0)
    assert sink.taken == ["a", "b", "a", "b"]
    assert sink.ids[:2] == sink.ids[2:]


def test_of_two_one_sends_and_the_other_takes_over_when_it_stops(lists: Lists, sink: Sink, sender: Relay) -> None:
    other_sink = Sink()
    other = Relay(lists.sessions, other_sink)
    add(lists, "a")
    sender.step(0)
    add(lists, "b")
    assert other.step(0) == relay.STANDBY_SECONDS
    assert other_sink.taken == []
    sender.stop()
    assert sink.closed
    other.step(0)
    assert other_sink.taken == ["b"]


def test_one_that_died_is_followed_when_its_time_is_over(lists: Lists, sender: Relay) -> None:
    other_sink = Sink()
    other = Relay(lists.sessions, other_sink)
    sender.step(0)  # holds it now, and is never heard of again
    add(lists, "a")
    assert other.step(0) == relay.STANDBY_SECONDS
    lists.execute("UPDATE installation SET relay_until = '2026-01-01 00:00:00.000000'")
    other.step(0)
    assert other_sink.taken == ["a"]


def test_one_whose_time_was_over_stands_by_instead_of_sending_beside_another(
    lists: Lists, sink: Sink, sender: Relay
) -> None:
    sender.step(0)
    lists.execute("UPDATE installation SET relay_until = '2026-01-01 00:00:00.000000'")
    other = Relay(lists.sessions, Sink())
    other.step(0)
    add(lists, "a")
    assert sender.step(relay.RENEW_SECONDS + 1) == relay.STANDBY_SECONDS
    assert sink.taken == []


def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_ever(lists: Lists, sink: Sink, sender: Relay) -> None:
    lists.execute("UPDATE installation SET relay_holder = 'somebody', relay_until = '2999-01-01 00:00:00.000000'")
    add(lists, "a")
    sender.step(0)
    assert sink.taken == ["a"]


def test_stopping_one_that_does_not_send_leaves_who_does(lists: Lists, sink: Sink, sender: Relay) -> None:
    sender.step(0)
    idle = Relay(lists.sessions, Sink())
    idle.step(0)
    idle.stop()
    add(lists, "a")
    assert Relay(lists.sessions, Sink()).step(0) == relay.STANDBY_SECONDS
    sender.step(0)
    assert sink.taken == ["a"]
