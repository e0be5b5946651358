"""docs/proration.md states numbers; here they are computed from what it states."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from billing.rules.calendar import Interval, Period, following, period_containing
from billing.rules.money import Money, rounded, summed
from billing.rules.proration import Line, State, change, renewal
from billing.rules.tax import BASIS_POINTS, Rate, taxed
from tests.test_rules_calendar import utc

DOCUMENT = (Path(__file__).parents[1] / "docs" / "proration.md").read_text()
BY_TIME = ["2026-02-20T00:00", "2026-02-24T12:00", "2026-02-28T00:00", "2026-03-10T00:00"]
UPGRADE = BY_TIME[1]


@cache
def table(heading: str) -> list[list[str]]:
    """The rows under the header that begins so."""
    found = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    assert len(found) == 1, heading
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[0].splitlines()]


def usd(text: str) -> Money:
    return Money.exactly(Decimal(text), "USD")


@cache
def states() -> dict[str, State]:
    return {
        name: State(plan, usd(unit), int(seats), Interval[interval], Period(utc(start), utc(end)))
        for name, plan, unit, seats, interval, start, end in table("State | Plan")
    }


def lines(at: str) -> tuple[Line, ...]:
    """What the change of that instant is made of; one that is due when the old state ends is a renewal."""
    (old, new) = next((states()[old], states()[new]) for when, old, new, *_ in table("At | From") if when == at)
    return (renewal(new),) if utc(at) == old.period.end else change(old, new, utc(at)).lines


def test_periods_are_those_of_the_calendar() -> None:
    for anchor, interval, starts in table("Anchor | Interval"):
        period = period_containing(utc(anchor), Interval[interval], utc(anchor))
        for start in starts.split(", "):
            assert period.end == utc(start)
            period = following(utc(anchor), Interval[interval], period)


def test_worths_and_costs_are_those_of_the_law() -> None:
    assert [row[0] for row in table("At | From")] == BY_TIME
    for at, old, new, worth_of_old, worth_of_new, cost in table("At | From"):
        assert states()[old].worth(utc(at)) == usd(worth_of_old)
        assert states()[new].worth(utc(at)) == usd(worth_of_new)
        assert usd(worth_of_new) - usd(worth_of_old) == usd(cost)


def test_renewal_follows_the_anchor() -> None:
    before, after = states()["C"].period, states()["D"].period
    assert after == following(before.start, Interval.MONTH, before)


@pytest.mark.parametrize("at", BY_TIME)
def test_lines_are_those_of_the_change_and_sum_to_its_cost(at: str) -> None:
    stated = [row[1:] for row in table("At | Line") if row[0] == at]
    assert stated == [
        [
            line.kind,
            str(line.quantity),
            str(line.unit_amount.major),
            str(line.amount.major),
            f"{line.period.days} of {line.whole.days}",
        ]
        for line in lines(at)
    ]
    cost = next(row[-1] for row in table("At | From") if row[0] == at)
    assert summed([line.amount for line in lines(at)], "USD") == usd(cost)


def test_seats_one_by_one_cost_what_they_cost_at_once() -> None:
    at, (first, *rest) = utc(BY_TIME[0]), table("Seats | W")
    state, spent = states()["A"], Money(0, "USD")
    assert (state.seats, state.worth(at)) == (int(first[0]), usd(first[1]))
    for seats, worth, cost in rest:
        more = State(state.plan, state.unit_amount, int(seats), state.interval, state.period)
        assert (more.worth(at), change(state, more, at).total) == (usd(worth), usd(cost))
        state, spent = more, spent + usd(cost)
    assert state == states()["B"]
    alone = State(state.plan, state.unit_amount, 1, state.interval, state.period).worth(at)
    assert f"They sum to {spent.major}, as at once." in DOCUMENT
    assert f"5 \N{MULTIPLICATION SIGN} {alone.major} = {(alone * 5).major}" in DOCUMENT


def test_tax_is_shared_out_as_stated() -> None:
    *rows, (_, net, exact, tax) = table("Line | Net")
    rate = Rate("VAT 25.5 %", 2550)
    found = taxed([(line.amount, rate) for line in lines(UPGRADE)], "USD")
    assert [row[0] for row in rows] == [line.kind for line in lines(UPGRADE)]
    assert [usd(row[1]) for row in rows] == [line.amount for line in lines(UPGRADE)]
    assert [usd(row[3]) for row in rows] == list(found.shares)
    assert (found.lines[0].net, found.total) == (usd(net), usd(tax))
    for amount, unrounded in [(row[1], row[2]) for row in rows] + [(net, exact)]:
        assert usd(amount).major * 2550 / BASIS_POINTS == Decimal(unrounded)
    assert usd(tax).amount == rounded(usd(net).amount * 2550, BASIS_POINTS)
