"""Each day says how many seats are taken, also one on which nobody comes or goes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from billing import recurring, seat_days
from billing.room import Room
from billing.sealing import Sealer
from billing.seat_days import SEAT_DAYS
from models.jobs import Job
from models.transactions import rows
from purser.worker import ALWAYS, RECURRING, Handler, Lane, Pace
from tests import cluster
from tests.queues import Bench, opened
from tests.rows import id_of, one_of_each

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# As `usage` reads them.
DAYS = "select day, value from usage_day where organization_id = $1 and metric = 'seats' order by day"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def bench(server_url: str) -> AsyncIterator[Bench]:
    """Two organizations, of which the second has three seats taken and one held."""
    async with opened(server_url) as made, cluster.connection(made.url) as connection:
        for tenant in (1, 2):
            await one_of_each(connection, tenant)
        await connection.execute("truncate usage_day, job")
        await connection.execute(
            "update plan_subscription set seats_purchased = 9, seats_used = 3, seats_reserved = 1"
            " where organization_id = $1",
            id_of("organization", 2),
        )
        made.now = NOON
        yield made


def room(bench: Bench) -> Room:
    return Room(Sealer(b"of a test"), bench.clock)


def lane(bench: Bench) -> Lane:
    run = partial(seat_days.begin, room(bench))
    return Lane({SEAT_DAYS: Handler(run, attempts=ALWAYS, in_database=True)}, bench.clock, Pace())


async def told(tenant: int = 2) -> dict[date, int]:
    return {row["day"]: row["value"] for row in await rows(DAYS, id_of("organization", tenant))}


async def tell(day: date, value: int) -> None:
    """As whoever comes or goes."""
    await rows(
        "insert into usage_day (id, organization_id, metric, day, value)"
        " values (gen_random_uuid(), $1, 'seats', $2, $3) returning id",
        id_of("organization", 2),
        day,
        value,
    )


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


async def test_each_organization_has_the_day_and_the_next_at_midnight(bench: Bench) -> None:
    await recurring.ensure(room(bench), SEAT_DAYS)
    assert await lane(bench).one()
    assert await told() == {date(2026, 3, 1): 4}
    assert set(await told(1)) == {date(2026, 3, 1)}
    (following,) = await Job.filter(kind=SEAT_DAYS, done_at=None)
    assert following.run_at == datetime(2026, 3, 2, tzinfo=UTC)
    bench.now = following.run_at - timedelta(microseconds=1)
    assert not await lane(bench).one()
    bench.now = following.run_at
    assert await lane(bench).one()
    assert list(await told()) == march(1, 2)


async def test_what_was_told_that_day_stays(bench: Bench) -> None:
    await tell(date(2026, 3, 1), 7)
    await recurring.ensure(room(bench), SEAT_DAYS)
    assert await lane(bench).one()
    assert await told() == {date(2026, 3, 1): 7}


async def test_days_that_were_missed_say_what_was_told_last(bench: Bench) -> None:
    await recurring.ensure(room(bench), SEAT_DAYS)
    assert await lane(bench).one()
    await tell(date(2026, 3, 4), 6)
    bench.wait(days=5)
    assert await lane(bench).one()
    assert not await lane(bench).one()
    assert await told() == dict(zip(march(1, 2, 3, 4, 5, 6), (4, 4, 4, 6, 6, 4), strict=True))


async def test_no_day_is_made_up_from_before_anything_was_told(bench: Bench) -> None:
    await tell(date(2026, 2, 27), 2)
    await recurring.ensure(room(bench), SEAT_DAYS)
    assert await lane(bench).one()
    assert await told() == {date(2026, 2, 27): 2, date(2026, 2, 28): 2, date(2026, 3, 1): 4}
    assert list(await told(1)) == march(1)


async def test_workers_that_start_at_once_begin_a_day_once(bench: Bench) -> None:
    for kind in RECURRING:
        await asyncio.gather(*(recurring.ensure(room(bench), kind) for _ in range(4)))
        assert await Job.filter(kind=kind).count() == 1
    assert sorted(await asyncio.gather(*(lane(bench).one() for _ in range(4)))) == [False, False, False, True]
    assert await told() == {date(2026, 3, 1): 4}
    await recurring.ensure(room(bench), SEAT_DAYS)
    assert await Job.filter(kind=SEAT_DAYS, done_at=None).count() == 1


async def test_a_change_under_way_is_neither_overtaken_nor_in_the_way(bench: Bench) -> None:
    await recurring.ensure(room(bench), SEAT_DAYS)
    acme = id_of("organization", 2)
    async with cluster.connection(bench.url) as changing:
        async with changing.transaction():
            await changing.execute("select from organization where id = $1 for update", acme)
            beginning = asyncio.create_task(lane(bench).one())
            waits = (
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            while not await changing.fetchval(waits):  # noqa: ASYNC110  # the database tells nobody
                await asyncio.sleep(0.005)
            await changing.execute("update plan_subscription set seats_used = 5 where organization_id = $1", acme)
        assert await beginning
    assert await told() == {date(2026, 3, 1): 6}
