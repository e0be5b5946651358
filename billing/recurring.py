"""Jobs that come again by themselves: each queues its own next time, in the transaction in which it is done."""

from datetime import datetime
from typing import Any

from billing.room import Room
from models import queue
from models.transactions import rows, transaction


async def ensure(room: Room, kind: str) -> None:
    """Queue the job, unless it waits or runs already; of several workers that start at once, one does."""

    async def body() -> None:
        await rows("select pg_advisory_xact_lock(hashtext($1))", kind)
        if not await rows("select from job where kind = $1 and done_at is null and failed_at is null", kind):
            await again(room, kind, room.clock())

    await transaction(body)


async def again(room: Room, kind: str, at: datetime, payload: dict[str, Any] | None = None) -> None:
    """The next time."""
    now = room.clock()
    await queue.put([queue.job(room.ids(now), kind, now, payload, run_at=at)])
