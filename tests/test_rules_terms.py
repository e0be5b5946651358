"""More begins now, less when the period ends, and one thing at most is pending."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.calendar import MICROSECOND, Interval, Period, period_containing
from billing.rules.terms import Decision, Running, Scheduled, Terms, decide
from billing.rules.trial import trial
from tests.test_rules_calendar import ANCHORS, utc

MONTH, YEAR = Interval.MONTH, Interval.YEAR
FREE = Terms("free", 0, MONTH, 4, free=True)
BASIC = Terms("basic", 1, MONTH, 10)
PROFESSIONAL = Terms("professional", 2, MONTH, 10)
ANCHOR, NOW = utc("2026-01-31"), utc("2026-02-20")
END = utc("2026-02-28")


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    rank, interval = draw(st.integers(0, 3)), draw(st.sampled_from(Interval))
    fixed = interval is YEAR and rank > 0 and draw(st.booleans())
    return Terms(f"plan {rank}", rank, interval, draw(st.integers(1, 20)), fixed=fixed, free=rank == 0)


@st.composite
def running(draw: st.DrawFn) -> tuple[Running, datetime]:
    own, anchor = draw(terms()), draw(ANCHORS)
    period = period_containing(anchor, own.interval, anchor)
    pending = draw(st.none() | terms().map(lambda later: Scheduled(later, period.end)))
    at = period.start + draw(st.integers(0, period.microseconds - 1)) * MICROSECOND
    return Running(own, anchor, period, pending), at


def run(own: Terms, pending: Scheduled | None = None) -> Running:
    return Running(own, ANCHOR, period_containing(ANCHOR, own.interval, NOW), pending)


def decided(own: Running, new: Terms, at: datetime = NOW) -> Decision:
    decision = decide(own, new, at)
    assert decision
    return decision


@pytest.mark.parametrize(
    ("old", "new", "now"),
    [
        (BASIC, PROFESSIONAL, True),
        (BASIC, replace(BASIC, seats=11), True),
        (BASIC, replace(BASIC, interval=YEAR), True),
        (BASIC, replace(BASIC, interval=YEAR, fixed=True), True),
        (replace(BASIC, interval=YEAR), replace(BASIC, interval=YEAR, fixed=True), True),
        (FREE, replace(BASIC, seats=2), True),
        (FREE, replace(FREE, seats=2), True),
        (PROFESSIONAL, BASIC, False),
        (BASIC, replace(BASIC, seats=9), False),
        (replace(BASIC, interval=YEAR), BASIC, False),
        (replace(BASIC, interval=YEAR, fixed=True), replace(BASIC, interval=YEAR), False),
        (BASIC, replace(PROFESSIONAL, seats=9), False),
        (BASIC, replace(BASIC, interval=YEAR, seats=9), False),
        (PROFESSIONAL, FREE, False),
    ],
)
def test_more_begins_now_and_less_when_the_period_ends(old: Terms, new: Terms, now: bool) -> None:
    own = run(old)
    decision = decided(own, new)
    assert decision.effective_at == (NOW if now else own.period.end)
    assert decision.scheduled == (None if now else Scheduled(new, own.period.end))


def test_month_to_year_begins_a_year_of_its_own_now() -> None:  # case 74
    decision = decided(run(BASIC), replace(BASIC, interval=YEAR))
    assert (decision.anchor, decision.period) == (NOW, Period(NOW, utc("2027-02-20")))


def test_year_to_month_waits_for_the_paid_year() -> None:  # case 74
    decision = decided(run(replace(BASIC, interval=YEAR)), BASIC)
    assert decision.effective_at == utc("2027-01-31")
    assert (decision.anchor, decision.period) == (ANCHOR, Period(utc("2027-01-31"), utc("2027-02-28")))


def test_a_year_that_has_to_wait_begins_when_the_month_ends() -> None:
    decision = decided(run(BASIC), replace(BASIC, interval=YEAR, seats=9))
    assert (decision.anchor, decision.period) == (END, Period(END, utc("2027-02-28")))


def test_an_upgrade_keeps_the_period() -> None:
    decision = decided(run(BASIC), PROFESSIONAL)
    assert (decision.anchor, decision.period) == (ANCHOR, Period(ANCHOR, END))


def test_what_was_free_begins_a_period_of_its_own() -> None:
    decision = decided(run(FREE), BASIC)
    assert (decision.anchor, decision.period) == (NOW, Period(NOW, utc("2026-03-20")))


def test_a_trial_keeps_its_period_whatever_is_tried() -> None:
    own = Running(replace(BASIC, free=True), NOW, trial(NOW))
    decision = decided(own, replace(PROFESSIONAL, interval=YEAR, free=True))
    assert (decision.anchor, decision.period) == (NOW, own.period)


def test_less_waits_until_all_that_is_paid_ahead_is_over() -> None:
    ahead = Period(END, utc("2026-03-31"))
    decision = decided(replace(run(PROFESSIONAL), ahead=ahead), BASIC)
    assert decision.effective_at == ahead.end
    assert decision.period == Period(ahead.end, utc("2026-04-30"))


def test_a_downgrade_to_free_waits() -> None:  # case 70
    decision = decided(run(PROFESSIONAL), FREE)
    assert decision.scheduled == Scheduled(FREE, END)


def test_an_upgrade_drops_the_scheduled_downgrade_and_says_so() -> None:  # case 71
    pending = Scheduled(BASIC, END)
    decision = decided(run(PROFESSIONAL, pending), replace(PROFESSIONAL, seats=12))
    assert (decision.scheduled, decision.dropped) == (None, pending)


def test_a_later_scheduled_change_replaces_the_one_before() -> None:
    pending = Scheduled(BASIC, END)
    decision = decided(run(PROFESSIONAL, pending), FREE)
    assert (decision.scheduled, decision.dropped) == (Scheduled(FREE, END), pending)


def test_the_terms_that_run_are_no_change() -> None:
    assert decide(run(BASIC), BASIC, NOW) is None


def test_a_change_when_the_period_ends_asks_for_the_next_period_first() -> None:  # case 72
    decided(run(BASIC), PROFESSIONAL, END - MICROSECOND)
    with pytest.raises(ValueError, match="another period"):
        decide(run(BASIC), PROFESSIONAL, END)


def test_fixed_terms_are_for_a_year() -> None:
    with pytest.raises(ValueError, match="year"):
        replace(BASIC, fixed=True)


@given(running(), terms())
def test_a_change_is_now_or_pending(own: tuple[Running, datetime], new: Terms) -> None:
    before, at = own
    decision = decide(before, new, at)
    if decision is None:
        assert new == before.terms
        return
    assert decision.effective_at in (at, before.period.end)
    assert decision.effective_at in decision.period
    assert (decision.scheduled is None) == (decision.effective_at == at)
    assert decision.dropped == before.pending
    assert decision.period == period_containing(decision.anchor, new.interval, decision.effective_at) or (
        new.free and decision.period == before.period
    )
