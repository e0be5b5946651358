"""What an organization has bought, and what will change at the period's end."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.catalogue import BillingInterval
from models.table import Column, Tenant


class SubscriptionStatus(StrEnum):
    """Where a subscription stands."""

    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PENDING_PAYMENT = "PENDING_PAYMENT"
    PAST_DUE = "PAST_DUE"
    SUSPENDED = "SUSPENDED"
    CANCELED = "CANCELED"


class BillingMode(StrEnum):
    """How seats are bought."""

    FLEXIBLE = "FLEXIBLE"
    FIXED = "FIXED"


class PlanSubscription(Tenant):
    """One an organization. Periods are half open and follow `anchor_at`.

    `seats_used` counts members, `seats_reserved` their pending invitations. `paid_ahead_until`: the next period is paid
    too, at `ahead_price_id`. `dunning_at`: the next step of dunning. Time changes something then, or
    at the end of the period. `reminded_for`: the renewal ahead that was told by mail.
    """

    plan_id = Column[UUID]()
    price_id = Column[UUID]()
    currency = Column[str]()
    status = Column[SubscriptionStatus]()
    mode = Column[BillingMode]()
    seats_purchased = Column[int]()
    seats_used = Column[int]()
    seats_reserved = Column[int]()
    anchor_at = Column[datetime]()
    current_period_start = Column[datetime]()
    current_period_end = Column[datetime]()
    auto_renew = Column[bool]()
    trial_start = Column[datetime | None]()
    trial_end = Column[datetime | None]()
    cancel_at = Column[datetime | None]()
    created_at = Column[datetime]()
    paid_ahead_until = Column[datetime | None]()
    ahead_price_id = Column[UUID | None]()
    past_due_since = Column[datetime | None]()
    dunning_at = Column[datetime | None]()
    reminded_for = Column[datetime | None]()


class ScheduledChange(Tenant):
    """What the subscription becomes at `effective_at`; at most one a subscription."""

    subscription_id = Column[UUID]()
    effective_at = Column[datetime]()
    plan_id = Column[UUID]()
    currency = Column[str]()
    interval = Column[BillingInterval]()
    seats = Column[int]()
    created_at = Column[datetime]()
    mode = Column[BillingMode](default=BillingMode.FLEXIBLE)


class SeatAddition(Tenant):
    """Seats that followed the people within a period: on the next invoice, for the rest of the period from `at` on.

    `quote_id`: a quote that is being paid has them.
    """

    at = Column[datetime]()
    seats_before = Column[int]()
    seats_after = Column[int]()
    price_id = Column[UUID]()
    period_start = Column[datetime]()
    period_end = Column[datetime]()
    quote_id = Column[UUID | None]()
    invoice_id = Column[UUID | None]()
