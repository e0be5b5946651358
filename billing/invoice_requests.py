"""Invoice first: a quote becomes an open invoice, and what it buys comes when it is paid, by whatever way."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from billing import invoices, letters, orders, quotes, subscriptions
from billing.change import Change, change
from billing.errors import InvalidInput, NotFound, QuoteStale
from billing.invoices import Issue
from billing.names import named
from billing.room import Room
from billing.rules.references import reference
from models import (
    Invoice,
    InvoiceStatus,
    Payment,
    PaymentStatus,
    Permission,
    Quote,
    QuoteStatus,
    SubscriptionStatus,
)
from models.queue import Claimed, TryLater

LAPSE = "lapse_invoice"
GRACE = timedelta(days=14)  # from the reminder to the end
UNDER_WAY = (PaymentStatus.PROCESSING, PaymentStatus.REQUIRES_ACTION)


@dataclass(frozen=True)
class Requested:
    """The invoice."""

    invoice_id: UUID


@change(Permission.REQUEST_INVOICES)
async def request(org: Change, quote_id: UUID, purchase_order: str | None) -> Requested:
    """An open invoice for a quote; the one that there is, if it was asked for before.

    Raises NotFound, QuoteStale, InvalidInput, InvalidName, PaymentInProgress.
    """
    made = await org.maybe(Quote, id=quote_id)
    if made is None:
        raise NotFound("quoteId")
    if made.status == QuoteStatus.INVOICED:
        return Requested((await org.one(Invoice, quote_id=made.id, status=InvoiceStatus.OPEN)).id)
    await quotes.none_held(org)
    if made.status != QuoteStatus.OPEN or org.now >= made.expires_at or not await quotes.unchanged(org, made):
        raise QuoteStale
    if not made.due_now:
        raise InvalidInput("quoteId")
    await orders.drop_invoiced(org)
    return Requested((await _issued(org, made, ordered(purchase_order))).id)


async def _issued(org: Change, made: Quote, purchase_order: str | None) -> Invoice:
    subscription, known = await subscriptions.standing(org)
    due = await orders.billed(org, made, known.facts)
    await subscriptions.claim(org, made.id)
    made.status = QuoteStatus.INVOICED
    await made.save(update_fields=["status"])
    said = Issue(
        purchase_order,
        org.actor,
        quote_id=made.id,
        transfer_reference=reference(org.room.ids(org.now)),
        due_at=org.now + invoices.DUE,
    )
    invoice = await invoices.issue(org, due, said)
    if known.facts.current.free and subscription.status == SubscriptionStatus.ACTIVE:
        subscription.status = SubscriptionStatus.PENDING_PAYMENT
        await subscriptions.save(org, subscription)
    await letters.invoice(org, invoice)
    return invoice


@change(Permission.REQUEST_INVOICES)
async def document(org: Change, payment_id: UUID, purchase_order: str | None) -> Requested:
    """The invoice of a payment that was made. What is printed does not change: another order number is refused.

    Raises NotFound, InvalidInput, InvalidName.
    """
    payment = await org.maybe(Payment, id=payment_id)
    if payment is None:
        raise NotFound("paymentId")
    if payment.invoice_id is None:
        raise InvalidInput("paymentId")
    invoice = await org.one(Invoice, id=payment.invoice_id)
    if invoice.number is None:
        raise InvalidInput("paymentId")
    if purchase_order is not None and ordered(purchase_order) != invoice.purchase_order:
        raise InvalidInput("purchaseOrder")
    return Requested(invoice.id)


def ordered(purchase_order: str | None) -> str | None:
    """A customer's own reference, which is a line as names are; none if it is empty. Raises InvalidName."""
    return named(purchase_order, "purchaseOrder") if purchase_order and purchase_order.strip() else None


async def overdue(org: Change, invoice: Invoice) -> None:
    """It is due and not paid: remind of it once; two weeks later it is void, and what it was for is not had.

    Seats that it was for are in the price of what is being bought meanwhile.
    """
    due = invoice.due_at is not None and invoice.due_at <= org.now
    if invoice.status != InvoiceStatus.OPEN or invoice.quote_id is None or not due:
        return
    if invoice.reminded_at is None:
        invoice.reminded_at = org.now
        await invoice.save(update_fields=["reminded_at"])
        org.later(LAPSE, org.now + GRACE, invoice=invoice.id)
        await letters.reminder(org, invoice, org.now + GRACE)
    elif invoice.reminded_at + GRACE <= org.now:
        held = await quotes.held(org)
        await orders.drop(org, await org.one(Quote, id=invoice.quote_id), held.id if held else None)


@dataclass(frozen=True)
class Lapsed:
    """Whether the invoice is settled, one way or the other."""

    settled: bool


@change(None)
async def lapse(org: Change, invoice_id: UUID) -> Lapsed:
    """The end of the grace, unless a payment is under way."""
    invoice = await org.one(Invoice, id=invoice_id)
    if await Payment.exists(organization_id=org.id, invoice_id=invoice.id, status__in=UNDER_WAY):
        return Lapsed(settled=False)
    await overdue(org, invoice)
    return Lapsed(settled=True)


async def lapsed(room: Room, job: Claimed) -> None:
    """The same as a job. Raises TryLater."""
    if job.organization_id is None:
        raise ValueError("An invoice belongs to an organization.")
    if not (await lapse(room, None, job.organization_id, None, UUID(job.payload["invoice"]))).settled:
        raise TryLater("A payment of it is under way.")
