"""Renewals: a period is over, and the next one begins: paid before, charged now, for nothing, or not at all."""

from dataclasses import dataclass
from datetime import datetime

from billing import collecting, dunning, invoices, letters, notices, orders, quotes, seats, subscriptions
from billing.change import Change, change
from billing.facts import Known
from billing.invoices import Issue
from billing.payment_methods import payable
from billing.rules.calendar import period_containing
from billing.rules.facts import Addition, Ahead, Facts, Priced
from billing.rules.references import reference
from billing.rules.renewals import Upcoming, closing, upcoming
from billing.subscriptions import Bought
from mailer import messages
from models import (
    BillingActivityKind,
    PlanSubscription,
    SeatAddition,
    SubscriptionStatus,
)

OVER = {SubscriptionStatus.SUSPENDED, SubscriptionStatus.CANCELED}
SYSTEM = (None, None)


@dataclass(frozen=True)
class Renewal:
    """Whether a period ended: then the next may be over as well."""

    moved: bool


@change(None)
async def renew(org: Change) -> Renewal:
    """End one period that is over and begin the next. Done twice, late or by two workers, it is done once.

    What is suspended is not renewed, what is being bought is waited for, and dunning that was due earlier goes first.
    """
    subscription = await org.maybe(PlanSubscription)
    if subscription is None or not _over(subscription, org.now):
        return Renewal(moved=False)
    if await quotes.held(org):
        return Renewal(moved=False)
    await seats.settle(org)  # an invitation that expired holds no seat
    subscription, known = await subscriptions.standing(org)
    if known.facts.ahead:
        await _paid_ahead(org, subscription, known.facts, known.facts.ahead)
    elif not known.facts.renews:
        await _canceled(org, subscription, known.facts)
    elif subscription.status == SubscriptionStatus.TRIALING and not await _affordable(org, known.facts):
        await _fallen(org, subscription, known.facts)
    else:
        await _begun(org, subscription, known)
    return Renewal(moved=True)


def _over(subscription: PlanSubscription, now: datetime) -> bool:
    end, dunning_at = subscription.current_period_end, subscription.dunning_at
    return subscription.status not in OVER and end <= now and not (dunning_at and dunning_at < end)


async def _paid_ahead(org: Change, subscription: PlanSubscription, facts: Facts, ahead: Ahead) -> None:
    """It was paid before: nothing is charged. Seats that came since then are owed for it too."""
    await orders.drop_invoiced(org)
    seats_ = subscription.seats_purchased
    for one in facts.additions:
        if one.period == facts.period:
            await _owed(org, one.ahead(ahead))
    subscriptions.begin(subscription, _bought(subscription, ahead.priced, seats_), facts.anchor, ahead.period)
    subscription.paid_ahead_until = subscription.ahead_price_id = None
    await subscriptions.save(org, subscription)


async def _owed(org: Change, added: Addition) -> None:
    period, price_id = added.period, added.priced.price_id
    await org.create(
        SeatAddition,
        at=added.at,
        seats_before=added.before,
        seats_after=added.after,
        price_id=price_id,
        period_start=period.start,
        period_end=period.end,
    )


async def _canceled(org: Change, subscription: PlanSubscription, facts: Facts) -> None:
    """It does not go on: features end, and nothing is deleted; what was not billed yet is."""
    subscription.status = SubscriptionStatus.CANCELED
    subscription.past_due_since = subscription.dunning_at = None
    await subscriptions.unschedule(org)
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_CANCELED, SYSTEM)
    await notices.tell(org, messages.subscription_ended)
    if due := closing(facts):
        await orders.drop_invoiced(org)
        await _billed(org, due, facts)


async def _affordable(org: Change, facts: Facts) -> bool:
    """Whether what a trial comes to can be paid at all."""
    return not upcoming(facts).collection.charged.amount or bool(await payable(org))


async def _fallen(org: Change, subscription: PlanSubscription, facts: Facts) -> None:
    """A trial that nobody pays for ends on the free plan; where none is sold, it ends."""
    free = next((one for one in facts.catalogue if one.free), None)
    if free is None:
        await _canceled(org, subscription, facts)
        return
    anchor = subscription.current_period_end
    bought = _bought(subscription, free, max(free.limit or 0, facts.seats.floor), fixed=False)
    subscriptions.begin(subscription, bought, anchor, period_containing(anchor, free.interval, anchor))
    subscription.status = SubscriptionStatus.ACTIVE
    await subscriptions.unschedule(org)
    await subscriptions.save(org, subscription)
    await org.record(BillingActivityKind.SUBSCRIPTION_CHANGED, SYSTEM)
    await notices.tell(org, messages.trial_ended)


async def _begun(org: Change, subscription: PlanSubscription, known: Known) -> None:
    """New terms, exactly as they were shown ahead, and the invoice for them."""
    due, pending = upcoming(known.facts), known.facts.pending
    if not known.facts.current.free:
        await orders.drop_invoiced(org)
    bought = _bought(subscription, due.priced, due.seats, fixed=due.fixed)
    subscriptions.begin(subscription, bought, due.anchor, due.period)
    if subscription.status == SubscriptionStatus.TRIALING:
        subscription.status = SubscriptionStatus.ACTIVE
    await subscriptions.unschedule(org)
    await subscriptions.save(org, subscription)
    if pending:
        await org.record(BillingActivityKind.SUBSCRIPTION_CHANGED, SYSTEM)
        await notices.changed(org, due.priced.name, due.seats, due.period.start)
    if due.bill.lines:
        await org.record(BillingActivityKind.SUBSCRIPTION_RENEWED, SYSTEM)
        await _billed(org, due, known.facts)


async def _billed(org: Change, due: Upcoming, facts: Facts) -> None:
    """Its invoice: paid by credits, carried, charged, or to be transferred."""
    by_transfer = due.fixed and bool(due.collection.charged.amount) and not await payable(org)
    transfer = reference(org.room.ids(org.now)) if by_transfer else None
    invoice = await invoices.issue(org, due.bill, Issue(transfer_reference=transfer))
    await subscriptions.billed(org, invoice.id, None)
    if by_transfer:
        await letters.invoice(org, invoice)
    if not invoice.amount_due or by_transfer:
        return
    if not due.collection.charged.amount:
        await invoices.carried(org, invoice)
    elif not await collecting.begin(org, invoice, facts.carried):
        await dunning.missed(org, invoice)


def _bought(subscription: PlanSubscription, priced: Priced, seats_: int, *, fixed: bool | None = None) -> Bought:
    mode = subscription.mode if fixed is None else subscriptions.mode(fixed=fixed)
    currency = priced.unit_amount.currency
    return Bought(priced.plan_id, priced.price_id, invoices.interval(priced.interval), currency, mode, seats_)
