"""What is kept no longer goes, when its time is up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from billing import recurring, retention
from billing.retention import BATCH, RETENTION
from billing.room import Room
from billing.sealing import Sealer
from models.jobs import Job
from models.loading import load
from models.transactions import rows
from purser.worker import ALWAYS, Handler, Lane, Pace
from tests import cluster
from tests.queues import KIND, Bench, opened
from tests.rows import THEN, id_of, one_of_each


@pytest.fixture
async def bench(server_url: str) -> AsyncIterator[Bench]:
    async with opened(server_url) as made:
        yield made


def room(bench: Bench) -> Room:
    return Room(Sealer(b"of a test"), bench.clock)


def sweeper(bench: Bench) -> Lane:
    known = {RETENTION: Handler(lambda job: retention.sweep(room(bench), job), attempts=ALWAYS, in_database=True)}
    return Lane(known, bench.clock, Pace())


async def test_of_workers_that_start_at_once_one_queues_the_retention(bench: Bench) -> None:
    await asyncio.gather(*(recurring.ensure(room(bench), RETENTION) for _ in range(8)))
    assert await Job.filter(kind=RETENTION).count() == 1
    assert await sweeper(bench).one()
    await recurring.ensure(room(bench), RETENTION)
    assert await Job.filter(kind=RETENTION, done_at=None).count() == 1


def stale(now: datetime, more: timedelta) -> dict[str, list[dict[str, Any]]]:
    """Rows whose time is up `more` after `now`."""
    week, month = timedelta(days=7), timedelta(days=30)
    user = {"user_id": id_of("user_account"), "created_at": THEN}
    session = user | {"client": "", "seen_at": THEN}
    link = user | {"kind": "VERIFY_EMAIL", "email_key": "a@b.test"}
    answer = user | {"fingerprint": bytes(32), "answer": "{}", "key": f"{more}"}
    job = {"kind": KIND, "payload": "{}", "run_at": THEN, "attempts": 1, "created_at": THEN}
    expired, ended = now - month + more, {"expires_at": now + month}
    digests = iter(bytes([index]) * 32 for index in range(10 * (1 + more.microseconds), 255))
    found = {
        "session": [session | {"expires_at": expired}, session | ended | {"revoked_at": expired}],
        "mailed_link": [link | {"expires_at": expired}, link | ended | {"used_at": expired}],
        "stored_answer": [answer | {"kept_until": now + more}],
        "job": [job | {"done_at": now - week + more}],
    }
    for row in found["session"] + found["mailed_link"]:
        row["digest"] = next(digests)
    return {table: [{"id": uuid4(), **row} for row in made] for table, made in found.items()}


async def test_what_is_past_its_time_goes_at_that_time_and_no_sooner(bench: Bench) -> None:
    bench.now = now = THEN + timedelta(days=100)
    kept, gone = stale(now, timedelta(microseconds=1)), stale(now, timedelta(0))
    open_job = {"kind": KIND, "payload": "{}", "run_at": now, "attempts": 1, "created_at": THEN}
    waiting: list[dict[str, Any]] = [{"id": uuid4(), **open_job}, {"id": uuid4(), **open_job, "failed_at": THEN}]
    async with cluster.connection(bench.url) as connection:
        await one_of_each(connection)
        await connection.execute(f"truncate {', '.join(kept)}")
        for made in (kept, gone, {"job": waiting}):
            await load(connection, made)
    await recurring.ensure(room(bench), RETENTION)
    assert await sweeper(bench).one()
    (following,) = await Job.filter(kind=RETENTION, done_at=None)
    assert following.run_at == now + timedelta(hours=1)
    await Job.filter(kind=RETENTION).delete()
    kept["job"] += waiting
    for table, left in kept.items():
        assert {row["id"] for row in await rows(f"select id from {table}")} == {row["id"] for row in left}  # noqa: S608


async def test_retention_that_is_behind_goes_on_at_once(bench: Bench) -> None:
    await rows(
        "insert into job (id, kind, payload, run_at, attempts, created_at, done_at)"
        " select gen_random_uuid(), 'test', '{}', $1, 1, $1, $1 from generate_series(1, $2::int)",
        THEN,
        BATCH + 1,
    )
    bench.wait(days=8)
    await recurring.ensure(room(bench), RETENTION)
    lane = sweeper(bench)
    assert await lane.one()
    assert await Job.filter(kind=KIND).count() == 1
    assert await lane.one()
    assert await Job.filter(kind=KIND).count() == 0
    assert not await lane.one()
