"""What is written into messages and read out of them, whoever wrote them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.errors import BadInput
from todo.queues.messages import (
    Handed,
    attributes_of,
    body_of,
    bytes_of,
    check_extra,
    check_text,
    group_of,
    read,
)
from todo.queues.records import to_line
from todo.queues.tally import Tally
from todo.queues.verdict import verdict_of

texts = st.text(max_size=30)


def handed(**raw: Any) -> Handed:
    whole = {"MessageId": "id", "ReceiptHandle": "handle", **raw}
    return read(whole, at=2.0, client="Subscriber", queue="q", consumer=3)


def test_a_text_is_the_number_and_what_is_prepended() -> None:
    assert body_of(0) == "Message 0"
    assert body_of(99, prepend="abcdef") == "abcdefMessage 99"


@given(st.integers(0, 10**7), st.text(st.characters(codec="utf-8"), max_size=5), st.integers(0, 200))
def test_a_text_is_filled_up_to_its_size(sequence: int, prepend: str, size: int) -> None:
    body = body_of(sequence, prepend=prepend, size=size)
    plain = body_of(sequence, prepend=prepend)
    assert body.startswith(plain)
    assert len(body.encode()) == max(size, len(plain.encode()))


def test_size_counts_bytes_and_attributes() -> None:
    attributes = attributes_of("Ä", 7, "run", 0, ())
    # name + type + value: client String Ä, sequence Number 7, run String run
    assert bytes_of("Ä", attributes) == 2 + (6 + 6 + 2) + (8 + 6 + 1) + (3 + 6 + 3)


def test_only_a_copy_says_that_it_is_one() -> None:
    assert set(attributes_of("C", 1, "r", 0, (("colour", "red"),))) == {"client", "sequence", "run", "colour"}
    assert attributes_of("C", 1, "r", 2, ())["copy"] == {"DataType": "Number", "StringValue": "2"}


@given(st.text(min_size=1, max_size=300), st.integers(1, 100_000))
def test_groups_have_names_that_sqs_takes(client: str, groups: int) -> None:
    name = group_of(client, groups - 1, groups)
    assert 1 <= len(name) <= 128
    assert all("!" <= letter <= "~" for letter in name)


def test_a_client_with_one_group_is_its_group() -> None:
    assert group_of("Client 1", 0, 1) == "Client-1"
    assert [group_of("C", number, 2) for number in range(2)] == ["C-0", "C-1"]


@pytest.mark.parametrize("text", ["\x00", "a\x1b[31m", "\ud800", "\ufffe", "\uffff", ""])
def test_texts_that_sqs_refuses_are_refused_here(text: str) -> None:
    with pytest.raises(BadInput) as error:
        check_text(text, "client-name")
    assert error.value.field == "client-name"
    str(error.value).encode()  # can be printed


@pytest.mark.parametrize(
    "pairs",
    [
        [("client", "x")],
        [("run", "x")],
        [("a", "1"), ("a", "2")],
        [("AWS.x", "1")],
        [("amazon.x", "1")],
        [("a..b", "1")],
        [(".a", "1")],
        [("ä", "1")],
        [("a" * 257, "1")],
        [("a", "")],
        [("a", "\x00")],
        [(str(number), "1") for number in range(7)],
    ],
)
def test_attributes_that_sqs_refuses_are_refused_here(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(BadInput) as error:
        check_extra(pairs)
    assert error.value.field == "attributes"


def test_what_was_written_is_read() -> None:
    attributes = attributes_of("Client 1", 7, "r", 1, ())
    record = handed(
        Body="Message 7",
        MessageAttributes=attributes,
        Attributes={"SentTimestamp": "1500", "ApproximateReceiveCount": "2", "MessageGroupId": "g"},
    ).record
    assert (record.sender, record.run, record.sequence) == ("Client 1", "r", 7)
    assert (record.copy, record.group) == (1, "g")
    assert (record.receive_count, record.sent_at, record.consumer, record.at) == (2, 1.5, 3, 2.0)


def test_a_message_of_the_sheets_publisher_is_read() -> None:
    message = handed(Body="Message 7", MessageAttributes={"client": {"DataType": "String", "StringValue": "C"}})
    assert (message.record.sender, message.record.sequence, message.body) == ("C", None, "Message 7")


values = st.one_of(
    st.builds(lambda text: {"DataType": "String", "StringValue": text}, texts),
    st.builds(lambda data: {"DataType": "Binary", "BinaryValue": data}, st.binary(max_size=5)),
    st.sampled_from(["-1", "1e400", "nan", "9" * 40, "٣", "007", "0x1", " 1", "9007199254740993"]).map(
        lambda text: {"DataType": "Number", "StringValue": text}
    ),
)


@given(
    st.dictionaries(st.sampled_from(["client", "sequence", "run", "copy", "other"]), values),
    st.dictionaries(st.sampled_from(["SentTimestamp", "ApproximateReceiveCount"]), texts | st.just("9" * 16)),
)
def test_strangers_messages_are_read_without_a_crash(told: dict[str, Any], system: dict[str, str]) -> None:
    record = handed(Body="", MessageAttributes=told, Attributes=system).record
    to_line(record)
    tally = Tally()
    tally.add(record)
    assert verdict_of(tally).queues[0].received == 1
