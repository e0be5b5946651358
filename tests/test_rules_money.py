"""Amounts are whole, in one currency, and rounded in one place."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.money import CurrencyMismatch, Money, apportioned, exponent, rounded, split, summed

CURRENCIES = st.sampled_from(["JPY", "EUR", "USD", "KWD"])
WHOLE = st.integers(-(10**15), 10**15)
DENOMINATORS = st.integers(1, 10**13)


@pytest.mark.parametrize(
    ("currency", "places"), [("JPY", 0), ("KRW", 0), ("EUR", 2), ("USD", 2), ("BHD", 3), ("KWD", 3), ("IQD", 3)]
)
def test_minor_units_are_those_of_iso_4217(currency: str, places: int) -> None:  # case 78
    assert exponent(currency) == places
    assert Money(10**places, currency).major == 1
    assert Money.exactly(Decimal(1), currency) == Money(10**places, currency)


@given(WHOLE, CURRENCIES)
def test_written_amounts_are_read_back_exactly(amount: int, currency: str) -> None:  # case 78
    money = Money(amount, currency)
    assert Money.exactly(money.major, currency) == money


@pytest.mark.parametrize(("text", "currency"), [("0.5", "JPY"), ("0.005", "EUR"), ("0.0005", "KWD")])
def test_amounts_finer_than_the_minor_unit_are_refused(text: str, currency: str) -> None:  # case 78
    with pytest.raises(ValueError, match="decimals"):
        Money.exactly(Decimal(text), currency)


def test_two_currencies_do_not_add_up() -> None:
    euro, yen = Money(1, "EUR"), Money(1, "JPY")
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: summed([euro], "JPY")):
        with pytest.raises(CurrencyMismatch):
            mix()


@pytest.mark.parametrize("code", ["", "eur", "EURO", "€", "EU1", "EUR\n"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(1, code)


def test_half_is_rounded_up_and_mirrored_below_zero() -> None:
    assert [rounded(n, 2) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]
    assert [rounded(n, 3) for n in (-2, -1, 1, 2, 4, 5)] == [-1, 0, 0, 1, 1, 2]
    assert rounded(10**30 + 1, 2) == 5 * 10**29 + 1


@pytest.mark.parametrize("denominator", [0, -1])
def test_nothing_is_divided_by_nothing(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        rounded(1, denominator)


@given(WHOLE, DENOMINATORS)
def test_rounding_is_off_by_half_at_most_and_undone_by_its_mirror(numerator: int, denominator: int) -> None:
    whole = rounded(numerator, denominator)
    assert abs(whole - Fraction(numerator, denominator)) <= Fraction(1, 2)
    assert rounded(-numerator, denominator) == -whole


@given(st.lists(WHOLE, min_size=1, max_size=30), DENOMINATORS)
def test_largest_remainder_sums_and_is_fair_by_less_than_one(numerators: list[int], denominator: int) -> None:
    shares = apportioned(numerators, denominator)
    assert sum(shares) == rounded(sum(numerators), denominator)
    for share, numerator in zip(shares, numerators, strict=True):
        assert abs(share - Fraction(numerator, denominator)) < 1


@given(WHOLE, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any), CURRENCIES)
def test_split_hands_out_the_total(total: int, weights: list[int], currency: str) -> None:
    shares = split(Money(total, currency), weights)
    assert summed(shares, currency) == Money(total, currency)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.amount - Fraction(total * weight, sum(weights))) < 1
        assert weight or not share.amount


def test_of_equal_remainders_the_first_is_served_first() -> None:
    assert split(Money(100, "EUR"), [1, 1, 1]) == [Money(34, "EUR"), Money(33, "EUR"), Money(33, "EUR")]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_a_total_is_not_split_by_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Money(1, "EUR"), weights)
