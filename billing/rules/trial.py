"""Trials: 14 days, once an organization. What a trial gives costs nothing, so that its state is worth nothing."""

from datetime import datetime, timedelta

from billing.rules.calendar import Period

TRIAL = timedelta(days=14)


def trial(start: datetime) -> Period:
    """How long it runs; its end is the anchor of what is paid, and an instant before it nothing is owed."""
    return Period(start, start + TRIAL)


def may_try(tried_at: datetime | None) -> bool:
    """Whether an organization may begin one, which it last did at that instant."""
    return tried_at is None
