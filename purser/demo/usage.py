"""Usage of the demo by day: it rests at weekends, grows, and is never quite the same."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from models import Metric, UsageDay
from purser.demo.book import Book
from purser.demo.company import Company

DAYS, DAY = 396, timedelta(days=1)
WEEKEND, HOLIDAYS = 0.31, 0.45
FRIDAY, DECEMBER, CHRISTMAS = 4, 12, 23
CLEAN_UP_DAYS = 45


@dataclass(frozen=True)
class Load:
    """How much an organization does: requests on a working day and megabytes stored, a year ago and today."""

    requests: tuple[int, int]
    stored: tuple[int, int]


def usage(book: Book, company: Company, carried: Load) -> None:
    """Add thirteen months of days, today as far as it went."""
    today = book.now.date()
    for gone in range(DAYS, -1, -1):
        day = today - DAY * gone
        end = min(datetime.combine(day + DAY, time(), UTC), book.now)
        grown = 1 - gone / DAYS
        values = {
            Metric.SEATS: company.members_at(end),
            Metric.API_REQUESTS: requests(book, day, end, between(carried.requests, grown)),
            Metric.STORAGE: stored(book, gone, between(carried.stored, grown)),
        }
        for metric, value in values.items():
            book.add(UsageDay, end, organization_id=company.id, metric=metric, day=day, value=value)


def between(ends: tuple[int, int], grown: float) -> float:
    """What lies so far, from 0 to 1, between the ends."""
    return ends[0] + (ends[1] - ends[0]) * grown


def requests(book: Book, day: date, end: datetime, usual: float) -> int:
    """What was asked that day until `end`."""
    quiet = WEEKEND if day.weekday() > FRIDAY else 1.0
    if day.month == DECEMBER and day.day > CHRISTMAS:
        quiet *= HOLIDAYS
    elapsed = (end - datetime.combine(day, time(), UTC)) / DAY
    return round(usual * quiet * elapsed * book.random.gauss(1, 0.06))


def stored(book: Book, gone: int, usual: float) -> int:
    """What there was at the end of the day; now and then somebody cleans up."""
    piled_up = 1 + 0.06 * ((DAYS - gone) % CLEAN_UP_DAYS) / CLEAN_UP_DAYS
    return round(usual * piled_up * book.random.gauss(1, 0.002))
