"""Receipt handles: which message, and which of its receives. Nothing of them is kept, so they cost no memory. Pure."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

SIGNATURE_BYTES = 32


class Receipts:
    """The receipt handles of one queue; another queue's are refused."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def make(self, number: int, receive_count: int) -> str:
        """The handle of a message's so-many-th receive."""
        content = f"{number}:{receive_count}".encode()
        return base64.b64encode(self._sign(content) + content).decode()

    def read(self, handle: str) -> tuple[int, int] | None:
        """The message's number and the receive, None for what is no handle of this queue."""
        try:
            decoded = base64.b64decode(handle, validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, content = decoded[:SIGNATURE_BYTES], decoded[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(content)):
            return None
        number, _, receive_count = content.decode().partition(":")
        return int(number), int(receive_count)

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, "sha256")
