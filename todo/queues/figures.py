"""A verdict's figures as a table of texts, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from todo.queues import prices
from todo.queues.order import Order
from todo.queues.verdict import QueueVerdict
from todo.queues.wording import count, dollars, duration, name, rate

UNKNOWN = "not known"


class Row(NamedTuple):
    """One figure. `bad` for what a queue or a receiver should not do, if there was any of it."""

    what: str
    value: str
    note: str = ""
    bad: bool = False


def title(queue: QueueVerdict) -> str:
    """The queue's name and type."""
    return f"{name(queue.name, 80)} ({'FIFO' if queue.is_fifo else 'standard'})"


def rows(queue: QueueVerdict) -> list[Row]:
    """Every figure, in the order in which one asks."""
    return [*_messages(queue), *_orders(queue), *_speeds(queue), *_costs(queue)]


def _messages(queue: QueueVerdict) -> Iterator[Row]:
    resends = f"{queue.resends:,} of them resends" if queue.resends else ""
    yield Row("Sent", *_of_sender(queue, queue.sent, _joined(_by(queue.senders), resends)))
    messages = count(queue.messages, "message") if queue.messages != queue.received else ""
    yield Row("Received", *_of_receiver(queue, queue.received, _joined(_by(queue.receivers), messages)))
    # Counted as deliveries are: what comes again is deleted again.
    messages = count(queue.deleted, "message") if queue.deleted != queue.deletions else ""
    left = f"{count(queue.undeleted, 'message')} not" if queue.undeleted else ""
    yield Row("Deleted", *_of_receiver(queue, queue.deletions, _joined(messages, left)))
    if queue.missing is None:
        gaps = f"{count(queue.gaps, 'number')} did not come here" if queue.gaps else ""
        yield Row("Missing", UNKNOWN, gaps)
    else:
        moved = f"{queue.moved:,} more came from another queue" if queue.moved else ""
        yield Row("Missing", f"{queue.missing:,}", moved, bad=queue.missing > 0)
    duplicates = queue.duplicates_by_message_id + queue.duplicates_by_sequence
    how = f"{queue.duplicates_by_message_id:,} by MessageId, {queue.duplicates_by_sequence:,} by sequence"
    yield Row("Duplicates", *_of_receiver(queue, duplicates, how), bad=duplicates > 0)
    after = f"{queue.after_deletion:,} repeated after deletion" if queue.after_deletion else ""
    yield Row("Redeliveries", *_of_receiver(queue, queue.redeliveries, after), bad=queue.redeliveries > 0)
    of = f"of {count(queue.resends, 'resend')}" if queue.resends else ""
    yield Row("Deduplication hits", *_of_sender(queue, queue.dropped, of))
    yield Row("Empty receives", *_of_receiver(queue, queue.empty_receives))


def _of_sender(queue: QueueVerdict, number: int, note: str = "") -> tuple[str, str]:
    """What only whoever sends can count; not known when somebody else's records are all there is."""
    return (f"{number:,}", note) if queue.holds_sender or not queue.holds_receiver else (UNKNOWN, "")


def _of_receiver(queue: QueueVerdict, number: int, note: str = "") -> tuple[str, str]:
    """The same of whoever receives."""
    return (f"{number:,}", note) if queue.holds_receiver or not queue.holds_sender else (UNKNOWN, "")


def _by(clients: int) -> str:
    return f"by {count(clients, 'client')}" if clients else ""


def _orders(queue: QueueVerdict) -> Iterator[Row]:
    yield _order("Inversions", queue.order, "no sequence numbers" if queue.received else "")
    if queue.groups:
        value = f"{queue.groups_in_order:,} of {queue.groups:,}"
        yield Row("Groups in order", value, bad=queue.groups_in_order < queue.groups)
    for group in queue.worst_groups:
        yield _order(f"… {name(group.name, 16)}", group.order)


def _order(what: str, order: Order, note: str = "") -> Row:
    if not order.messages:
        return Row(what, UNKNOWN, note)
    if order.is_kept:
        return Row(what, "0", f"{count(order.messages, 'message')} in order")
    note = f"{order.neighbours:,} between neighbours; farthest {count(order.displacement, 'place')} off"
    return Row(what, f"{order.inversions:,}", note, bad=True)


def _speeds(queue: QueueVerdict) -> Iterator[Row]:
    if queue.latency is None:
        yield Row("Latency", UNKNOWN)
    else:
        parts = ((50, queue.latency.p50), (95, queue.latency.p95), (99, queue.latency.p99))
        shown = ", ".join(f"p{part} {duration(seconds)}" for part, seconds in parts[1:])
        behind = "clocks differ" if queue.latency.behind else ""
        yield Row("Latency", f"p50 {duration(queue.latency.p50)}", _joined(shown, behind), bad=bool(behind))
    sent, received = queue.sent_per_second, queue.received_per_second
    yield Row("Speed", rate(sent) if sent else UNKNOWN, "sent")
    yield Row("", rate(received) if received else UNKNOWN, "received")


def _costs(queue: QueueVerdict) -> Iterator[Row]:
    if queue.requests is None or queue.cost is None:
        yield Row("Requests", UNKNOWN)
        return
    yield Row("Requests", f"{queue.requests:,}", f"more if one carries over {prices.CHUNK_BYTES // 1024} kB")
    yield Row("Cost at AWS", dollars(queue.cost), prices.TERMS)


def _joined(*notes: str) -> str:
    return ", ".join(filter(None, notes))
