"""The plans of the demo, with prices a seat in three currencies."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID

from billing.rules.calendar import Interval, Period
from billing.rules.money import Money
from billing.rules.proration import State
from models import BillingInterval, Plan, PlanFeature, Price
from purser.demo.book import Book

PLANS = {
    "free": ("Free", "For a first API: up to four people."),
    "basic": ("Basic", "For a small team that ships."),
    "professional": ("Professional", "For several teams that work on the same APIs."),
    "enterprise": ("Enterprise", "For a company with single sign-on, long audit logs and no limits."),
}
# In minor units: cents; yen have none.
UNIT_AMOUNTS = {
    BillingInterval.MONTH: {
        "USD": (0, 1400, 2900, 5900),
        "EUR": (0, 1300, 2700, 5500),
        "JPY": (0, 2000, 4200, 8600),
    },
    BillingInterval.YEAR: {
        "USD": (0, 14400, 28800, 58800),
        "EUR": (0, 13200, 27000, 54000),
        "JPY": (0, 20400, 42000, 86400),
    },
}
UNLIMITED, ABSENT = None, -1
# In the order of the plans. A limit is a 32-bit number to clients, so that storage cannot be limited in bytes.
FEATURES: tuple[tuple[str, str, tuple[int | None, ...]], ...] = (
    ("seats", "Seats", (4, 100, UNLIMITED, UNLIMITED)),
    ("api_requests", "API requests a month", (10_000, 2_000_000, 10_000_000, UNLIMITED)),
    ("storage", "Storage in megabytes", (1_000, 20_000, 100_000, UNLIMITED)),
    ("mock_servers", "Mock servers", (1, 10, 100, UNLIMITED)),
    ("audit_log_days", "Days in the audit log", (ABSENT, 30, 180, 730)),
    ("custom_domains", "Custom domains", (ABSENT, 1, 5, UNLIMITED)),
    ("sso", "Single sign-on", (ABSENT, ABSENT, UNLIMITED, UNLIMITED)),
)
AGE, REPRICED = timedelta(days=2900), timedelta(days=430)


@dataclass(frozen=True)
class Tariff:
    """A plan at its present price, as a subscription takes it."""

    plan_id: UUID
    plan_name: str
    price_id: UUID
    interval: BillingInterval
    currency: str
    unit_amount: int

    def state(self, seats: int, period: Period) -> State:
        """So many seats of it, for a period."""
        unit_amount = Money(self.unit_amount, self.currency)
        return State(self.plan_name, unit_amount, seats, Interval[self.interval], period)


Catalogue = dict[tuple[str, BillingInterval, str], Tariff]


def catalogue(book: Book) -> Catalogue:
    """Add the plans; gives them by key, interval and currency."""
    found: Catalogue = {}
    for position, (key, (name, description)) in enumerate(PLANS.items()):
        at = book.now - AGE
        plan_id = book.add(Plan, at, key=key, name=name, description=description, position=position)["id"]
        for interval, currency in product(UNIT_AMOUNTS, ("USD", "EUR", "JPY")):
            unit_amount = UNIT_AMOUNTS[interval][currency][position]
            price_id = price(book, plan_id, interval, currency, unit_amount)
            found[key, interval, currency] = Tariff(plan_id, name, price_id, interval, currency, unit_amount)
        features(book, plan_id, position)
    return found


def price(book: Book, plan_id: UUID, interval: BillingInterval, currency: str, unit_amount: int) -> UUID:
    """Add the present price; what is not free was cheaper before, and both versions stay."""
    of = {"plan_id": plan_id, "interval": interval, "currency": currency}
    began, version = book.now - AGE, 1
    if unit_amount:
        ended = book.now - REPRICED
        before = unit_amount * 9 // 10
        book.add(Price, began, **of, unit_amount=before, version=1, created_at=began, retired_at=ended)
        began, version = ended, 2
    row = book.add(Price, began, **of, unit_amount=unit_amount, version=version, created_at=began)
    made: UUID = row["id"]
    return made


def features(book: Book, plan_id: UUID, plan: int) -> None:
    """Add what the plan at this position gives."""
    for position, (key, name, limits) in enumerate(FEATURES):
        limit = limits[plan]
        if limit != ABSENT:
            of = {"plan_id": plan_id, "key": key, "name": name, "position": position}
            book.add(PlanFeature, book.now - AGE, **of, limit_value=limit)
