"""Settlement: the way back from the gateway. Request, job and webhook end here, in whatever order they come."""

from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID

import structlog

from billing import dunning, invoices, letters, orders, payments, refunds
from billing.change import Change, change
from billing.errors import QuoteStale
from billing.gateways.failures import Failure, Refused
from billing.gateways.gateway import Charge, ChargeStatus, Gateway, GatewayRefused, Order
from billing.room import Room
from billing.rules.money import Money
from billing.rules.payments import advanced, settled
from models import Invoice, InvoiceStatus, Payment, PaymentMethod, PaymentStatus, Quote, QuoteStatus
from models.changes import ChangeKind

log = structlog.get_logger(__name__)
UNWANTED = "The purchase was not possible any more."


@dataclass(frozen=True)
class Recorded:
    """Where the payment stands now."""

    status: PaymentStatus


async def settle(room: Room, organization: UUID, payment_id: UUID) -> PaymentStatus:
    """Take the money, unless that was tried before, and write down what came of it. Raises GatewayUnavailable."""
    payment = await Payment.get(organization_id=organization, id=payment_id)
    if settled(payment.status.value) or room.gateway is None:
        return payment.status
    told = await _asked(room, room.gateway, payment)
    return (await record(room, None, organization, None, payment_id, told)).status


async def release(room: Room, organization: UUID, payment_id: UUID) -> PaymentStatus:
    """The payer did not act in time: let go of it, unless he just did. Raises GatewayUnavailable."""
    payment = await Payment.get(organization_id=organization, id=payment_id)
    if payment.status != PaymentStatus.REQUIRES_ACTION or room.gateway is None or not payment.gateway_reference:
        return payment.status
    told = await _known(payment, room.gateway.cancel(payment.gateway_reference))
    return (await record(room, None, organization, None, payment_id, told)).status


def key_of(payment: Payment) -> str:
    """What the gateway knows it by: the organization stands there too, to find it by one index."""
    return f"{payment.organization_id}.{payment.id}"


def named_by(key: str) -> tuple[UUID, UUID] | None:
    """Organization and payment; none for a key that is not ours."""
    try:
        organization, payment = key.split(".")
        return UUID(organization), UUID(payment)
    except ValueError:
        return None


async def _asked(room: Room, gateway: Gateway, payment: Payment) -> Charge:
    if payment.gateway_reference:
        return await _known(payment, gateway.found(payment.gateway_reference))
    method = await PaymentMethod.get(organization_id=payment.organization_id, id=payment.payment_method_id)
    amount = Money(payment.amount, payment.currency)
    order = Order(
        key_of(payment), amount, method.gateway_reference, method.customer,
        on_session=payment.on_session, return_url=f"{room.public_url}/payments/return",
    )  # fmt: skip
    try:
        return await gateway.charge(order)
    except GatewayRefused as error:
        return Charge("", order.key, ChargeStatus.FAILED, amount, error.code)


async def _known(payment: Payment, answer: Awaitable[Charge]) -> Charge:
    """What the gateway says of a charge that it named before; if it does not know it any more, it is lost.

    Nothing is taken anew under the same name. Should it turn up after all, it gives the money back.
    """
    try:
        return await answer
    except GatewayRefused as error:
        if error.code != Refused.NOT_FOUND:
            raise
    log.error("a charge is lost", organization=str(payment.organization_id), payment=str(payment.id))
    amount = Money(payment.amount, payment.currency)
    return Charge(payment.gateway_reference or "", key_of(payment), ChargeStatus.FAILED, amount, Failure.LOST)


@change(None)
async def record(org: Change, payment_id: UUID, told: Charge) -> Recorded:
    """What the gateway says of a payment. Said twice, or late, it changes nothing any more."""
    payment = await org.one(Payment, id=payment_id)
    stand = PaymentStatus(advanced(payment.status.value, told.status.value))
    payment.gateway_reference = payment.gateway_reference or told.reference or None
    if stand == payment.status and stand != PaymentStatus.REQUIRES_ACTION:
        await payment.save(update_fields=["gateway_reference"])
    elif stand == PaymentStatus.SUCCEEDED:
        await _succeeded(org, payment)
    elif stand == PaymentStatus.FAILED:
        await _failed(org, payment, told.failure_code or "card_declined")
    elif stand == PaymentStatus.REQUIRES_ACTION:
        await _held(org, payment, told)
    return Recorded(payment.status)


async def _held(org: Change, payment: Payment, told: Charge) -> None:
    """The payer must act, within the hour."""
    action = told.action
    if action:
        payment.action_kind, payment.action_url, payment.action_secret = action.kind, action.url, action.client_secret
    payment.status = PaymentStatus.REQUIRES_ACTION
    if payment.held_until is None:
        payment.held_until = org.now + payments.HOLD
        org.later(payments.RELEASE, payment.held_until, payment=payment.id)
        org.changed(ChangeKind.PAYMENTS)
    await payment.save()


async def _succeeded(org: Change, payment: Payment) -> None:
    """What it was for is done; if that is not possible any more, the money goes back."""
    try:
        async with org.attempt():
            await (_quote_paid(org, payment) if payment.quote_id else _invoice_paid(org, payment))
    except QuoteStale:
        await payments.succeeded(org, payment, None)
        await refunds.begin(org, payment, Money(payment.amount, payment.currency), UNWANTED)


async def _quote_paid(org: Change, payment: Payment) -> None:
    made = await org.one(Quote, id=payment.quote_id)
    if made.status not in {QuoteStatus.HELD, QuoteStatus.INVOICED}:
        raise QuoteStale
    await orders.carry_out(org, made, payment)


async def _invoice_paid(org: Change, payment: Payment) -> None:
    invoice = await org.one(Invoice, id=payment.invoice_id)
    amount = Money(payment.amount - payment.carried, payment.currency)
    if invoice.status != InvoiceStatus.OPEN or amount.amount > invoice.amount_due:  # a bank was faster
        raise QuoteStale
    await payments.succeeded(org, payment, invoice.id)
    await invoices.paid(org, invoice, amount)
    await orders.fulfil(org, invoice)
    await dunning.cleared(org)
    await letters.receipt(org, payment, invoice)


async def _failed(org: Change, payment: Payment, code: str) -> None:
    """Everything is as it was; what was charged behind the payer's back is tried again."""
    await payments.failed(org, payment, code)
    if payment.quote_id:
        await orders.reopen(org, payment.quote_id)
    elif not payment.on_session:
        await dunning.failed(org, payment)
