"""An invoice that came first, and is not paid: what else is bought, renewed or transferred meanwhile."""

import asyncio
from datetime import date
from typing import Any

from billing import due, transfers
from billing.rules.money import Money
from billing.transfers import Line
from models import BankPayment, Invoice
from tests.accounts import FIRST, SECOND
from tests.company import ACME, OTHER
from tests.desk import credit, worked
from tests.shop import Shop
from tests.test_invoice_requests import request, year

INVOICES = "select status, total, amount_due from invoice where organization_id = $1 order by number"
OPEN = "select 1 from seat_addition where organization_id = $1 and invoice_id is null"


async def invoices(shop: Shop) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await shop.rows(INVOICES)]


async def book(shop: Shop, reference: str, amount: int) -> str:
    line = Line("B-1", reference, Money(amount, "EUR"), date(2026, 6, 20))
    return (await transfers.book(shop.home.server.room, line)).status.value


async def test_a_declined_card_leaves_it_open_and_the_price_good(shop: Shop) -> None:  # case 82
    await shop.card("tok_declined")
    await credit(shop, 5000, 400)
    await request(shop, await year(shop))
    before, row = await invoices(shop), await shop.subscription()
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    assert [one["code"] for one in (await shop.apply(quote))["errors"]] == ["PAYMENT_DECLINED"]
    assert (await invoices(shop), await shop.subscription()) == (before, row)
    await shop.card("tok_visa")
    assert (await shop.apply(quote))["errors"] == []
    assert [status for status, *_ in await invoices(shop)] == ["VOID", "PAID"]


async def test_while_something_else_is_being_bought_it_cannot_be_paid(shop: Shop) -> None:
    await shop.card("tok_3ds")
    done = await request(shop, await year(shop))
    held = await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=8))
    assert held["payment"]["status"] == "REQUIRES_ACTION"
    assert await shop.codes("clerk", "payInvoice", invoiceId=done["invoice"]["id"]) == ["PAYMENT_IN_PROGRESS"]
    total = done["invoice"]["total"]["amount"]
    assert await book(shop, done["transferReference"], total) == "UNMATCHED"
    await shop.click(held["nextAction"]["url"], "decline")
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert await book(shop, done["transferReference"], total) == "MATCHED"
    assert (await shop.subscription())["mode"] == "FIXED"


async def test_while_it_is_being_paid_nothing_else_is_bought(shop: Shop) -> None:
    await shop.card("tok_3ds")
    done = await request(shop, await year(shop))
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    paying = await shop.do("clerk", "payInvoice", "nextAction { url }", invoiceId=done["invoice"]["id"])
    assert [one["code"] for one in (await shop.apply(quote))["errors"]] == ["PAYMENT_IN_PROGRESS"]
    await shop.click(paying["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert ((await shop.subscription())["mode"], [one[0] for one in await invoices(shop)]) == ("FIXED", ["PAID"])


async def test_seats_that_it_was_for_are_paid_with_what_is_bought_instead(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=4)
    await shop.invite("new@people.test")
    await request(shop, await shop.quote(seats=9))
    quote = await shop.quote(seats=8)
    assert [line["quantity"] for line in quote["lines"]] == [1, 1]
    assert (await shop.apply(quote))["errors"] == []
    assert await shop.rows(OPEN) == []


async def test_seats_that_it_was_for_are_paid_with_the_renewal(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=4)
    await shop.invite("new@people.test")
    await request(shop, await shop.quote(seats=9))
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    await due.attend(shop.home.server.room, FIRST)
    lines = "select l.kind, l.quantity from invoice_line l where l.organization_id = $1 order by l.id desc limit 2"
    assert [tuple(row) for row in await shop.rows(lines)] == [("SEATS", 1), ("RENEWAL", 6)]
    assert [status for status, *_ in await invoices(shop)] == ["PAID", "VOID", "PAID"]


async def test_a_trial_is_renewed_though_it_holds_the_credit(shop: Shop) -> None:
    await shop.card()
    await credit(shop, 5000, 400)
    tried = await shop.quote(planId=shop.plan("professional"), seats=6, trial=True)
    assert (await shop.apply(tried))["errors"] == []
    await request(shop, await year(shop))
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    await due.attend(shop.home.server.room, FIRST)
    assert [status for status, *_ in await invoices(shop)] == ["VOID", "PAID"]
    assert (await shop.subscription())["status"] == "ACTIVE"


async def test_a_transfer_that_two_organizations_are_given_at_once_is_booked_once(shop: Shop) -> None:  # case 90
    for who, organization in (("clerk", ACME), ("owner", OTHER)):
        asked = {"planId": shop.plan("professional"), "mode": "FIXED", "interval": "YEAR", "seats": 10}
        quote = await shop.quote(who, organizationId=organization, **asked)
        await shop.done(who, "requestInvoice", "invoice { id }", organizationId=organization, quoteId=quote["id"])
    rows = [await Invoice.get(organization_id=each) for each in (FIRST, SECOND)]
    assert await book(shop, "of nobody", rows[0].total) == "UNMATCHED"
    room = shop.home.server.room
    await asyncio.gather(*(transfers.match(room, "B-1", each) for each in rows))
    assert await shop.home.value("select count(*) from payment") == 1
    assert (await BankPayment.get(bank_reference="B-1")).status == "MATCHED"


async def test_seats_that_came_before_it_was_paid_are_owed_since_their_day(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    done = await request(shop, await shop.quote(seats=7))
    shop.home.clock.go(days=2)
    for name in ("a", "b", "c"):
        await shop.invite(f"{name}@people.test")
    shop.home.clock.go(days=5)
    await shop.invite("d@people.test")
    shop.home.clock.go(days=1)
    assert await book(shop, done["transferReference"], done["invoice"]["total"]["amount"]) == "MATCHED"
    open_ = "select seats_before, seats_after, at::date from seat_addition where organization_id = $1 order by at"
    found = [(before, after, f"{day}") for before, after, day in await shop.rows(open_)]
    assert found == [(7, 9, "2026-06-17"), (9, 10, "2026-06-22")]


async def test_what_a_transfer_left_of_it_is_carried_and_the_seats_come(shop: Shop) -> None:  # case 79
    await shop.card()
    done = await request(shop, await year(shop))
    left = done["invoice"]["total"]["amount"] - 30
    assert await book(shop, done["transferReference"], left) == "MATCHED"
    paid = await shop.done("clerk", "payInvoice", "invoice { status } payment { id }", invoiceId=done["invoice"]["id"])
    assert (paid["invoice"]["status"], paid["payment"]) == ("PAID", None)
    assert (await shop.subscription())["mode"] == "FIXED"
    assert (await shop.quote(seats=11))["carried"]["amount"] == 30


async def lapsing(shop: Shop) -> Any:
    """A renewal waits for its payer, with a seat that came; in half an hour an invoice ends that was for it too."""
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=1)
    await shop.invite("new@people.test")
    await request(shop, await shop.quote(seats=9))
    shop.home.clock.go(days=14)
    await due.attend(shop.home.server.room, FIRST)  # reminds of it
    await shop.card("tok_3ds")
    shop.home.clock.go(days=13, hours=23, minutes=30)
    quote = await shop.quote(renew=True)
    assert [line["quantity"] for line in quote["lines"]] == [7, 1]
    held = await shop.apply(quote)
    assert held["payment"]["status"] == "REQUIRES_ACTION"
    shop.home.clock.go(minutes=30)
    await worked(shop)
    assert [status for status, *_ in await invoices(shop)] == ["PAID", "VOID"]
    return held


async def test_seats_of_an_invoice_that_lapses_while_a_renewal_is_paid_are_billed_once(shop: Shop) -> None:
    held = await lapsing(shop)
    await shop.click(held["nextAction"]["url"])
    shop.home.clock.go(minutes=30)  # then the gateway is asked
    await worked(shop)
    assert [status for status, *_ in await invoices(shop)] == ["PAID", "VOID", "PAID"]
    assert await shop.rows(OPEN) == []


async def test_seats_of_an_invoice_that_lapses_while_a_renewal_is_declined_are_owed(shop: Shop) -> None:
    held = await lapsing(shop)
    await shop.click(held["nextAction"]["url"], "decline")
    shop.home.clock.go(minutes=30)  # then the gateway is asked
    await worked(shop)
    assert len(await shop.rows(f"{OPEN} and quote_id is null")) == 1
    await shop.card("tok_visa")
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    await due.attend(shop.home.server.room, FIRST)
    assert await shop.rows(OPEN) == []
