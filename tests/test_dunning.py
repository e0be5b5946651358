"""Dunning: retries, backup cards, suspension, and what comes when it is paid at last."""

from datetime import datetime, timedelta
from typing import Any

from billing import collecting, due, dunning, settlement
from billing.change import Change, change
from billing.rules.money import zero
from tests.accounts import FIRST
from tests.passing import invoices, later, letters, until
from tests.shop import Shop
from tests.test_invoice_payments import transfer

DAY = timedelta(days=1)


async def bought(shop: Shop, card: str = "tok_decline_later", **asked: Any) -> datetime:
    """Ten seats by a card that will not do again; gives when the period ends."""
    await shop.card(card)
    await shop.buy_plan("professional", 10, **asked)
    end: datetime = (await shop.subscription())["current_period_end"]
    return end


async def tries(shop: Shop) -> list[tuple[int, str]]:
    """Charges behind the payer's back: on which day behind the first, and what came of each."""
    found = await shop.rows(
        "select created_at, status from payment where organization_id = $1 and not on_session order by created_at, id"
    )
    return [((row["created_at"] - found[0]["created_at"]).days, row["status"]) for row in found]


@change(None)
async def charge(org: Change) -> bool:
    """Take what is open from the default card."""
    invoice = await dunning.late(org).get()
    return await collecting.begin(org, invoice, zero(invoice.currency))


async def test_a_charge_is_tried_again_on_four_days_and_then_the_subscription_is_suspended(shop: Shop) -> None:
    end = await bought(shop)
    await until(shop, end)
    row = await shop.subscription()
    assert (row["status"], row["past_due_since"], row["dunning_at"]) == ("PAST_DUE", end, end + DAY)
    await until(shop, end + 14 * DAY - timedelta(microseconds=1))
    assert (await shop.subscription())["status"] == "PAST_DUE"
    assert await tries(shop) == [(day, "FAILED") for day in (0, 1, 3, 5, 7)]
    await until(shop, end + 14 * DAY)
    assert (await shop.subscription())["status"] == "SUSPENDED"
    await until(shop, end + 100 * DAY)
    assert len(await invoices(shop)) == 2
    assert len(await tries(shop)) == 5
    told = await letters(shop)
    assert (told.count("payment_failed"), told.count("suspended")) == (5, 1)


async def test_a_retry_that_succeeds_brings_all_back_and_keeps_the_anchor(shop: Shop) -> None:  # case 98
    end = await bought(shop)
    anchor = (await shop.subscription())["anchor_at"]
    await until(shop, end + 2 * DAY)
    await shop.card("tok_visa")
    await until(shop, end + 3 * DAY)
    row = await shop.subscription()
    assert (row["status"], row["anchor_at"], row["past_due_since"], row["dunning_at"]) == ("ACTIVE", anchor, None, None)
    assert row["current_period_start"] == end
    await until(shop, row["current_period_end"])
    assert [one["status"] for one in await invoices(shop)] == ["PAID"] * 3


async def test_a_backup_card_pays_where_the_default_one_does_not(shop: Shop) -> None:  # case 84
    await shop.card("tok_visa?last4=1881")
    await shop.card("tok_insufficient_funds", default=False)
    end = await bought(shop)
    await until(shop, end)
    assert [status for _, status in await tries(shop)] == ["FAILED", "FAILED", "SUCCEEDED"]
    row = await shop.subscription()
    assert (row["status"], (await invoices(shop))[-1]["status"]) == ("ACTIVE", "PAID")
    assert "payment_failed" not in await letters(shop)


async def test_a_card_that_has_expired_is_not_asked(shop: Shop) -> None:  # case 84
    end = await bought(shop, "tok_visa?exp=2026-06")
    await until(shop, end)
    assert await tries(shop) == []
    assert (await shop.subscription())["status"] == "PAST_DUE"


async def test_a_payer_and_a_retry_at_once_pay_once(shop: Shop) -> None:  # case 98
    end = await bought(shop)
    await until(shop, end)
    await shop.card("tok_visa")
    shop.home.clock.now = end + DAY
    room = shop.home.server.room
    assert (await dunning.step(room, None, FIRST, None)).done
    assert not (await dunning.step(room, None, FIRST, None)).done
    (waiting,) = await shop.rows("select id from payment where organization_id = $1 and status = 'PROCESSING'")
    await settlement.settle(room, FIRST, waiting["id"])
    await due.work(room)
    assert [status for _, status in await tries(shop)] == ["FAILED", "SUCCEEDED"]
    assert (await shop.subscription())["status"] == "ACTIVE"


async def test_what_was_suspended_is_billed_from_the_period_that_contains_its_payment(shop: Shop) -> None:
    end = await bought(shop)
    anchor = (await shop.subscription())["anchor_at"]
    await until(shop, end + 75 * DAY)
    await shop.card("tok_visa")
    room = shop.home.server.room
    assert await charge(room, None, FIRST, None)
    await due.settled(room, FIRST)
    assert (await shop.subscription())["status"] == "ACTIVE"
    await until(shop, shop.home.clock.now)
    row = await shop.subscription()
    assert row["current_period_start"] <= shop.home.clock.now < row["current_period_end"]
    assert (row["anchor_at"], row["current_period_start"].day) == (anchor, anchor.day)
    periods = await shop.rows(
        "select period_start from invoice_line l join invoice i on i.id = l.invoice_id where i.organization_id = $1"
        " order by number"
    )
    assert [one["period_start"] for one in periods] == [anchor, end, row["current_period_start"]]


async def test_a_pause_that_lasted_longer_than_the_grace_suspends_and_charges_no_further(shop: Shop) -> None:
    end = await bought(shop)
    await until(shop, end)
    await later(shop, end + 50 * DAY)
    assert (await shop.subscription())["status"] == "SUSPENDED"
    assert len(await invoices(shop)) == 2
    assert await tries(shop) == [(0, "FAILED")]


async def test_a_rest_that_no_card_takes_is_carried_and_ends_dunning(shop: Shop) -> None:  # case 79
    end = await bought(shop)
    await until(shop, end)
    *_, open_ = await invoices(shop)
    await transfer(shop.home.server.room, None, FIRST, None, open_["id"], open_["amount_due"] - 49)
    await until(shop, end + DAY)
    assert [row["status"] for row in await invoices(shop)] == ["PAID", "PAID"]
    assert (await shop.subscription())["status"] == "ACTIVE"
    assert await tries(shop) == [(0, "FAILED"), (0, "SUCCEEDED")]  # the transfer
    owed = "select sum(amount) from ledger_entry where organization_id = $1 and account = 'CARRIED'"
    assert [tuple(row) for row in await shop.rows(owed)] == [(49,)]
