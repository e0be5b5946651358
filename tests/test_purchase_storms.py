"""Two hundred who buy at once: every cent is charged once, invoiced once and booked once."""

import asyncio
import random

from tests.shop import Shop
from tests.storm import EXPECTED, agree, storm


async def test_in_a_storm_nothing_is_charged_twice_and_nothing_is_lost(shop: Shop) -> None:
    await shop.buy_plan("basic", 8)
    chance = random.Random(7)  # noqa: S311  # it must repeat itself
    for attempts in (200, 60, 60):
        outcomes = await storm(shop, attempts, chance)
        assert set(outcomes) <= EXPECTED
        assert await shop.rows("select 1 from job where organization_id = $1 and failed_at is not null") == []
        await agree(shop)
        shop.home.clock.go(minutes=1)
        await shop.work()


async def test_two_hundred_who_want_the_same_seats_get_them_once(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    quote = await shop.quote(seats=15)
    answers = await asyncio.gather(*(shop.apply(quote) for _ in range(200)))
    assert len([answer for answer in answers if not answer["errors"]]) == 1
    assert (await shop.subscription())["seats_purchased"] == 15
    await agree(shop)
