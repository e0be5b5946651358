"""Dunning: when a charge that failed is tried again, and how long features stay meanwhile."""

from datetime import datetime, timedelta

RETRIES = tuple(timedelta(days=day) for day in (1, 3, 5, 7))
GRACE = timedelta(days=14)


def next_retry(past_due_since: datetime, at: datetime) -> datetime | None:
    """The first retry after an instant, that of the last attempt; none when all are behind it.

    What a pause of the worker has skipped is not made up for: nobody is charged twice in a row.
    """
    return next((past_due_since + wait for wait in RETRIES if past_due_since + wait > at), None)


def suspended_at(past_due_since: datetime) -> datetime:
    """When PAST_DUE becomes SUSPENDED, and features go."""
    return past_due_since + GRACE


def keeps_features(past_due_since: datetime, at: datetime) -> bool:
    """Whether what is past due still works; half open."""
    return at < suspended_at(past_due_since)
