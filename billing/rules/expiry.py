"""When a card expires: it is good to the last instant of its month."""

from datetime import UTC, datetime, timedelta

MONTHS = 12


def card_end(year: int, month: int) -> datetime:
    """The first instant at which it is no good, in UTC."""
    return datetime(year + month // MONTHS, month % MONTHS + 1, 1, tzinfo=UTC)


def card_expired(year: int | None, month: int | None, at: datetime) -> bool:
    """What has no end does not expire."""
    return year is not None and month is not None and at >= card_end(year, month)


def warned(year: int, month: int, at: datetime) -> int | None:
    """Which warning is due: 30 or 7 days ahead, none before and none when it is over."""
    left = card_end(year, month) - at
    if left <= timedelta(0):
        return None
    return next((days for days in (7, 30) if left <= timedelta(days=days)), None)
