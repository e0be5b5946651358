"""The subscription ends when what is paid is over, or goes on after all; what was scheduled can be taken back."""

from dataclasses import dataclass
from uuid import UUID

from billing import quotes, subscriptions
from billing.change import Change, change
from billing.errors import NothingToCancel, NothingToResume, PaymentInProgress
from billing.rules.facts import Facts
from models import BillingActivityKind, Permission, PlanSubscription, SubscriptionStatus
from models.changes import ChangeKind

IN_TIME = {SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE}


@dataclass(frozen=True)
class Changed:
    """The subscription."""

    subscription_id: UUID


@change(Permission.CHANGE_PLAN)
async def cancel(org: Change) -> Changed:
    """End it when what is paid is over, a trial with the trial. Raises NothingToCancel, PaymentInProgress."""
    return Changed(await end(org))


@change(Permission.CHANGE_PLAN)
async def resume(org: Change) -> Changed:
    """Let it go on, before it has ended. Raises NothingToResume, PaymentInProgress."""
    subscription, known = await subscriptions.standing(org)
    over = org.now >= (subscription.cancel_at or known.facts.end)
    if subscription.auto_renew or known.facts.current.free or over:
        raise NothingToResume
    await quotes.none_held(org)
    subscription.auto_renew, subscription.cancel_at = True, None
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_RESUMED)
    return Changed(subscription.id)


@change(Permission.CHANGE_PLAN)
async def keep(org: Change) -> Changed:
    """Drop what is scheduled: what runs goes on. Raises NothingToCancel, PaymentInProgress."""
    subscription, known = await subscriptions.standing(org)
    await _undisturbed(org, subscription, known.facts)
    if not await subscriptions.unschedule(org):
        raise NothingToCancel
    org.changed(ChangeKind.PLAN)
    await org.record(BillingActivityKind.SUBSCRIPTION_CHANGED)
    return Changed(subscription.id)


async def end(org: Change) -> UUID:
    """The same as `cancel`, as a part of another change; gives the subscription's key."""
    subscription, known = await subscriptions.standing(org)
    if known.facts.current.free or not known.facts.renews:
        raise NothingToCancel
    await _undisturbed(org, subscription, known.facts)
    subscription.auto_renew, subscription.cancel_at = False, max(known.facts.end, org.now)
    await subscriptions.unschedule(org)
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_CANCELED)
    return subscription.id


async def _undisturbed(org: Change, subscription: PlanSubscription, known: Facts) -> None:
    """Nothing is being bought, and no renewal is due: the instant of the end belongs to the next period already."""
    await quotes.none_held(org)
    if org.now >= known.end and subscription.status in IN_TIME:
        raise PaymentInProgress
