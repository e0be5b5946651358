"""Invoice first: a quote becomes an open invoice, once, and what it buys comes with the money, or never."""

import asyncio
from typing import Any

from billing import overdue
from schema import ids
from tests.accounts import FIRST
from tests.company import ACME, OTHER
from tests.desk import credit, got, named, read, worked
from tests.shop import MONEY, Shop

INVOICE = f"""
invoice {{ id number status amountDue {MONEY} total {MONEY} dueAt purchaseOrder pdfUrl requestedBy {{ __typename }} }}
transferReference
"""
PENDING = "PENDING_PAYMENT"


async def due(shop: Shop) -> None:
    """What the sweep of what is due does."""
    await overdue.remind(shop.home.server.room, None, FIRST, None)


async def year(shop: Shop, seats: int = 10) -> Any:
    """A quote for seats in advance."""
    return await shop.quote(planId=shop.plan("professional"), mode="FIXED", interval="YEAR", seats=seats)


async def request(shop: Shop, quote: Any, who: str = "clerk", **more: Any) -> Any:
    return await shop.done(who, "requestInvoice", INVOICE, organizationId=ACME, quoteId=quote["id"], **more)


async def test_a_quote_becomes_an_open_invoice_due_in_two_weeks(shop: Shop) -> None:
    await named(shop)
    quote = await year(shop)
    done = await request(shop, quote, purchaseOrder="PO-1")
    invoice = done["invoice"]
    assert invoice["status"] == "OPEN"
    assert invoice["amountDue"] == invoice["total"] == quote["dueNow"]
    assert (invoice["dueAt"], invoice["purchaseOrder"]) == ("2026-06-29T12:00:00Z", "PO-1")
    assert invoice["requestedBy"] == {"__typename": "BillingManager"}
    row = await shop.subscription()
    assert (row["status"], row["seats_purchased"]) == (PENDING, max(row["seats_used"], 4))
    async with shop.home.visit() as browser:
        text = read((await got(browser, invoice["pdfUrl"])).content)
    assert "29 June 2026" in text
    assert "PO-1" in text
    assert done["transferReference"] in text.replace(" ", "")


async def test_asked_for_twice_it_is_the_same_invoice(shop: Shop) -> None:  # case 94
    quote = await year(shop)
    done = await asyncio.gather(*(request(shop, quote, who) for who in ("clerk", "owner", "clerk", "admin")))
    assert len({(one["invoice"]["id"], one["transferReference"]) for one in done}) == 1
    assert await shop.home.value("select count(*) from invoice") == 1


async def test_letters_go_to_where_invoices_are_sent_and_to_billing_managers(shop: Shop) -> None:
    await named(shop)
    await request(shop, await year(shop))
    mails = [mail.to for mail in await shop.home.mails() if mail.message == "invoice"]
    assert sorted(mails) == ["both@people.test", "clerk@people.test", "invoices@acme.test"]


async def test_unpaid_it_is_reminded_of_once_and_void_two_weeks_later(shop: Shop) -> None:  # case 94
    before = await shop.subscription()
    await request(shop, await year(shop))
    shop.home.clock.go(days=13, hours=23)
    await due(shop)
    assert [mail for mail in await shop.home.mails() if mail.message == "invoice_reminder"] == []
    shop.home.clock.go(hours=1)
    for _ in range(2):
        await due(shop)
    reminders = [mail.to for mail in await shop.home.mails() if mail.message == "invoice_reminder"]
    assert len(reminders) == len(set(reminders)) == 2
    shop.home.clock.go(days=13, hours=23)
    await worked(shop)
    assert await shop.home.value("select status from invoice") == "OPEN"
    shop.home.clock.go(hours=1)
    await worked(shop)
    assert await shop.home.value("select status from invoice") == "VOID"
    assert await shop.home.value("select status from quote") == "DROPPED"
    assert await shop.subscription() == before


async def test_buying_something_else_makes_it_void_and_frees_the_credit_that_it_held(shop: Shop) -> None:
    await shop.card()
    await credit(shop, 5000, 400)
    first = await request(shop, await year(shop))
    assert await shop.home.value("select remaining from credit") == 0
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    assert quote["creditApplied"]["amount"] == 5000
    done = await shop.apply(quote)
    assert done["errors"] == []
    assert done["subscription"]["status"] == "ACTIVE"
    found = await shop.rows("select number, status from invoice where organization_id = $1 order by number")
    assert [tuple(row) for row in found] == [(first["invoice"]["number"], "VOID"), ("ACME-1-00002", "PAID")]


async def test_what_cannot_be_invoiced_is_refused(shop: Shop) -> None:
    quote = await year(shop)
    given = {"organizationId": ACME}
    assert await shop.codes("clerk", "requestInvoice", **given) == ["INVALID_INPUT"]
    both = given | {"quoteId": quote["id"], "paymentId": ids.write("pay", FIRST)}
    assert await shop.codes("clerk", "requestInvoice", **both) == ["INVALID_INPUT"]
    own = given | {"quoteId": quote["id"]}
    assert await shop.codes("clerk", "requestInvoice", **own, purchaseOrder="a\nb") == ["INVALID_NAME"]
    assert await shop.codes("owner", "requestInvoice", organizationId=OTHER, quoteId=quote["id"]) == ["NOT_FOUND"]
    assert await shop.codes("clerk", "requestInvoice", **given, paymentId=ids.write("pay", FIRST)) == ["NOT_FOUND"]
    shop.home.clock.go(minutes=15)
    assert await shop.codes("clerk", "requestInvoice", **own) == ["QUOTE_STALE"]
    assert "FORBIDDEN" not in await shop.refused("member", "{ viewer { email } }")
    assert await shop.rows("select 1 from invoice where organization_id = $1") == []


async def test_the_document_of_a_payment_is_its_invoice_with_the_order_number_that_it_has(shop: Shop) -> None:
    payment = (await shop.buy_plan())["payment"]["id"]
    own = {"organizationId": ACME, "paymentId": payment}
    done = await shop.done("clerk", "requestInvoice", INVOICE, **own)
    assert (done["invoice"]["number"], done["transferReference"]) == ("ACME-1-00001", None)
    assert await shop.codes("clerk", "requestInvoice", **own, purchaseOrder="PO-2") == ["INVALID_INPUT"]
