"""What a verdict means, in plain sentences. Knows the figures alone, and no layout."""

from __future__ import annotations

from collections.abc import Iterator

from todo.queues.resends import DEDUPLICATION_SECONDS
from todo.queues.verdict import QueueVerdict
from todo.queues.wording import count, name


def sentences(queue: QueueVerdict) -> list[str]:
    """What was seen on a queue, the order first, what it leaves unproven last. Never empty."""
    if not queue.sent and not queue.received:
        said = [f"The log tells of no message that was sent to {name(queue.name)}, and of none that arrived from it."]
        return [*said, *_ending(queue), *_unproven(queue)]
    parts = (_order, _arrival, _repeats, _deduplication, _leftovers, _clocks, _ending, _unproven)
    return [sentence for part in parts for sentence in part(queue)]


def _order(queue: QueueVerdict) -> Iterator[str]:
    order = queue.order
    if not queue.received:
        return
    if not order.messages:
        yield "The messages carry no sequence numbers, so nothing can be said of their order."
    elif order.messages == 1:
        yield "A single message has no order."
    elif queue.is_fifo and queue.groups:
        yield from _groups(queue)
    elif order.is_kept:
        promise = "" if queue.is_fifo else ", which a standard queue does not promise"
        yield f"{_all(order.messages)} arrived in the order in which they were sent{promise}."
    else:
        kind = "FIFO did not keep the order" if queue.is_fifo else "The standard queue let messages overtake each other"
        yield (
            f"{kind}: {count(order.neighbours, 'message')} of {order.messages:,} came right after a later one; "
            f"{_inverted(order.inversions)} out of order, the farthest {count(order.displacement, 'place')} off."
        )


def _groups(queue: QueueVerdict) -> Iterator[str]:
    broken = queue.groups - queue.groups_in_order
    where = "within its one group" if queue.groups == 1 else f"within each of {queue.groups:,} groups"
    if not broken:
        yield f"FIFO kept the order {where}."
        if not queue.order.is_kept:
            yield f"Across groups {_inverted(queue.order.inversions)} out of order, which FIFO allows."
        return
    worst = queue.worst_groups[0]
    which = "its one group" if queue.groups == 1 else f"{broken:,} of {queue.groups:,} groups"
    yield (
        f"FIFO did not keep the order within {which}: in group {name(worst.name)} {_inverted(worst.order.inversions)} "
        f"out of order, the farthest {count(worst.order.displacement, 'place')} off."
    )


def _arrival(queue: QueueVerdict) -> Iterator[str]:
    distinct = queue.sent - queue.dropped
    if queue.missing is None:
        if not queue.received:
            yield "The log holds no receiver, so whether the messages arrived is not known."
        else:
            yield "The log does not hold what was sent, so whether all of it arrived is not known."
            if queue.gaps:
                yield (
                    f"{count(queue.gaps, 'number')} below the highest did not come here; "
                    "another receiver may have had them."
                )
    elif queue.missing:
        dropped = " that were not dropped" if queue.dropped else ""
        yield (
            f"{queue.missing:,} of {count(distinct, 'message')}{dropped} did not arrive; "
            f"{'it' if queue.missing == 1 else 'they'} may still be in the queue"
            f"{', or dropped as the resend of an earlier run' if queue.is_fifo else ''}."
        )
    elif distinct and not queue.moved:
        yield f"{_all(distinct)} arrived."
    if queue.moved:
        yield f"{count(queue.moved, 'message')} arrived from another queue alone, such as a dead-letter queue."


def _repeats(queue: QueueVerdict) -> Iterator[str]:
    if not queue.received:
        return
    if queue.duplicates_by_message_id:
        yield (
            f"{count(queue.duplicates_by_message_id, 'delivery was a duplicate', 'deliveries were duplicates')}: "
            "a MessageId came again, and not because its visibility timeout had run out."
        )
    if queue.duplicates_by_sequence:
        yield (
            f"{count(queue.duplicates_by_sequence, 'message')} arrived under a second MessageId: "
            f"handed over once and taken twice{'' if queue.sent else ', or sent by another run of the same client'}."
        )
    if queue.redeliveries:
        yield (
            f"{count(queue.redeliveries, 'delivery was a redelivery', 'deliveries were redeliveries')}: "
            f"nobody deleted the message before its visibility timeout of {queue.visibility_seconds:g} s ran out."
        )
    if queue.after_deletion:
        yield f"{count(queue.after_deletion, 'delivery', 'deliveries')} came after the message had been deleted."
    if not queue.duplicates_by_message_id and not queue.duplicates_by_sequence and not queue.redeliveries:
        yield "No message came twice."


def _deduplication(queue: QueueVerdict) -> Iterator[str]:
    if not queue.resends:
        return
    resends = count(queue.resends, "resend")
    if not queue.is_fifo and not queue.holds_receiver:
        return
    if not queue.is_fifo:
        yield f"{queue.arrived_copies:,} of {resends} arrived: a standard queue does not deduplicate."
        return
    how = "content-based deduplication" if queue.content_based_deduplication else "deduplication by id"
    yield f"{queue.dropped:,} of {resends} {'was' if queue.dropped == 1 else 'were'} dropped by {how}."
    if queue.arrived_copies:
        own = "a message of its own" if queue.arrived_copies == 1 else "messages of their own"
        yield (
            f"{count(queue.arrived_copies, 'resend')} arrived as {own}: "
            f"under another id, over {DEDUPLICATION_SECONDS // 60} minutes later, or the queue forgot."
        )


def _leftovers(queue: QueueVerdict) -> Iterator[str]:
    if queue.undeleted:
        yield (
            f"{count(queue.undeleted, 'message')} arrived and {'was' if queue.undeleted == 1 else 'were'} not deleted; "
            "the queue hands out such messages again, or moves them to its dead-letter queue if it has one."
        )


def _clocks(queue: QueueVerdict) -> Iterator[str]:
    if queue.latency is not None and queue.latency.behind:
        yield (
            f"{count(queue.latency.behind, 'message')} seemed to arrive over a second before being sent: "
            "two clocks differ, so mistrust the latencies."
        )


def _ending(queue: QueueVerdict) -> Iterator[str]:
    if queue.interrupted:
        yield "The run was interrupted; this is what had happened until then."


def _unproven(queue: QueueVerdict) -> Iterator[str]:
    if queue.service == "aws":
        return
    if queue.service == "unknown":
        yield "The log does not say whether this was AWS; if not, its order, duplicates and speed prove nothing of AWS."
        return
    order = (
        "that AWS keeps the order and deduplicates in the same way when its parts fail"
        if queue.is_fifo
        else "how often AWS reorders and repeats messages"
    )
    yield (
        f"This was not AWS but an emulator at {name(queue.endpoint or '', 80)}. "
        f"It leaves unproven {order}, AWS's latency and throughput, its throttling, and who may do what."
    )


def _all(number: int) -> str:
    return "The one message" if number == 1 else "Both messages" if number == 2 else f"All {number:,} messages"


def _inverted(number: int) -> str:
    return f"{count(number, 'pair')} {'is' if number == 1 else 'are'}"
