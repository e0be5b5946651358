"""The one subscription of an organization: how it stands, and how new terms begin."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing import facts, seats
from billing.change import Change
from billing.errors import NotFound
from billing.facts import Known
from billing.rules.calendar import Period
from models import BillingInterval, BillingMode, PlanSubscription, ScheduledChange, SeatAddition
from models.changes import ChangeKind


@dataclass(frozen=True)
class Bought:
    """A plan, its price and how it is bought."""

    plan_id: UUID
    price_id: UUID
    interval: BillingInterval
    currency: str
    mode: BillingMode
    seats: int


async def standing(org: Change) -> tuple[PlanSubscription, Known]:
    """The subscription's row, and the facts of it. Raises NotFound where the catalogue was empty."""
    subscription = await org.maybe(PlanSubscription)
    known = await facts.known([org.id], org.room)
    if subscription is None or org.id not in known:
        raise NotFound("organizationId")
    return subscription, known[org.id]


def mode(*, fixed: bool) -> BillingMode:
    """As rows name it."""
    return BillingMode.FIXED if fixed else BillingMode.FLEXIBLE


def begin(subscription: PlanSubscription, bought: Bought, anchor: datetime, period: Period) -> None:
    """New terms run from now on; nobody loses a seat by them. The caller says what is paid ahead, and saves."""
    subscription.plan_id, subscription.price_id = bought.plan_id, bought.price_id
    subscription.currency, subscription.mode = bought.currency, bought.mode
    committed = subscription.seats_used + subscription.seats_reserved
    subscription.seats_purchased = max(bought.seats, committed)
    subscription.anchor_at = anchor
    subscription.current_period_start, subscription.current_period_end = period.start, period.end


async def schedule(org: Change, subscription: PlanSubscription, bought: Bought, at: datetime) -> None:
    """What it becomes then, in place of what was scheduled before."""
    await unschedule(org)
    await org.create(
        ScheduledChange,
        subscription_id=subscription.id,
        effective_at=at,
        plan_id=bought.plan_id,
        currency=bought.currency,
        interval=bought.interval,
        seats=bought.seats,
        mode=bought.mode,
        created_at=org.now,
    )


async def postpone(org: Change, until: datetime) -> None:
    """What is scheduled waits until then."""
    await ScheduledChange.filter(organization_id=org.id).update(effective_at=until)


async def unschedule(org: Change) -> bool:
    """Drop what was scheduled; whether there was anything."""
    return bool(await ScheduledChange.filter(organization_id=org.id).delete())


async def claim(org: Change, quote_id: UUID) -> None:
    """All seats that followed the people until now are in this quote."""
    await SeatAddition.filter(organization_id=org.id, invoice_id=None, quote_id=None).update(quote_id=quote_id)


async def unclaim(org: Change, quote_id: UUID, heir: UUID | None = None) -> None:
    """They are not, after all, but in the heir's."""
    await SeatAddition.filter(organization_id=org.id, invoice_id=None, quote_id=quote_id).update(quote_id=heir)


async def billed(org: Change, invoice_id: UUID, quote_id: UUID | None) -> None:
    """The seats of this quote, or those that are in none, are on this invoice."""
    await SeatAddition.filter(organization_id=org.id, invoice_id=None, quote_id=quote_id).update(invoice_id=invoice_id)


async def followed(org: Change, subscription: PlanSubscription, bought: int, *, paid: bool) -> None:
    """Whoever came while the new terms were being paid: what is beyond the seats bought is owed at the new price.

    Since the day on which each came: an invoice that came first may be paid weeks later.
    """
    came = SeatAddition.filter(organization_id=org.id, invoice_id=None, quote_id=None)
    days = [(one.seats_after, one.at) for one in await came.order_by("at", "id")]
    await came.delete()
    period = Period(subscription.current_period_start, subscription.current_period_end)
    for after, at in [*days, (subscription.seats_purchased, org.now)]:
        if paid and after > bought:
            await seats.add(org, (bought, after), subscription.price_id, period, at)
        bought = max(bought, after)


async def save(org: Change, subscription: PlanSubscription) -> None:
    """Its seats are counted elsewhere, under the same lock; the rest is written here."""
    await subscription.save()
    org.changed(ChangeKind.PLAN)
