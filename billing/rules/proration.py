"""What a change costs: the worth of the rest of the period in the new state, less that in the old one.

Each worth is rounded once, so costs telescope: k seats one by one cost what k at once do, and back again costs nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from billing.rules.calendar import Interval, Period
from billing.rules.money import Money, summed

Kind = Literal["PLAN", "SEATS", "UNUSED_TIME", "RENEWAL"]  # names of the tables' line kinds


@dataclass(frozen=True, slots=True)
class State:
    """Seats of a plan, paid for one period. `unit_amount` is for a seat and the whole period."""

    plan: str
    unit_amount: Money
    seats: int
    interval: Interval
    period: Period

    @property
    def price(self) -> Money:
        """For the whole period."""
        return self.unit_amount * self.seats

    def worth(self, at: datetime) -> Money:
        """Of what is left of the period: the price before it starts, nothing when it is over."""
        return self.price.part(self.period.left(at), self.period.microseconds)


@dataclass(frozen=True, slots=True)
class Line:
    """What is charged, or given back if `amount` is negative.

    `amount` is `quantity` times `unit_amount`, times the part that `period` is of the `whole` one; a SEATS line, the
    difference of two rounded worths, may be one minor unit beside that.
    """

    kind: Kind
    plan: str
    interval: Interval
    quantity: int
    unit_amount: Money
    amount: Money
    period: Period
    whole: Period


@dataclass(frozen=True, slots=True)
class Change:
    """What a change costs, line by line; below zero if more is given back than is charged."""

    lines: tuple[Line, ...]
    total: Money


def change(old: State | None, new: State, at: datetime) -> Change:
    """Pass from one state to another; from none if nothing was paid for. Raises ValueError when a period is over."""
    if old is None or not old.price.amount:
        lines = [_line("PLAN", new, new.worth(at), at)]
    elif _differ_in_seats(old, new):
        lines = [_seats(old, new, at)] if old.seats != new.seats else []
    else:
        lines = [unused(old, at), _line("PLAN", new, new.worth(at), at)]
    return Change(tuple(lines), summed([line.amount for line in lines], new.unit_amount.currency))


def unused(state: State, at: datetime) -> Line:
    """Give the rest of a period back, such as one that was paid ahead. Raises ValueError when it is over."""
    return _line("UNUSED_TIME", state, -state.worth(at), at)


def renewal(state: State) -> Line:
    """Charge a whole period."""
    return _line("RENEWAL", state, state.price, state.period.start)


def _seats(old: State, new: State, at: datetime) -> Line:
    """More seats or fewer of one price."""
    kind: Kind = "SEATS" if new.seats > old.seats else "UNUSED_TIME"
    added = replace(new, seats=abs(new.seats - old.seats))
    return _line(kind, added, new.worth(at) - old.worth(at), at)


def _differ_in_seats(old: State, new: State) -> bool:
    """In seats at most."""
    return replace(old, seats=new.seats) == new


def _line(kind: Kind, state: State, amount: Money, at: datetime) -> Line:
    rest = state.period.rest(at)
    return Line(kind, state.plan, state.interval, state.seats, state.unit_amount, amount, rest, state.period)
