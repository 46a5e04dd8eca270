"""SQS as the console looks at it. Its client, slow to make, is made at first use and kept until its keys fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from todo.errors import BadInput, NotFound, QueueUnavailable, Unsuited
from todo.queues import addresses
from todo.queues.asking import HELPERS, Deadline, spread
from todo.queues.cards import About, Card, Details, Figures, Letters, Move

if TYPE_CHECKING:
    from todo.queues.catalog import QueueCard
    from todo.queues.connection import Service

T = TypeVar("T")

CONNECT_SECONDS, READ_SECONDS = 1.0, 1.5
QUEUES_MAX = 1000
LOOK_SECONDS = 1.0
"""How long one look at dead letters waits for another to end: what that one holds, this one would not see."""

_DENIED = ("AccessDenied", "AccessDeniedException")
_NO_MOVES = ("InvalidParameterValue", "ResourceNotFoundException", "UnsupportedOperation")
_OF_REQUESTS = ("name", "to")
_FILES = {"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials", "AWS_CONFIG_FILE": "~/.aws/config"}


class SqsSource:
    """The queues of one account and region, or of an emulator."""

    name = "sqs"

    def __init__(self, broker_url: str | None, environment: Mapping[str, str]) -> None:
        """`broker_url` is that of the product's broker, if that is SQS: it may hold keys and an address."""
        self._environment = environment
        self._access = addresses.access_in(broker_url or "")
        self._endpoint = (
            self._access.get("endpoint_url")
            or environment.get("AWS_ENDPOINT_URL_SQS")
            or environment.get("AWS_ENDPOINT_URL")
        )
        self._lock = Lock()
        self._looking = Lock()
        self._service: Service | None = None
        self._made_with: object = None
        self._watch: Any = None

    def about(self) -> About:
        """Where it is; asks nobody, so before the first answer the region may be unknown."""
        service = self._service
        if service is not None:
            is_own = service.emulator is None
            return About("SQS", addresses.without_keys(service.endpoint), service.region, not is_own)
        region = self._environment.get("AWS_REGION") or self._environment.get("AWS_DEFAULT_REGION")
        if not self._endpoint:
            return About("SQS", f"https://sqs.{region}.amazonaws.com" if region else "AWS", region)
        if not addresses.is_usable(self._endpoint):
            return About("SQS", "AWS_ENDPOINT_URL", region, is_emulator=True)
        return About("SQS", addresses.without_keys(self._endpoint), region, not addresses.is_of_aws(self._endpoint))

    def slow(self) -> str:
        """What to say when its answer takes too long."""
        if self._service is None:
            return "The way to SQS is still being made ready: ask again in a moment"
        return f"{self.about().address} does not answer in time"

    def cards(self, deadline: Deadline) -> list[Card]:
        """The queues by name."""
        from todo.queues import catalog

        def listed(service: Service) -> list[Card]:
            urls = list(islice(catalog.urls(service), QUEUES_MAX))
            asked = dict(spread(urls, lambda url: (url, catalog.card_or_none(service, url)), deadline))
            known = [card for card in asked.values() if card is not None]
            cards = [_card(card, _givers_among(known, card.name)) for card in known]
            cards += [_unknown(catalog.name_of(url)) for url in urls if url not in asked]
            return sorted(cards, key=lambda card: card.name)

        return self._ask(listed)

    def card(self, name: str) -> Details:
        """One queue."""
        from todo.queues import catalog

        def found(service: Service) -> Details:
            card = catalog.card(service, name)
            try:
                givers = catalog.givers(service, name, card.url)
            except QueueUnavailable as error:
                if error.code not in _DENIED:
                    raise
                givers = []
            return Details(
                **vars(_card(card, givers)),
                url=card.url,
                arn=card.arn,
                policy=card.policy,
                visibility_seconds=card.visibility_seconds,
                retention_seconds=card.retention_seconds,
                delay_seconds=card.delay_seconds,
                wait_seconds=card.wait_seconds,
                bytes_max=card.bytes_max,
            )

        return self._ask(found)

    def figures(self, name: str, span_seconds: int) -> Figures:
        """One queue over time, as CloudWatch or the laboratory counted it."""
        from todo.queues.connection import url_of
        from todo.queues.watching import Watch

        def counted(service: Service) -> Figures:
            url_of(service, name)
            with self._lock:
                self._watch = self._watch or Watch()
            found: Figures = self._watch.figures(service, name, span_seconds)
            return found

        return self._ask(counted)

    def letters(self, name: str, limit: int) -> Letters:
        """Messages of a dead-letter queue, which stay there."""
        from todo.queues import peek

        def looked(service: Service) -> Letters:
            card = self._dead_letter_queue(service, name)
            if card.dead_letter_queue:
                raise Unsuited(
                    f"{name} hands its own messages on to {card.dead_letter_queue} after {card.receives_max} receives,"
                    " and a look counts as one: they are not looked at here"
                )
            if not self._looking.acquire(timeout=LOOK_SECONDS):
                raise QueueUnavailable(f"Somebody else looks at the messages of {name} just now", is_passing=True)
            try:
                return peek.look(service, card, limit)
            finally:
                self._looking.release()

        return self._ask(looked)

    def redrive(self, name: str, *, to: str | None, per_second: int | None) -> Move:
        """Begin to move a dead-letter queue's messages."""
        from todo.queues import catalog

        def begun(service: Service) -> Move:
            source = self._dead_letter_queue(service, name)
            target = None if to is None else _target(service, name, to)
            try:
                catalog.begin_move(service, name, source.arn, to=target, per_second=per_second)
            except QueueUnavailable as error:
                if error.code not in _NO_MOVES:
                    raise
                raise Unsuited(str(error)) from None  # one is under way
            try:
                return self._last_move(service, name, source.arn)
            except QueueUnavailable:  # it is begun, whatever can be said of it
                return Move("RUNNING", 0, None, None)

        return self._ask(begun)

    def last_move(self, name: str) -> Move:
        """How far the last redrive is."""
        from todo.queues import catalog

        return self._ask(lambda service: self._last_move(service, name, catalog.card(service, name).arn))

    def _last_move(self, service: Service, name: str, arn: str) -> Move:
        from todo.queues import catalog
        from todo.queues.faults import one_line

        try:
            move = catalog.last_move(service, name, arn)
        except QueueUnavailable as error:
            if error.code not in _NO_MOVES:
                raise
            move = None  # of a queue that is no dead-letter queue
        if move is None:
            return Move("NONE", 0, None, None)
        return Move(move.status, move.moved, move.total, one_line(move.reason) if move.reason else None)

    def _dead_letter_queue(self, service: Service, name: str) -> QueueCard:
        from todo.queues import catalog

        card = catalog.card(service, name)
        if not catalog.givers(service, name, card.url):
            raise Unsuited(f"{name} is no dead-letter queue: no queue's dead letters come here")
        return card

    def _ask(self, question: Callable[[Service], T]) -> T:
        service = self._client()
        try:
            return question(service)
        except BadInput as error:
            if error.field in _OF_REQUESTS:
                raise
            raise QueueUnavailable(str(error)) from None  # of the settings, and no fault of who asks
        except QueueUnavailable as error:
            if not error.is_passing and error.code not in (*_DENIED, *_NO_MOVES):
                self.close()  # other keys may be there the next time
            raise

    def close(self) -> None:
        """Let go of the client."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        service, self._service = self._service, None
        if service is not None:
            service.close()

    def _client(self) -> Service:
        from todo.queues.connection import Access, Service

        with self._lock:  # once, however many ask at the same time
            made_with = self._keys()
            if self._service is None or made_with != self._made_with:
                for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"):
                    address = self._environment.get(variable)
                    if address and not addresses.is_usable(address):
                        raise QueueUnavailable(f"{variable} is not an address such as http://127.0.0.1:9324")
                self._drop()
                try:
                    self._service = Service(
                        Access(**self._access),
                        self._environment,
                        threads=HELPERS + 1,
                        connect_seconds=CONNECT_SECONDS,
                        read_seconds=READ_SECONDS,
                        attempts=1,
                        by_settings=True,
                    )
                except BadInput as error:
                    raise QueueUnavailable(str(error)) from None
                self._made_with = made_with
            return self._service

    def _keys(self) -> object:
        """Another value when keys, region or address may be others."""
        named = {name: value for name, value in self._environment.items() if name.startswith("AWS_")}
        times = []
        for variable, usual in _FILES.items():
            try:
                times.append(Path(named.get(variable) or usual).expanduser().stat().st_mtime_ns)
            except (OSError, RuntimeError):
                times.append(0)
        return named, times


def _target(service: Service, name: str, to: str) -> str:
    from todo.queues import catalog

    if to == name:
        raise BadInput("to must be another queue than the one whose messages are moved", field="to")
    if to.endswith(".fifo") != name.endswith(".fifo"):
        raise BadInput("to must be a FIFO queue for a FIFO queue's messages, a standard one for others", field="to")
    try:
        return catalog.card(service, to).arn
    except (BadInput, NotFound) as error:
        raise BadInput(f"to: {error}", field="to") from None


def _givers_among(cards: list[QueueCard], name: str) -> list[str]:
    return sorted(card.name for card in cards if card.dead_letter_queue == name)


def _unknown(name: str) -> Card:
    return Card(name, type="FIFO" if name.endswith(".fifo") else "Standard")


def _card(card: QueueCard, givers: list[str]) -> Card:
    if not card.arn:  # one that may be seen and not asked
        return _unknown(card.name)
    return Card(
        name=card.name,
        type=card.type,
        created_at=card.created_at,
        available=card.available,
        in_flight=card.in_flight,
        delayed=card.delayed,
        encryption=card.encryption,
        content_based_deduplication=card.content_based_deduplication,
        dead_letter_queue=card.dead_letter_queue,
        receives_max=card.receives_max,
        dead_letters_of=givers,
    )
