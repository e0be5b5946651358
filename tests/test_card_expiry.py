"""Cards about to expire: warned of a month and a week ahead, each once, unless a network renews them."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from billing import card_expiry, payment_methods, recurring
from billing.change import Change, change
from billing.gateways.gateway import GatewayKind
from models import PaymentMethod
from models.queue import Claimed, TryLater
from purser.worker import Handler, Lane, Pace
from tests.accounts import FIRST
from tests.shop import Shop
from tests.test_payment_methods import add, defaults, methods, told

END = datetime(2026, 9, 1, tzinfo=UTC)  # of a card that is good until 2026-08
LAST = timedelta(microseconds=1)
MAILS = ["both@people.test", "clerk@people.test"]


@change(None)
async def payable(org: Change) -> list[str]:
    """What a renewal tries, in turn, by the last digits."""
    return [method.last4 or "" for method in await payment_methods.payable(org)]


async def tried(shop: Shop) -> list[str]:
    return await payable(shop.home.server.room, None, FIRST, None)


async def day(shop: Shop, at: datetime) -> list[str]:
    """Let it be then, and the day's work be done: who gets a mail by it."""
    shop.home.clock.now = at
    room = shop.home.server.room
    before = len(await shop.home.mails())
    known = {
        card_expiry.EXPIRY: Handler(partial(card_expiry.begin, room), in_database=True),
        card_expiry.LOOK: Handler(partial(card_expiry.look, room)),
    }
    if not await shop.rows("select 1 from job where kind = 'card_expiry' and $1::uuid is not null"):
        await recurring.ensure(room, card_expiry.EXPIRY)
    lane = Lane(known, shop.home.clock, Pace())
    while await lane.one():
        pass
    sent = (await shop.home.mails())[before:]
    assert {mail.message for mail in sent} <= {"card_expires"}
    return sorted(mail.to for mail in sent)


async def looking(shop: Shop) -> Claimed:
    """The job that looks at the one card."""
    (key,) = await shop.rows("select id from payment_method where organization_id = $1")
    now = shop.home.clock.now
    return Claimed(shop.accounts.new(), card_expiry.LOOK, FIRST, {"method": str(key["id"])}, now, 1)


async def test_warnings_come_a_month_and_a_week_ahead_each_once(shop: Shop) -> None:
    # case 84
    await add(shop, "tok_visa?exp=2026-08")
    assert await day(shop, END - timedelta(days=31)) == []
    assert await day(shop, END - timedelta(days=30)) == MAILS
    assert await day(shop, END - timedelta(days=29)) == []
    assert await day(shop, END - timedelta(days=8)) == []
    assert await day(shop, END - timedelta(days=7)) == MAILS
    assert await day(shop, END - timedelta(days=6)) == []
    assert await day(shop, END - LAST) == []
    assert await day(shop, END) == []


async def test_what_a_pause_skipped_is_not_made_up_for(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08")
    assert await day(shop, END - timedelta(days=5)) == MAILS
    assert await day(shop, END - timedelta(days=4)) == []


async def test_it_comes_again_each_day(shop: Shop) -> None:
    await day(shop, END)
    for _ in range(3):
        (row,) = await shop.rows(
            "select run_at from job where kind = 'card_expiry' and done_at is null and $1::uuid is not null"
        )
        assert row["run_at"] == shop.home.clock.now + timedelta(days=1)
        await day(shop, row["run_at"])


async def test_two_workers_warn_once(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08")
    shop.home.clock.now = END - timedelta(days=20)
    room = shop.home.server.room
    job = await looking(shop)
    await asyncio.gather(*(card_expiry.look(room, job) for _ in range(5)))
    assert sorted(mail.to for mail in await shop.home.mails()) == MAILS


async def test_owners_are_told_where_there_is_no_billing_manager(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08")
    await shop.rows("delete from role_grant where organization_id = $1 and role = 'BILLING_MANAGER'")
    found = await day(shop, END - timedelta(days=30))
    assert found[:2] == ["owner@people.test", "second@people.test"]
    owners = await shop.rows("select 1 from role_grant where organization_id = $1 and role = 'OWNER'")
    assert len(found) == len(owners)


async def test_a_card_that_a_network_renewed_is_not_warned_of(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08&renewed=2031-03")
    await shop.home.execute("update payment_method set exp_year = 2026, exp_month = 8")
    assert await day(shop, END - timedelta(days=30)) == []
    (card,) = await methods(shop)
    assert (card["expYear"], card["expMonth"]) == (2031, 3)
    assert await told(shop) == ["PAYMENT_METHOD_ADDED", "PAYMENT_METHOD_CHANGED"]


async def test_a_card_that_a_network_renews_late_is_good_again(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08&renewed=2031-03")
    await shop.home.execute("update payment_method set exp_year = 2026, exp_month = 8, warned_days = 7")
    assert await day(shop, END + timedelta(days=3)) == []
    (row,) = await shop.rows("select exp_year, warned_days from payment_method where organization_id = $1")
    assert tuple(row) == (2031, None)


async def test_what_is_removed_or_comes_by_transfer_is_let_be(shop: Shop) -> None:
    made = await add(shop, "tok_visa?exp=2026-08")
    await shop.done("clerk", "removePaymentMethod", paymentMethodId=made["id"])
    await add(shop, "tok_amex?exp=2026-08")
    await shop.home.execute(f"update payment_method set gateway = '{GatewayKind.TRANSFER}' where removed_at is null")  # noqa: S608
    assert await day(shop, END - timedelta(days=30)) == []


async def test_a_gateway_that_is_away_is_asked_later(shop: Shop) -> None:
    await add(shop, "tok_visa?exp=2026-08")
    shop.home.clock.now = END - timedelta(days=20)
    room = shop.home.server.room
    job = await looking(shop)
    where, shop.gateway._where = shop.gateway._where, lambda: None
    with pytest.raises(TryLater):
        await card_expiry.look(room, job)
    shop.gateway._where = where
    assert await shop.home.mails() == []
    await card_expiry.look(room, job)
    assert len(await shop.home.mails()) == len(MAILS)


async def test_a_card_is_good_to_the_last_instant_of_its_month(shop: Shop) -> None:
    # case 84
    await add(shop, "tok_visa?exp=2026-08")
    shop.home.clock.now = END - LAST
    assert [one["expired"] for one in await methods(shop)] == [False]
    assert await tried(shop) == ["4242"]
    shop.home.clock.now = END
    assert [one["expired"] for one in await methods(shop)] == [True]
    assert await tried(shop) == []


async def test_a_renewal_tries_the_default_card_and_then_the_newest(shop: Shop) -> None:
    # case 84
    for token in ("tok_visa?exp=2026-08", "tok_amex", "tok_mastercard", "tok_expired"):
        await add(shop, token)
        shop.home.clock.go(minutes=1)
    assert await tried(shop) == ["4242", "4444", "0005"]
    shop.home.clock.now = END
    assert await tried(shop) == ["4444", "0005"]
    assert await defaults(shop) == 1
    assert await PaymentMethod.filter(is_default=True, last4="4242").exists()
