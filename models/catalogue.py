"""What can be bought: plans, their prices by version, their features. Data of the installation, not of a customer."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.table import Column, Derived, Stored


class BillingInterval(StrEnum):
    """How often a price is charged."""

    MONTH = "MONTH"
    YEAR = "YEAR"


class Plan(Stored):
    """A plan; `position` orders the catalogue."""

    key = Column[str]()
    name = Column[str]()
    description = Column[str]()
    position = Column[int]()


class PlanIn(Derived, source="plan_in", noun=Plan.__name__):
    """A plan in a currency: one row for each currency that it has a price in."""

    id = Column[UUID]()
    key = Column[str]()
    name = Column[str]()
    description = Column[str]()
    position = Column[int]()
    currency = Column[str]()


class Price(Stored):
    """What a seat costs. A new version retires the one before it; a running term keeps the version it began with."""

    plan_id = Column[UUID]()
    interval = Column[BillingInterval]()
    currency = Column[str]()
    unit_amount = Column[int]("bigint")
    version = Column[int]()
    created_at = Column[datetime]()
    retired_at = Column[datetime | None]()


class PlanFeature(Stored):
    """What a plan gives; a null limit is none."""

    plan_id = Column[UUID]()
    key = Column[str]()
    name = Column[str]()
    limit_value = Column[int | None]()
    position = Column[int]()
