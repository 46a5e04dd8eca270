"""Many events sent at once: in pieces of a bounded size, and what may be given back when some did not arrive. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from todo.events import Envelope


def first_of(events: Sequence[Envelope], bytes_max: int) -> Sequence[Envelope]:
    """The first of these, as many as have no more than so many bytes of JSON together; one at least."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.json)
        if number and size > bytes_max:
            return events[:number]
    return events


def in_order(events: Sequence[Envelope], outcomes: Mapping[int, str | None]) -> Iterator[tuple[Envelope, str | None]]:
    """Each event with its outcome by its id, up to the first of its list that has none.

    What follows that one may have arrived. It has to come again after it: the last of a list that anybody sees must be
    the last that happened.
    """
    stuck: set[int] = set()
    for event in events:
        if event.list_id in stuck:
            continue
        if event.id in outcomes:
            yield event, outcomes[event.id]
        else:
            stuck.add(event.list_id)
