"""A queue to test with: a database of its own, and a clock that is moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from models import queue
from models.database import connected
from models.jobs import Job
from models.queue import Claimed
from models.transactions import transaction
from purser.worker import Handler, Lane, Pace
from tests import cluster
from tests.rows import THEN

KIND = "test"
LEASE = timedelta(seconds=60)
PATIENCE = 60  # seconds


@dataclass
class Bench:
    """A database with an empty queue, and a clock that stands still until it is moved."""

    url: str
    now: datetime = THEN
    done: list[UUID] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def put(self, count: int = 1, kind: str = KIND, **payload: Any) -> list[UUID]:
        jobs = [queue.job(uuid4(), kind, self.now, payload) for _ in range(count)]
        await transaction(lambda: queue.put(jobs))
        return [job.id for job in jobs]

    async def claim(self, most: int = 20) -> Claimed | None:
        return await queue.claim({KIND: most}, self.now, self.now + LEASE)

    async def claimed(self, most: int = 20) -> Claimed:
        found = await self.claim(most)
        assert found
        return found

    async def job(self, key: UUID) -> Job:
        return await Job.get(id=key)

    async def note(self, job: Claimed) -> None:
        self.done.append(job.id)

    def lane(self, run: Callable[[Claimed], Awaitable[None]] | None = None, **more: Any) -> Lane:
        return Lane({KIND: Handler(run or self.note, **more)}, self.clock, Pace(poll=0.01, lease=0.03))


@asynccontextmanager
async def opened(server_url: str) -> AsyncIterator[Bench]:
    """A bench on a database without rows."""
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, connected(url):
        yield Bench(url)


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110  # of the database, say, which tells nobody
            await asyncio.sleep(0.005)


async def none_waits() -> bool:
    return not await Job.exists(done_at=None)
