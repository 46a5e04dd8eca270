"""A verdict's figures, against an obvious way of finding them, and one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.queue_runs import EMULATOR, START, run
from todo.errors import BadInput
from todo.queues.records import Began, Deleted, Ended, Received, ReceivedNothing, Record, Sent
from todo.queues.verdict import QueueVerdict, judge

QUEUE, FIFO = "csse6400_prac", "csse6400_prac.fifo"


def verdict(*records: Record) -> QueueVerdict:
    return judge(records).queues[0]


def sent(
    sequence: int, message_id: str, *, copy: int = 0, at: float = 0, key: str | None = None, queue: str = QUEUE
) -> Sent:
    return Sent(START + at, "Client 1", queue, sequence, message_id, None, copy, key)


def received(
    sequence: int | None, message_id: str, *, at: float = 1, count: int = 1, queue: str = QUEUE, copy: int = 0
) -> Received:
    return Received(START + at, "hello", queue, message_id, "Client 1", sequence, None, copy, count)


def slowly(records: list[Record]) -> dict[str, object]:
    """A standard queue's figures, each found by a look at everything."""
    sends = [record for record in records if isinstance(record, Sent)]
    receipts = sorted((record for record in records if isinstance(record, Received)), key=lambda record: record.at)
    ids = {record.message_id for record in receipts}
    deleted = {record.message_id for record in records if isinstance(record, Deleted)}
    firsts: list[Received] = []
    redeliveries = 0
    for number, receipt in enumerate(receipts):
        before = [other for other in receipts[:number] if other.message_id == receipt.message_id]
        if not before:
            firsts.append(receipt)
        elif receipt.at - before[-1].at >= 29 and receipt.receive_count > before[-1].receive_count:
            redeliveries += 1
    orders: dict[str | None, list[int]] = defaultdict(list)
    repeated_numbers = 0
    for receipt in firsts:
        if receipt.copy == 0 and receipt.sequence is not None:
            if receipt.sequence in orders[receipt.sender]:
                repeated_numbers += 1
            else:
                orders[receipt.sender].append(receipt.sequence)
    sent_at = {record.message_id: record.at for record in sends}
    latencies = sorted(receipt.at - sent_at[receipt.message_id] for receipt in firsts)
    percentiles = [max(latencies[ceil(len(latencies) * part / 100) - 1], 0) if latencies else None for part in (50, 95)]
    return {
        "sent": len(sends),
        "received": len(receipts),
        "messages": len(ids),
        "deleted": len(ids & deleted),
        "missing": len({record.message_id for record in sends} - ids) if receipts else None,
        "duplicates_by_message_id": len(receipts) - len(ids) - redeliveries,
        "duplicates_by_sequence": repeated_numbers,
        "redeliveries": redeliveries,
        "inversions": sum(first > second for numbers in orders.values() for first, second in combinations(numbers, 2)),
        "p50": percentiles[0],
        "p95": percentiles[1],
    }


def told(queue: QueueVerdict) -> dict[str, object]:
    names = ("sent", "received", "messages", "deleted", "missing", "redeliveries")
    names += ("duplicates_by_message_id", "duplicates_by_sequence")  # type: ignore[assignment]  # longer by two
    figures: dict[str, object] = {name: getattr(queue, name) for name in names}
    figures["inversions"] = queue.order.inversions
    figures["p50"] = queue.latency.p50 if queue.latency else None
    figures["p95"] = queue.latency.p95 if queue.latency else None
    return figures


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """What may happen on a standard queue, noted in any order, with times that tell everything apart."""
    records: list[Record] = []
    moments = iter(draw(st.randoms(use_true_random=False)).sample(range(100_000), 200))
    for number in range(draw(st.integers(1, 12))):
        sender, sequence = f"Client {number % 2}", number // 2
        ids = [f"{number}"] + ([f"{number} again"] if draw(st.booleans()) else [])
        for copy, message_id in enumerate(ids):
            copy *= draw(st.integers(0, 1))
            records.append(Sent(START + next(moments) / 1000, sender, QUEUE, sequence, message_id, None, copy))
            for count in range(draw(st.integers(0, 3))):
                at = START + next(moments) / 1000
                records.append(Received(at, "hello", QUEUE, message_id, sender, sequence, None, copy, count + 1))
            if draw(st.booleans()):
                records.append(Deleted(START + next(moments) / 1000, "hello", QUEUE, message_id))
    return draw(st.permutations(records))


@given(histories())
def test_the_figures_are_those_of_looking_at_everything(records: list[Record]) -> None:
    assert told(verdict(*records)) == slowly(records)


@given(st.integers(0, 1_000_000), st.integers(1, 3), st.integers(1, 60))
def test_a_verdict_does_not_depend_on_the_order_of_the_log(seed: int, senders: int, messages: int) -> None:
    chance = Random(seed)
    records = run(messages, senders=senders, jitter_seconds=0.1, repeat=0.1, crash=0.1, chance=chance)
    began = [record for record in records if isinstance(record, Began)]  # a client's own log begins with it
    rest = [record for record in records if not isinstance(record, Began)]
    shuffled = began + chance.sample(rest, len(rest))
    assert replace(verdict(*shuffled), arrivals=None) == replace(verdict(*records), arrivals=None)


def test_messages_of_one_moment_arrived_in_the_order_in_which_they_were_noted() -> None:
    assert verdict(sent(0, "a"), sent(1, "b"), received(1, "b"), received(0, "a")).order.inversions == 1


def test_a_message_that_comes_again_after_its_visibility_timeout_is_a_redelivery() -> None:
    queue = verdict(sent(0, "a"), received(0, "a"), received(0, "a", at=31, count=2))
    assert (queue.redeliveries, queue.duplicates_by_message_id, queue.order.messages) == (1, 0, 1)


@pytest.mark.parametrize(("at", "count"), [(2, 2), (31, 1)])
def test_a_message_that_comes_again_too_early_or_uncounted_is_a_duplicate(at: float, count: int) -> None:
    queue = verdict(sent(0, "a"), received(0, "a"), received(0, "a", at=at, count=count))
    assert (queue.redeliveries, queue.duplicates_by_message_id) == (0, 1)


def test_the_visibility_timeout_is_that_of_the_receiver() -> None:
    began = Began(START, "hello", QUEUE, False, None, visibility_seconds=5)
    assert verdict(began, received(0, "a"), received(0, "a", at=6, count=2)).redeliveries == 1


def test_a_message_that_comes_again_after_it_was_deleted_is_told() -> None:
    deleted = Deleted(START + 2, "hello", QUEUE, "a")
    assert verdict(received(0, "a"), deleted, received(0, "a", at=3)).after_deletion == 1
    assert verdict(received(0, "a"), received(0, "a", at=1.5), deleted).after_deletion == 0


def test_a_number_under_two_message_ids_is_a_duplicate_by_sequence() -> None:
    queue = verdict(sent(0, "a"), received(0, "a"), received(0, "b"))
    assert (queue.duplicates_by_sequence, queue.duplicates_by_message_id) == (1, 0)


def test_a_copy_made_on_purpose_is_no_duplicate() -> None:
    queue = verdict(sent(0, "a"), sent(0, "b", copy=1), received(0, "a"), received(0, "b", copy=1))
    assert (queue.duplicates_by_sequence, queue.resends, queue.dropped, queue.arrived_copies) == (0, 1, 0, 1)


def test_a_second_run_of_a_client_starts_its_numbers_anew() -> None:
    began = Began(START, "Client 1", QUEUE, False, None)
    first: list[Record] = [sent(0, "a"), sent(1, "b"), received(0, "a"), received(1, "b")]
    second: list[Record] = [sent(0, "c", at=5), sent(1, "d", at=5), received(0, "c", at=6), received(1, "d", at=6)]
    queue = verdict(began, *first, replace(began, at=START + 4), *second)
    assert (queue.duplicates_by_sequence, queue.order.inversions, queue.order.messages) == (0, 0, 4)


def test_a_resend_answered_with_the_same_message_id_was_dropped() -> None:
    queue = verdict(sent(0, "a", queue=FIFO), sent(0, "a", copy=1, queue=FIFO), received(0, "a", queue=FIFO))
    assert (queue.resends, queue.dropped, queue.missing) == (1, 1, 0)


def test_a_resend_with_an_id_of_its_own_that_never_arrives_was_dropped() -> None:
    sends = [sent(0, "a", key="k", queue=FIFO), sent(0, "b", copy=1, at=299, key="k", queue=FIFO)]
    queue = verdict(*sends, received(0, "a", queue=FIFO))
    assert (queue.resends, queue.dropped, queue.missing) == (1, 1, 0)


def test_five_minutes_later_it_would_not_be_dropped_and_so_it_is_missing() -> None:
    sends = [sent(0, "a", key="k", queue=FIFO), sent(0, "b", copy=1, at=301, key="k", queue=FIFO)]
    queue = verdict(*sends, received(0, "a", queue=FIFO))
    assert (queue.resends, queue.dropped, queue.missing) == (1, 0, 1)


def test_a_second_run_with_the_same_bodies_is_a_resend() -> None:
    began = Began(START, "Client 1", FIFO, True, None, content_based_deduplication=True)
    runs: list[Record] = [began, sent(0, "a", key="k", queue=FIFO), began, sent(0, "b", at=9, key="k", queue=FIFO)]
    queue = verdict(*runs, received(0, "a", queue=FIFO))
    assert (queue.resends, queue.dropped, queue.missing) == (1, 1, 0)


def test_a_standard_queue_drops_nothing() -> None:
    queue = verdict(sent(0, "a", key="k"), sent(0, "b", copy=1, key="k"), received(0, "a"))
    assert (queue.dropped, queue.missing) == (0, 1)


def test_groups_are_judged_one_by_one_over_all_their_senders() -> None:
    records = run(40, queue=FIFO, groups=4)
    assert (verdict(*records).groups_in_order, verdict(*records).groups) == (4, 4)
    receipts = [record for record in records if isinstance(record, Received) and record.group == "group 2"]
    late = [replace(record, at=START + 90) if record is receipts[0] else record for record in records]
    queue = verdict(*late)
    assert (queue.groups_in_order, queue.groups) == (3, 4)
    (worst,) = queue.worst_groups
    assert (worst.name, worst.order.inversions, worst.order.displacement) == ("group 2", 9, 9)


def test_nothing_is_missing_as_long_as_nobody_receives_and_nothing_is_known_without_a_sender() -> None:
    assert verdict(sent(0, "a")).missing is None
    assert verdict(sent(0, "a"), ReceivedNothing(START, "hello", QUEUE)).missing == 1
    queue = verdict(received(0, "a"), received(3, "b"))
    assert (queue.missing, queue.gaps) == (None, 2)


def test_a_message_found_in_another_queue_alone_was_moved() -> None:
    queues = judge([sent(0, "a"), sent(1, "b"), received(1, "b"), received(0, "a", queue="dead")]).queues
    assert [(queue.missing, queue.moved) for queue in queues] == [(0, 1), (None, 0)]


@pytest.mark.parametrize(
    ("endpoint", "service", "shown"),
    [
        (None, "aws", None),
        ("https://sqs.us-east-1.amazonaws.com", "aws", None),
        (EMULATOR, "emulator", EMULATOR),
        ("http://key:secret@127.0.0.1:4566/x", "emulator", "http://127.0.0.1:4566"),
        ("https://amazonaws.com.example.org", "emulator", "https://amazonaws.com.example.org"),
        ("nonsense", "emulator", "http://nonsense"),
    ],
)
def test_an_endpoint_that_is_not_aws_is_told_without_keys(endpoint: str | None, service: str, shown: str) -> None:
    queue = verdict(Began(START, "hello", QUEUE, False, endpoint))
    assert (queue.service, queue.endpoint) == (service, shown)
    assert verdict(sent(0, "a")).service == "unknown"


def test_the_cost_is_that_of_all_requests_by_the_queues_type() -> None:
    ended = Ended(START, "hello", QUEUE, 600_000)
    assert verdict(ended, replace(ended, requests=400_000)).cost == pytest.approx(0.40)
    assert verdict(replace(ended, queue=FIFO, requests=1_000_000)).cost == pytest.approx(0.50)
    assert verdict(sent(0, "a")).cost is None


def test_clocks_that_differ_are_noticed_and_give_no_negative_latency() -> None:
    latency = verdict(sent(0, "a", at=60), received(0, "a")).latency
    assert latency is not None
    assert (latency.p50, latency.behind) == (0, 1)


def test_without_its_sender_a_messages_latency_is_by_the_queues_clock() -> None:
    latency = verdict(replace(received(0, "a"), sent_at=START)).latency
    assert latency is not None
    assert latency.p50 == 1


def test_messages_that_tell_nothing_of_themselves_are_counted_and_not_judged() -> None:
    queue = verdict(replace(received(None, "a"), sender=None), replace(received(None, "b"), sender=None))
    assert (queue.received, queue.order.messages, queue.arrivals, queue.latency) == (2, 0, None, None)


def test_many_messages_make_no_more_than_so_many_dots_and_slices() -> None:
    queue = verdict(*run(20_000, jitter_seconds=1_000, repeat=0.1))
    assert queue.arrivals is not None
    assert queue.latency is not None
    assert len(queue.arrivals.dots) <= 256 * 129 * 2
    assert len(queue.latency.slices) <= 96


def test_many_senders_are_shown_as_so_many_and_the_others() -> None:
    arrivals = verdict(*run(1_000, senders=100)).arrivals
    assert arrivals is not None
    assert len(arrivals.series) == 6
    assert arrivals.series[-1] == "95 others"


def test_no_records_are_no_queues() -> None:
    assert judge([]).queues == ()


@pytest.mark.parametrize(
    "record",
    [
        sent(0, "a", at=float("inf")),
        sent(0, "a", at=float("nan")),
        sent(2**70, "a"),
        sent(0, ["a"]),  # type: ignore[arg-type]
        received(0, "a", count="many"),  # type: ignore[arg-type]
        Deleted(-1, "hello", QUEUE, "a"),
        Began(START, "hello", 5, False, None),  # type: ignore[arg-type]
        Began(START, 5, QUEUE, False, None),  # type: ignore[arg-type]
        Began(START, "hello", QUEUE, False, 5),  # type: ignore[arg-type]
        Began(START, "hello", QUEUE, False, None, visibility_seconds="long"),  # type: ignore[arg-type]
        Ended(START, "hello", QUEUE, "many"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_record_is_refused(record: Record) -> None:
    with pytest.raises(BadInput, match="not a record"):
        judge([record])
