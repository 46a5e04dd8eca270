"""The order of each list, where many events are sent at once: what may be given back when some did not arrive. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from todo.events import Envelope


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
