"""When API keys were used last: noted by requests, written behind them, at most once an hour a key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from resolvers.loads import Database

log = structlog.get_logger(__name__)
EXACT = timedelta(hours=1)
EVERY = 60.0  # seconds
# Of several servers that noted the same hour one writes it.
WRITE = """
update api_key k set last_used_at = u.at from unnest($1::uuid[], $2::timestamptz[]) u(id, at)
where k.id = u.id and (k.last_used_at is null or k.last_used_at <= u.at - $3::interval)
"""


class KeyUse:
    """One a server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[UUID, datetime] = {}

    def note(self, key: UUID, before: datetime | None, now: datetime) -> None:
        """A key is used; `before` is what is known of the last time."""
        if before is None or before <= now - EXACT:
            self._noted[key] = now

    async def write(self) -> None:
        """Write down what was noted. What cannot be written is noted again by the next use."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            await self._database.fetch(WRITE, list(noted), list(noted.values()), EXACT)
        except Exception as error:  # noqa: BLE001  # the keys go on to work
            log.warning("the use of keys was not written", error=type(error).__name__)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Every now and then, and once more at the end."""
        task = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await self.write()

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.write()
