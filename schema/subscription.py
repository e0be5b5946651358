"""What an organization has bought, as a client sees it."""

from datetime import datetime

import strawberry

import models
from models import BillingInterval, BillingMode, Permission, SubscriptionStatus
from resolvers import billing, quotes
from schema.declare import Computed, column, computed, edge, node, record, value
from schema.plan import Plan, Price
from schema.quote import UpcomingCharge


@value
class Seats:
    """How many people the plan has room for."""

    purchased: int = strawberry.field(description="Paid for.")
    used: int = strawberry.field(description="Taken, by people and by invitations that hold a seat for them.")
    available: int = strawberry.field(description="Free: purchased less used.")


def counted(purchased: int, used: int, reserved: int) -> Seats:
    """Reserved seats are not told apart: how many invitations of members are pending is hidden."""
    return Seats(purchased=purchased, used=used + reserved, available=purchased - used - reserved)


@record(models.ScheduledChange, prefix="change")
class ScheduledChange:
    """What the subscription will become when its period ends."""

    effective_at: datetime = column(models.ScheduledChange.effective_at, "When.")
    plan: Plan = edge(billing.scheduled_plan, "The plan from then on.")
    interval: BillingInterval = column(models.ScheduledChange.interval, "How often it is charged from then on.")
    seats: int = column(models.ScheduledChange.seats, "The seats from then on.")


@node("sub", models.PlanSubscription, access=Permission.VIEW_PLAN)
class PlanSubscription:
    """What the organization has bought."""

    status: SubscriptionStatus = column(models.PlanSubscription.status, "Where it stands.")
    plan: Plan = edge(billing.plan, "The plan.")
    price: Price = edge(billing.price, "The price, as it was when the running term began.")
    mode: BillingMode = column(models.PlanSubscription.mode, "How seats are bought.")
    seats: Seats = computed(
        Computed(
            (
                models.PlanSubscription.seats_purchased,
                models.PlanSubscription.seats_used,
                models.PlanSubscription.seats_reserved,
            ),
            counted,
        ),
        "How many people it has room for.",
    )
    current_period_start: datetime = column(models.PlanSubscription.current_period_start, "Belongs to the period.")
    current_period_end: datetime = column(models.PlanSubscription.current_period_end, "Belongs to the next period.")
    auto_renew: bool = column(models.PlanSubscription.auto_renew, "Whether it goes on when the period ends.")
    trial_start: datetime | None = column(models.PlanSubscription.trial_start, "Null if there was no trial.")
    trial_end: datetime | None = column(models.PlanSubscription.trial_end, "Null if there was no trial.")
    cancel_at: datetime | None = column(models.PlanSubscription.cancel_at, "When it will end; null while it goes on.")
    scheduled_change: ScheduledChange | None = edge(billing.scheduled_change, "What will change; at most one thing.")
    next_charge: UpcomingCharge | None = edge(
        quotes.next_charge,
        "What the next renewal will charge as things stand; at the end of what does not go on, seats not billed yet.",
    )
