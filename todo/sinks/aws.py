"""What SQS and SNS have in common: events in calls of up to ten, lists side by side, each list in its order."""

from __future__ import annotations

import os
import re
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

from todo.errors import QueueUnavailable, TodoError
from todo.events import Envelope
from todo.queues.connection import Access, Service
from todo.sinks import BOUND_SECONDS, FLYING_BYTES, SinkUnavailable, one_line
from todo.sinks.order import in_order

CONNECT_SECONDS, READ_SECONDS = 2.0, 4.0
_CALL_SECONDS = CONNECT_SECONDS + READ_SECONDS
_SEND_SECONDS = BOUND_SECONDS - 1

_CALLS_AT_ONCE = 8
_ENTRIES_MAX = 10
_OVERHEAD_BYTES = 150
"""More than what the attributes of a message count."""

_REFUSALS = {"BatchRequestTooLong", "InvalidMessageContents", "MessageTooLong"}
"""Codes of what is wrong with an event itself, and will be the next time."""
_PERHAPS = {"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"}
"""Codes of that and of much else: of a topic or queue that is set up otherwise, which somebody will mend."""
_OF_AN_EVENT = re.compile(r"must be shorter than|too long|invalid (binary )?character", re.IGNORECASE)
"""What AWS says with those when it means the event."""


class _Answer(NamedTuple):
    """What became of a call: what is settled, and why the rest is not."""

    settled: list[tuple[Envelope, str | None]]
    trouble: str | None


class AwsSink(ABC):
    """A queue or a topic. Credentials, region and address come from where AWS's own tools find them.

    Of a FIFO one, no call has two events of a list, for entries of one call may fail while later ones do not. Others
    promise no order themselves; there a call takes what the list has.
    """

    bytes_max: int
    """Of all messages of one call; what is larger goes by itself, and the service decides."""

    def __init__(self, *, is_fifo: bool, region: str | None = None) -> None:
        self.is_fifo = is_fifo
        self._region = region
        self._service: Service | None = None
        self._pool: ThreadPoolExecutor | None = None

    @abstractmethod
    def _find(self, service: Service) -> None:
        """Look up what is needed to send, once."""

    @abstractmethod
    def _post(self, service: Service, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Send these entries in one call; what the service answers."""

    @abstractmethod
    def _entry(self, event: Envelope) -> dict[str, Any]:
        """An event as an entry, but for what all have in common."""

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Send them, ten at most in a call; a few calls at the same time, never two with the same list."""
        began = time.monotonic()
        deadline, last_start = began + _SEND_SECONDS, began + _SEND_SECONDS - _CALL_SECONDS
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="events")
        # In a thread, as looking up names is bound by nothing else.
        opening = self._pool.submit(self._open)
        wait([opening], timeout=_CALL_SECONDS)
        if not opening.done():
            self.close()
            raise SinkUnavailable("AWS does not answer in time")
        service = opening.result()

        waiting: dict[int, deque[Envelope]] = {}
        for event in events:
            waiting.setdefault(event.list_id, deque()).append(event)
        running: dict[Future[_Answer], list[Envelope]] = {}
        trouble: str | None = None
        while waiting or running:
            may_start = trouble is None and (time.monotonic() < last_start or not running)
            while may_start and len(running) < _CALLS_AT_ONCE:
                batch = self._next(waiting, [event for batch in running.values() for event in batch])
                if not batch:
                    break
                running[self._pool.submit(self._call, service, batch, last_start)] = batch
            if not running:
                break
            done, _ = wait(running, timeout=max(deadline - time.monotonic(), 0), return_when=FIRST_COMPLETED)
            if not done:
                self.close()
                raise SinkUnavailable(f"{service.emulator or 'AWS'} does not answer in time")
            for future in done:
                del running[future]
                answer = future.result()
                yield from answer.settled
                trouble = trouble or answer.trouble
            if time.monotonic() >= last_start and not running:
                break
        if trouble is not None:
            raise SinkUnavailable(trouble)

    def _next(self, waiting: dict[int, deque[Envelope]], flying: Sequence[Envelope]) -> list[Envelope]:
        """Take what fits into a call beside those that are under way, of lists that are in none of them."""
        batch: list[Envelope] = []
        busy = {event.list_id for event in flying}
        room = min(self.bytes_max, FLYING_BYTES - sum(len(event.json) for event in flying))
        size = 0
        for list_id in list(waiting):
            if list_id in busy:
                continue
            queue = waiting[list_id]
            while queue and len(batch) < _ENTRIES_MAX:
                size += len(queue[0].json) + _OVERHEAD_BYTES
                if (batch or flying) and size > room:
                    return batch
                batch.append(queue.popleft())
                if self.is_fifo:
                    break
            if not queue:
                del waiting[list_id]
            if len(batch) == _ENTRIES_MAX:
                break
        return batch

    def _call(self, service: Service, batch: Sequence[Envelope], last_start: float) -> _Answer:
        entries = [self._entry(event) | self._common(event, number) for number, event in enumerate(batch)]
        try:
            answer = self._post(service, entries)
        except TodoError as error:
            if not _is_refusal(getattr(error, "code", None) or "", str(error)):
                self._forget(error)
                return _Answer([], str(error))
            if len(batch) == 1:
                return _Answer([(batch[0], one_line(error))], None)
            return self._one_by_one(service, batch, last_start)
        failed = {int(entry["Id"]): entry for entry in answer.get("Failed", ())}
        outcomes: dict[int, str | None] = {}
        trouble = None
        for number, event in enumerate(batch):
            if number not in failed:
                outcomes[event.id] = None
                continue
            code = str(failed[number].get("Code", "")).rpartition(".")[2]
            words = one_line(f"{failed[number].get('Message') or 'refused'} ({code})")
            if _is_refusal(code, words):
                outcomes[event.id] = words
            else:
                trouble = trouble or words
        return _Answer(list(in_order(batch, outcomes)), trouble)

    def _one_by_one(self, service: Service, batch: Sequence[Envelope], last_start: float) -> _Answer:
        """The service refuses the whole call: find out for which event's sake."""
        settled: list[tuple[Envelope, str | None]] = []
        for event in batch:
            if settled and time.monotonic() >= last_start:
                return _Answer(settled, f"{service.emulator or 'AWS'} is too slow")
            answer = self._call(service, [event], last_start)
            settled += answer.settled
            if answer.trouble is not None:
                return _Answer(settled, answer.trouble)
        return _Answer(settled, None)

    def _common(self, event: Envelope, number: int) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Id": str(number),
            # What filter policies of subscriptions see.
            "MessageAttributes": {
                "type": {"DataType": "String", "StringValue": event.kind},
                "list": {"DataType": "String", "StringValue": str(event.list_id)},
            },
        }
        if self.is_fifo:
            entry |= {"MessageGroupId": str(event.list_id), "MessageDeduplicationId": event.uuid}
        return entry

    def _open(self) -> Service:
        if self._service is None:
            try:
                service = self.new_service()
                self._find(service)
            except TodoError as error:
                raise SinkUnavailable(error) from None
            self._service = service
        return self._service

    def new_service(self) -> Service:
        """A way to AWS whose calls are bounded, and made once: the caller tries again, and knows when to stop."""
        return Service(
            Access(region=self._region),
            os.environ,
            threads=_CALLS_AT_ONCE,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            attempts=1,
            by_settings=True,
        )

    def _forget(self, error: TodoError) -> None:
        # Another time there may be other keys, or the queue again.
        if not (isinstance(error, QueueUnavailable) and error.is_passing):
            self._service = None

    def close(self) -> None:
        """Wait for no call under way."""
        self._service = None
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _is_refusal(code: str, words: str) -> bool:
    code = code.removesuffix("Exception")
    return code in _REFUSALS or (code in _PERHAPS and _OF_AN_EVENT.search(words) is not None)


def text_of(event: Envelope) -> str:
    """The event's JSON without the two characters that SQS takes in no message, which JSON can name."""
    return event.json.decode().replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
