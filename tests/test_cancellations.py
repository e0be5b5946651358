"""The subscription ends when what is paid is over, or goes on after all; what was scheduled can be taken back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from billing import due
from models import BillingInterval
from schema import ids
from tests.company import ACME, OTHER, mutation
from tests.shop import Shop

STANDS = """
subscription {
  status autoRenew cancelAt currentPeriodEnd trialEnd scheduledChange { plan { key } seats } nextCharge { at }
  plan { key } seats { purchased }
}
"""
VERBS = ("cancelSubscription", "resumeSubscription", "cancelScheduledChange")


async def do(shop: Shop, verb: str, who: str = "clerk", **more: Any) -> Any:
    """The subscription as it is answered, when it was done."""
    return (await shop.done(who, verb, STANDS, organizationId=ACME, **more))["subscription"]


async def codes(shop: Shop, verb: str, who: str = "clerk", **more: Any) -> list[str]:
    return await shop.codes(who, verb, organizationId=ACME, **more)


async def told(shop: Shop) -> list[str]:
    found = await shop.rows(
        "select kind from billing_activity where organization_id = $1 and kind like 'SUBSCRIPTION%' order by id"
    )
    return [row["kind"] for row in found]


async def charged(shop: Shop) -> int:
    return len(await shop.rows("select 1 from payment where organization_id = $1"))


async def test_it_ends_when_what_is_paid_is_over(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    found = await do(shop, "cancelSubscription")
    assert (found["status"], found["autoRenew"], found["nextCharge"]) == ("ACTIVE", False, None)
    assert found["cancelAt"] == found["currentPeriodEnd"]
    assert await told(shop) == ["SUBSCRIPTION_CHANGED", "SUBSCRIPTION_CANCELED"]
    assert await codes(shop, "cancelSubscription") == ["NOTHING_TO_CANCEL"]
    assert await charged(shop) == 1


async def test_a_period_that_is_paid_ahead_is_used_up(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(renew=True))
    found = await do(shop, "cancelSubscription")
    row = await shop.subscription()
    assert row["cancel_at"] == row["paid_ahead_until"] > row["current_period_end"]
    assert found["cancelAt"] != found["currentPeriodEnd"]


async def test_a_trial_ends_at_its_end_to_its_last_microsecond(shop: Shop) -> None:
    # case 87
    await shop.apply(await shop.quote(planId=shop.plan("professional"), trial=True))
    row = await shop.subscription()
    shop.home.clock.now = row["trial_end"] - timedelta(microseconds=1)
    found = await do(shop, "cancelSubscription")
    assert (found["status"], found["autoRenew"], found["nextCharge"]) == ("TRIALING", False, None)
    assert found["cancelAt"] == found["trialEnd"]
    assert await charged(shop) == 0

    shop.home.clock.now = row["trial_end"]
    await due.work(shop.home.server.room)
    assert ((await shop.subscription())["status"], await charged(shop)) == ("CANCELED", 0)


async def test_behind_the_end_nothing_is_charged_and_nothing_goes_on(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await do(shop, "cancelSubscription")
    for _ in range(3):
        shop.home.clock.now = (await shop.subscription())["current_period_end"] + timedelta(days=40)
        await due.work(shop.home.server.room)
    assert ((await shop.subscription())["status"], await charged(shop)) == ("CANCELED", 1)
    assert await codes(shop, "cancelSubscription") == ["NOTHING_TO_CANCEL"]
    assert await codes(shop, "resumeSubscription") == ["NOTHING_TO_RESUME"]


async def test_what_goes_on_after_all_is_renewed_as_ever(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await do(shop, "cancelSubscription")
    await do(shop, "resumeSubscription")
    shop.home.clock.now = end = (await shop.subscription())["current_period_end"]
    await due.work(shop.home.server.room)
    row = await shop.subscription()
    assert (row["status"], row["current_period_start"], await charged(shop)) == ("ACTIVE", end, 2)


async def test_the_instant_of_the_end_belongs_to_the_next_period(shop: Shop) -> None:
    # case 72
    await shop.buy_plan("professional", 10)
    row = await shop.subscription()
    shop.home.clock.now = row["current_period_end"]
    assert await codes(shop, "cancelSubscription", idempotencyKey="one") == ["PAYMENT_IN_PROGRESS"]
    shop.home.clock.now = row["current_period_end"] - timedelta(microseconds=1)
    assert await codes(shop, "cancelSubscription", idempotencyKey="one") == []
    shop.home.clock.now = row["current_period_end"]
    assert await codes(shop, "resumeSubscription") == ["NOTHING_TO_RESUME"]


async def test_what_was_canceled_goes_on_before_its_end(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    assert await codes(shop, "resumeSubscription") == ["NOTHING_TO_RESUME"]
    before = await do(shop, "cancelSubscription")
    shop.home.clock.now = (await shop.subscription())["cancel_at"] - timedelta(microseconds=1)
    after = await do(shop, "resumeSubscription", who="owner")
    assert (after["autoRenew"], after["cancelAt"]) == (True, None)
    assert after["currentPeriodEnd"] == before["currentPeriodEnd"] == after["nextCharge"]["at"]
    assert (await told(shop))[-1] == "SUBSCRIPTION_RESUMED"
    assert await charged(shop) == 1


@pytest.mark.parametrize("verb", VERBS)
async def test_the_free_plan_has_nothing_to_cancel(shop: Shop, verb: str) -> None:
    code = "NOTHING_TO_RESUME" if verb == "resumeSubscription" else "NOTHING_TO_CANCEL"
    assert await codes(shop, verb) == [code]


async def test_a_scheduled_downgrade_is_taken_back(shop: Shop) -> None:
    # case 70
    await shop.buy_plan("professional", 10)
    done = await shop.apply(await shop.quote(planId=shop.plan("free")))
    assert done["errors"] == []
    assert (await shop.subscription())["plan_id"] == shop.catalogue[
        "professional", BillingInterval.MONTH, "EUR"
    ].plan_id
    found = await do(shop, "cancelScheduledChange")
    assert (found["scheduledChange"], found["plan"]["key"], found["seats"]["purchased"]) == (None, "professional", 10)
    assert found["nextCharge"]
    assert await codes(shop, "cancelScheduledChange") == ["NOTHING_TO_CANCEL"]


async def test_a_downgrade_with_more_people_than_it_allows_waits_and_nobody_goes(shop: Shop) -> None:
    # case 70
    await shop.buy_plan("professional", 10)
    await shop.buy(10, mode="FLEXIBLE")
    _, used, _ = await shop.seats()
    assert used > 4
    done = await shop.apply(await shop.quote(planId=shop.plan("free")))
    assert (done["errors"], done["subscription"]["plan"]["key"]) == ([], "professional")
    assert (await shop.seats())[1] == used


async def test_an_upgrade_drops_what_was_scheduled(shop: Shop) -> None:
    # case 71
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(planId=shop.plan("basic")))
    assert await shop.rows("select 1 from scheduled_change where organization_id = $1")
    assert (await shop.apply(await shop.quote(seats=12)))["errors"] == []
    assert await codes(shop, "cancelScheduledChange") == ["NOTHING_TO_CANCEL"]


async def test_canceling_drops_what_was_scheduled(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(planId=shop.plan("basic")))
    assert (await do(shop, "cancelSubscription"))["scheduledChange"] is None
    assert (await do(shop, "resumeSubscription"))["scheduledChange"] is None


async def test_nothing_of_it_happens_while_something_is_being_bought(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(planId=shop.plan("basic")))
    await shop.card("tok_3ds")
    done = await shop.apply(await shop.quote(seats=12))
    assert done["payment"]["status"] == "REQUIRES_ACTION"
    for verb in ("cancelSubscription", "cancelScheduledChange"):
        assert await codes(shop, verb, idempotencyKey=verb) == ["PAYMENT_IN_PROGRESS"]
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert await codes(shop, "cancelSubscription", idempotencyKey="cancelSubscription") == []


async def test_a_purchase_makes_it_go_on(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await do(shop, "cancelSubscription")
    assert await shop.unquoted(renew=True) == [("NOTHING_TO_RENEW", ["renew"])]
    assert (await shop.apply(await shop.quote(seats=12)))["errors"] == []
    row = await shop.subscription()
    assert (row["auto_renew"], row["cancel_at"]) == (True, None)


async def test_a_quote_from_before_is_stale(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    quote = await shop.quote(renew=True)
    await do(shop, "cancelSubscription")
    done = await shop.apply(quote)
    assert [error["code"] for error in done["errors"]] == ["QUOTE_STALE"]
    assert await charged(shop) == 1


async def test_of_two_who_cancel_at_once_one_does(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    found = await asyncio.gather(*(codes(shop, "cancelSubscription", who) for who in ("clerk", "owner", "both") * 3))
    assert sorted(found) == [[]] + [["NOTHING_TO_CANCEL"]] * 8
    assert (await told(shop)).count("SUBSCRIPTION_CANCELED") == 1


@pytest.mark.parametrize("verb", VERBS)
async def test_who_may_not_change_the_plan_has_no_part_in_it(shop: Shop, verb: str) -> None:
    body = await shop.post("member", mutation(verb), input={"organizationId": ACME, "idempotencyKey": "one"})
    assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    for name in (OTHER, ids.write("org", UUID(int=7)), ids.write("sub", UUID(int=7)), ""):
        payload = await shop.do("clerk", verb, organizationId=name)
        assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["organizationId"]}]
