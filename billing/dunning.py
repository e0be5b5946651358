"""Dunning: what an invoice brings that is not paid in time, and what its payment ends."""

from dataclasses import dataclass
from functools import partial

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from billing import collecting, notices, subscriptions
from billing.change import Change, change
from billing.rules.calendar import MICROSECOND, period_containing
from billing.rules.dunning import next_retry, suspended_at
from billing.rules.facts import Facts
from billing.rules.money import zero
from mailer import messages
from models import BillingActivityKind, Invoice, InvoiceStatus, Payment, PlanSubscription, SubscriptionStatus

OWING = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.SUSPENDED)
SYSTEM = (None, None)


@dataclass(frozen=True)
class Step:
    """Whether a step of dunning was due."""

    done: bool


def late(org: Change) -> QuerySet[Invoice]:
    """Invoices that should be paid by now. One that came first for a quote may wait, a transfer until its day."""
    in_time = Q(transfer_reference=None) | Q(due_at__lte=org.now)
    return Invoice.filter(in_time, organization_id=org.id, status=InvoiceStatus.OPEN, quote_id=None)


async def failed(org: Change, payment: Payment) -> None:
    """A charge behind the payer's back did not succeed: another card may."""
    if not await collecting.go_on(org, payment):
        await missed(org, await org.one(Invoice, id=payment.invoice_id))


async def missed(org: Change, invoice: Invoice) -> None:
    """It was not paid: it is tried again by and by, and everything works on meanwhile."""
    subscription = await org.one(PlanSubscription)
    if subscription.status in {SubscriptionStatus.SUSPENDED, SubscriptionStatus.CANCELED}:
        return
    since = subscription.past_due_since or org.now
    if subscription.past_due_since is None:
        subscription.status, subscription.past_due_since = SubscriptionStatus.PAST_DUE, since
        await org.record(BillingActivityKind.SUBSCRIPTION_PAST_DUE, SYSTEM)
    subscription.dunning_at = next_retry(since, org.now) or suspended_at(since)
    await subscriptions.save(org, subscription)
    said = partial(messages.payment_failed, invoice=invoice.number or "", until=suspended_at(since))
    await notices.tell(org, said)


@change(None)
async def step(org: Change) -> Step:
    """What is due by now: the late invoices are charged again, or the time is over and features end."""
    subscription = await org.maybe(PlanSubscription)
    if subscription is None or subscription.status != SubscriptionStatus.PAST_DUE:
        return Step(done=False)
    since, at = subscription.past_due_since, subscription.dunning_at
    if since is None or at is None or org.now < at:
        return Step(done=False)
    if org.now >= suspended_at(since):
        await _suspended(org, subscription)
    else:
        subscription.dunning_at = next_retry(since, org.now) or suspended_at(since)
        await subscriptions.save(org, subscription)
        await _again(org)
    return Step(done=True)


async def _again(org: Change) -> None:
    _, known = await subscriptions.standing(org)
    carried = known.facts.carried
    for invoice in await late(org).order_by("id"):
        await collecting.begin(org, invoice, carried)
        carried = zero(carried.currency)
    await cleared(org)  # of what is too little, nothing may be left to wait for


async def _suspended(org: Change, subscription: PlanSubscription) -> None:
    subscription.status, subscription.dunning_at = SubscriptionStatus.SUSPENDED, None
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_SUSPENDED, SYSTEM)
    await notices.tell(org, messages.suspended)


async def cleared(org: Change) -> None:
    """An invoice was paid: if it was the last that was late, all is as it was, and periods go on from their anchor."""
    subscription = await org.one(PlanSubscription)
    if subscription.status not in OWING or await late(org).exists():
        return
    if subscription.status == SubscriptionStatus.SUSPENDED:
        _, known = await subscriptions.standing(org)
        _skip(org, subscription, known.facts)
    subscription.status = SubscriptionStatus.ACTIVE
    subscription.past_due_since = subscription.dunning_at = None
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_RESUMED, SYSTEM)


def _skip(org: Change, subscription: PlanSubscription, facts: Facts) -> None:
    """Periods that went by while it was suspended are not billed: the next renewal is of the one that contains now."""
    if org.now < facts.end:
        return
    running = period_containing(facts.anchor, facts.current.interval, org.now)
    if running.start > facts.end:
        before = period_containing(facts.anchor, facts.current.interval, running.start - MICROSECOND)
        subscription.current_period_start, subscription.current_period_end = before.start, before.end
        subscription.paid_ahead_until = subscription.ahead_price_id = None
