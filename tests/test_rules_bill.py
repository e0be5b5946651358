"""A bill is never negative, and nothing of it is lost."""

from datetime import datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.bill import bill, collect
from billing.rules.credits import Credit
from billing.rules.money import CurrencyMismatch, Money
from billing.rules.proration import State, change
from billing.rules.tax import Rate
from tests.test_rules_calendar import utc
from tests.test_rules_credits import NOW, credit, wallets
from tests.test_rules_proration import month, paths
from tests.test_rules_tax import RATES


@given(paths(), RATES)
def test_no_bill_is_negative(path: tuple[list[State], datetime], rate: Rate | None) -> None:
    (old, new, *_), at = path
    made = change(old, new, at)
    found = bill(made.lines, rate, [], made.total.currency, at)
    assert found.due.amount >= 0
    assert found.credited.amount >= 0
    assert found.due - found.credited == found.total == made.total + found.tax.total
    assert not (found.due.amount and found.credited.amount)


@given(st.integers(1, 100_000), wallets(), RATES)
def test_credits_and_the_payment_method_pay_the_total(
    unit_amount: int, wallet: list[Credit], rate: Rate | None
) -> None:
    lines = change(None, month(unit_amount, 1, "EUR"), utc("2026-01-01")).lines
    found = bill(lines, rate, wallet, "EUR", NOW)
    assert found.credit_applied + found.due == found.total
    assert found.due.amount >= 0
    assert found.due.amount == 0 or sum(one.remaining.amount for one in wallet if one.good(NOW)) < found.total.amount


def test_credits_pay_the_tax_too() -> None:
    lines = change(None, month(1000, 1), utc("2026-01-01")).lines
    found = bill(lines, Rate("VAT 20 %", 2000), [credit(1, 1100, "2025-01-01", None)], "USD", NOW)
    assert (found.subtotal.amount, found.tax.total.amount, found.total.amount) == (1000, 200, 1200)
    assert (found.credit_applied.amount, found.due.amount, found.credited.amount) == (1100, 100, 0)


def test_what_is_given_back_is_credited_with_its_tax_and_spends_no_credit() -> None:
    dear, cheap = month(3100, 1), month(1000, 1)
    lines = change(dear, cheap, utc("2026-01-01")).lines
    found = bill(lines, Rate("VAT 20 %", 2000), [credit(1, 1100, "2025-01-01", None)], "USD", NOW)
    assert (found.total.amount, found.due.amount, found.credited.amount) == (-2520, 0, 2520)
    assert found.spent == ()


def test_a_credit_of_another_currency_pays_nothing() -> None:
    lines = change(None, month(1000, 1, "EUR"), utc("2026-01-01")).lines
    with pytest.raises(CurrencyMismatch):
        bill(lines, None, [credit(1, 1100, "2025-01-01", None)], "EUR", NOW)


@given(st.lists(st.integers(0, 200), max_size=30), st.integers(0, 100))
def test_what_is_too_little_to_collect_is_carried_not_lost(dues: list[int], minimum: int) -> None:  # case 79
    carried, charged = Money(0, "USD"), []
    for due in dues:
        taken = collect(Money(due, "USD"), carried, Money(minimum, "USD"))
        carried = taken.carried
        charged.append(taken.charged.amount)
        assert taken.charged.amount == 0 or taken.charged.amount >= minimum
        assert 0 <= carried.amount < max(minimum, 1)
        assert sum(charged) + carried.amount == list(accumulate(dues))[len(charged) - 1]
    assert sum(charged) + carried.amount == sum(dues)


def test_seats_too_cheap_to_collect_one_by_one_are_collected_together() -> None:  # case 79
    carried, minimum = Money(0, "USD"), Money(50, "USD")
    taken = [collect(Money(20, "USD"), carried, minimum)]
    taken.append(collect(Money(20, "USD"), taken[-1].carried, minimum))
    taken.append(collect(Money(20, "USD"), taken[-1].carried, minimum))
    assert [each.charged.amount for each in taken] == [0, 0, 60]
