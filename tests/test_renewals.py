"""Renewals: what time does to a subscription, to the cent that was shown ahead, once, and with true dates."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from billing import due, renewals
from tests.accounts import FIRST
from tests.company import ACME
from tests.passing import invoices, later, letters, until
from tests.shop import MONEY, Shop

NEXT = f"""
query($id: ID!) {{ node(id: $id) {{ ... on Organization {{ subscription {{
  status currentPeriodStart currentPeriodEnd nextCharge {{ at total {MONEY} subtotal {MONEY} tax {MONEY} }}
}} }} }} }}
"""


async def shown(shop: Shop) -> Any:
    """The subscription as its page shows it."""
    return (await shop.ask("clerk", NEXT, id=ACME))["node"]["subscription"]


def told(at: datetime) -> str:
    """As the API writes it."""
    return at.isoformat().replace("+00:00", "Z")


async def test_a_renewal_charges_exactly_what_was_shown_ahead(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    charge = (await shown(shop))["nextCharge"]
    end = (await shop.subscription())["current_period_end"]
    await until(shop, end)
    first, second = await invoices(shop)
    assert second["total"] == charge["total"]["amount"]
    assert (second["status"], second["issued_at"], second["paid_at"]) == ("PAID", end, end)
    row = await shop.subscription()
    assert (row["current_period_start"], row["status"]) == (end, "ACTIVE")
    assert first["number"] < second["number"]


async def test_nothing_is_renewed_a_microsecond_before_the_end(shop: Shop) -> None:  # case 72
    await shop.buy_plan("professional", 10)
    end = (await shop.subscription())["current_period_end"]
    await until(shop, end - timedelta(microseconds=1))
    assert len(await invoices(shop)) == 1
    assert await shop.quote(seats=20)
    shop.home.clock.now = end
    assert await shop.unquoted(seats=20) == [("PAYMENT_IN_PROGRESS", None)]
    await until(shop, end)
    quote = await shop.quote(seats=20)
    assert quote["lines"][0]["periodStart"] == told(end)
    assert len(await invoices(shop)) == 2


async def test_a_renewal_is_done_once_by_however_many_workers(shop: Shop) -> None:  # case 99
    await shop.buy_plan("professional", 10)
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    room = shop.home.server.room
    moved = await asyncio.gather(*(renewals.renew(room, None, FIRST, None) for _ in range(4)))
    assert [one.moved for one in moved].count(True) == 1
    await asyncio.gather(*(due.work(room) for _ in range(3)))
    await due.work(room)
    assert len(await invoices(shop)) == 2
    assert len(await shop.rows("select from payment where organization_id = $1")) == 2


async def test_what_a_pause_missed_is_caught_up_period_by_period(shop: Shop) -> None:  # case 99
    await shop.buy_plan("professional", 10)
    start = (await shop.subscription())["current_period_start"]
    await later(shop, start + timedelta(days=100))
    periods = await shop.rows(
        "select l.period_start, l.period_end from invoice_line l join invoice i on i.id = l.invoice_id"
        " where i.organization_id = $1 order by i.number"
    )
    assert len(periods) == 4
    assert all(before["period_end"] == after["period_start"] for before, after in pairwise(periods))
    assert {row["period_start"].day for row in periods} == {start.day}
    assert {row["status"] for row in await invoices(shop)} == {"PAID"}


async def test_a_price_that_changes_meanwhile_is_shown_ahead_and_charged_then(shop: Shop) -> None:  # case 80
    await shop.buy_plan("basic", 10)
    before = (await shown(shop))["nextCharge"]["total"]["amount"]
    tariff = next(
        one
        for (key, each, currency), one in shop.catalogue.items()
        if (key, each.value, currency) == ("basic", "MONTH", "EUR")
    )
    await shop.home.execute("update price set retired_at = $2 where id = $1", tariff.price_id, shop.home.clock.now)
    await shop.home.execute(
        "insert into price (id, plan_id, interval, currency, unit_amount, version, created_at)"
        " select gen_random_uuid(), plan_id, interval, currency, unit_amount * 2, version + 1, $2 from price"
        " where id = $1",
        tariff.price_id,
        shop.home.clock.now,
    )
    ahead = (await shown(shop))["nextCharge"]["total"]["amount"]
    assert ahead == before * 2
    quote = await shop.quote(seats=11)
    assert quote["lines"][0]["unitAmount"]["amount"] == tariff.unit_amount  # the running term keeps its snapshot
    await until(shop, (await shop.subscription())["current_period_end"])
    assert (await invoices(shop))[-1]["total"] == ahead


async def test_what_was_scheduled_begins_and_is_gone(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=8))
    charge = (await shown(shop))["nextCharge"]["total"]["amount"]
    await until(shop, (await shop.subscription())["current_period_end"])
    assert (await invoices(shop))[-1]["total"] == charge
    assert await shop.rows("select from scheduled_change where organization_id = $1") == []
    assert (await shop.subscription())["seats_purchased"] == 8
    assert (await letters(shop)).count("subscription_changed") == 3  # bought, scheduled, begun


async def test_a_downgrade_below_what_is_taken_deletes_nobody(shop: Shop) -> None:  # case 70
    await shop.buy_plan("professional", 10)
    taken = (await shop.subscription())["seats_used"]
    assert taken > 4
    await shop.apply(await shop.quote(planId=shop.plan("free")))
    await until(shop, (await shop.subscription())["current_period_end"])
    row = await shop.subscription()
    assert (row["seats_used"], row["seats_purchased"], row["status"]) == (taken, taken, "ACTIVE")
    assert len(await invoices(shop)) == 1
    assert await shop.codes("owner", "inviteMember", organizationId=ACME, email="new@people.test", role="MEMBER") == [
        "NO_SEAT_AVAILABLE"
    ]
    sent = await shop.do("clerk", "inviteBillingManagers", organizationId=ACME, emails=["other@people.test"])
    assert sent["errors"] == []


async def test_the_free_plan_moves_on_for_nothing(shop: Shop) -> None:
    await until(shop, shop.home.clock.now + timedelta(days=100))
    row = await shop.subscription()
    assert row["current_period_start"] <= shop.home.clock.now < row["current_period_end"]
    assert await invoices(shop) == []
    assert await shop.home.mails() == []


async def test_a_period_paid_ahead_begins_without_a_charge(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(renew=True))
    first = await shop.subscription()
    await until(shop, first["current_period_end"])
    row = await shop.subscription()
    assert (row["current_period_start"], row["current_period_end"]) == (
        first["current_period_end"],
        first["paid_ahead_until"],
    )
    assert row["paid_ahead_until"] is None
    assert len(await invoices(shop)) == 2
    await until(shop, row["current_period_end"])
    assert len(await invoices(shop)) == 3


async def test_a_seat_that_came_behind_a_payment_ahead_is_owed_for_both_periods(shop: Shop) -> None:
    await shop.buy_plan("professional", (await shop.subscription())["seats_used"])
    await shop.apply(await shop.quote(renew=True))
    shop.home.clock.go(days=25)
    await shop.invite("new@people.test")
    charge = (await shown(shop))["nextCharge"]
    await until(shop, (await shop.subscription())["current_period_end"])
    assert (await shown(shop))["nextCharge"] == charge
    await until(shop, (await shop.subscription())["current_period_end"])
    kinds = await shop.rows(
        "select kind, quantity, period_start = i.issued_at - interval '31 days' as whole from invoice_line l"
        " join invoice i on i.id = l.invoice_id where i.organization_id = $1 and l.kind <> 'PLAN'"
        " order by number, position"
    )
    taken = (await shop.subscription())["seats_used"]  # the invitation expired, and its seat was shed
    assert [tuple(row)[:2] for row in kinds[1:]] == [("RENEWAL", taken), ("SEATS", 1), ("SEATS", 1)]
    assert [row["whole"] for row in kinds[2:]] == [False, True]


async def test_what_does_not_go_on_ends_with_its_period_and_keeps_its_data(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.home.execute("update plan_subscription set auto_renew = false where organization_id = $1", FIRST)
    before = await shop.subscription()
    await until(shop, before["current_period_end"] + timedelta(days=40))
    row = await shop.subscription()
    assert (row["status"], row["seats_purchased"], row["seats_used"]) == ("CANCELED", 10, before["seats_used"])
    assert len(await invoices(shop)) == 1
    assert (await letters(shop)).count("subscription_ended") == 1
    again = await shop.buy_plan("professional", 10)  # and can be had again
    assert again["subscription"]["status"] == "ACTIVE"
    assert again["subscription"]["currentPeriodStart"] == told(shop.home.clock.now)


async def test_while_something_is_bought_a_renewal_waits(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    end = (await shop.subscription())["current_period_end"]
    await shop.card("tok_3ds_off_session_ok")
    shop.home.clock.now = end - timedelta(minutes=10)
    done = await shop.apply(await shop.quote(seats=1000))
    shop.home.clock.now = end + timedelta(minutes=10)
    await due.work(shop.home.server.room)
    assert len(await invoices(shop)) == 1
    await shop.click(done["nextAction"]["url"])
    await until(shop, end + timedelta(hours=2))
    bought, renewed = (await invoices(shop))[1:]
    assert (bought["status"], renewed["status"]) == ("PAID", "PAID")
    assert bought["issued_at"] == renewed["issued_at"] == end + timedelta(minutes=50)  # when the hour was over
    assert (await shop.subscription())["current_period_start"] == end


async def test_a_renewal_is_told_a_week_ahead_once(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    end = (await shop.subscription())["current_period_end"]
    await until(shop, end - timedelta(days=7, microseconds=1))
    assert "renewal_ahead" not in await letters(shop)
    await until(shop, end - timedelta(days=1))
    assert (await letters(shop)).count("renewal_ahead") == 1
    await until(shop, end + timedelta(days=1))
    assert (await letters(shop)).count("renewal_ahead") == 1


async def test_seats_that_followed_are_billed_when_it_does_not_go_on(shop: Shop) -> None:
    await shop.buy_plan("professional", (await shop.subscription())["seats_used"])
    shop.home.clock.go(days=10)
    await shop.invite("new@people.test")
    await shop.done("clerk", "cancelSubscription", organizationId=ACME)
    charge = (await shown(shop))["nextCharge"]
    end = (await shop.subscription())["current_period_end"]
    assert charge["at"] == told(end)
    await until(shop, end + timedelta(days=40))
    last = (await invoices(shop))[-1]
    assert (last["total"], last["status"], last["issued_at"]) == (charge["total"]["amount"], "PAID", end)
    assert len(await invoices(shop)) == 2
    assert (await shown(shop))["nextCharge"] is None
