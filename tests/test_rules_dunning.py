"""What time does to an unpaid bill and to a trial, and how documents are counted."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.calendar import MICROSECOND
from billing.rules.dunning import keeps_features, next_retry, suspended_at
from billing.rules.numbers import CREDIT_NOTE, INVOICE, document_number
from billing.rules.trial import may_try, trial
from tests.test_rules_calendar import ANCHORS, utc

SINCE = utc("2026-02-28T09:30")


def test_retries_are_on_days_1_3_5_and_7() -> None:
    hours = [next_retry(SINCE, SINCE + timedelta(hours=hour)) for hour in range(14 * 24)]
    assert list(dict.fromkeys(hours)) == [*(SINCE + timedelta(days=day) for day in (1, 3, 5, 7)), None]
    assert next_retry(SINCE, SINCE + timedelta(days=1)) == SINCE + timedelta(days=3)


def test_a_pause_is_not_made_up_for_with_two_charges_in_a_row() -> None:  # case 99
    late = SINCE + timedelta(days=4)
    assert next_retry(SINCE, late) == SINCE + timedelta(days=5)


@given(ANCHORS, st.integers(0, 20 * 86_400 * 10**6))
def test_the_next_retry_is_ahead_or_there_is_none(since: datetime, later: int) -> None:
    at = since + timedelta(microseconds=later)
    retry = next_retry(since, at)
    assert (at >= since + timedelta(days=7)) if retry is None else at < retry < suspended_at(since)


def test_features_stay_for_fourteen_days() -> None:
    end = SINCE + timedelta(days=14)
    assert suspended_at(SINCE) == end
    assert keeps_features(SINCE, end - MICROSECOND)
    assert not keeps_features(SINCE, end)


def test_a_trial_ends_after_fourteen_days_and_its_end_is_paid() -> None:  # case 87
    period = trial(SINCE)
    assert period.end == SINCE + timedelta(days=14)
    assert period.end - MICROSECOND in period
    assert period.end not in period


def test_there_is_one_trial() -> None:  # case 87
    assert may_try(None)
    assert not may_try(SINCE)


def test_documents_are_numbered_by_series() -> None:
    assert document_number("AR", INVOICE, 1) == "AR-00001"
    assert document_number("AR", CREDIT_NOTE, 100_000) == "AR-CN-100000"


@given(st.lists(st.integers(1, 10**7), unique=True, max_size=50))
def test_no_two_counts_have_one_number(counts: list[int]) -> None:  # case 91
    numbers = [document_number("AR", series, count) for count in counts for series in (INVOICE, CREDIT_NOTE)]
    assert len(set(numbers)) == len(numbers)


def test_documents_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        document_number("AR", INVOICE, 0)
