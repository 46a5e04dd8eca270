"""A gzip file put together from pieces that were compressed apart, so that one changed piece costs one piece's work.

Pure: knows neither calendars nor the database. Each piece is a run of deflate blocks that ends on a whole octet and
refers to nothing before it (RFC 1951, 3.2), so pieces can stand in a row; the checksum of the whole is computed from
the checksums of the pieces. Any gzip reader reads the result as one ordinary member (RFC 1952).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time: the same text gives the same octets
_LAST_BLOCK = b"\x03\x00"  # an empty one
_POLYNOMIAL = 0xEDB88320  # CRC-32's, its bits reversed (RFC 1952, 8)
_ONE = 1 << 31  # the polynomial 1, its bits reversed


@dataclass(frozen=True, slots=True)
class Piece:
    """A compressed piece of a text. `length` is that of the text, octets; `digest` tells texts apart."""

    deflated: bytes
    length: int
    crc: int
    shift: int
    digest: bytes
    parts: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A gzip file. `length` is that of its text, octets; `digest`, hex, tells texts apart that are cut the same way."""

    gzip: bytes
    length: int
    digest: str


def compress(texts: Iterable[bytes]) -> Piece:
    """The texts in a row as one piece; `parts` is how many there were."""
    parts = list(texts)
    text = b"".join(parts)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
    digest = hashlib.sha256(text).digest()
    return Piece(deflated, len(text), zlib.crc32(text), _shift(len(text)), digest, len(parts))


def join(pieces: Sequence[Piece]) -> Whole:
    """All pieces in a row as one gzip file. Whoever cuts the same text into the same pieces gets the same digest."""
    crc, length, digest = 0, 0, hashlib.sha256()
    for piece in pieces:
        crc = _multiply(piece.shift, crc) ^ piece.crc
        length += piece.length
        digest.update(piece.digest)
    tail = crc.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
    octets = b"".join((_HEADER, *(piece.deflated for piece in pieces), _LAST_BLOCK, tail))
    return Whole(octets, length, digest.hexdigest())


def _multiply(a: int, b: int) -> int:
    """The product of two polynomials over GF(2), modulo CRC-32's. `a` is not 0."""
    product, bit = 0, _ONE
    while True:
        if a & bit:
            product ^= b
            if not a & (bit - 1):
                return product
        bit >>= 1
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1


def _powers() -> list[int]:
    power = _ONE >> 1  # x to the 1
    powers = [power]
    for _ in range(63):
        power = _multiply(power, power)
        powers.append(power)
    return powers


_POWERS = _powers()  # x to the 1, 2, 4, 8, …


def _shift(octets: int) -> int:
    """x to the 8 × `octets`: a checksum multiplied by it is that of the text with so many zeros after it."""
    product, bits = _ONE, octets * 8
    for power in _POWERS:
        if not bits:
            break
        if bits & 1:
            product = _multiply(power, product)
        bits >>= 1
    return product
