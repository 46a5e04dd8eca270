"""Sends events to the sink: in the order of each list, at least once, by one process at a time. Knows no technology.

An event is sent first and marked then: a process killed in between sends it again, with the same id. Nothing that sends
is ever waited for by a change. What the sink cannot take now waits in the database.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast
from uuid import uuid4

import structlog
from sqlalchemy import Table, bindparam, func, or_, select, true, update
from sqlalchemy.orm import Session, sessionmaker

from todo import database, events
from todo.database import utc_now
from todo.events import Envelope
from todo.models import Event, Installation
from todo.sinks import Sink, SinkUnavailable

BATCH = 500
"""Most events that are sent between two looks at the database. After trouble it is half as many, down to one: a slow
sink that never takes a whole batch in time takes a smaller one."""

BATCH_OCTETS = 1_000_000

LEASE_SECONDS = 30.0
"""How long a relay that says nothing keeps others from sending."""

RENEW_SECONDS = 15.0
"""After so long it says so again; a batch takes `sinks.BOUND_SECONDS` at the most, and marking it a moment."""

MARGIN_SECONDS = 4.0
"""How much later than that a batch may begin."""

ATTEMPTS_MAX = 3
"""How often an event that is refused is sent before it is set aside."""

RETRY_SECONDS = (1.0, 10.0)
"""How long after it was refused the first time, and the second."""

FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.2, 15.0
"""Before the next attempt, when the sink is away."""

IDLE_SECONDS = 0.1
"""Between two looks when there was less than a batch to send: marking each event by itself would be a commit for each,
which those who make changes wait for on the same disk."""

STANDBY_SECONDS = 1.0
"""Between two looks of a relay while another one sends."""

REASON_MAX = 500

_SAID_AFTER = 2  # failures: the first is often a connection that a restart has closed, and the next try opens another

_events = cast("Table", Event.__table__)
_installation = cast("Table", Installation.__table__)

_TAKE = (
    update(_installation)
    .where(
        _installation.c.id == 1,
        or_(
            _installation.c.relay_holder.is_(None),
            _installation.c.relay_holder == bindparam("holder"),
            _installation.c.relay_until < utc_now(),
            _installation.c.relay_until > utc_now(2 * LEASE_SECONDS),  # the database's clock was set back
        ),
    )
    # Also that events are sent: another program may have started without the address, and told so.
    .values(
        relay_holder=bindparam("holder"), relay_until=utc_now(LEASE_SECONDS), keeps_events=true(), sends_events=true()
    )
    .returning(_installation.c.uuid)
)
_GIVE_UP = (
    update(_installation)
    .where(_installation.c.id == 1, _installation.c.relay_holder == bindparam("holder"))
    .values(relay_holder=None, relay_until=None)
    .returning(_installation.c.id)
)
_WAITING = select(*events.COLUMNS).where(_events.c.waiting).order_by(_events.c.id).limit(bindparam("limit"))

_log = structlog.get_logger(__name__)


class Relay:
    """Sends what waits. `step` is called again and again, by one thread."""

    def __init__(
        self, make_session: sessionmaker[Session], sink: Sink, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make_session = make_session
        self._sink = sink
        self._clock = clock
        self._holder = str(uuid4())
        self._installation = ""
        self._failures = 0
        self._limit = BATCH
        self._renew_at: float | None = None
        self._refused: dict[int, float] = {}
        """When to send again what was refused, by its id."""

    def step(self) -> float:
        """Send a batch of what waits; the seconds until the next call.

        Database errors are raised. A sink that is away is no error: the delay grows, and it is logged when it begins
        and when it ends.
        """
        now = self._clock()
        if self._renew_at is None or now >= self._renew_at:
            self._renew_at = None
            if not self._take():
                return STANDBY_SECONDS
            self._renew_at = now + RENEW_SECONDS
        batch, more = self._read(now)
        if not batch:
            return IDLE_SECONDS
        if self._clock() > self._renew_at + MARGIN_SECONDS:  # held up so long that another one may be sending these
            self._renew_at = None
            return 0.0
        taken, refused, trouble = self._send(batch)
        self._mark(taken, refused)
        for event, _ in refused:
            self._refused[event.id] = now + RETRY_SECONDS[min(event.attempts, len(RETRY_SECONDS) - 1)]
        self._limit = max(self._limit // 2, 1) if trouble else min(self._limit * 2, BATCH)
        if trouble and not taken:
            return self._delay(trouble)
        if self._failures >= _SAID_AFTER:
            _log.info("events_flow_again", after_attempts=self._failures)
            say_trouble(self._make_session, None)
        self._failures = 0
        return 0.0 if more else IDLE_SECONDS

    def _read(self, now: float) -> tuple[list[Envelope], bool]:
        """What is to be sent next, without what was refused a moment ago; and whether more waits after it."""
        self._refused = {event_id: at for event_id, at in self._refused.items() if at > now}
        with self._make_session() as session:
            connection = database.begin_read(session)
            rows = database.rows(connection, _WAITING, {"limit": self._limit + len(self._refused)})
            session.rollback()
        batch: list[Envelope] = []
        octets = 0
        for row in rows:
            if row.id in self._refused:
                continue
            event = events.envelope(row, self._installation)
            octets += len(event.json)
            if batch and octets > BATCH_OCTETS:
                return batch, True
            batch.append(event)
        return batch, len(batch) >= self._limit

    def stop(self) -> None:
        """Let another one send. Raises no database error."""
        self._sink.close()
        if self._renew_at is not None:
            with self._make_session() as session:
                database.rows(database.begin_statement(session), _GIVE_UP, {"holder": self._holder})
                session.commit()

    def _take(self) -> bool:
        with self._make_session() as session:
            found = database.rows(database.begin_statement(session), _TAKE, {"holder": self._holder})
            session.commit()
        if found and not self._installation:
            self._installation = found[0].uuid
            say_trouble(self._make_session, None)  # what an earlier relay said, or one with another address
        return bool(found)

    def _send(self, batch: Sequence[Envelope]) -> tuple[list[int], list[tuple[Envelope, str]], str | None]:
        taken: list[int] = []
        refused: list[tuple[Envelope, str]] = []
        try:
            for event, reason in self._sink.send(batch):
                if reason is None:
                    taken.append(event.id)
                else:
                    refused.append((event, reason))
        except SinkUnavailable as error:
            return taken, refused, str(error)
        except Exception as error:  # a fault of the sink's: what was taken must still be marked
            # Without the library's own words, which may hold the address and its password.
            return taken, refused, f"the sink failed: {type(error).__name__}"
        return taken, refused, None

    def _mark(self, taken: Sequence[int], refused: Sequence[tuple[Envelope, str]]) -> None:
        with self._make_session() as session:
            database.begin_change(session)
            for start in range(0, len(taken), database.IDS_PER_STATEMENT):
                some = taken[start : start + database.IDS_PER_STATEMENT]
                session.execute(
                    update(_events).where(_events.c.id.in_(some)).values(waiting=False, sent_at=utc_now(), reason=None)
                )
            for event, reason in refused:
                set_aside = event.attempts + 1 >= ATTEMPTS_MAX
                session.execute(
                    update(_events)
                    .where(_events.c.id == event.id, _events.c.waiting)
                    .values(
                        attempts=_events.c.attempts + 1,
                        reason=reason[:REASON_MAX],
                        **({"waiting": False, "refused_at": utc_now()} if set_aside else {}),
                    )
                )
                _log.warning("event_refused", event_id=event.uuid, set_aside=set_aside, reason=reason[:REASON_MAX])
            session.commit()

    def _delay(self, trouble: str) -> float:
        self._failures += 1
        if self._failures == _SAID_AFTER:
            _log.warning("events_delayed", reason=trouble[:REASON_MAX])
            say_trouble(self._make_session, trouble)
        delay: float = min(FIRST_DELAY_SECONDS * 2.0 ** min(self._failures - 1, 10), LONGEST_DELAY_SECONDS)
        return delay * random.uniform(0.8, 1.0)  # noqa: S311 (nothing secret)


def say_trouble(make_session: sessionmaker[Session], trouble: str | None) -> None:
    """Have `standing` tell why events wait, or that nothing keeps them."""
    with make_session() as session:
        database.begin_change(session)
        session.execute(
            update(_installation)
            .where(_installation.c.id == 1)
            .values(relay_trouble=None if trouble is None else trouble[:REASON_MAX])
        )
        session.commit()


class Standing(NamedTuple):
    """How far the sink is behind."""

    is_sent: bool
    """Whether a program of the installation was told where to send events."""
    waiting: int
    lag_seconds: float
    """How long the oldest event has been waiting; 0 when none is."""
    refused: int
    """How many were set aside."""
    trouble: str | None
    """Why they wait, when the sink takes none."""


def standing(session: Session) -> Standing:
    """How far sending is behind what happened."""
    waiting, oldest, now = session.execute(
        select(func.count(), func.min(_events.c.occurred_at), utc_now()).where(_events.c.waiting)
    ).one()
    refused = session.scalar(select(func.count()).where(_events.c.refused_at.is_not(None))) or 0
    lag = (now - oldest) / timedelta(seconds=1) if oldest is not None else 0.0
    columns = _installation.c
    is_sent, trouble = session.execute(select(columns.sends_events, columns.relay_trouble).where(columns.id == 1)).one()
    return Standing(is_sent, waiting, max(lag, 0.0), refused, trouble if waiting else None)


class Refused(NamedTuple):
    """An event that was set aside."""

    envelope: Envelope
    refused_at: Any
    reason: str


def refused(session: Session, limit: int = 1_000) -> list[Refused]:
    """What was set aside, oldest first, at most `limit`."""
    uuid = events.installation_uuid(session)
    rows = session.execute(
        select(*events.COLUMNS, _events.c.refused_at, _events.c.reason)
        .where(_events.c.refused_at.is_not(None))
        .order_by(_events.c.id)
        .limit(limit)
    )
    return [Refused(events.envelope(row, uuid), row.refused_at, row.reason) for row in rows]


def retry(session: Session, uuids: Sequence[str] | None) -> int:
    """Have events that were set aside sent again, all for None; how many there were. Commits."""
    database.begin_change(session)
    statement = update(_events).where(_events.c.refused_at.is_not(None))
    if uuids is not None:
        statement = statement.where(_events.c.uuid.in_(uuids))
    result: Any = session.execute(statement.values(waiting=True, attempts=0, refused_at=None))
    session.commit()
    found: int = result.rowcount
    return found
