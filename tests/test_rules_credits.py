"""Credits are conserved, and spent in one order."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.calendar import MICROSECOND
from billing.rules.credits import Credit, expiry, returned_expiry, spend
from billing.rules.money import Money
from tests.test_rules_calendar import ANCHORS, utc

NOW = utc("2026-06-15")
EXPIRIES = st.none() | st.integers(-20, 20).map(lambda days: NOW + timedelta(days=days))


@st.composite
def wallets(draw: st.DrawFn) -> list[Credit]:
    many = st.tuples(st.integers(0, 10_000), st.integers(1, 500), EXPIRIES)
    return [
        Credit(UUID(int=place), Money(remaining, "EUR"), NOW - timedelta(days=age), expires_at)
        for place, (remaining, age, expires_at) in enumerate(draw(st.lists(many, max_size=12)))
    ]


def credit(place: int, remaining: int, granted: str, expires: str | None) -> Credit:
    return Credit(UUID(int=place), Money(remaining, "USD"), utc(granted), utc(expires) if expires else None)


@given(wallets(), st.integers(-1000, 60_000))
def test_credits_pay_all_they_can_and_no_more(wallet: list[Credit], due: int) -> None:
    good = [each.remaining.amount for each in wallet if each.expires_at is None or each.expires_at > NOW]
    spent = spend(wallet, Money(due, "EUR"), NOW)
    assert sum(each.amount.amount for each in spent) == max(min(due, sum(good)), 0)


@given(wallets(), st.integers(0, 60_000))
def test_no_credit_goes_below_zero_or_is_spent_expired(wallet: list[Credit], due: int) -> None:
    by_id = {each.id: each for each in wallet}
    spent = spend(wallet, Money(due, "EUR"), NOW)
    assert len({each.credit_id for each in spent}) == len(spent)
    for each in spent:
        assert 0 < each.amount.amount <= by_id[each.credit_id].remaining.amount
        assert by_id[each.credit_id].good(NOW)


@given(wallets(), st.integers(0, 60_000))
def test_a_later_expiry_waits_until_all_earlier_ones_are_spent(wallet: list[Credit], due: int) -> None:
    spent = {each.credit_id: each.amount for each in spend(wallet, Money(due, "EUR"), NOW)}
    left = [each for each in wallet if each.good(NOW) and spent.get(each.id) != each.remaining]
    for waiting in left:
        for used in (each for each in wallet if each.id in spent and each is not waiting):
            assert used.expires_at is not None or waiting.expires_at is None
            assert waiting.expires_at is None or used.expires_at is None or used.expires_at <= waiting.expires_at


@given(st.data(), wallets(), st.integers(0, 60_000))
def test_the_order_of_rows_changes_nothing(data: st.DataObject, wallet: list[Credit], due: int) -> None:
    shuffled = data.draw(st.permutations(wallet))
    assert spend(shuffled, Money(due, "EUR"), NOW) == spend(wallet, Money(due, "EUR"), NOW)


def test_what_is_left_of_a_credit_stays() -> None:  # case 88
    ten = credit(1, 1000, "2026-01-01", None)
    (spent,) = spend([ten], Money(900, "USD"), NOW)
    assert ten.remaining - spent.amount == Money(100, "USD")


def test_oldest_expiry_goes_first_and_none_last() -> None:  # case 88
    never, late = credit(1, 100, "2024-01-01", None), credit(2, 100, "2025-01-01", "2028-01-01")
    early, twin = credit(4, 100, "2026-01-01", "2027-01-01"), credit(3, 100, "2026-01-01", "2027-01-01")
    spent = spend([never, late, early, twin], Money(350, "USD"), NOW)
    assert [(each.credit_id.int, each.amount.amount) for each in spent] == [(3, 100), (4, 100), (2, 100), (1, 50)]


def test_a_credit_is_good_until_the_instant_it_expires() -> None:
    one = Credit(UUID(int=1), Money(100, "EUR"), NOW, NOW + timedelta(days=1))
    assert spend([one], Money(1, "EUR"), NOW + timedelta(days=1) - MICROSECOND)
    assert spend([one], Money(1, "EUR"), NOW + timedelta(days=1)) == ()


def test_credits_live_to_the_end_of_the_third_year() -> None:  # case 88
    assert expiry(utc("2026-01-01")) == expiry(utc("2026-12-31T23:59:59.999999")) == utc("2030-01-01")


@given(ANCHORS)
def test_credits_live_between_three_and_four_years(granted_at: datetime) -> None:
    assert 3 * 365 <= (expiry(granted_at) - granted_at).days <= 4 * 366


def test_a_credit_comes_back_with_its_expiry_or_thirty_days() -> None:  # case 88
    later, past = NOW + timedelta(days=1), NOW - timedelta(days=1)
    assert returned_expiry(None, NOW) is None
    assert returned_expiry(later, NOW) == later
    assert returned_expiry(past, NOW) == returned_expiry(NOW, NOW) == NOW + timedelta(days=30)
