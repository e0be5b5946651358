"""Trials: two weeks for nothing, then the first paid period, by credits or a card; or the free plan."""

from datetime import timedelta
from typing import Any

from billing import balance
from billing.change import Change, change
from billing.rules import ledger as books
from billing.rules.money import Money
from models import CreditReason
from tests.accounts import FIRST
from tests.company import ACME
from tests.passing import invoices, letters, until
from tests.shop import Shop

DAYS = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@change(None)
async def grant(org: Change, amount: int) -> int:
    """A gift."""
    money = Money(amount, "EUR")
    await balance.grant(org, money, CreditReason.GOODWILL, books.given(money))
    return amount


async def tried(shop: Shop, seats: int = 10) -> Any:
    """A trial that began."""
    done = await shop.apply(await shop.quote(planId=shop.plan("professional"), seats=seats, trial=True))
    assert done["errors"] == []
    assert done["subscription"]["status"] == "TRIALING"
    return (await shop.subscription())["trial_end"]


async def test_a_trial_with_a_card_becomes_a_paid_plan_counted_from_its_end(shop: Shop) -> None:
    await shop.card()
    end = await tried(shop)
    await until(shop, end - MICROSECOND)
    assert await invoices(shop) == []
    assert (await letters(shop)).count("trial_ending") == 1
    await until(shop, end)
    row = await shop.subscription()
    assert (row["status"], row["anchor_at"], row["current_period_start"]) == ("ACTIVE", end, end)
    (invoice,) = await invoices(shop)
    assert invoice["status"] == "PAID"
    await until(shop, row["current_period_end"])
    assert len(await invoices(shop)) == 2


async def test_a_trial_without_a_card_falls_to_the_free_plan(shop: Shop) -> None:
    end = await tried(shop)
    taken = (await shop.subscription())["seats_used"]
    await until(shop, end + 1 * DAYS)
    row = await shop.subscription()
    assert (row["status"], row["seats_used"], row["current_period_start"]) == ("ACTIVE", taken, end)
    assert await shop.home.value("select key from plan where id = $1", row["plan_id"]) == "free"
    assert await invoices(shop) == []
    assert [one for one in await letters(shop) if one.startswith("trial")] == ["trial_ending", "trial_ended"]
    assert await shop.unquoted(planId=shop.plan("professional"), trial=True) == [("TRIAL_NOT_AVAILABLE", ["trial"])]


async def test_credits_that_suffice_pay_without_a_gateway(shop: Shop) -> None:  # case 87
    end = await tried(shop)
    await grant(shop.home.server.room, None, FIRST, None, 1_000_000)
    await until(shop, end)
    (invoice,) = await invoices(shop)
    assert (invoice["status"], invoice["amount_due"], invoice["credit_applied"]) == ("PAID", 0, invoice["total"])
    assert await shop.rows("select from payment where organization_id = $1") == []
    assert (await shop.subscription())["status"] == "ACTIVE"


async def test_a_trial_that_is_canceled_in_its_last_microsecond_costs_nothing(shop: Shop) -> None:  # case 87
    await shop.card()
    end = await tried(shop)
    shop.home.clock.now = end - MICROSECOND
    await shop.done("clerk", "cancelSubscription", organizationId=ACME)
    await until(shop, end + 30 * DAYS)
    assert (await shop.subscription())["status"] == "CANCELED"
    assert await invoices(shop) == []
    assert await shop.rows("select from payment where organization_id = $1") == []


async def test_a_trial_whose_card_is_declined_owes_its_first_period(shop: Shop) -> None:
    await shop.card("tok_declined")
    end = await tried(shop)
    await until(shop, end)
    row = await shop.subscription()
    assert (row["status"], row["past_due_since"]) == ("PAST_DUE", end)
    assert [one["status"] for one in await invoices(shop)] == ["OPEN"]


async def test_credits_expire_when_their_time_is_over(shop: Shop) -> None:  # case 88
    await grant(shop.home.server.room, None, FIRST, None, 500)
    await until(shop, shop.home.clock.now.replace(year=2029, month=12, day=31, hour=23, minute=59))
    assert await shop.home.value("select remaining from credit where organization_id = $1", FIRST) == 500
    await until(shop, shop.home.clock.now.replace(year=2030, month=1, day=1, hour=0, minute=0))
    assert await shop.home.value("select remaining from credit where organization_id = $1", FIRST) == 0
