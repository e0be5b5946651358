"""Invoices whose day has come: what was to be transferred and was not, is late."""

from billing import dunning, invoice_requests
from billing.change import Change, change
from models import Invoice, InvoiceStatus, PlanSubscription, SubscriptionStatus


@change(None)
async def remind(org: Change) -> int:
    """Begin dunning for what is due and not said to be; gives for how many. What came first for a quote is not owed."""
    found = Invoice.filter(organization_id=org.id, due_at__lte=org.now, status=InvoiceStatus.OPEN, reminded_at=None)
    late, subscription = await found.order_by("id"), await org.maybe(PlanSubscription)
    for invoice in late:
        if invoice.quote_id:
            await invoice_requests.overdue(org, invoice)
            continue
        invoice.reminded_at = org.now
        await invoice.save(update_fields=["reminded_at"])
        if subscription and subscription.status == SubscriptionStatus.ACTIVE:
            await dunning.missed(org, invoice)
    return len(late)
