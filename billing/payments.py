"""Payments: the intent is written before the gateway is called, and what it said is written after."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from billing import ledger
from billing.change import Change
from billing.limits import CHARGING, CHARGING_BY_ONE
from billing.rules import ledger as books
from billing.rules.money import Money
from models import BillingActivityKind, Payment, PaymentMethod, PaymentStatus, PostingKind, Role
from models.changes import ChangeKind

SETTLE = "settle_payment"
RELEASE = "release_payment"
UNDER_WAY = (PaymentStatus.PROCESSING, PaymentStatus.REQUIRES_ACTION)
HOLD = timedelta(hours=1)
# Who asks is still waiting for the answer: the job is for when he cannot be given one any more.
AHEAD = timedelta(seconds=30)


@dataclass(frozen=True)
class Purpose:
    """What a payment is for: an invoice, or a quote whose invoice comes with the money; `carried` is part of it."""

    invoice_id: UUID | None = None
    quote_id: UUID | None = None
    carried: int = 0


async def begin(org: Change, amount: Money, method: PaymentMethod, purpose: Purpose, *, on_session: bool) -> Payment:
    """Write down that this is to be taken. Whoever commits that settles it; a job does if he cannot.

    Raises RateLimited, where somebody asks for it.
    """
    who, acted_as = org.actor
    if on_session:
        await org.room.limits.spend(CHARGING_BY_ONE, subject=str(who or ""))
        await org.room.limits.spend(CHARGING, subject=str(org.id))
    payment = await org.create(
        Payment,
        amount=amount.amount,
        refunded_amount=0,
        carried=purpose.carried,
        currency=amount.currency,
        status=PaymentStatus.PROCESSING,
        created_at=org.now,
        payment_method_id=method.id,
        invoice_id=purpose.invoice_id,
        quote_id=purpose.quote_id,
        gateway=method.gateway,
        on_session=on_session,
        made_by_id=who,
        made_as=acted_as,
    )
    org.later(SETTLE, org.now + AHEAD if on_session else org.now, payment=payment.id)
    org.changed(ChangeKind.PAYMENTS)
    return payment


async def under_way(org: Change, **of: Any) -> bool:
    """Whether there is one that is neither here nor lost, `of` this invoice or payment method."""
    return await Payment.exists(organization_id=org.id, status__in=UNDER_WAY, **of)


async def succeeded(org: Change, payment: Payment, invoice_id: UUID | None) -> None:
    """The money is there: book it, for this invoice or to be given back."""
    amount, carried = (Money(each, payment.currency) for each in (payment.amount, payment.carried))
    payment.status, payment.settled_at, payment.invoice_id = PaymentStatus.SUCCEEDED, org.now, invoice_id
    payment.failure_code = payment.action_kind = payment.action_url = payment.action_secret = None
    await payment.save()
    await ledger.post(
        org, PostingKind.PAYMENT, books.paid(amount, carried), payment_id=payment.id, invoice_id=invoice_id
    )
    await org.record(BillingActivityKind.PAYMENT_SUCCEEDED, made_by(payment), payment_id=payment.id)
    org.changed(ChangeKind.PAYMENTS)


async def failed(org: Change, payment: Payment, code: str) -> None:
    """The money did not come, and will not by this payment."""
    payment.status, payment.settled_at, payment.failure_code = PaymentStatus.FAILED, org.now, code
    payment.action_kind = payment.action_url = payment.action_secret = None
    await payment.save()
    await org.record(BillingActivityKind.PAYMENT_FAILED, made_by(payment), payment_id=payment.id)
    org.changed(ChangeKind.PAYMENTS)


def made_by(payment: Payment) -> tuple[UUID | None, Role | None]:
    """Who made it, whoever tells of it."""
    return payment.made_by_id, payment.made_as
