"""Secrets that have to wait in the database for a worker: sealed with the installation's key (AES-SIV, RFC 5297)."""

import hashlib
import secrets
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

TOKEN_BYTES = 32


class Sealer:
    """Seals and opens. `secret` is the installation's."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(hashlib.sha256(b"purser outbox\0" + secret).digest())

    def sealed(self, text: str) -> str:
        return b64encode(self._cipher.encrypt(text.encode(), [b""])).decode()

    def opened(self, sealed: str) -> str:
        return self._cipher.decrypt(b64decode(sealed), [b""]).decode()


def token() -> str:
    """A new token of 256 random bits, for a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(text: str) -> bytes:
    """What is kept of a token; 256 random bits need no salt."""
    return hashlib.sha256(text.encode()).digest()
