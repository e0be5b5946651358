"""Credits: spent oldest expiry first, before the payment method; never below zero, never cash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from billing.rules.money import Money

YEARS = 3
RETURNED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of a grant; `expires_at` is the first instant at which it is gone, null: it stays."""

    id: UUID
    remaining: Money
    granted_at: datetime
    expires_at: datetime | None

    def good(self, at: datetime) -> bool:
        """Whether it may be spent then."""
        return self.remaining.amount > 0 and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True)
class Spent:
    """What is taken from one credit; more than nothing."""

    credit_id: UUID
    amount: Money


def spend(credits_: Iterable[Credit], due: Money, at: datetime) -> tuple[Spent, ...]:
    """Pay as much as credits can. Of equal expiry the older grant goes first, then the smaller id."""
    spent = []
    for credit in sorted((one for one in credits_ if one.good(at)), key=_turn):
        if due.amount <= 0:
            break
        amount = min(credit.remaining, due)
        spent.append(Spent(credit.id, amount))
        due -= amount
    return tuple(spent)


def expiry(granted_at: datetime) -> datetime:
    """The end, in UTC, of the third year after the one of the grant."""
    return datetime(granted_at.year + YEARS + 1, 1, 1, tzinfo=UTC)


def returned_expiry(expires_at: datetime | None, at: datetime) -> datetime | None:
    """When a credit that is given back expires: as before, or in 30 days if that is past."""
    return at + RETURNED if expires_at and expires_at <= at else expires_at


def _turn(credit: Credit) -> tuple[bool, datetime, datetime, UUID]:
    return credit.expires_at is None, credit.expires_at or credit.granted_at, credit.granted_at, credit.id
