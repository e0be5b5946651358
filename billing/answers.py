"""Idempotency: what a change answered under a key, to be said again to whoever repeats it while it is kept."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from billing.errors import IdempotencyConflict, InvalidKey, Refusal, refusals
from billing.room import Room
from models.jobs import StoredAnswer
from models.transactions import savepoint, transaction

T = TypeVar("T")
KEPT = timedelta(hours=24)
LONGEST = 255


class Answers:
    """The stored answer of one key, of one user in one organization (or in none)."""

    def __init__(
        self,
        room: Room,
        user: UUID,
        organization: UUID | None,
        key: str,
        asked: Any,
        *,
        kept: timedelta = KEPT,
    ) -> None:
        check(key)
        self._room, self._user, self._organization, self._key, self._kept = room, user, organization, key, kept
        self._fingerprint = hashlib.sha256(orjson.dumps(asked, default=str, option=orjson.OPT_SORT_KEYS)).digest()

    async def once(self, kind: Any, now: datetime, do: Callable[[], Awaitable[T]]) -> T | Refusal:
        """What was answered before; else what `do` gives, or the refusal that it raises, kept for the next time."""
        if (stored := await self.stored(kind, now)) is not None:
            return stored  # type: ignore[no-any-return]
        try:
            async with savepoint():
                answer: T | Refusal = await do()
        except Refusal as refusal:
            if not refusal.lasting:
                raise
            answer = refusal
        await self.keep(kind, answer, now)
        return answer

    async def stored(self, kind: type[T], now: datetime) -> T | None:
        """The answer given before. Raises the refusal given before, or IdempotencyConflict; None if there was none."""
        found = await StoredAnswer.get_or_none(user_id=self._user, organization_id=self._organization, key=self._key)
        if found is None:
            return None
        if found.kept_until <= now:
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
            kept_until=now + self._kept,
        )


def check(key: str) -> None:
    """Raises InvalidKey for what is no idempotency key."""
    if not 1 <= len(key) <= LONGEST or not key.isprintable():
        raise InvalidKey("idempotencyKey")


async def committed(body: Callable[[], Awaitable[T | Refusal]]) -> T:
    """What `body` gives, in a transaction. A refusal that it gives is stored with the rest of it, and then raised."""
    answer = await transaction(body)
    if isinstance(answer, Refusal):
        raise answer
    return answer
