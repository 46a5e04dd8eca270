"""The secret addresses of feeds: 128 bits that nobody guesses, derived, so that the database alone gives none away.

A feed's row holds a random seed and a hash. The token is made from the seed and the installation's secret, which is
not in the database; a request's token is looked up by its hash.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from pathlib import Path

from todo.config import SECRET_LENGTH_MIN
from todo.errors import BadSetting

TOKEN = re.compile("[A-Za-z0-9_-]{22}")
_OCTETS = 16


class Tokens:
    """Makes tokens with a secret, the same in all web servers of an installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, seed: str) -> str:
        """The token of a seed: 22 characters that URLs leave as they are."""
        derived = hmac.digest(self._secret, b"feed " + seed.encode(), "sha256")[:_OCTETS]
        return base64.urlsafe_b64encode(derived).decode().rstrip("=")

    def new(self) -> tuple[str, str]:
        """A new seed, and the hash of its token."""
        seed = secrets.token_hex(_OCTETS)
        return seed, hash_of(self.token(seed))


def hash_of(token: str) -> str:
    """What a token is looked up by. Fast on purpose: 128 random bits cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()


def load_secret(configured: str, folder: Path) -> bytes:
    """The installation's secret: what is configured, or what the file `secret_key` holds, made when it is missing.

    Several processes may come first at once; all get the same. Raises `BadSetting` when the file holds no secret.
    """
    if configured:
        return configured.encode()
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".secret_key", dir=folder)  # for its owner's eyes only
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(name, path)  # whole or not at all, and never over another's
        finally:
            os.unlink(name)
    secret = path.read_bytes()
    if len(secret) < SECRET_LENGTH_MIN:  # with an empty one, the database would give all addresses away
        raise BadSetting(f"{path}: is too short to be a secret: {SECRET_LENGTH_MIN} characters at least")
    return secret
