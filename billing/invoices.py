"""Invoices: issued once, with a number, and never changed; only how they are paid is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from billing import balance, ledger, snapshots
from billing.change import Change
from billing.documents.document import stored
from billing.numbers import next_number
from billing.rules import ledger as books
from billing.rules.bill import Bill
from billing.rules.calendar import Interval
from billing.rules.money import Money
from billing.rules.proration import Line
from models import (
    BillingActivityKind,
    BillingInterval,
    BillingProfile,
    CreditNote,
    CreditReason,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    PostingKind,
    Role,
    TaxLine,
)
from models.changes import ChangeKind

DUE = timedelta(days=14)
RENDER = "render_document"


@dataclass(frozen=True)
class Issue:
    """What an invoice says beside its bill.

    `quote_id`: its payment carries that quote out; `transfer_reference`: a transfer bears it; `paid`: so much came.
    """

    purchase_order: str | None = None
    requested: tuple[UUID | None, Role | None] = (None, None)
    quote_id: UUID | None = None
    transfer_reference: str | None = None
    due_at: datetime | None = None
    paid: Money | None = None
    additions: Sequence[UUID] = field(default_factory=tuple)

    def due(self, now: datetime) -> datetime:
        """When it is to be paid, at the latest."""
        return self.due_at or now + DUE


async def issue(org: Change, due: Bill, said: Issue | None = None) -> Invoice:
    """Give a bill its number, book it, and pay it by the credits that the bill spends."""
    said = said or Issue()
    profile = await org.maybe(BillingProfile)
    open_, number = due.due, await next_number(org, "invoices")
    document = snapshots.of_invoice(org, number, due, said, profile)
    invoice = await org.create(
        Invoice,
        number=number,
        status=InvoiceStatus.OPEN if open_.amount else InvoiceStatus.PAID,
        currency=due.currency,
        subtotal=due.subtotal.amount,
        tax=due.tax.total.amount,
        total=due.total.amount,
        credit_applied=due.credit_applied.amount,
        amount_due=open_.amount,
        purchase_order=document.purchase_order,
        created_at=org.now,
        issued_at=org.now,
        due_at=said.due(org.now),
        paid_at=None if open_.amount else org.now,
        requested_by_id=said.requested[0],
        requested_as=said.requested[1],
        quote_id=said.quote_id,
        transfer_reference=said.transfer_reference,
        document=stored(document),
    )
    org.later(RENDER, invoice=invoice.id)
    of = {"invoice_id": invoice.id, "currency": due.currency}
    await org.create_all(InvoiceLine, [{**of, **line} for line in written(due.lines)])
    await org.create_all(TaxLine, [{**of, **line} for line in taxes(due)])
    await ledger.post(org, PostingKind.INVOICE_ISSUED, books.issued(due.subtotal, due.tax.total), invoice_id=invoice.id)
    await balance.spend(org, invoice.id, due.spent)
    await org.record(BillingActivityKind.INVOICE_ISSUED, said.requested, invoice_id=invoice.id)
    org.changed(ChangeKind.INVOICES)
    return invoice


async def paid(org: Change, invoice: Invoice, amount: Money) -> None:
    """So much of it came."""
    invoice.amount_due -= amount.amount
    if invoice.amount_due == 0:
        invoice.status, invoice.paid_at = InvoiceStatus.PAID, org.now
    await invoice.save(update_fields=["amount_due", "status", "paid_at"])
    org.changed(ChangeKind.INVOICES)


async def carried(org: Change, invoice: Invoice) -> None:
    """It is too little to be taken: it is settled here, and owed with the next one."""
    amount = Money(invoice.amount_due, invoice.currency)
    await ledger.post(org, PostingKind.CARRIED, books.carried_over(amount), invoice_id=invoice.id)
    await paid(org, invoice, amount)


async def void(org: Change, invoice: Invoice) -> None:
    """Take back what credit notes left of it: what was paid of that, by credits or otherwise, is a credit again."""
    notes = await CreditNote.filter(organization_id=org.id, invoice_id=invoice.id)
    subtotal = Money(invoice.subtotal - sum(note.subtotal for note in notes), invoice.currency)
    tax = Money(invoice.tax - sum(note.tax for note in notes), invoice.currency)
    await ledger.post(org, PostingKind.INVOICE_VOIDED, books.corrected(subtotal, tax), invoice_id=invoice.id)
    returned = await balance.give_back(org, invoice.id, Money(invoice.credit_applied, invoice.currency))
    came = subtotal + tax - returned - Money(invoice.amount_due, invoice.currency)
    if came.amount > 0:
        await balance.grant(org, came, CreditReason.OVERPAYMENT, books.overpaid(came), invoice.id)
    invoice.status, invoice.amount_due, invoice.voided_at = InvoiceStatus.VOID, 0, org.now
    await invoice.save(update_fields=["status", "amount_due", "voided_at"])
    await org.record(BillingActivityKind.INVOICE_VOIDED, invoice_id=invoice.id)
    org.changed(ChangeKind.INVOICES)


def written(lines: Sequence[Line]) -> list[Mapping[str, Any]]:
    """Lines as rows hold them."""
    return [
        {
            "position": position,
            "kind": LineKind(line.kind),
            "plan_name": line.plan,
            "interval": interval(line.interval),
            "quantity": line.quantity,
            "unit_amount": line.unit_amount.amount,
            "amount": line.amount.amount,
            "period_start": line.period.start,
            "period_end": line.period.end,
        }
        for position, line in enumerate(lines)
    ]


def interval(length: Interval) -> BillingInterval:
    """As the catalogue names it."""
    return BillingInterval[length.name]


def taxes(due: Bill) -> list[Mapping[str, Any]]:
    """Taxes as rows hold them."""
    return [
        {
            "position": position,
            "name": line.rate.name,
            "rate_basis_points": line.rate.basis_points,
            "net": line.net.amount,
            "amount": line.amount.amount,
        }
        for position, line in enumerate(due.tax.lines)
    ]
