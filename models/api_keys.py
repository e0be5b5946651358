"""What an API key looks like: a prefix, 32 random bytes, and a checksum that shows a typo without a query."""

import hashlib
from binascii import crc32

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX = "purser_"
SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6
SHOWN = len(PREFIX) + 4


def written(secret: bytes) -> str:
    """The key of 32 random bytes."""
    body = base62(int.from_bytes(secret), SECRET_LENGTH)
    return f"{PREFIX}{body}{checksum(body)}"


def well_formed(key: str) -> bool:
    """Whether this can be a key at all; false for every key with one wrong character."""
    body = key.removeprefix(PREFIX)
    return (
        len(key) == len(PREFIX) + SECRET_LENGTH + CHECKSUM_LENGTH
        and key.startswith(PREFIX)
        and body.isascii()
        and checksum(body[:SECRET_LENGTH]) == body[SECRET_LENGTH:]
    )


def digest(key: str) -> bytes:
    """What is kept of a key; 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).digest()


def shown(key: str) -> str:
    """As much of a key as its owner may recognize it by."""
    return key[:SHOWN]


def checksum(body: str) -> str:
    """CRC-32 in base 62, six characters."""
    return base62(crc32(body.encode()), CHECKSUM_LENGTH)


def base62(number: int, length: int) -> str:
    """A number in `length` digits."""
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
