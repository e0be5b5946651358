"""What is due is found by ranges of indexes, and one organization that breaks stops no other."""

import json
from datetime import timedelta

import pytest

from billing import due, recurring
from billing.due import DUE, FIRST, NEXT, ORGANIZATIONS
from models.jobs import Job
from purser.worker import Handler, Lane, Pace
from tests import cluster
from tests.accounts import FIRST as ACME
from tests.accounts import SECOND
from tests.passing import later
from tests.rows import THEN
from tests.shop import Shop

INDEXES = {"plan_subscription_due", "plan_subscription_reminder", "credit_end", "invoice_due"}


@pytest.mark.parametrize(
    ("statement", "values"), [(ORGANIZATIONS, (THEN, FIRST)), (NEXT, (THEN,))], ids=["due", "next"]
)
async def test_nobody_who_has_nothing_due_is_looked_at(
    server_url: str, statement: str, values: tuple[object, ...]
) -> None:
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, cluster.connection(url) as made:
        await made.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        plan = json.loads(await made.fetchval(f"explain (format json) {statement}", *values))[0]["Plan"]
    assert {name for name, _ in ranges(plan)} == INDEXES
    assert all(bounded for _, bounded in ranges(plan))


def ranges(plan: dict[str, object]) -> list[tuple[str, bool]]:
    """The indexes that are read, and whether each is bounded."""
    found = [(str(plan["Index Name"]), "Index Cond" in plan)] if "Index Name" in plan else []
    nested = plan.get("Plans", [])
    assert isinstance(nested, list)
    return found + [one for part in nested for one in ranges(part)]


async def test_an_organization_that_breaks_stops_no_other(shop: Shop) -> None:
    end = (await shop.subscription())["current_period_end"]
    await shop.home.execute(
        "update plan_subscription set anchor_at = $2 where organization_id = $1", ACME, end + timedelta(days=90)
    )
    await later(shop, end + timedelta(days=1))
    statement = "select current_period_end > $2 as moved from plan_subscription where organization_id = $1"
    assert not await shop.home.value(statement, ACME, shop.home.clock.now)
    assert await shop.home.value(statement, SECOND, shop.home.clock.now)


async def test_the_job_comes_again_once_a_minute_however_often_its_worker_dies(shop: Shop) -> None:
    room = shop.home.server.room
    lane = Lane({DUE: Handler(lambda job: due.sweep(room, job))}, shop.home.clock, Pace())
    for _ in range(3):
        await recurring.ensure(room, DUE)
    assert await lane.one()
    assert not await lane.one()
    shop.home.clock.go(minutes=1)
    assert await lane.one()
    await shop.home.execute("update job set done_at = null where kind = $1 and done_at is not null", DUE)  # it died
    shop.home.clock.go(minutes=2)
    while await lane.one():
        pass
    assert await Job.filter(kind=DUE, done_at=None).count() == 1


async def test_nothing_due_is_one_statement(shop: Shop) -> None:
    shop.home.ground.statements.clear()
    await due.work(shop.home.server.room)
    assert len(shop.home.ground.statements) == 1
