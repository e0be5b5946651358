"""What a price depends on, all of it: the same facts give the same price."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from billing.rules.calendar import Interval, Period
from billing.rules.credits import Credit, Spent
from billing.rules.money import Money
from billing.rules.proration import Line, State, change
from billing.rules.seats import Seats
from billing.rules.tax import Rate, rate
from billing.rules.terms import Running, Scheduled, Terms


@dataclass(frozen=True, slots=True)
class Priced:
    """A plan at one price. `rank` orders plans; `limit` is how many people it allows, null: any."""

    plan_id: UUID
    name: str
    rank: int
    price_id: UUID
    interval: Interval
    unit_amount: Money
    limit: int | None = None

    @property
    def free(self) -> bool:
        return not self.unit_amount.amount

    def state(self, seats: int, period: Period) -> State:
        """So many seats of it, for this period."""
        return State(self.name, self.unit_amount, seats, self.interval, period)

    def terms(self, seats: int, *, fixed: bool, unpaid: bool = False) -> Terms:
        """So many seats of it; `unpaid`: nothing was paid for them, as in a trial."""
        return Terms(str(self.plan_id), self.rank, self.interval, seats, fixed=fixed, free=self.free or unpaid)


@dataclass(frozen=True, slots=True)
class Addition:
    """Seats that followed the people, and are on no invoice yet."""

    id: UUID
    priced: Priced
    before: int
    after: int
    at: datetime
    period: Period

    @property
    def lines(self) -> tuple[Line, ...]:
        """For the rest of the period that they came in."""
        old, new = (self.priced.state(seats, self.period) for seats in (self.before, self.after))
        return change(old if self.before else None, new, self.at).lines

    def ahead(self, next_: "Ahead") -> "Addition":
        """The same seats in a next period that was paid without them."""
        return replace(self, priced=next_.priced, at=next_.period.start, period=next_.period)


@dataclass(frozen=True, slots=True)
class Pending:
    """What the subscription becomes at the end of what is paid."""

    priced: Priced
    seats: int
    fixed: bool
    effective_at: datetime

    @property
    def scheduled(self) -> Scheduled:
        """The same, in the words of terms."""
        return Scheduled(self.priced.terms(self.seats, fixed=self.fixed), self.effective_at)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A next period that is paid already."""

    period: Period
    priced: Priced


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """Whose tax it is. Countries by ISO 3166."""

    seller: str
    country: str
    vat_id: str | None

    def rate(self, at: datetime) -> Rate | None:
        """What is charged then."""
        return rate(self.seller, self.country, self.vat_id, at.date())


@dataclass(frozen=True, slots=True)
class Facts:
    """A subscription as it stands, and the world around it.

    `paid`: something was paid for what runs, or will be; not so on the free plan, in a trial, and behind the end.
    `catalogue` holds what is sold now, in the currency. `carried` was too little to be taken before; `minimum` is the
    least that is.
    """

    current: Priced
    fixed: bool
    paid: bool
    renews: bool
    tried_at: datetime | None
    seats: Seats
    anchor: datetime
    period: Period
    ahead: Ahead | None
    pending: Pending | None
    catalogue: tuple[Priced, ...]
    additions: tuple[Addition, ...]
    credits: tuple[Credit, ...]
    tax: TaxFacts
    carried: Money
    minimum: Money

    @property
    def currency(self) -> str:
        return self.current.unit_amount.currency

    @property
    def terms(self) -> Terms:
        """What runs."""
        return self.current.terms(self.seats.purchased, fixed=self.fixed, unpaid=not self.paid)

    @property
    def end(self) -> datetime:
        """Of all that is paid."""
        return self.ahead.period.end if self.ahead else self.period.end

    @property
    def running(self) -> Running:
        """The same, in the words of terms."""
        pending = self.pending.scheduled if self.pending else None
        return Running(self.terms, self.anchor, self.period, pending, self.ahead.period if self.ahead else None)

    def sold(self, plan_id: UUID, interval: Interval) -> Priced | None:
        """A plan as it is sold now."""
        return next((one for one in self.catalogue if (one.plan_id, one.interval) == (plan_id, interval)), None)

    @property
    def added(self) -> tuple[Line, ...]:
        """What seats cost that followed the people: for the rest of their period, and for one that was paid before."""
        ahead = [one.ahead(self.ahead) for one in self.additions if self.ahead and one.period == self.period]
        return tuple(line for one in (*self.additions, *ahead) for line in one.lines)

    @property
    def renewed(self) -> Priced:
        """What runs, at the price of a new term: the catalogue's, if it is still there."""
        return self.sold(self.current.plan_id, self.current.interval) or self.current

    def spent(self, spent: tuple[Spent, ...]) -> tuple[Credit, ...]:
        """What is left of the credits behind that."""
        taken = {one.credit_id: one.amount for one in spent}
        return tuple(
            replace(one, remaining=one.remaining - taken[one.id]) if one.id in taken else one for one in self.credits
        )
