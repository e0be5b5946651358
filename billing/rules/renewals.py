"""What the next renewal charges, as things stand: what is shown ahead is what is billed then."""

from dataclasses import dataclass
from datetime import datetime

from billing.rules.bill import Bill, Collection, bill, collect
from billing.rules.calendar import Period, period_containing
from billing.rules.facts import Facts, Priced
from billing.rules.proration import renewal
from billing.rules.terms import anew


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The terms that a renewal begins, and what it takes for them. `at` is the first instant of `period`."""

    priced: Priced
    seats: int
    fixed: bool
    anchor: datetime
    period: Period
    bill: Bill
    collection: Collection

    @property
    def at(self) -> datetime:
        return self.period.start


def upcoming(facts: Facts) -> Upcoming:
    """What begins when all that is paid is over: what was scheduled, or the same again at today's price.

    The review sheds seats that follow the people where nobody takes them.
    """
    then, end = facts.pending, facts.end
    priced, fixed = (then.priced, then.fixed) if then else (facts.renewed, facts.fixed)
    seats = _seats(facts, priced, then.seats if then else None, fixed=fixed)
    restarts = anew(facts.terms, priced.terms(seats, fixed=fixed))
    anchor = end if restarts else facts.anchor
    period = period_containing(anchor, priced.interval, end)
    lines = [] if priced.free else [renewal(priced.state(seats, period))]
    lines += facts.added
    due = bill(lines, facts.tax.rate(end), facts.credits, facts.currency, end)
    return Upcoming(priced, seats, fixed, anchor, period, due, collect(due.due, facts.carried, facts.minimum))


def closing(facts: Facts) -> Upcoming | None:
    """What is left to charge when it does not go on: seats that followed the people; none if there were none."""
    if not facts.added:
        return None
    period = period_containing(facts.anchor, facts.current.interval, facts.end)
    due = bill(facts.added, facts.tax.rate(facts.end), facts.credits, facts.currency, facts.end)
    taken = collect(due.due, facts.carried, facts.minimum)
    return Upcoming(facts.current, facts.seats.purchased, facts.fixed, facts.anchor, period, due, taken)


def _seats(facts: Facts, priced: Priced, asked: int | None, *, fixed: bool) -> int:
    """On the free plan as many as it allows, but nobody goes."""
    if priced.free:
        return max(priced.limit or 0, facts.seats.floor)
    return facts.seats.renewed(asked, fixed=fixed)
