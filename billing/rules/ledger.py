"""Double entry: what each event debits, above zero, and credits, below it. Whatever is booked sums to zero."""

from dataclasses import dataclass
from typing import Literal

from billing.rules.money import Money, zero

# Names of the accounts of the books.
AccountName = Literal[
    "RECEIVABLE", "CARRIED", "CASH", "CREDIT", "REVENUE", "TAX", "PROMOTION", "EXPIRED_CREDIT", "BAD_DEBT"
]
Entries = tuple["Entry", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One side."""

    account: AccountName
    amount: Money


def issued(subtotal: Money, tax: Money) -> Entries:
    """An invoice: the organization owes, we earned, and owe the tax."""
    return _booked(("RECEIVABLE", subtotal + tax), ("REVENUE", -subtotal), ("TAX", -tax))


def corrected(subtotal: Money, tax: Money) -> Entries:
    """An invoice taken back, whole when it is void, or the part that a credit note says."""
    return _booked(("RECEIVABLE", -subtotal - tax), ("REVENUE", subtotal), ("TAX", tax))


def paid(amount: Money, carried: Money) -> Entries:
    """Money came; `carried` of it for what was too little to be taken before."""
    return _booked(("CASH", amount), ("RECEIVABLE", carried - amount), ("CARRIED", -carried))


def refunded(amount: Money, carried: Money | None = None) -> Entries:
    """Money went back; `carried` of it was for what was too little to be taken before, and is owed again."""
    carried = carried or zero(amount.currency)
    return _booked(("CASH", -amount), ("RECEIVABLE", amount - carried), ("CARRIED", carried))


def carried_over(amount: Money) -> Entries:
    """Too little to be taken: owed with the next invoice."""
    return _booked(("CARRIED", amount), ("RECEIVABLE", -amount))


def given(amount: Money) -> Entries:
    """A credit as a gift."""
    return _booked(("PROMOTION", amount), ("CREDIT", -amount))


def given_back(subtotal: Money, tax: Money) -> Entries:
    """A credit for what was paid and is not used: both amounts above zero."""
    return _booked(("REVENUE", subtotal), ("TAX", tax), ("CREDIT", -subtotal - tax))


def overpaid(amount: Money) -> Entries:
    """A credit for what came beyond what was owed; the other way round, a credit that goes back to an invoice."""
    return _booked(("RECEIVABLE", amount), ("CREDIT", -amount))


def used(amount: Money) -> Entries:
    """A credit pays an invoice."""
    return _booked(("CREDIT", amount), ("RECEIVABLE", -amount))


def expired(amount: Money) -> Entries:
    """A credit that nobody spent in time."""
    return _booked(("CREDIT", amount), ("EXPIRED_CREDIT", -amount))


def uncollectible(amount: Money) -> Entries:
    """What is owed, and will not come."""
    return _booked(("BAD_DEBT", amount), ("RECEIVABLE", -amount))


def _booked(*sides: tuple[AccountName, Money]) -> Entries:
    return tuple(Entry(account, amount) for account, amount in sides if amount.amount)
