"""Events in a topic of Kafka: those of one list in one partition, in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from todo.events import Envelope
from todo.sinks import BOUND_SECONDS, CONTENT_TYPE, FLYING_BYTES, SinkUnavailable, address, one_line
from todo.sinks.order import in_order

_DELIVERY_SECONDS = BOUND_SECONDS - 2
"""When the library gives up an event, of those that `send` begins with before `send` does."""
_SEND_SECONDS = BOUND_SECONDS - 1
_START_SECONDS = 4.0
"""After so long no more is handed to the library, so that what it has can be written in time."""
_REQUEST_BYTES = 65_536
"""Of several events, as a slow connection passes them in time one request after the other."""

_ANSWER_SECONDS = 5.0
_IDLE_SECONDS = 1.0

_EXAMPLE = "kafka://host:9092,other:9092/events"

# What is wrong with an event itself, and will be the next time.
_REFUSALS = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.INVALID_RECORD}

# The library writes to standard error otherwise; what it says is in the errors too.
_mute = logging.getLogger(f"{__name__}.librdkafka")
_mute.addHandler(logging.NullHandler())
_mute.propagate = False


def open_sink(url: str) -> KafkaSink:
    """The sink at `kafka://<hosts>/<topic>`, with options of librdkafka after a question mark.

    With user and password it is TLS and SASL PLAIN, unless `security.protocol` and `sasl.mechanism` say otherwise.
    """
    return KafkaSink(address.read(url, _EXAMPLE, several=True))


class _Batch:
    """What is known of the events of one `send`."""

    def __init__(self) -> None:
        self.outcomes: dict[int, str | None] = {}
        self.faults: list[KafkaError] = []
        self.sent = 0
        self.flying_bytes = 0

    def settle(self, event: Envelope, error: KafkaError | None) -> None:
        self.flying_bytes -= len(event.json)
        if error is None:
            self.outcomes[event.id] = None
        elif error.code() in _REFUSALS:
            self.outcomes[event.id] = one_line(f"Kafka: {error.str()}")
        else:
            self.faults.append(error)


class KafkaSink:
    """One topic."""

    def __init__(self, where: address.Address) -> None:
        self._where = where
        self._producer: Producer | None = None
        self._last_fault = ""
        self._is_gone = False

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Hand them to the library, no more than it writes in time; wait until each is on all replicas, or given up."""
        began = time.monotonic()
        last_start = began + _START_SECONDS
        batch = _Batch()
        try:
            producer = self._open()
            for event in events:
                while batch.flying_bytes > FLYING_BYTES and (left := last_start - time.monotonic()) > 0:
                    producer.poll(left)
                if time.monotonic() >= last_start:
                    break
                self._produce(producer, event, batch)
            producer.flush(max(began + _SEND_SECONDS - time.monotonic(), 0))
        except (KafkaException, BufferError) as error:
            self._drop()
            raise self._unavailable(error.args[0] if error.args else error) from None
        is_whole = len(batch.outcomes) == batch.sent
        fault = batch.faults[0] if batch.faults else "no answer in time"
        if not is_whole:
            # What it still holds must not arrive after the same events were sent again.
            self._drop()
        yield from in_order(events, batch.outcomes)
        if not is_whole:
            raise self._unavailable(fault)

    def _produce(self, producer: Producer, event: Envelope, batch: _Batch) -> None:
        batch.sent += 1
        batch.flying_bytes += len(event.json)
        try:
            producer.produce(
                self._where.name,
                event.json,
                key=str(event.list_id),
                headers={"content-type": CONTENT_TYPE, "id": event.uuid, "type": event.kind},
                on_delivery=lambda error, _message: batch.settle(event, error),
            )
        except KafkaException as error:
            if error.args[0].code() not in _REFUSALS:
                raise
            batch.settle(event, error.args[0])

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        """What is written to any partition that the topic has now."""
        self._is_gone = False
        try:
            consumer = Consumer(
                self._options(
                    {
                        "group.id": f"taskoverflow-{uuid4()}",  # asked for, and never told to anybody
                        "enable.auto.commit": False,
                        "allow.auto.create.topics": False,
                    }
                ),
                logger=_mute,
            )
        except KafkaException as error:
            raise self._unavailable(error.args[0]) from None
        try:
            consumer.assign(self._positions(consumer, from_start=from_start))
            yield None
            while True:
                message = consumer.poll(_IDLE_SECONDS)
                fault = message.error() if message is not None else None
                if fault is not None and not fault.retriable():
                    raise self._unavailable(fault)
                if message is not None and fault is None:
                    self._is_gone = False
                    yield message.value()
                elif self._is_gone:
                    raise self._unavailable("no broker can be reached")
                else:
                    yield None
        except KafkaException as error:
            raise self._unavailable(error.args[0]) from None
        finally:
            consumer.close()

    def _positions(self, consumer: Consumer, *, from_start: bool) -> list[TopicPartition]:
        name = self._where.name
        topic = consumer.list_topics(name, timeout=_ANSWER_SECONDS).topics[name]
        if topic.error is not None:
            raise KafkaException(topic.error)
        if from_start:
            return [TopicPartition(name, number, OFFSET_BEGINNING) for number in topic.partitions]
        # Where each ends is asked for now: the library would ask later, and events could come before it does.
        deadline = time.monotonic() + _ANSWER_SECONDS
        positions = []
        for number in topic.partitions:
            left = max(deadline - time.monotonic(), 0.1)
            _, end = consumer.get_watermark_offsets(TopicPartition(name, number), timeout=left)
            positions.append(TopicPartition(name, number, end))
        return positions

    def close(self) -> None:
        """Forget what was not sent."""
        self._drop()

    def _open(self) -> Producer:
        self._last_fault = ""
        if self._producer is None:
            self._producer = Producer(
                self._options(
                    {
                        "enable.idempotence": True,  # with acks=all; keeps the order when it sends again
                        "message.timeout.ms": int(_DELIVERY_SECONDS * 1_000),
                        "topic.metadata.propagation.max.ms": int(_ANSWER_SECONDS * 1_000),
                        "linger.ms": 2,
                        "batch.size": _REQUEST_BYTES,
                        # As Java's clients do it: theirs find a list in the same partition.
                        "partitioner": "murmur2_random",
                    }
                ),
                logger=_mute,
            )
        return self._producer

    def _options(self, more: dict[str, Any]) -> dict[str, Any]:
        where = self._where
        options: dict[str, Any] = {
            "bootstrap.servers": where.hosts,
            "client.id": "taskoverflow",
            "socket.keepalive.enable": True,
            "socket.connection.setup.timeout.ms": 3_000,
            "error_cb": self._note,
        }
        if where.user is not None:
            options |= {
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "PLAIN",
                "sasl.username": where.user,
                "sasl.password": where.password or "",
            }
        return options | more | where.options

    def _note(self, error: KafkaError) -> None:
        # The first says why: "connection refused"; what follows only that no broker is left.
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._is_gone = True
        elif not self._last_fault:
            self._last_fault = error.str()

    def _drop(self) -> None:
        if self._producer is not None:
            self._producer.purge()
            self._producer.poll(0)
            self._producer = None

    def _unavailable(self, error: KafkaError | object) -> SinkUnavailable:
        text = error.str() if isinstance(error, KafkaError) else str(error)
        why = f" ({self._last_fault})" if self._last_fault and self._last_fault != text else ""
        return SinkUnavailable(f"Kafka at {self._where.hosts} takes no events: {text}{why}")
