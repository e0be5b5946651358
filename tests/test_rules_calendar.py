"""Periods follow their anchor, are half open, and leave no instant out."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.calendar import MICROSECOND, Interval, Period, boundary, following, period_containing
from models import BillingInterval

ANCHORS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
INTERVALS = st.sampled_from(Interval)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_intervals_are_those_of_the_catalogue() -> None:
    assert {Interval[each] for each in BillingInterval} == set(Interval)


@pytest.mark.parametrize(  # case 75
    ("anchor", "interval", "starts"),
    [
        ("2026-01-31", Interval.MONTH, ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]),
        ("2027-12-31", Interval.MONTH, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2026-01-30", Interval.MONTH, ["2026-02-28", "2026-03-30", "2026-04-30"]),
        ("2028-01-29", Interval.MONTH, ["2028-02-29", "2028-03-29"]),
        ("2026-02-28", Interval.MONTH, ["2026-03-28", "2026-04-28"]),
        ("2028-02-29", Interval.YEAR, ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
    ],
)
def test_boundaries_follow_the_original_anchor(anchor: str, interval: Interval, starts: list[str]) -> None:
    period = period_containing(utc(anchor), interval, utc(anchor))
    for start in starts:
        assert period.end == utc(start)
        period = following(utc(anchor), interval, period)


@given(ANCHORS, st.integers(0, 1500))
def test_a_boundary_has_the_day_of_the_anchor_or_the_last_of_its_month(
    anchor: datetime, months: int
) -> None:  # case 75
    at = boundary(anchor, months)
    assert at.day == min(anchor.day, monthrange(at.year, at.month)[1])
    assert (at.year - anchor.year) * 12 + at.month - anchor.month == months
    assert at.timetz() == anchor.timetz()


@given(ANCHORS, INTERVALS, st.integers(0, 50 * 366 * 86_400 * 10**6))
def test_every_instant_is_in_one_period(anchor: datetime, interval: Interval, later: int) -> None:
    at = anchor + timedelta(microseconds=later)
    period = period_containing(anchor, interval, at)
    assert at in period
    for within in (period.start, period.end - MICROSECOND):
        assert period_containing(anchor, interval, within) == period


@given(ANCHORS, INTERVALS)
def test_periods_follow_without_gap_or_overlap(anchor: datetime, interval: Interval) -> None:  # case 72
    periods = [period_containing(anchor, interval, anchor)]
    for _ in range(30):
        periods.append(following(anchor, interval, periods[-1]))
    for before, after in pairwise(periods):
        assert before.end == after.start
        assert before.end not in before
        assert before.end in after


def test_a_year_gives_way_to_months_of_its_anchor() -> None:  # case 74
    anchor = utc("2028-02-29")
    year = period_containing(anchor, Interval.YEAR, anchor)
    month = following(anchor, Interval.MONTH, year)
    assert month == Period(utc("2029-02-28"), utc("2029-03-29"))


def test_there_is_no_period_before_the_anchor() -> None:
    with pytest.raises(ValueError, match="anchor"):
        period_containing(utc("2026-01-31"), Interval.MONTH, utc("2026-01-31") - MICROSECOND)


@pytest.mark.parametrize(
    "zone", [None, ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London"), timezone(timedelta(0), "")]
)
def test_periods_are_in_utc(zone: ZoneInfo | timezone | None) -> None:  # case 77
    start = datetime(2026, 1, 31, tzinfo=zone)
    with pytest.raises(ValueError, match="UTC"):
        Period(start, start + timedelta(days=1))


def test_a_period_lasts() -> None:
    at = utc("2026-01-31")
    for end in (at, at - MICROSECOND):
        with pytest.raises(ValueError, match="after"):
            Period(at, end)


def test_days_are_counted_as_people_do() -> None:  # case 57
    month = Period(utc("2026-01-01T12:00"), utc("2026-02-01T12:00"))
    assert month.days == 31
    assert month.rest(utc("2026-01-06T12:00")).days == 26
    assert month.rest(utc("2026-01-06T12:01")).days == 26
    assert month.rest(month.end - MICROSECOND).days == 1
