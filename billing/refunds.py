"""Refunds: never more than was paid, and a credit note for what an invoice claimed."""

from dataclasses import dataclass
from uuid import UUID

from billing import credit_notes, ledger
from billing.change import Change, change
from billing.errors import RefundTooLarge
from billing.gateways.gateway import GatewayKind, GatewayRefused
from billing.room import Room
from billing.rules import ledger as books
from billing.rules.money import Money, zero
from models import (
    BillingActivityKind,
    CreditNote,
    Invoice,
    InvoiceStatus,
    Payment,
    PaymentStatus,
    PostingKind,
    Refund,
    RefundStatus,
)
from models.changes import ChangeKind
from models.transactions import rows

SETTLE = "settle_refund"
# Counted when it is asked for, so that several at once never come to more than was paid.
TAKE = """
update payment set refunded_amount = refunded_amount + $3,
  status = case when refunded_amount + $3 = amount then 'REFUNDED' else status end
where organization_id = $1 and id = $2 and status in ('SUCCEEDED', 'REFUNDED') and refunded_amount + $3 <= amount
returning id
"""
GIVE_BACK = """
update payment set refunded_amount = refunded_amount - $3, status = 'SUCCEEDED'
where organization_id = $1 and id = $2
"""
# Of all payments of an invoice: what they brought it, and what went back or is on its way.
MOVED = """
select coalesce(sum(refunded_amount), 0)::bigint as refunded, coalesce(sum(carried), 0)::bigint as carried
from payment where organization_id = $1 and invoice_id = $2 and status in ('SUCCEEDED', 'REFUNDED')
"""


@dataclass(frozen=True)
class Begun:
    """The refund that is on its way."""

    refund_id: UUID
    amount: int


@change(None)
async def ask(org: Change, payment_id: UUID, amount: Money | None, reason: str | None) -> Begun:
    """The operator gives so much back, or all that is left. Raises NotFound, RefundTooLarge."""
    payment = await org.one(Payment, id=payment_id)
    refund = await begin(org, payment, amount or await refundable(org, payment), reason)
    return Begun(refund.id, refund.amount)


async def begin(org: Change, payment: Payment, amount: Money, reason: str | None) -> Refund:
    """Write down that so much goes back; a job sees to it. Raises RefundTooLarge."""
    too_much = amount.currency != payment.currency or amount > await refundable(org, payment)
    if too_much or amount.amount <= 0 or not await rows(TAKE, org.id, payment.id, amount.amount):
        raise RefundTooLarge("amount")
    refund = await org.create(
        Refund,
        payment_id=payment.id,
        amount=amount.amount,
        currency=payment.currency,
        reason=reason,
        created_at=org.now,
        status=RefundStatus.PENDING,
    )
    org.later(SETTLE, refund=refund.id)
    org.changed(ChangeKind.PAYMENTS)
    return refund


async def refundable(org: Change, payment: Payment) -> Money:
    """What is left of it, and of what its invoice took: what became a credit stays one."""
    nothing = zero(payment.currency)
    if payment.status not in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED}:
        return nothing
    left = Money(payment.amount - payment.refunded_amount, payment.currency)
    if payment.invoice_id is None:
        return left
    invoice = await org.one(Invoice, id=payment.invoice_id)
    if invoice.status == InvoiceStatus.VOID:
        return nothing
    moved = (await rows(MOVED, org.id, invoice.id))[0]
    took = invoice.total - invoice.credit_applied - invoice.amount_due + moved["carried"] - moved["refunded"]
    return max(nothing, min(left, Money(took, payment.currency)))


async def settle(room: Room, organization: UUID, refund_id: UUID) -> RefundStatus:
    """Give it back, unless that was done before, and write down what came of it. Raises GatewayUnavailable."""
    refund = await Refund.get(organization_id=organization, id=refund_id)
    payment = await Payment.get(organization_id=organization, id=refund.payment_id)
    if refund.status != RefundStatus.PENDING:
        return refund.status
    try:
        reference = await _returned(room, payment, refund)
    except GatewayRefused:
        return (await failed(room, None, organization, None, refund_id)).status
    return (await returned(room, None, organization, None, refund_id, reference)).status


async def _returned(room: Room, payment: Payment, refund: Refund) -> str | None:
    """Its name at the gateway; a transfer has none: the operator sends it back at his bank."""
    if payment.gateway == GatewayKind.TRANSFER or payment.gateway_reference is None or room.gateway is None:
        return None
    amount = Money(refund.amount, refund.currency)
    return (await room.gateway.refund(payment.gateway_reference, amount, str(refund.id))).reference


@dataclass(frozen=True)
class Settled:
    """Where the refund stands now."""

    status: RefundStatus


@change(None)
async def returned(org: Change, refund_id: UUID, reference: str | None) -> Settled:
    """The money went back: book it, and correct the invoice. Said twice, it changes nothing any more."""
    refund = await org.one(Refund, id=refund_id)
    if refund.status != RefundStatus.PENDING:
        return Settled(refund.status)
    payment = await org.one(Payment, id=refund.payment_id)
    carried = await _carried(org, payment, refund)
    note = await _corrected(org, payment, Money(refund.amount, refund.currency) - carried)
    refund.status, refund.gateway_reference = RefundStatus.SUCCEEDED, reference
    refund.credit_note_id = note.id if note else None
    await refund.save(update_fields=["status", "gateway_reference", "credit_note_id"])
    about = {"payment_id": payment.id, "refund_id": refund.id, "invoice_id": payment.invoice_id}
    entries = books.refunded(Money(refund.amount, refund.currency), carried)
    await ledger.post(org, PostingKind.REFUND, entries, **about)
    await org.record(BillingActivityKind.PAYMENT_REFUNDED, payment_id=payment.id)
    org.changed(ChangeKind.PAYMENTS)
    return Settled(refund.status)


@change(None)
async def failed(org: Change, refund_id: UUID) -> Settled:
    """The gateway will not: nothing went back, and it may be asked for again."""
    refund = await org.one(Refund, id=refund_id)
    if refund.status == RefundStatus.PENDING:
        refund.status = RefundStatus.FAILED
        await refund.save(update_fields=["status"])
        await rows(GIVE_BACK, org.id, refund.payment_id, refund.amount)
        org.changed(ChangeKind.PAYMENTS)
    return Settled(refund.status)


async def _carried(org: Change, payment: Payment, refund: Refund) -> Money:
    """What of it was for earlier invoices: it goes back last, and is owed again."""
    done = await Refund.filter(organization_id=org.id, payment_id=payment.id, status=RefundStatus.SUCCEEDED)
    before = max(0, sum(one.amount for one in done) - (payment.amount - payment.carried))
    after = max(0, sum(one.amount for one in done) + refund.amount - (payment.amount - payment.carried))
    return Money(after - before, payment.currency)


async def _corrected(org: Change, payment: Payment, amount: Money) -> CreditNote | None:
    """The credit note of what an invoice claimed; none for money that paid none."""
    if payment.invoice_id is None or not amount.amount:
        return None
    return await credit_notes.issue(org, await org.one(Invoice, id=payment.invoice_id), amount)
