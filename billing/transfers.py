"""Transfers: a line of a bank's statement finds its invoice by the reference that the payer wrote, or waits for us."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing import balance, dunning, invoices, letters, orders, payments
from billing.change import Change, change
from billing.errors import QuoteStale
from billing.gateways.gateway import GatewayKind
from billing.room import Room
from billing.rules import ledger as books
from billing.rules.money import Money
from billing.rules.references import references
from models import BankPayment, BankPaymentStatus, CreditReason, Invoice, InvoiceStatus, Payment, PaymentStatus
from models.transactions import rows, transaction

# The same line of a statement is there once, however often and by whomever it is told.
KEEP = """
insert into bank_payment (id, bank_reference, text, amount, currency, booked_on, status, received_at)
values ($1, $2, $3, $4, $5, $6, 'UNMATCHED', $7) on conflict (bank_reference) do nothing
"""
MATCH = """
update bank_payment set status = 'MATCHED', organization_id = $2, payment_id = $3
where bank_reference = $1 and status = 'UNMATCHED' returning id
"""


@dataclass(frozen=True)
class Line:
    """Of a bank's statement: money that came. `bank_reference` is the bank's own name for it, unlike any other."""

    bank_reference: str
    text: str
    amount: Money
    booked_on: date


@dataclass(frozen=True)
class Booked:
    """Where it is now; `number` is the invoice's that it paid."""

    status: BankPaymentStatus
    number: str | None = None


async def book(room: Room, line: Line) -> Booked:
    """Book it on the invoice that its text names; what names none, or one that it cannot pay, waits as UNMATCHED.

    Told twice, it is booked once. Raises ValueError unless it is above zero.
    """
    if line.amount.amount <= 0:
        raise ValueError("Only money that came can be booked.")
    now = room.clock()
    own = (line.bank_reference, line.text, line.amount.amount, line.amount.currency, line.booked_on, now)
    await transaction(lambda: rows(KEEP, room.ids(now), *own))
    invoice = await _named(line.text)
    if invoice is None:
        return await found(line.bank_reference)
    return await received(room, None, invoice.organization_id, None, invoice.id, line.bank_reference)


async def match(room: Room, bank_reference: str, invoice: Invoice) -> Booked:
    """Book what waits on the invoice that an operator names; UNMATCHED still if it cannot pay it."""
    return await received(room, None, invoice.organization_id, None, invoice.id, bank_reference)


async def found(bank_reference: str) -> Booked:
    """Where a line is now. Raises DoesNotExist."""
    row = await BankPayment.get(bank_reference=bank_reference)
    payment = await Payment.get_or_none(organization_id=row.organization_id, id=row.payment_id)
    invoice = payment and await Invoice.get(organization_id=payment.organization_id, id=payment.invoice_id)
    return Booked(row.status, invoice.number if invoice else None)


async def _named(text: str) -> Invoice | None:
    """The one invoice that a text names; none if it names several."""
    named = await Invoice.filter(transfer_reference__in=references(text))
    return named[0] if len(named) == 1 else None


@change(None)
async def received(org: Change, invoice_id: UUID, bank_reference: str) -> Booked:
    """A line of a statement pays this invoice, if it waits still and can."""
    line = await BankPayment.select_for_update().get(bank_reference=bank_reference)  # another organization may want it
    invoice = await org.one(Invoice, id=invoice_id)
    payable = invoice.status == InvoiceStatus.OPEN and invoice.currency == line.currency
    if line.status != BankPaymentStatus.UNMATCHED:
        return await found(bank_reference)
    if payable:
        try:
            async with org.attempt():
                await _paid(org, invoice, line)
            return Booked(BankPaymentStatus.MATCHED, invoice.number)
        except QuoteStale:  # what it was for cannot be had any more
            pass
    return Booked(BankPaymentStatus.UNMATCHED)


async def _paid(org: Change, invoice: Invoice, line: BankPayment) -> None:
    payment = await org.create(
        Payment,
        amount=line.amount,
        refunded_amount=0,
        currency=line.currency,
        status=PaymentStatus.PROCESSING,
        created_at=org.now,
        gateway=GatewayKind.TRANSFER,
        gateway_reference=line.bank_reference,
        invoice_id=invoice.id,
    )
    await rows(MATCH, line.bank_reference, org.id, payment.id)
    await payments.succeeded(org, payment, invoice.id)
    part = min(line.amount, invoice.amount_due)
    await invoices.paid(org, invoice, Money(part, line.currency))
    if surplus := line.amount - part:
        over = Money(surplus, line.currency)
        await balance.grant(org, over, CreditReason.OVERPAYMENT, books.overpaid(over), invoice.id)
    await orders.fulfil(org, invoice)
    await dunning.cleared(org)
    await letters.receipt(org, payment, invoice)
