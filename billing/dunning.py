"""Dunning: what a charge that failed behind the payer's back brings, and what its payment ends."""

from billing import subscriptions
from billing.change import Change
from billing.rules.dunning import next_retry, suspended_at
from models import BillingActivityKind, Invoice, InvoiceStatus, PlanSubscription, SubscriptionStatus

OWING = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.SUSPENDED)


async def missed(org: Change) -> None:
    """A renewal was not paid: it is tried again by and by, and everything works on meanwhile."""
    subscription = await org.one(PlanSubscription)
    if subscription.status == SubscriptionStatus.SUSPENDED:
        return
    if subscription.past_due_since is None:
        subscription.status, subscription.past_due_since = SubscriptionStatus.PAST_DUE, org.now
        await org.record(BillingActivityKind.SUBSCRIPTION_PAST_DUE, (None, None))
    since = subscription.past_due_since
    subscription.dunning_at = next_retry(since, org.now) or suspended_at(since)
    await subscriptions.save(org, subscription)


async def cleared(org: Change) -> None:
    """An invoice was paid: if it was the last that was late, all is as it was, and periods go on from their anchor."""
    subscription = await org.one(PlanSubscription)
    if subscription.status not in OWING or await Invoice.exists(organization_id=org.id, status=InvoiceStatus.OPEN):
        return
    subscription.status = SubscriptionStatus.ACTIVE
    subscription.past_due_since = subscription.dunning_at = None
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_RESUMED, (None, None))
