"""What the fields of plans, subscriptions, payments and invoices stand for."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import models
from models.table import Row
from resolvers.loads import Reads
from resolvers.relations import Batched, many, one, only

plan = one(models.PlanSubscription.plan_id, models.PlanIn, like={"currency": "currency"})
price = one(models.PlanSubscription.price_id, models.Price)
scheduled_change = only(models.ScheduledChange, by=models.ScheduledChange.subscription_id)
scheduled_plan = one(models.ScheduledChange.plan_id, models.PlanIn, like={"currency": "currency"})
prices = many(
    models.Price,
    by=models.Price.plan_id,
    like={"currency": "currency"},
    order=[models.Price.unit_amount],
    where="retired_at is null",
)
features = many(models.PlanFeature, by=models.PlanFeature.plan_id, order=[models.PlanFeature.position])
lines = many(models.InvoiceLine, by=models.InvoiceLine.invoice_id, order=[models.InvoiceLine.position])
tax_lines = many(models.TaxLine, by=models.TaxLine.invoice_id, order=[models.TaxLine.position])
credit_notes = many(models.CreditNote, by=models.CreditNote.invoice_id, order=[models.CreditNote.issued_at])
payment_method = one(models.Payment.payment_method_id, models.PaymentMethod)
payment_invoice = one(models.Payment.invoice_id, models.Invoice)
refunds = many(models.Refund, by=models.Refund.payment_id, order=[models.Refund.created_at])
activity_invoice = one(models.BillingActivity.invoice_id, models.Invoice)
activity_payment = one(models.BillingActivity.payment_id, models.Payment)
activity_payment_method = one(models.BillingActivity.payment_method_id, models.PaymentMethod)
activity_invitation = one(models.BillingActivity.invitation_id, models.BillingInvitation)


class Balance(NamedTuple):
    """Money in minor units."""

    amount: int
    currency: str


async def _balances(reads: Reads, organizations: Sequence[Row], _args: Mapping[str, Any]) -> Sequence[Balance | None]:
    rows = await reads.fetch(
        "select s.organization_id, s.currency, coalesce(sum(c.remaining), 0)::bigint as remaining"
        " from plan_subscription s left join credit c on c.organization_id = s.organization_id"
        " and c.currency = s.currency and (c.expires_at is null or c.expires_at > $2::timestamptz)"
        " where s.organization_id = any($1::uuid[]) group by s.organization_id, s.currency",
        [row["id"] for row in organizations],
        reads.now,
    )
    found = {row["organization_id"]: Balance(row["remaining"], row["currency"]) for row in rows}
    return [found.get(row["id"]) for row in organizations]


credit_balance = Batched(_balances)
