"""Durations: ISO 8601, with months of the calendar."""

import pytest

from billing.rules.duration import behind
from tests.test_rules_calendar import utc


@pytest.mark.parametrize(
    ("duration", "then"),
    [
        ("P1M", "2026-02-28T12:00:00"),
        ("P13M", "2027-02-28T12:00:00"),
        ("P2Y1M", "2028-02-29T12:00:00"),
        ("P1W", "2026-02-07T12:00:00"),
        ("P1DT12H", "2026-02-02T00:00:00"),
        ("PT1H30M15S", "2026-01-31T13:30:15"),
        ("P1Y2M3W4DT5H6M7S", "2027-04-25T17:06:07"),
        ("P0D", "2026-01-31T12:00:00"),
    ],
)
def test_a_duration_leads_to_an_instant(duration: str, then: str) -> None:
    assert behind(utc("2026-01-31T12:00:00"), duration) == utc(then)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1M", "P1H", "PT1D", "P-1M", "P1.5M", "p1M", "P1M ", "P1DT", "P٣M"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        behind(utc("2026-01-31"), text)


def test_there_is_an_end_of_time() -> None:
    with pytest.raises(ValueError, match=r"year|time"):
        behind(utc("2026-01-31"), "P9999Y")
