"""Cursors: a place in a list, sealed with the installation's key, so that they tell nothing and cannot be made up.

Sealing is deterministic (AES-SIV, RFC 5297): the same place is the same cursor. The list's name and owner are
authenticated with it: a cursor of another list, or of another organization's, does not open.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from models.table import Column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Cursors:
    """Seals and opens places. `secret` is the installation's."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(hashlib.sha256(b"purser cursors\0" + secret).digest())

    def seal(self, place: Sequence[Any], of: bytes) -> str:
        """The cursor of a place in the list `of`."""
        sealed = self._cipher.encrypt(b"".join(map(packed, place)), [of])
        return encoded(sealed)

    def opened(self, cursor: str, order: Sequence[Column[Any]], of: bytes) -> tuple[Any, ...] | None:
        """The place, a value for each column of the order; None for what is no cursor of this list."""
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            body = self._cipher.decrypt(sealed, [of])
        except (ValueError, InvalidTag):
            return None
        if encoded(sealed) != cursor:  # base64 has several spellings; ours is one
            return None
        place = []
        for column in order:
            size = 16 if column.type is UUID else 8
            place.append(unpacked(body[:size], column.type))
            body = body[size:]
        return tuple(place)


def encoded(sealed: bytes) -> str:
    """Base64 for addresses, unpadded."""
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def packed(value: datetime | int | UUID) -> bytes:
    """A value in a fixed number of bytes, so that a cursor's length tells nothing either."""
    if isinstance(value, UUID):
        return value.bytes
    number = (value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value
    return number.to_bytes(8, signed=True)


def unpacked(body: bytes, kind: type) -> datetime | int | UUID:
    """What `packed` made."""
    if kind is UUID:
        return UUID(bytes=body)
    number = int.from_bytes(body, signed=True)
    return EPOCH + number * MICROSECOND if kind is datetime else number
