"""The worker's thread that sends events: opens the sink, and goes on whatever it or the database does."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from todo.errors import BadSetting
from todo.relay import LONGEST_DELAY_SECONDS, Relay, say_trouble
from todo.sinks import open_sink

STOP_SECONDS = 2.0
"""How long a worker that ends waits for a batch under way; what was not marked is sent again."""

_log = structlog.get_logger(__name__)


class Relaying:
    """A thread that sends what waits, as long as the worker lives; none without an address."""

    def __init__(self, make_session: sessionmaker[Session], url: str) -> None:
        self._make_session = make_session
        self._url = url
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. An address that cannot be used is logged in one line; the worker does everything else."""
        if not self._url:
            return
        try:
            sink = open_sink(self._url)
        except BadSetting as error:
            self._give_up(str(error))
            return
        except Exception as error:  # a library's fault with an odd address: its words may hold a password
            self._give_up(f"EVENTS_URL: cannot be used: {type(error).__name__}")
            return
        self._over.clear()
        relay = Relay(self._make_session, sink)
        self._thread = threading.Thread(target=self._run, args=[relay], name="relay", daemon=True)
        self._thread.start()

    def _give_up(self, reason: str) -> None:
        _log.error("events_wait", reason=reason)
        try:
            say_trouble(self._make_session, reason)
        except SQLAlchemyError as error:
            _log.warning("relay_failed", error=f"{type(error).__name__}: {error}"[:300])

    def stop(self) -> None:
        """Ask the thread to end, and give it a moment."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self, relay: Relay) -> None:
        while not self._over.is_set():
            try:
                delay = relay.step()
            except Exception as error:  # a database that is down, or a library's fault: the thread must try again
                _log.warning("relay_failed", error=f"{type(error).__name__}: {error}"[:300])
                delay = LONGEST_DELAY_SECONDS / 5
            self._over.wait(delay)
        try:
            relay.stop()
        except Exception as error:  # the lease ends by itself
            _log.warning("relay_not_given_up", error=f"{type(error).__name__}: {error}"[:300])
