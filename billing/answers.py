"""Idempotency: what a change answered under a key, to be said again to whoever repeats it within 24 hours."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from billing.errors import IdempotencyConflict, InvalidKey, Refusal, refusals
from billing.room import Room
from models.jobs import StoredAnswer

T = TypeVar("T")
KEPT = timedelta(hours=24)
LONGEST = 255


class Answers:
    """The stored answer of one key, of one user in one organization (or in none)."""

    def __init__(self, room: Room, user: UUID, organization: UUID | None, key: str, asked: Any) -> None:
        if not 1 <= len(key) <= LONGEST:
            raise InvalidKey("idempotencyKey")
        self._room, self._user, self._organization, self._key = room, user, organization, key
        self._fingerprint = hashlib.sha256(orjson.dumps(asked, default=str, option=orjson.OPT_SORT_KEYS)).digest()

    async def stored(self, kind: type[T], now: datetime) -> T | None:
        """The answer given before. Raises the refusal given before, or IdempotencyConflict; None if there was none."""
        found = await StoredAnswer.get_or_none(user_id=self._user, organization_id=self._organization, key=self._key)
        if found is None:
            return None
        if found.created_at <= now - KEPT:
            await found.delete()
            return None
        if found.fingerprint != self._fingerprint:
            raise IdempotencyConflict("idempotencyKey")
        if code := found.answer.get("refused"):
            raise next(one for one in refusals() if one.code == code)(*found.answer["path"])
        return TypeAdapter(kind).validate_python(found.answer["done"])

    async def keep(self, kind: Any, answer: Any, now: datetime) -> None:
        """Store an answer: a refusal, or the ids of what was done."""
        if isinstance(answer, Refusal):
            told: dict[str, Any] = {"refused": answer.code, "path": list(answer.path)}
        else:
            told = {"done": TypeAdapter(kind).dump_python(answer, mode="json")}
        await StoredAnswer.create(
            id=self._room.ids(now),
            user_id=self._user,
            organization_id=self._organization,
            key=self._key,
            fingerprint=self._fingerprint,
            answer=told,
            created_at=now,
        )
