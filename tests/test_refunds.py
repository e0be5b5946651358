"""Refunds: never more than was paid, each once, with a credit note; what credits paid is credit again, never cash."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
import typer

from billing import credit_notes, refunds
from billing.documents.rendering import render
from billing.errors import RefundTooLarge
from billing.printing import snapshot
from billing.rules.money import Money
from models import Payment, Refund
from purser.refund import given_back
from schema import ids
from tests.accounts import FIRST
from tests.desk import credit, got, read, worked
from tests.shop import MONEY, Shop

NOTES = f"""
{{ organization(slug: "acme-1") {{
  payments(first: 5) {{ nodes {{ status refunded {MONEY} refunds {{ amount {MONEY} reason }} }} }}
  invoices(first: 5) {{ nodes {{ status total {MONEY} creditNotes {{ number total {MONEY} pdfUrl }} }} }}
}} }}
"""
REFUNDS = "select status, amount from refund where organization_id = $1 order by id"


async def paid(shop: Shop) -> tuple[str, int]:
    """A payment that succeeded, and its amount."""
    payment = (await shop.buy_plan("professional", 10))["payment"]
    return payment["id"], payment["amount"]["amount"]


async def give(shop: Shop, what: str, amount: str | None, reason: str | None = None) -> str:
    return await given_back(shop.home.server.room, what, amount, reason)


def key(text: str) -> UUID:
    found = ids.read(text)
    assert found
    return found[1]


async def test_a_part_goes_back_with_a_credit_note_of_its_own_number(shop: Shop) -> None:  # case 89
    payment, amount = await paid(shop)
    assert "goes back" in await give(shop, payment, "12.50", "service_level_missed")
    await worked(shop)
    found = (await shop.ask("clerk", NOTES))["organization"]
    (invoice,) = found["invoices"]["nodes"]
    assert (invoice["status"], invoice["total"]["amount"]) == ("PAID", amount)
    assert [(one["number"], one["total"]["amount"]) for one in invoice["creditNotes"]] == [("ACME-1-CN-00001", 1250)]
    refund = {"amount": {"amount": 1250, "currency": "EUR"}, "reason": "service_level_missed"}
    shown = found["payments"]["nodes"][0]
    assert (shown["status"], shown["refunded"]["amount"], shown["refunds"]) == ("SUCCEEDED", 1250, [refund])
    async with shop.home.visit() as browser:
        text = read((await got(browser, invoice["creditNotes"][0]["pdfUrl"])).content)
    assert "Credit note" in text
    assert "ACME-1-CN-00001" in text
    assert "Correction, Professional plan" in text
    kinds = await shop.rows("select kind from billing_activity where organization_id = $1")
    assert [row["kind"] for row in kinds].count("PAYMENT_REFUNDED") == 1


async def test_all_that_is_left_goes_back_and_notes_sum_to_the_invoice(shop: Shop) -> None:
    payment, amount = await paid(shop)
    for part in ("0.01", "33.33", "0.02", None):
        await give(shop, payment, part)
        await worked(shop)
    sums = "select sum(subtotal) as subtotal, sum(tax) as tax, sum(total) as total from credit_note"
    (notes,) = await shop.rows(f"{sums} where organization_id = $1")
    (invoice,) = await shop.rows("select subtotal, tax, total from invoice where organization_id = $1")
    assert {name: int(notes[name]) for name in notes.keys()} == dict(invoice)  # noqa: SIM118  # a record's
    (row,) = await shop.rows("select status, refunded_amount from payment where organization_id = $1")
    assert tuple(row) == ("REFUNDED", amount)
    with pytest.raises(typer.BadParameter, match="not left"):
        await give(shop, payment, None)


async def test_a_whole_refund_prints_the_lines_of_its_invoice(shop: Shop) -> None:
    payment, _ = await paid(shop)
    await give(shop, payment, None)
    await worked(shop)
    (note,) = await shop.rows("select document from credit_note where organization_id = $1")
    text = read(render(snapshot(note["document"])))
    assert "Corrects invoice ACME-1-00001" in text
    assert "Professional plan, monthly" in text
    assert "Correction" not in text


async def test_refunds_at_once_never_exceed_what_was_paid(shop: Shop) -> None:  # case 89
    payment, amount = await paid(shop)
    room, part = shop.home.server.room, Money(amount // 4, "EUR")
    asked = [refunds.ask(room, None, FIRST, None, key(payment), part, None) for _ in range(20)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in done].count(refunds.Begun) == 4
    assert {type(one) for one in done} == {refunds.Begun, RefundTooLarge}
    await asyncio.gather(*(worked(shop) for _ in range(2)))
    rows = await shop.rows(REFUNDS)
    assert [tuple(row) for row in rows] == [("SUCCEEDED", amount // 4)] * 4


@pytest.mark.parametrize("amount", ["0", "-1", "12.505", "1e9", "x", "NaN", "Infinity"])
async def test_what_is_no_amount_to_give_back_is_refused(shop: Shop, amount: str) -> None:
    payment, _ = await paid(shop)
    with pytest.raises(typer.BadParameter):
        await give(shop, payment, amount)
    with pytest.raises(typer.BadParameter, match="no payment"):
        await give(shop, "pay_00000000000000000000000000", "1")
    assert await shop.rows(REFUNDS) == []


async def test_killed_between_any_two_steps_there_is_one_refund(shop: Shop) -> None:
    payment, _ = await paid(shop)
    room = shop.home.server.room
    begun = await refunds.ask(room, None, FIRST, None, key(payment), Money(500, "EUR"), None)
    row = await Refund.get(id=begun.refund_id)
    of = await Payment.get(id=key(payment))
    told = {await refunds._returned(room, of, row) for _ in range(3)}  # dead before it was written down
    assert len(told) == 1
    for _ in range(2):
        assert (await refunds.settle(room, FIRST, begun.refund_id)) == "SUCCEEDED"
    assert await worked(shop) >= 1
    assert await shop.home.value("select count(*) from credit_note") == 1
    assert await shop.home.value("select count(*) from ledger_posting where kind = 'REFUND'") == 1
    assert (await Refund.get(id=begun.refund_id)).gateway_reference in told


async def test_what_the_gateway_refuses_is_given_back_to_the_payment(shop: Shop) -> None:
    payment, _ = await paid(shop)
    await shop.home.execute("update payment set gateway_reference = 'ch_000000000000000000000000'")
    await give(shop, payment, "5")
    await worked(shop)
    assert [row["status"] for row in await shop.rows(REFUNDS)] == ["FAILED"]
    assert await shop.home.value("select refunded_amount from payment") == 0
    assert await shop.home.value("select count(*) from credit_note") == 0


async def test_what_credits_paid_is_credit_again_and_never_cash(shop: Shop) -> None:  # case 88
    great, small = await credit(shop, 10_000_000, 400), await credit(shop, 1000, 20)
    await shop.card()
    done = await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=8))
    assert done["payment"] is None
    (invoice,) = await shop.rows("select id, total from invoice where organization_id = $1")
    before = await shop.home.value("select remaining from credit where id = $1", great)
    assert await shop.home.value("select remaining from credit where id = $1", small) == 0
    shop.home.clock.go(days=30)
    assert "is credit again" in await give(shop, ids.write("inv", invoice["id"]), None)
    with pytest.raises(RefundTooLarge):
        await credit_notes.give_back(shop.home.server.room, None, FIRST, None, invoice["id"], Money(1, "EUR"))
    rows = await shop.rows("select id, remaining, expires_at from credit where organization_id = $1")
    found = {row["id"]: row for row in rows}
    assert found[great]["remaining"] == before + invoice["total"] - 1000
    assert found[small]["remaining"] == 1000
    assert found[small]["expires_at"] == shop.home.clock.now + timedelta(days=30)
    assert await shop.rows(REFUNDS) == []


async def test_what_expired_of_a_credit_does_not_come_back_with_what_an_invoice_returns(shop: Shop) -> None:  # case 88
    await credit(shop, 10_000_000, 20)
    await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=8))
    ((invoice, total),) = await shop.rows("select id, total from invoice where organization_id = $1")
    shop.home.clock.go(days=30)  # nobody booked it out
    await give(shop, ids.write("inv", invoice), None)
    assert await shop.home.value("select remaining from credit") == total
