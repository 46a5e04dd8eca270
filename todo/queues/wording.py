"""Numbers, lengths of time and strangers' names as people read them, in a terminal as on a page."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

NAME_CHARACTERS = 40


def count(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 message`, `2,000 messages`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def duration(seconds: float) -> str:
    """`0 ms`, `3.2 ms`, `1.25 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f}".removesuffix(".0") + " ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.3g} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60 // 1:.0f} s"
    return f"{seconds // 3600:,.0f} h {seconds % 3600 // 60:.0f} min"


def rate(per_second: float) -> str:
    """`5,000/s`, `3.2/s`, `0.025/s`."""
    if per_second >= 100:
        return f"{per_second:,.0f}/s"
    return f"{per_second:.3g}/s"


def dollars(amount: float) -> str:
    """`$0.08`, `$0.000048`: no cost is told as none."""
    if amount >= 0.01 or not amount:
        return f"${amount:,.2f}"
    return f"${amount:.7f}".rstrip("0")


def name(text: str, characters: int = NAME_CHARACTERS) -> str:
    """A name from outside, cut short, without what would steer a terminal or turn a text around."""
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return shown if len(shown) <= characters else shown[: characters - 1] + "…"


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)
