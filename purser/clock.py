"""The installation's clock: real time, and as far ahead of it as the sandbox's was moved; one for all servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from models.listening import listen
from models.transactions import rows, transaction
from purser.settings import Settings

log = structlog.get_logger(__name__)
CHANNEL = "purser_clock"
ROW = UUID(int=0)
MICROSECOND = timedelta(microseconds=1)
CHECK = 30.0  # seconds between looks, where nothing is heard behind a pgbouncer

AHEAD = "select coalesce(max(clock_ahead), 0)::bigint as ahead from installation"
SET = """
insert into installation (id, clock_ahead) values ($1, $2)
on conflict (id) do update set clock_ahead = excluded.clock_ahead
"""
# What belongs to people and machines rather than to money does not grow old by it. $1 is how far the clock goes, $2
# what it was.
ALONG = (
    (
        "update session set seen_at = seen_at + $1::interval, expires_at = expires_at + $1::interval"
        " where revoked_at is null and expires_at > $2"
    ),
    "update stored_answer set kept_until = kept_until + $1::interval where kept_until > $2",
    "update job set leased_until = leased_until + $1::interval where leased_until > $2 and done_at is null",
)


class Clock:
    """Never goes back."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def move(self, to: datetime) -> None:
        """Let it be at least so late, for the whole installation."""
        await transaction(lambda: _moved(to))
        await self.read()

    async def read(self) -> None:
        """What the database says."""
        ahead = (await rows(AHEAD))[0]["ahead"]
        self._ahead = max(self._ahead, ahead * MICROSECOND)

    @asynccontextmanager
    async def kept(self, url: str) -> AsyncIterator[None]:
        """Right from the start, and moved whenever another server's is, on a database that is open."""
        await self.read()
        moved = asyncio.Event()
        tasks = [asyncio.create_task(listen(url, CHANNEL, lambda _: moved.set())), asyncio.create_task(self._go(moved))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _go(self, moved: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), CHECK)
            moved.clear()
            try:
                await self.read()
            except Exception as error:  # noqa: BLE001  # a database that is away
                log.warning("the clock cannot be read", error=type(error).__name__)


def movable(settings: Settings) -> Clock | None:
    """The sandbox's; none where money is real."""
    return Clock() if settings.gateway == "sandbox" else None


async def read(settings: Settings) -> Clock | None:
    """The same, set right once: for a command, on a database that is open."""
    clock = movable(settings)
    if clock:
        await clock.read()
    return clock


async def _moved(to: datetime) -> None:
    await rows("select pg_advisory_xact_lock(hashtext($1))", CHANNEL)
    ahead, real = (await rows(AHEAD))[0]["ahead"] * MICROSECOND, datetime.now(UTC)
    further = to - real - ahead
    if further <= timedelta():
        return
    await rows(f"{SET} returning id", ROW, (ahead + further) // MICROSECOND)
    for statement in ALONG:
        await rows(f"{statement} returning id", further, real + ahead)
    await rows("select pg_notify($1, '')", CHANNEL)
