"""Seats bought in advance go on without a card: the invoice is to be transferred, and late if it is not."""

from datetime import date, datetime, timedelta
from typing import Any

from billing import transfers
from billing.rules.money import Money
from billing.transfers import Line
from models import Invoice
from tests.accounts import FIRST
from tests.desk import named, worked
from tests.passing import until
from tests.shop import Shop
from tests.test_invoice_requests import request, year

DAY = timedelta(days=1)


async def book(shop: Shop, invoice: Any, amount: int, name: str) -> str:
    line = Line(name, invoice.transfer_reference, Money(amount, "EUR"), date(2027, 6, 20))
    return (await transfers.book(shop.home.server.room, line)).status.value


async def bought(shop: Shop) -> datetime:
    """A year of ten seats that was transferred; gives when it ends."""
    await named(shop)
    await request(shop, await year(shop))
    first = await Invoice.get(organization_id=FIRST)
    assert await book(shop, first, first.total, "B-1") == "MATCHED"
    end: datetime = (await shop.subscription())["current_period_end"]
    return end


async def renewed(shop: Shop) -> tuple[Invoice, datetime]:
    """The invoice of its next year, on its first day; and that day."""
    end = await bought(shop)
    await until(shop, end)
    return await Invoice.get(organization_id=FIRST, issued_at=end), end


async def status(shop: Shop) -> str:
    return str((await shop.subscription())["status"])


async def test_the_invoice_of_a_renewal_is_sent_with_what_a_transfer_must_bear(shop: Shop) -> None:
    invoice, end = await renewed(shop)
    assert invoice.transfer_reference
    assert (invoice.status, invoice.due_at, invoice.quote_id) == ("OPEN", end + 14 * DAY, None)
    assert invoice.document
    assert invoice.document["transfer"]["reference"].replace(" ", "") == invoice.transfer_reference
    sent = [mail.to for mail in await shop.home.mails() if mail.message == "invoice"]
    assert sorted(sent) == 2 * ["both@people.test"] + 2 * ["clerk@people.test"] + 2 * ["invoices@acme.test"]
    assert await status(shop) == "ACTIVE"
    assert await book(shop, invoice, invoice.total, "B-2") == "MATCHED"
    await until(shop, end + 60 * DAY)
    assert await status(shop) == "ACTIVE"


async def test_what_is_not_transferred_in_time_is_past_due_and_then_suspended(shop: Shop) -> None:
    invoice, end = await renewed(shop)
    await until(shop, end + 14 * DAY - timedelta(microseconds=1))
    assert await status(shop) == "ACTIVE"
    await until(shop, end + 14 * DAY)
    assert await status(shop) == "PAST_DUE"
    assert await book(shop, invoice, 100, "B-2") == "MATCHED"
    assert await status(shop) == "PAST_DUE"
    await until(shop, end + 28 * DAY)
    assert await status(shop) == "SUSPENDED"
    assert await book(shop, invoice, invoice.total - 100, "B-3") == "MATCHED"
    row = await shop.subscription()
    assert (row["status"], row["past_due_since"], row["dunning_at"]) == ("ACTIVE", None, None)
    assert (row["current_period_start"], row["seats_purchased"]) == (end, 10)


async def test_what_came_first_is_reminded_of_and_void_as_time_passes(shop: Shop) -> None:  # case 94
    await named(shop)
    await request(shop, await year(shop))
    began = shop.home.clock.now
    await until(shop, began + 14 * DAY)
    assert "invoice_reminder" in [mail.message for mail in await shop.home.mails()]
    await until(shop, began + 28 * DAY)
    await worked(shop)
    assert (await Invoice.get(organization_id=FIRST)).status == "VOID"
    assert await status(shop) == "ACTIVE"
