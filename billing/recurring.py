"""Jobs that come again by themselves: each queues its own next time, in the transaction in which it is done."""

from datetime import datetime
from typing import Any

from billing.room import Room
from models import queue
from models.queue import Claimed
from models.transactions import rows, transaction

LOCK = "select pg_advisory_xact_lock(hashtext($1))"
WAITING = "select from job where kind = $1 and done_at is null and failed_at is null and id is distinct from $2"


async def ensure(room: Room, kind: str) -> None:
    """Queue the job, unless it waits or runs already; of several workers that start at once, one does."""
    await transaction(lambda: _once(room, kind, room.clock(), None))


async def again(room: Room, kind: str, at: datetime, payload: dict[str, Any] | None = None) -> None:
    """The next time."""
    now = room.clock()
    await queue.put([queue.job(room.ids(now), kind, now, payload, run_at=at)])


async def next_time(room: Room, job: Claimed, at: datetime) -> None:
    """The next time of a job that is done in several transactions: one waits, however often this is said."""
    await transaction(lambda: _once(room, job.kind, at, job))


async def _once(room: Room, kind: str, at: datetime, but: Claimed | None) -> None:
    await rows(LOCK, kind)
    if not await rows(WAITING, kind, but.id if but else None):
        await again(room, kind, at)
