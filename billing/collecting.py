"""Collecting: an open invoice is charged behind the payer's back, from one card after another until one pays."""

from billing import invoices, payments
from billing.change import Change
from billing.payment_methods import payable
from billing.payments import Purpose
from billing.rules.money import Money
from models import Invoice, InvoiceStatus, Payment, PaymentMethod


async def begin(org: Change, invoice: Invoice, carried: Money) -> bool:
    """Charge what is due, and with it what was carried, from the first card; whether that is under way, or settled.

    What a bank transfer left of it may be too little to be charged.
    """
    if await payments.under_way(org, invoice_id=invoice.id):
        return True
    amount = Money(invoice.amount_due, invoice.currency)
    if org.room.gateway and amount + carried < org.room.gateway.minimum(invoice.currency):
        await invoices.carried(org, invoice)
        return True
    cards = await payable(org)
    if cards:
        await _charge(org, invoice, carried, cards[0])
    return bool(cards)


async def go_on(org: Change, payment: Payment) -> bool:
    """Behind a charge that failed: try the next card; whether there is one, or nothing is left to charge."""
    invoice = await org.one(Invoice, id=payment.invoice_id)
    if invoice.status != InvoiceStatus.OPEN:
        return True
    cards = await payable(org)
    tried = next((place for place, card in enumerate(cards) if card.id == payment.payment_method_id), len(cards))
    if not cards[tried + 1 :]:
        return False
    await _charge(org, invoice, Money(payment.carried, payment.currency), cards[tried + 1])
    return True


async def _charge(org: Change, invoice: Invoice, carried: Money, card: PaymentMethod) -> None:
    amount = Money(invoice.amount_due, invoice.currency) + carried
    await payments.begin(org, amount, card, Purpose(invoice.id, carried=carried.amount), on_session=False)
