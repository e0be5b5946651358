"""Numbers of documents under load: none is missing, none is there twice."""

import asyncio

from billing import invoices
from billing.change import Change, change
from billing.rules.bill import bill
from billing.rules.calendar import Interval, Period
from billing.rules.money import Money
from billing.rules.proration import Line
from tests.accounts import FIRST
from tests.shop import Shop
from tests.visitors import START


@change(None)
async def finalise(org: Change, *, fails: bool) -> bool:
    """Issue an invoice, or break behind that."""
    period = Period(START, START.replace(month=7))
    price = Money(1000, "EUR")
    line = Line("PLAN", "Basic", Interval.MONTH, 1, price, price, period, period)
    await invoices.issue(org, bill([line], None, (), "EUR", START))
    if fails:
        raise ValueError("broken behind the number")
    return True


async def test_a_hundred_at_once_are_one_to_a_hundred(shop: Shop) -> None:  # case 91
    room = shop.home.server.room
    asked = [finalise(room, None, FIRST, None, fails=place % 6 == 5) for place in range(120)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert done.count(True) == 100
    rows = await shop.rows("select number from invoice where organization_id = $1 order by number")
    assert [row["number"] for row in rows] == [f"ACME-1-{count:05d}" for count in range(1, 101)]
