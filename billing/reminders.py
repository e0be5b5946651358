"""Reminders: what comes when a period ends is told ahead, once a period."""

from datetime import datetime, timedelta
from functools import partial

from billing import notices, subscriptions
from billing.change import Change, change
from billing.payment_methods import payable
from billing.rules.facts import Facts
from billing.rules.renewals import upcoming
from mailer import messages
from models import PlanSubscription, SubscriptionStatus

TRIAL, RENEWAL = timedelta(days=3), timedelta(days=7)
# Of the period that runs, nothing was told yet; so the index has it.
OPEN = "status in ('TRIALING', 'ACTIVE', 'PAST_DUE') and reminded_for is distinct from current_period_end"
REMINDED = {
    SubscriptionStatus.TRIALING: TRIAL,
    SubscriptionStatus.ACTIVE: RENEWAL,
    SubscriptionStatus.PAST_DUE: RENEWAL,
}


@change(None)
async def remind(org: Change) -> bool:
    """Say what is charged when the period ends, if it is time to and was not said; what is nothing is not told."""
    subscription = await org.maybe(PlanSubscription)
    if subscription is None or not _due(subscription, org.now):
        return False
    _, known = await subscriptions.standing(org)
    subscription.reminded_for = subscription.current_period_end
    await subscription.save(update_fields=["reminded_for"])
    if known.facts.renews and not known.facts.ahead:
        await _told(org, subscription, known.facts)
    return True


def _due(subscription: PlanSubscription, now: datetime) -> bool:
    ahead, end = REMINDED.get(subscription.status), subscription.current_period_end
    return ahead is not None and end - ahead <= now < end and subscription.reminded_for != end


async def _told(org: Change, subscription: PlanSubscription, facts: Facts) -> None:
    due = upcoming(facts)
    amount, at = due.collection.charged, due.at
    if subscription.status == SubscriptionStatus.TRIALING:
        payable_ = not amount.amount or bool(await payable(org))
        told = notices.spelled(amount) if payable_ else None
        await notices.tell(org, partial(messages.trial_ending, at=at, amount=told))
    elif amount.amount:
        await notices.tell(org, partial(messages.renewal_ahead, at=at, amount=notices.spelled(amount)))
