"""Who pays which tax, on what, to the minor unit."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.money import Money, rounded
from billing.rules.tax import BASIS_POINTS, REVERSE_CHARGE, Rate, TaxLine, checked, rate, taxed
from billing.rules.tax_rates import STANDARD, UNION
from tests.test_rules_money import CURRENCIES

DAY = date(2026, 7, 1)
GERMAN, AUSTRIAN, GREEK, SWISS = "DE136695976", "ATU13585627", "EL094259216", "CHE107787577IVA"
RATES = st.sampled_from([None, REVERSE_CHARGE, Rate("A", 1900), Rate("B", 2550), Rate("C", 810)])
NETS = st.lists(st.tuples(st.integers(-(10**12), 10**12), RATES), max_size=30)


@pytest.mark.parametrize(
    ("country", "day", "name", "points"),
    [
        ("DE", "2020-06-30", "VAT 19 %", 1900),
        ("DE", "2020-07-01", "VAT 16 %", 1600),
        ("DE", "2026-07-01", "VAT 19 %", 1900),
        ("FI", "2024-08-31", "VAT 24 %", 2400),
        ("FI", "2024-09-01", "VAT 25.5 %", 2550),
        ("EE", "2025-06-30", "VAT 22 %", 2200),
        ("EE", "2025-07-01", "VAT 24 %", 2400),
        ("RO", "2025-08-01", "VAT 21 %", 2100),
        ("SK", "2025-01-01", "VAT 23 %", 2300),
        ("CH", "2026-07-01", "VAT 8.1 %", 810),
        ("GB", "2026-07-01", "VAT 20 %", 2000),
        ("JP", "2026-07-01", "Consumption tax 10 %", 1000),
    ],
)
def test_the_rate_is_that_of_the_country_on_the_day(country: str, day: str, name: str, points: int) -> None:
    assert rate("DE", country, None, date.fromisoformat(day)) == Rate(name, points)


@pytest.mark.parametrize("country", ["US", "BR", "AQ"])
def test_a_country_without_a_rate_pays_no_tax(country: str) -> None:
    assert rate("DE", country, None, DAY) is None


def test_a_day_before_all_known_rates_is_refused() -> None:
    with pytest.raises(ValueError, match="No rate of DE"):
        rate("DE", "DE", None, date(1999, 12, 31))


def test_rates_are_in_order_and_the_union_has_27_states() -> None:
    assert len(UNION) == 27
    for country, known in STANDARD.items():
        days = [since for since, _ in known]
        assert days == sorted(set(days)), country
        assert known[-1][0] <= date(2026, 1, 1), country
        assert all(0 < points < BASIS_POINTS for _, points in known), country


@pytest.mark.parametrize(
    ("seller", "country", "vat_id", "points"),
    [
        ("DE", "AT", AUSTRIAN, 0),
        ("US", "AT", AUSTRIAN, 0),
        ("DE", "GR", GREEK, 0),
        ("DE", "DE", GERMAN, 1900),  # his own state's
        ("DE", "AT", None, 2000),
        ("DE", "AT", "", 2000),
        ("DE", "AT", "ATU13585628", 2000),  # wrong checksum
        ("DE", "AT", GERMAN, 2000),  # another state's than his address
        ("DE", "CH", SWISS, 810),  # no member state
    ],
)
def test_tax_is_owed_by_the_customer_with_a_valid_id_of_another_member_state(  # case 93
    seller: str, country: str, vat_id: str | None, points: int
) -> None:
    found = rate(seller, country, vat_id, DAY)
    assert found is not None
    assert (found.basis_points, found == REVERSE_CHARGE) == (points, points == 0)


@pytest.mark.parametrize(
    ("country", "typed", "official"),
    [
        ("DE", " de 136 695 976", GERMAN),
        ("DE", "136695976", GERMAN),
        ("DE", "DE136695977", None),
        ("DE", "DE13669597", None),
        ("DE", AUSTRIAN, None),
        ("GR", GREEK, GREEK),
        ("GR", "GR094259216", GREEK),
        ("GR", "094 259 216", GREEK),
        ("CH", "CHE-107.787.577 IVA", SWISS),
        ("CH", "CHE-107.787.578 IVA", None),
        ("AQ", " what they have ", "what they have"),
    ],
)
def test_tax_ids_are_checked_as_their_country_makes_them(country: str, typed: str, official: str | None) -> None:
    assert checked(country, typed) == official  # case 93


@given(st.sampled_from([a + b for a, b in product(ascii_uppercase, repeat=2)]), st.text(max_size=20))
def test_any_text_of_any_country_is_a_tax_id_or_is_not(country: str, text: str) -> None:
    official = checked(country, text)
    assert official is None or checked(country, official) == official


@given(st.sampled_from(sorted(UNION)), st.from_regex(r"[A-Z0-9]{8,12}", fullmatch=True))
def test_ids_of_the_union_name_their_state(country: str, text: str) -> None:
    official = checked(country, text)
    assert official is None or official.startswith("EL" if country == "GR" else country)


@given(NETS, CURRENCIES)
def test_tax_is_taken_of_the_sum_and_shared_out_whole(nets: list[tuple[int, Rate | None]], currency: str) -> None:
    found = taxed([(Money(net, currency), own) for net, own in nets], currency)
    assert sum(line.amount.amount for line in found.lines) == found.total.amount
    assert sum(share.amount for share in found.shares) == found.total.amount
    for line in found.lines:
        summed_net = sum(net for net, own in nets if own == line.rate)
        assert line.net.amount == summed_net
        assert line.amount.amount == rounded(summed_net * line.rate.basis_points, BASIS_POINTS)
    for (net, own), share in zip(nets, found.shares, strict=True):
        exact = Fraction(net * own.basis_points if own else 0, BASIS_POINTS)
        assert abs(share.amount - exact) < 1
        assert share.currency == currency


@given(NETS, CURRENCIES)
def test_giving_back_gives_back_the_tax(nets: list[tuple[int, Rate | None]], currency: str) -> None:
    there = taxed([(Money(net, currency), own) for net, own in nets], currency)
    back = taxed([(Money(-net, currency), own) for net, own in nets], currency)
    assert back.total == -there.total


def test_tax_is_rounded_once_an_invoice_not_once_a_line() -> None:
    nineteen = Rate("VAT 19 %", 1900)
    found = taxed([(Money(3, "EUR"), nineteen)] * 3, "EUR")
    assert found.lines == (TaxLine(nineteen, Money(9, "EUR"), Money(2, "EUR")),)
    assert [share.amount for share in found.shares] == [1, 1, 0]


def test_untaxed_invoices_have_no_tax_line_and_reversed_ones_say_so() -> None:
    net = Money(1000, "EUR")
    assert taxed([(net, None)], "EUR").lines == ()
    assert taxed([(net, REVERSE_CHARGE)], "EUR").lines == (TaxLine(REVERSE_CHARGE, net, Money(0, "EUR")),)


@given(st.sampled_from(sorted(STANDARD)), st.integers(0, 10_000))
def test_every_day_since_2020_has_a_rate(country: str, after: int) -> None:
    found = rate("US", country, None, date(2020, 1, 1) + timedelta(days=after))
    assert found is not None
    assert found.basis_points > 0
