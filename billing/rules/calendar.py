"""Periods: counted from the original anchor, half open, in UTC to the microsecond."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

MICROSECOND, DAY = timedelta(microseconds=1), timedelta(days=1)
MONTHS = 12


class Interval(IntEnum):
    """How long a period is, in months; named as the catalogue names it: `Interval["MONTH"]`."""

    MONTH = 1
    YEAR = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`; the end belongs to the next one. Raises ValueError if empty or not in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if {self.start.tzname(), self.end.tzname()} != {"UTC"}:
            raise ValueError("A period is in UTC.")
        if not self.start < self.end:
            raise ValueError("A period ends after it starts.")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def microseconds(self) -> int:
        """How long it is."""
        return (self.end - self.start) // MICROSECOND

    @property
    def days(self) -> int:
        """How long it is to people: a day begun counts."""
        return -((self.start - self.end) // DAY)

    def rest(self, at: datetime) -> "Period":
        """What is left of it: all before it starts. Raises ValueError when it is over."""
        return Period(max(at, self.start), self.end)

    def left(self, at: datetime) -> int:
        """Microseconds left: all before it starts, none when it is over."""
        return min(max((self.end - at) // MICROSECOND, 0), self.microseconds)


def boundary(anchor: datetime, months: int) -> datetime:
    """So many months after the anchor: on its day, or the month's last if it has no such day."""
    year, month = divmod(anchor.year * MONTHS + anchor.month - 1 + months, MONTHS)
    day = min(anchor.day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def period_containing(anchor: datetime, interval: Interval, at: datetime) -> Period:
    """The period of this anchor that an instant is in. Raises ValueError before the anchor."""
    if at < anchor:
        raise ValueError("There is no period before the anchor.")
    months = (at.year - anchor.year) * MONTHS + at.month - anchor.month
    months -= months % interval
    if boundary(anchor, months) > at:
        months -= interval
    return Period(boundary(anchor, months), boundary(anchor, months + interval))


def following(anchor: datetime, interval: Interval, period: Period) -> Period:
    """The next period. A year may give way to months of the same anchor, but not months to a year."""
    return period_containing(anchor, interval, period.end)
