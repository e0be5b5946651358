"""What a change of the subscription costs and brings: upgrade, renew, expand and change are one question."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from billing.rules.bill import Bill, Collection, bill, collect
from billing.rules.calendar import Interval, Period, following
from billing.rules.facts import Ahead, Facts, Pending, Priced
from billing.rules.proration import Line, change, renewal, unused
from billing.rules.renewals import Upcoming, upcoming
from billing.rules.terms import Decision, anew, decide
from billing.rules.trial import may_try, trial

MOST_SEATS = 1_000_000


class Reason(Enum):
    """Why something is not for sale."""

    NOTHING = "nothing would change"
    NOT_SOLD = "no such plan, or not at this interval"
    BELOW_USED = "fewer seats than are taken"
    ABOVE_LIMIT = "more seats than the plan allows"
    FIXED_MONTH = "seats in advance are for a year"
    RENEWED = "the next period is paid already"
    ENDS = "it does not go on, or there is nothing to renew"
    TRIED = "there was a trial, or something is paid for"


class NotForSale(ValueError):  # noqa: N818  # an answer
    """There is no price for this. `path` is the part of the question that is to blame."""

    def __init__(self, reason: Reason, path: str) -> None:
        super().__init__(reason.value)
        self.reason, self.path = reason, path


@dataclass(frozen=True, slots=True)
class Asked:
    """What shall change; null stays. `renew` and `trial` stand alone but for what a trial is of."""

    plan_id: UUID | None = None
    interval: Interval | None = None
    seats: int | None = None
    fixed: bool | None = None
    renew: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms that begin at `effective_at` in this period, what they cost now, and what comes next.

    `charged` now; what is too little is `carried`. `scheduled`: they wait for the end of what is paid.
    """

    priced: Priced
    seats: int
    fixed: bool
    effective_at: datetime
    anchor: datetime
    period: Period
    bill: Bill
    collection: Collection
    next: Upcoming | None
    scheduled: bool = False
    renewal: bool = False
    trial: bool = False


def offer(facts: Facts, asked: Asked, at: datetime) -> Offer:
    """The price of a change at an instant of the running period. Raises NotForSale, and ValueError outside of it."""
    if asked.renew:
        return _renewal(facts, asked, at)
    priced = _chosen(facts, asked)
    fixed = facts.fixed and not priced.free if asked.fixed is None else asked.fixed
    if fixed and priced.interval is not Interval.YEAR:
        raise NotForSale(Reason.FIXED_MONTH, "mode")
    seats = _seats(facts, asked, priced, fixed=fixed)
    if asked.trial:
        return _trial(facts, priced, seats, fixed=fixed, at=at)
    decision = decide(facts.running, priced.terms(seats, fixed=fixed), at)
    if decision is None:
        raise NotForSale(Reason.NOTHING, "")
    if decision.scheduled:
        return _later(facts, priced, seats, decision, fixed=fixed)
    return _now(facts, priced, seats, decision, fixed=fixed, at=at)


def _chosen(facts: Facts, asked: Asked) -> Priced:
    """What runs keeps its price; else the catalogue's, by month where nothing is said and it is sold so."""
    plan_id = asked.plan_id or facts.current.plan_id
    interval = asked.interval or (Interval.YEAR if asked.fixed else None)
    wanted = [interval] if interval else [facts.current.interval, *Interval]
    same = plan_id == facts.current.plan_id and facts.current.interval is wanted[0]
    if same and facts.paid:
        return facts.current
    found = next((one for each in wanted if (one := facts.sold(plan_id, each))), None)
    if found and found.free:  # by the month, however it was asked for: there is nothing to pay a year ahead
        found = facts.sold(plan_id, Interval.MONTH) or found
    if found is None and not same:
        raise NotForSale(Reason.NOT_SOLD, "planId" if asked.plan_id else "interval")
    return found or facts.current


def _seats(facts: Facts, asked: Asked, priced: Priced, *, fixed: bool) -> int:
    """Those that were asked for; else those that there are, or of what was free the ones that are taken."""
    own = replace(facts.seats, limit=priced.limit)
    if priced.free:
        return max(priced.limit or 0, own.floor)
    if asked.seats is None:
        return own.floor if facts.current.free and not fixed else facts.seats.purchased
    if asked.seats < own.floor:
        raise NotForSale(Reason.BELOW_USED, "seats")
    if asked.seats > MOST_SEATS or not own.sells(asked.seats):
        raise NotForSale(Reason.ABOVE_LIMIT, "seats")
    return asked.seats


def _now(facts: Facts, priced: Priced, seats: int, decision: Decision, *, fixed: bool, at: datetime) -> Offer:
    """The rest of the period in the new state, less the rest of it in the old one, and the same for what is ahead."""
    old = facts.current.state(facts.seats.purchased, facts.period) if facts.paid else None
    lines = list(change(old, priced.state(seats, decision.period), at).lines)
    restarts = anew(facts.terms, priced.terms(seats, fixed=fixed))
    if facts.ahead:
        lines += _ahead(facts.ahead, None if restarts else priced, facts.seats.purchased, seats, at)
    lines += facts.added
    ahead = None if restarts or not facts.ahead else Ahead(facts.ahead.period, priced)
    after = replace(
        facts, current=priced, fixed=fixed, paid=not priced.free, renews=True, anchor=decision.anchor,
        period=decision.period, ahead=ahead, pending=None, additions=(), seats=replace(facts.seats, purchased=seats),
    )  # fmt: skip
    return _offered(facts, after, lines, at)


def _ahead(ahead: Ahead, priced: Priced | None, before: int, seats: int, at: datetime) -> tuple[Line, ...]:
    """What is paid ahead: in the new state, or given back."""
    old = ahead.priced.state(before, ahead.period)
    if priced is None:
        return (unused(old, at),)
    return change(old, priced.state(seats, ahead.period), at).lines


def _later(facts: Facts, priced: Priced, seats: int, decision: Decision, *, fixed: bool) -> Offer:
    """Nothing now; it begins when what is paid is over."""
    end = decision.effective_at
    after = replace(facts, pending=Pending(priced, seats, fixed, end), renews=True)
    nothing = _nothing(facts, end)
    return Offer(
        priced, seats, fixed, end, decision.anchor, decision.period, nothing,
        collect(nothing.due, facts.carried, facts.minimum), _next(after), scheduled=True,
    )  # fmt: skip


def _renewal(facts: Facts, asked: Asked, at: datetime) -> Offer:
    """The next period of the same plan, now."""
    if asked != Asked(renew=True):
        raise NotForSale(Reason.NOTHING, "renew")
    if not facts.paid or not facts.renews:
        raise NotForSale(Reason.ENDS, "renew")
    if facts.ahead:
        raise NotForSale(Reason.RENEWED, "renew")
    priced, seats = facts.renewed, facts.seats.purchased
    period = following(facts.anchor, priced.interval, facts.period)
    lines = [renewal(priced.state(seats, period))]
    lines += facts.added
    pending = facts.pending and replace(facts.pending, effective_at=period.end)
    after = replace(facts, ahead=Ahead(period, priced), pending=pending, additions=())
    made = _offered(facts, after, lines, at)
    return replace(made, effective_at=period.start, period=period, priced=priced, renewal=True)


def _trial(facts: Facts, priced: Priced, seats: int, *, fixed: bool, at: datetime) -> Offer:
    """Two weeks for nothing, once."""
    if facts.paid or priced.free or not may_try(facts.tried_at):
        raise NotForSale(Reason.TRIED, "trial")
    period = trial(at)
    after = replace(
        facts, current=priced, fixed=fixed, paid=False, renews=True, anchor=period.end, period=period, ahead=None,
        pending=None, additions=(), seats=replace(facts.seats, purchased=seats),
    )  # fmt: skip
    return replace(_offered(facts, after, [], at), trial=True)


def _offered(facts: Facts, after: Facts, lines: list[Line], at: datetime) -> Offer:
    """What these lines come to, and what stands behind them."""
    due = bill(lines, facts.tax.rate(at), facts.credits, facts.currency, at)
    collection = collect(due.due, facts.carried, facts.minimum)
    after = replace(after, credits=facts.spent(due.spent), carried=collection.carried)
    return Offer(
        after.current, after.seats.purchased, after.fixed, at, after.anchor, after.period, due, collection,
        _next(after),
    )  # fmt: skip


def _nothing(facts: Facts, at: datetime) -> Bill:
    return bill([], None, (), facts.currency, at)


def _next(after: Facts) -> Upcoming | None:
    """What comes next, if anything is charged at all."""
    if not after.renews:
        return None
    found = upcoming(after)
    return found if found.bill.lines else None
