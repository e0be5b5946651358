"""Prices that bind: what was asked, what it comes to, and the terms that it buys."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.catalogue import BillingInterval
from models.invoice import LineKind
from models.roles import Role
from models.subscription import BillingMode
from models.table import Column, Tenant


class QuoteStatus(StrEnum):
    """Where a quote stands. That its time is over is computed, never stored."""

    OPEN = "OPEN"
    HELD = "HELD"  # a payment for it is under way
    INVOICED = "INVOICED"  # an invoice came first; its payment carries it out
    APPLIED = "APPLIED"
    DROPPED = "DROPPED"


class Quote(Tenant):
    """A price for a change of the subscription, good while OPEN and `now < expires_at` and its inputs are the same.

    `asked` is the question, to be put again; `inputs` the SHA-256 of all that the price depends on. The period is that
    of the new terms, which begin at `effective_at`: at once, or `scheduled` for the end of what is paid. `carried`
    is what was too little to be taken before; below zero, what is now.
    """

    status = Column[QuoteStatus]()
    asked = Column[dict[str, Any]]()
    inputs = Column[bytes]()
    plan_id = Column[UUID]()
    price_id = Column[UUID]()
    interval = Column[BillingInterval]()
    mode = Column[BillingMode]()
    seats = Column[int]()
    currency = Column[str]()
    effective_at = Column[datetime]()
    anchor_at = Column[datetime]()
    period_start = Column[datetime]()
    period_end = Column[datetime]()
    scheduled = Column[bool]()
    renewal = Column[bool]()
    trial = Column[bool]()
    subtotal = Column[int]("bigint")
    tax = Column[int]("bigint")
    credit_applied = Column[int]("bigint")
    credit_granted = Column[int]("bigint")
    due_now = Column[int]("bigint")
    carried = Column[int]("bigint")
    next_charge = Column[int | None]("bigint")
    next_charge_at = Column[datetime | None]()
    created_at = Column[datetime]()
    expires_at = Column[datetime]()
    quoted_by_id = Column[UUID | None]()
    quoted_as = Column[Role | None]()


class QuoteLine(Tenant):
    """What a quote charges for, or gives back; `whole` is the period that the unit amount is for."""

    quote_id = Column[UUID]()
    position = Column[int]()
    kind = Column[LineKind]()
    plan_name = Column[str]()
    interval = Column[BillingInterval]()
    quantity = Column[int]()
    unit_amount = Column[int]("bigint")
    amount = Column[int]("bigint")
    currency = Column[str]()
    period_start = Column[datetime]()
    period_end = Column[datetime]()
    whole_start = Column[datetime]()
    whole_end = Column[datetime]()
