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

    `seats_used` counts members, `seats_reserved` their pending invitations.
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


class ScheduledChange(Tenant):
    """What the subscription becomes at `effective_at`; at most one a subscription."""

    subscription_id = Column[UUID]()
    effective_at = Column[datetime]()
    plan_id = Column[UUID]()
    currency = Column[str]()
    interval = Column[BillingInterval]()
    seats = Column[int]()
    created_at = Column[datetime]()
