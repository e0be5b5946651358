"""An open invoice is paid by hand: by a card that is named, or the default one."""

from dataclasses import dataclass
from uuid import UUID

from billing import dunning, invoices, orders, payment_methods, payments, quotes
from billing.change import Change, change
from billing.errors import NotFound, NotPayable, PaymentInProgress, QuoteStale
from billing.payments import Purpose
from billing.rules.money import Money
from models import Invoice, InvoiceStatus, Permission


@dataclass(frozen=True)
class Begun:
    """The invoice, and the payment that is under way; none where so little is left that no card takes it."""

    invoice_id: UUID
    payment_id: UUID | None = None


@change(Permission.CHANGE_PLAN)
async def pay(org: Change, invoice_id: UUID, method_id: UUID | None) -> Begun:
    """Begin to pay what is left of it; one payment at a time, whoever begins it.

    Raises NotFound, NotPayable, PaymentInProgress, NoPaymentMethod, RateLimited.
    """
    invoice = await org.maybe(Invoice, id=invoice_id)
    if invoice is None:
        raise NotFound("invoiceId")
    if invoice.status != InvoiceStatus.OPEN:
        raise NotPayable("invoiceId")
    if await payments.under_way(org, invoice_id=invoice.id):
        raise PaymentInProgress
    if invoice.quote_id:
        await quotes.none_held(org)
    method = await payment_methods.usable(org, method_id)
    left = Money(invoice.amount_due, invoice.currency)
    if org.room.gateway and left < org.room.gateway.minimum(invoice.currency):
        await _carried(org, invoice)
        return Begun(invoice.id)
    payment = await payments.begin(org, left, method, Purpose(invoice_id=invoice.id), on_session=True)
    return Begun(invoice.id, payment.id)


async def _carried(org: Change, invoice: Invoice) -> None:
    """So little is left that it is settled with the next one: what it was for comes now. Raises NotPayable."""
    await invoices.carried(org, invoice)
    try:
        await orders.fulfil(org, invoice)
    except QuoteStale:
        raise NotPayable("invoiceId") from None
    await dunning.cleared(org)
