"""What can be said of a calendar's text without reading it, and how a finding is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

LINE_OCTETS = 75  # RFC 5545, 3.1
SHOWN_LENGTH = 60

Status = Literal["ok", "warning", "problem"]

_LONG_LINE = re.compile(rb"[^\r\n]{%d,}" % (LINE_OCTETS + 1))
_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE_CR = re.compile(rb"\r(?!\n)")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Check(NamedTuple):
    """One thing that was looked at. `message` is a sentence, `hint` how to mend it, empty when nothing is wrong."""

    id: str
    status: Status
    message: str
    hint: str = ""


def shown(text: object) -> str:
    """Foreign text for a message: printable, short."""
    line = "".join(character if character.isprintable() else "?" for character in str(text)[: SHOWN_LENGTH + 1])
    return line if len(line) <= SHOWN_LENGTH else f"{line[: SHOWN_LENGTH - 1]}…"


def count(number: int, noun: str) -> str:
    """`1 event`, `2,000 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def check_octets(body: bytes) -> Iterator[Check]:
    """What can be said of the text without reading it: encoding, line ends, line lengths."""
    yield _encoding(body)
    if _BARE_LF.search(body) or _BARE_CR.search(body):
        yield Check("line-ends", "warning", "Lines do not all end with CRLF.", "End each with \\r\\n (RFC 5545, 3.1).")
    else:
        yield Check("line-ends", "ok", "Every line ends with CRLF.")
    long = sum(1 for _ in _LONG_LINE.finditer(body))
    if long:
        message = f"{count(long, 'line')} of over {LINE_OCTETS} octets; some apps cut them."
        yield Check("line-length", "warning", message, "Fold by octets, not characters (RFC 5545, 3.1).")
    else:
        yield Check("line-length", "ok", f"No line is longer than {LINE_OCTETS} octets.")


def _encoding(body: bytes) -> Check:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = f"It is not UTF-8: octet {error.start:,} fits nothing."
        return Check("encoding", "problem", message, "Encode it as UTF-8; no other encoding is read everywhere.")
    if body.startswith(b"\xef\xbb\xbf"):
        message = "It begins with a byte order mark, which some parsers take for a part of BEGIN."
        return Check("encoding", "warning", message, "Write UTF-8 without BOM.")
    if _CONTROL.search(body):
        return Check("encoding", "warning", "It holds control characters.", "Leave them out (RFC 5545, 3.1: CONTROL).")
    return Check("encoding", "ok", "It is UTF-8.")
