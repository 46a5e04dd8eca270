"""A text cut anywhere, compressed in pieces and joined: one ordinary gzip file, and a digest that tells texts apart."""

from __future__ import annotations

import gzip
import subprocess
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.process import find_program
from todo import gzip_pieces
from todo.gzip_pieces import Whole

# Short ones of few characters, in which much repeats across cuts, and arbitrary ones.
TEXTS = st.lists(st.one_of(st.binary(max_size=300), st.text("ab\r\n", max_size=2_000).map(str.encode)), max_size=12)


def joined(texts: Sequence[bytes]) -> Whole:
    return gzip_pieces.join([gzip_pieces.compress([text]) for text in texts])


def read_as_one_member(octets: bytes) -> bytes:
    """What a reader that knows single members alone makes of it; nothing may be left over."""
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = reader.decompress(octets)
    assert reader.eof  # it has checked length and checksum
    assert reader.unused_data == b""
    return text


@given(TEXTS)
def test_any_cut_of_any_text_is_one_gzip_member_of_that_text(texts: list[bytes]) -> None:
    whole = joined(texts)
    text = b"".join(texts)
    assert gzip.decompress(whole.gzip) == text
    assert read_as_one_member(whole.gzip) == text
    assert whole.length == len(text)


@given(TEXTS, st.integers(1, 50))
def test_it_can_be_read_in_parts_of_any_size(texts: list[bytes], size: int) -> None:
    octets = joined(texts).gzip
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [reader.decompress(octets[start : start + size]) for start in range(0, len(octets), size)]
    assert b"".join(parts) == b"".join(texts)
    assert reader.eof


@settings(max_examples=20, deadline=None)  # each starts a program
@given(TEXTS)
def test_the_program_gzip_finds_nothing_wrong_with_it(texts: list[bytes]) -> None:
    octets = joined(texts).gzip
    program = find_program("gzip")
    tested = subprocess.run([program, "-t"], input=octets, capture_output=True, timeout=20, check=False)
    assert (tested.returncode, tested.stderr) == (0, b"")
    assert subprocess.run([program, "-dc"], input=octets, capture_output=True, timeout=20).stdout == b"".join(texts)


@given(TEXTS, st.data())
def test_the_digest_changes_exactly_when_a_piece_does(texts: list[bytes], data: st.DataObject) -> None:
    others = list(texts)
    if texts:
        at = data.draw(st.integers(0, len(texts) - 1))
        others[at] = data.draw(st.one_of(st.just(texts[at]), st.binary(max_size=20)))
    assert (joined(others).digest == joined(texts).digest) == (others == texts)
    assert (joined(others).gzip == joined(texts).gzip) == (others == texts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([b"ab", b"c"], [b"c", b"ab"]),  # the order counts
        ([b"a"], [b"a", b"a"]),
        ([], [b"\x00"]),
        ([b"\x00"], [b"\x00\x00"]),  # a checksum of zeros alone would not see it
    ],
)
def test_different_texts_of_the_same_octets_have_different_digests(one: list[bytes], other: list[bytes]) -> None:
    assert joined(one).digest != joined(other).digest


@given(TEXTS)
def test_a_piece_is_the_same_whenever_and_in_how_many_parts_it_is_made(texts: list[bytes]) -> None:
    at_once = gzip_pieces.compress([b"".join(texts)])
    in_parts = gzip_pieces.compress(iter(texts))
    assert in_parts.parts == len(texts)
    assert (in_parts.deflated, in_parts.length, in_parts.crc, in_parts.shift, in_parts.digest) == (
        at_once.deflated,
        at_once.length,
        at_once.crc,
        at_once.shift,
        at_once.digest,
    )


def test_nothing_at_all_is_a_gzip_file_of_nothing() -> None:
    for whole in (gzip_pieces.join([]), gzip_pieces.join([gzip_pieces.compress([])] * 3)):
        assert read_as_one_member(whole.gzip) == b""
        assert whole.length == 0


def test_megabytes_in_pieces_of_very_different_sizes_are_read_back() -> None:
    texts = [bytes(range(256)) * 8_000, b"", b"x", b"y" * 3_000_001, b"BEGIN:VEVENT\r\n" * 70_000]
    whole = joined(texts)
    assert read_as_one_member(whole.gzip) == b"".join(texts)
    assert int.from_bytes(whole.gzip[-4:], "little") == whole.length == sum(map(len, texts))
    assert len(whole.gzip) < whole.length / 50


def test_the_file_says_neither_when_nor_where_it_was_made() -> None:
    header = joined([b"text"]).gzip[:10]
    assert header == b"\x1f\x8b\x08\x00" + b"\x00" * 4 + b"\x00\xff"  # RFC 1952, 2.3: no flags, no time, any system
