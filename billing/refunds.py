"""Refunds: never more than was paid, and a credit note for what an invoice claimed."""

from billing.change import Change
from billing.errors import RefundTooLarge
from billing.rules.money import Money
from models import Payment, PaymentStatus, Refund, RefundStatus
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


async def begin(org: Change, payment: Payment, amount: Money, reason: str | None) -> Refund:
    """Write down that so much goes back; a job sees to it. Raises RefundTooLarge."""
    if amount.amount <= 0 or not await rows(TAKE, org.id, payment.id, amount.amount):
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


def refundable(payment: Payment) -> Money:
    """What is left of it."""
    left = payment.amount - payment.refunded_amount
    return Money(left if payment.status in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED} else 0, payment.currency)
