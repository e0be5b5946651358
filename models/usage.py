"""What an organization used, by day: only what a plan bills or limits."""

from datetime import date
from enum import StrEnum

from models.table import Column, Tenant


class Metric(StrEnum):
    """What is metered; its value is the key of the plan's feature that limits it."""

    SEATS = "seats"
    API_REQUESTS = "api_requests"
    STORAGE = "storage"


# What adds up over a day, and over days; of the others the last value stands.
SUMMED = frozenset({Metric.API_REQUESTS})


class UsageDay(Tenant):
    """The value of a metric on a day in UTC: what happened that day, or what there was at its end."""

    metric = Column[Metric]()
    day = Column[date]()
    value = Column[int]("bigint")
