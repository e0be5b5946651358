"""Paying an open invoice by hand: once, whoever tries to charge it at the same time."""

import asyncio
from typing import Any
from uuid import UUID

from billing import collecting, due, invoices, ledger
from billing.change import Change, change
from billing.rules import ledger as books
from billing.rules.bill import bill
from billing.rules.calendar import Interval, Period
from billing.rules.money import Money
from billing.rules.proration import Line
from models import Invoice, Payment, PaymentStatus, PlanSubscription, PostingKind, SubscriptionStatus
from schema import ids
from tests.accounts import FIRST
from tests.shop import MONEY, Shop

PAID = f"""
invoice {{ id status paidAt amountDue {MONEY} }} nextAction {{ kind url }}
payment {{ id status failureCode amount {MONEY} madeBy {{ __typename }} }}
"""


@change(None)
async def owe(org: Change, net: int = 10_000) -> UUID:
    """An invoice that nobody has paid, as a renewal leaves it whose charge failed."""
    subscription = await org.one(PlanSubscription)
    period = Period(subscription.current_period_start, subscription.current_period_end)
    money = Money(net, subscription.currency)
    line = Line("RENEWAL", "Professional", Interval.MONTH, 1, money, money, period, period)
    due = bill([line], None, (), subscription.currency, org.now)
    invoice = await invoices.issue(org, due)
    return invoice.id


@change(None)
async def lapse(org: Change, status: SubscriptionStatus) -> bool:
    """It is past due since now."""
    subscription = await org.one(PlanSubscription)
    subscription.status, subscription.past_due_since = status, org.now
    await subscription.save()
    return True


@change(None)
async def dun(org: Change, invoice_id: UUID) -> bool:
    """A step of dunning: it is charged behind the payer's back."""
    invoice = await org.one(Invoice, id=invoice_id)
    return bool(invoice.amount_due) and await collecting.begin(org, invoice, Money(0, invoice.currency))


@change(None)
async def transfer(org: Change, invoice_id: UUID, amount: int) -> bool:
    """So much of it came by a bank."""
    invoice = await org.one(Invoice, id=invoice_id)
    money = Money(amount, invoice.currency)
    payment = await org.create(
        Payment,
        amount=amount,
        refunded_amount=0,
        currency=invoice.currency,
        status=PaymentStatus.SUCCEEDED,
        created_at=org.now,
        invoice_id=invoice.id,
        gateway="TRANSFER",
    )
    sides = books.paid(money, Money(0, invoice.currency))
    await ledger.post(org, PostingKind.PAYMENT, sides, payment_id=payment.id, invoice_id=invoice.id)
    await invoices.paid(org, invoice, money)
    return True


async def owing(shop: Shop, net: int = 10_000, status: SubscriptionStatus | None = None) -> UUID:
    """Something was bought, and its renewal is not paid."""
    await shop.buy_plan("professional", 10)
    invoice = await owe(shop.home.server.room, None, FIRST, None, net)
    if status:
        await lapse(shop.home.server.room, None, FIRST, None, status)
    return invoice


async def pay(shop: Shop, invoice: UUID, who: str = "clerk", **more: Any) -> Any:
    return await shop.do(who, "payInvoice", PAID, invoiceId=ids.write("inv", invoice), **more)


async def charges(shop: Shop, invoice: UUID) -> list[Any]:
    """What was taken for it."""
    found = await shop.rows("select * from payment where organization_id = $1 order by id")
    return [row for row in found if row["invoice_id"] == invoice and row["status"] == "SUCCEEDED"]


async def test_paying_takes_what_is_due_and_books_it(shop: Shop) -> None:
    invoice = await owing(shop)
    done = await pay(shop, invoice)
    assert done["errors"] == []
    assert (done["payment"]["status"], done["payment"]["amount"]["amount"]) == ("SUCCEEDED", 10_000)
    assert (done["invoice"]["status"], done["invoice"]["amountDue"]["amount"]) == ("PAID", 0)
    assert done["payment"]["madeBy"] == {"__typename": "BillingManager"}
    assert [error["code"] for error in (await pay(shop, invoice))["errors"]] == ["NOT_PAYABLE"]


async def test_the_same_key_is_one_payment(shop: Shop) -> None:
    invoice = await owing(shop)
    first, second = [await pay(shop, invoice, idempotencyKey="one") for _ in range(2)]
    assert first == second
    assert len(await charges(shop, invoice)) == 1


async def test_what_is_past_due_or_suspended_is_active_again_on_its_old_periods(shop: Shop) -> None:
    # case 98
    for status in (SubscriptionStatus.PAST_DUE, SubscriptionStatus.SUSPENDED):
        invoice = (
            await owing(shop, status=status) if status is SubscriptionStatus.PAST_DUE else await again(shop, status)
        )
        before = await shop.subscription()
        shop.home.clock.go(days=2)
        assert (await pay(shop, invoice))["errors"] == []
        after = await shop.subscription()
        assert (after["status"], after["past_due_since"], after["dunning_at"]) == ("ACTIVE", None, None)
        same = ("anchor_at", "current_period_start", "current_period_end")
        assert [after[name] for name in same] == [before[name] for name in same]


async def again(shop: Shop, status: SubscriptionStatus) -> UUID:
    invoice = await owe(shop.home.server.room, None, FIRST, None, 10_000)
    await lapse(shop.home.server.room, None, FIRST, None, status)
    return invoice


async def test_a_declined_card_leaves_the_invoice_open_and_another_one_pays_it(shop: Shop) -> None:
    # case 82
    invoice = await owing(shop, status=SubscriptionStatus.PAST_DUE)
    declined = ids.write("pm", await shop.card("tok_declined", default=False))
    done = await pay(shop, invoice, paymentMethodId=declined, idempotencyKey="one")
    assert [error["code"] for error in done["errors"]] == ["PAYMENT_DECLINED"]
    assert (done["invoice"]["status"], done["payment"]["failureCode"]) == ("OPEN", "card_declined")
    assert await pay(shop, invoice, paymentMethodId=declined, idempotencyKey="one") == done
    assert (await shop.subscription())["status"] == "PAST_DUE"
    assert (await pay(shop, invoice))["errors"] == []


async def test_the_payer_acts_and_the_invoice_is_paid(shop: Shop) -> None:
    invoice = await owing(shop)
    await shop.card("tok_3ds")
    done = await pay(shop, invoice)
    assert (done["errors"], done["payment"]["status"], done["invoice"]["status"]) == ([], "REQUIRES_ACTION", "OPEN")
    assert [error["code"] for error in (await pay(shop, invoice))["errors"]] == ["PAYMENT_IN_PROGRESS"]
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert len(await charges(shop, invoice)) == 1
    assert [error["code"] for error in (await pay(shop, invoice))["errors"]] == ["NOT_PAYABLE"]


async def test_two_hundred_payers_at_once_make_one_charge(shop: Shop) -> None:
    # case 98
    invoice = await owing(shop)
    answers = await asyncio.gather(*(pay(shop, invoice, who=who) for who in ("clerk", "owner", "both", "admin") * 50))
    codes = [error["code"] for answer in answers for error in answer["errors"]]
    assert len(codes) == 199
    assert set(codes) <= {"PAYMENT_IN_PROGRESS", "NOT_PAYABLE"}
    assert len(await charges(shop, invoice)) == 1


async def test_dunning_and_a_payer_at_once_make_one_charge(shop: Shop) -> None:
    # case 98
    room = shop.home.server.room
    for turn in range(8):
        invoice = await (owing(shop) if turn == 0 else again(shop, SubscriptionStatus.PAST_DUE))

        async def dunned(invoice: UUID = invoice) -> None:
            if await dun(room, None, FIRST, None, invoice):
                await due.settled(room, FIRST)

        acts = [dunned(), pay(shop, invoice)]
        await asyncio.gather(*(acts if turn % 2 else reversed(acts)))
        assert len(await charges(shop, invoice)) == 1


async def test_the_rest_behind_a_transfer_is_charged(shop: Shop) -> None:
    # case 90
    invoice = await owing(shop)
    await transfer(shop.home.server.room, None, FIRST, None, invoice, 4_000)
    done = await pay(shop, invoice)
    assert (done["payment"]["amount"]["amount"], done["invoice"]["status"]) == (6_000, "PAID")


async def test_a_rest_that_no_card_takes_is_carried_to_the_next_invoice(shop: Shop) -> None:
    # case 79
    invoice = await owing(shop, status=SubscriptionStatus.PAST_DUE)
    await transfer(shop.home.server.room, None, FIRST, None, invoice, 9_990)
    done = await pay(shop, invoice)
    assert (done["errors"], done["payment"], done["invoice"]["status"]) == ([], None, "PAID")
    assert (await shop.subscription())["status"] == "ACTIVE"
    quote = await shop.quote(seats=12)
    assert quote["carried"]["amount"] == 10


async def test_a_transfer_that_comes_while_the_payer_acts_is_not_taken_twice(shop: Shop) -> None:
    invoice = await owing(shop)
    await shop.card("tok_3ds")
    done = await pay(shop, invoice)
    await transfer(shop.home.server.room, None, FIRST, None, invoice, 4_000)
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    (row,) = await shop.rows("select amount_due, status from invoice where organization_id = $1 and status = 'OPEN'")
    assert row["amount_due"] == 6_000
    (back,) = await shop.rows("select amount from refund where organization_id = $1")
    assert back["amount"] == 10_000


async def test_nothing_to_pay_with_is_said(shop: Shop) -> None:
    invoice = await owing(shop)
    await shop.home.execute("update payment_method set is_default = false, removed_at = now()")
    assert [error["code"] for error in (await pay(shop, invoice, idempotencyKey="one"))["errors"]] == [
        "NO_PAYMENT_METHOD"
    ]
    await shop.card()
    assert (await pay(shop, invoice, idempotencyKey="one"))["errors"] == []


async def test_what_is_no_invoice_here_is_not_found(shop: Shop) -> None:
    invoice = await owing(shop)
    for name in (ids.write("inv", UUID(int=7)), ids.write("pay", invoice), "inv_", ""):
        payload = await shop.do("clerk", "payInvoice", PAID, invoiceId=name)
        assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["invoiceId"]}]
    payload = await shop.do("clerk", "payInvoice", invoiceId=ids.write("inv", invoice), paymentMethodId="pm_x")
    assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["paymentMethodId"]}]
