"""What is kept no longer goes: a job that does it and queues its own next time."""

from datetime import datetime, timedelta

from billing.recurring import again
from billing.room import Room
from models.queue import Claimed
from models.transactions import rows

RETENTION = "retention"
PERIOD = timedelta(hours=1)
BATCH = 5000

# What is gone, by when its time was up; the first parameter is that time's latest.
STALE = {
    "job": ("done_at <= $1", timedelta(days=7)),
    "stored_answer": ("kept_until <= $1", timedelta()),
    "mailed_link": ("least(used_at, expires_at) <= $1", timedelta(days=30)),
    "session": ("least(revoked_at, expires_at) <= $1", timedelta(days=30)),
}


async def sweep(room: Room, _job: Claimed) -> None:
    """Delete a batch of each kind; the rest at once if there is more, else again in an hour."""
    now = room.clock()
    deleted = [await _delete(table, now) for table in STALE]
    await again(room, RETENTION, now if max(deleted) == BATCH else now + PERIOD)


async def _delete(table: str, now: datetime) -> int:
    stale, kept = STALE[table]
    chosen = f"select id from {table} where {stale} limit {BATCH} for update skip locked"
    return len(await rows(f"delete from {table} where id in ({chosen}) returning id", now - kept))
