"""The law of proration: what a change costs depends on where it begins and ends, not on the way."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.calendar import MICROSECOND, Interval, Period, following, period_containing
from billing.rules.money import Money
from billing.rules.proration import State, change, renewal, unused
from models import LineKind
from tests.test_rules_calendar import ANCHORS, INTERVALS, utc
from tests.test_rules_money import CURRENCIES

PLANS = st.sampled_from(["Basic", "Professional", "Enterprise"])
SEATS = st.integers(1, 10_000)
UNIT_AMOUNTS = st.integers(1, 10**8)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    anchor, interval = draw(ANCHORS), draw(INTERVALS)
    return period_containing(anchor, interval, anchor + timedelta(days=draw(st.integers(0, 2000))))


@st.composite
def states(draw: st.DrawFn, currency: str, period: Period) -> State:
    return State(draw(PLANS), Money(draw(UNIT_AMOUNTS), currency), draw(SEATS), Interval.MONTH, period)


@st.composite
def paths(draw: st.DrawFn) -> tuple[list[State], datetime]:
    """States that may follow one another in one instant: plans, seats and prices, months and years begun then."""
    currency, period = draw(CURRENCIES), draw(periods())
    at = draw(instants(period))
    year = period_containing(at, Interval.YEAR, at)
    either = states(currency, period) | states(currency, year)
    return draw(st.lists(either, min_size=2, max_size=8)), at


def instants(period: Period) -> st.SearchStrategy[datetime]:
    return st.integers(0, period.microseconds - 1).map(lambda after: period.start + after * MICROSECOND)


def month(unit_amount: int, seats: int, currency: str = "USD") -> State:
    """Of 31 days."""
    period = Period(utc("2026-01-01"), utc("2026-02-01"))
    return State("Professional", Money(unit_amount, currency), seats, Interval.MONTH, period)


def cost(old: State, new: State, at: datetime) -> int:
    return change(old, new, at).total.amount


@given(paths(), st.integers(1, 40))
def test_seats_one_by_one_cost_what_they_cost_at_once(path: tuple[list[State], datetime], count: int) -> None:
    (state, *_), at = path
    steps = [replace(state, seats=state.seats + more) for more in range(count + 1)]
    assert sum(cost(old, new, at) for old, new in pairwise(steps)) == cost(steps[0], steps[-1], at)


@given(paths())
def test_every_way_costs_what_the_straight_one_costs(path: tuple[list[State], datetime]) -> None:
    steps, at = path
    assert sum(cost(old, new, at) for old, new in pairwise(steps)) == cost(steps[0], steps[-1], at)


@given(paths())
def test_there_and_back_in_one_instant_costs_nothing(path: tuple[list[State], datetime]) -> None:
    (here, there, *_), at = path
    assert cost(here, there, at) + cost(there, here, at) == 0


@given(paths())
def test_lines_sum_to_the_total_and_say_what_they_are(path: tuple[list[State], datetime]) -> None:
    (old, new, *_), at = path
    made = change(old, new, at)
    assert sum(line.amount.amount for line in made.lines) == made.total.amount
    assert made.total == new.worth(at) - old.worth(at)
    for line in made.lines:
        assert (line.amount.amount <= 0) if line.kind == "UNUSED_TIME" else (line.amount.amount >= 0)
        assert line.period.end == line.whole.end
        assert line.period.start == max(at, line.whole.start)
        exact = Fraction(line.quantity * line.unit_amount.amount * line.period.microseconds, line.whole.microseconds)
        assert abs(abs(line.amount.amount) - exact) < 1


@given(paths(), st.integers(1, 1000))
def test_more_seats_cost_between_nothing_and_their_price(path: tuple[list[State], datetime], more: int) -> None:
    (old, *_), at = path
    total = cost(old, replace(old, seats=old.seats + more), at)
    price = more * old.unit_amount.amount
    assert 0 <= total <= price
    assert abs(total - Fraction(price * old.period.left(at), old.period.microseconds)) < 1


@given(paths(), st.data())
def test_worth_only_falls(path: tuple[list[State], datetime], data: st.DataObject) -> None:
    (state, *_), at = path
    later = at + data.draw(st.integers(0, state.period.left(at))) * MICROSECOND
    assert state.price.amount >= state.worth(at).amount >= state.worth(later).amount >= 0
    assert state.worth(state.period.end).amount == 0


@given(paths())
def test_a_whole_period_costs_the_whole_price(path: tuple[list[State], datetime]) -> None:  # case 76
    (state, *_), _ = path
    start = state.period.start
    assert change(None, state, start).total == state.price
    assert renewal(state).amount == state.price
    added = replace(state, seats=state.seats + 1)
    assert change(state, added, start).total == state.unit_amount


@pytest.mark.parametrize("start", ["2027-03-01", "2028-01-01", "2028-02-29"])
def test_a_seat_of_a_leap_year_costs_the_whole_price_on_its_first_day(start: str) -> None:  # case 76
    year = period_containing(utc(start), Interval.YEAR, utc(start))
    state = State("Professional", Money(28_800, "EUR"), 7, Interval.YEAR, year)
    assert year.days in (365, 366)
    assert cost(state, replace(state, seats=8), year.start) == 28_800
    assert cost(state, replace(state, plan="Enterprise", unit_amount=Money(58_800, "EUR")), year.start) == 7 * 30_000


@given(paths())
def test_an_upgrade_costs_the_difference_at_first_and_next_to_nothing_at_last(
    path: tuple[list[State], datetime],
) -> None:  # case 73
    (old, *_), _ = path
    old = replace(old, seats=old.seats % 1000 + 1)
    new = replace(old, plan="Ultimate", unit_amount=old.unit_amount * 2)
    assert cost(old, new, old.period.start) == old.price.amount
    assert cost(old, new, old.period.end - MICROSECOND) in (0, 1)


def test_the_last_microsecond_of_much_money_costs_one_minor_unit() -> None:  # case 73
    old = month(2 * 10**9, 500)
    assert cost(old, replace(old, seats=1000), old.period.end - MICROSECOND) == 1
    assert cost(old, replace(old, seats=501), old.period.end - MICROSECOND) == 0


def test_a_change_when_the_period_ends_belongs_to_the_next() -> None:  # case 72
    old = month(2900, 10)
    with pytest.raises(ValueError, match="ends after"):
        change(old, replace(old, seats=11), old.period.end)
    following_month = replace(old, period=following(old.period.start, old.interval, old.period))
    assert cost(following_month, replace(following_month, seats=11), old.period.end) == 2900


def test_month_to_year_credits_what_is_left() -> None:  # case 74
    old, at = month(3100, 10), utc("2026-01-11")
    year = State("Professional", Money(28_800, "USD"), 10, Interval.YEAR, period_containing(at, Interval.YEAR, at))
    made = change(old, year, at)
    assert [(line.kind, line.quantity, line.amount.amount) for line in made.lines] == [
        ("UNUSED_TIME", 10, -21_000),
        ("PLAN", 10, 288_000),
    ]
    assert [line.period for line in made.lines] == [Period(at, old.period.end), Period(at, utc("2027-01-11"))]
    assert made.total.amount == 267_000


def test_a_period_paid_ahead_is_given_back_whole() -> None:
    ahead = replace(month(2900, 10), period=Period(utc("2026-02-01"), utc("2026-03-01")))
    line = unused(ahead, utc("2026-01-11"))
    assert (line.amount.amount, line.period) == (-29_000, ahead.period)


def test_nothing_is_given_back_of_what_was_free() -> None:
    free, at = replace(month(0, 4, "EUR"), plan="Free"), utc("2026-01-11")
    paid = State("Basic", Money(1400, "USD"), 6, Interval.MONTH, period_containing(at, Interval.MONTH, at))
    made = change(free, paid, at)
    assert [(line.kind, line.quantity, line.amount) for line in made.lines] == [("PLAN", 6, Money(8400, "USD"))]


def test_no_change_has_no_line() -> None:
    state = month(2900, 10)
    made = change(state, state, utc("2026-01-11"))
    assert (made.lines, made.total) == ((), Money(0, "USD"))


def test_fewer_seats_give_back() -> None:
    state = month(3100, 10)
    (line,) = change(state, replace(state, seats=7), utc("2026-01-11")).lines
    assert (line.kind, line.quantity, line.amount.amount) == ("UNUSED_TIME", 3, -6300)


@pytest.mark.parametrize(  # case 78
    ("currency", "unit_amount", "worth", "more"),
    [("JPY", 1000, 2032, 678), ("USD", 999, 2030, 677), ("KWD", 12_345, 25_088, 8363)],
)
def test_minor_units_are_prorated_whatever_they_are(currency: str, unit_amount: int, worth: int, more: int) -> None:
    state, at = month(unit_amount, 3, currency), utc("2026-01-11")
    assert state.worth(at) == Money(worth, currency)
    assert change(state, replace(state, seats=4), at).total == Money(more, currency)


def test_lines_are_named_as_the_tables_name_them() -> None:
    state, at = month(2900, 10), utc("2026-01-11")
    dearer = replace(state, unit_amount=Money(5900, "USD"))
    lines = [*change(state, replace(state, seats=11), at).lines, *change(state, dearer, at).lines, renewal(state)]
    assert [LineKind(line.kind) for line in lines] == [
        LineKind.SEATS,
        LineKind.UNUSED_TIME,
        LineKind.PLAN,
        LineKind.RENEWAL,
    ]
