"""What is due: lines, the tax on them, less credits. Never negative; too little to collect is carried."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.rules.credits import Credit, Spent, spend
from billing.rules.money import Money, summed, zero
from billing.rules.proration import Line
from billing.rules.tax import Rate, Taxed, taxed


@dataclass(frozen=True, slots=True)
class Bill:
    """`total` is `subtotal` and tax. It is paid by credits first; below zero it is no invoice but a new credit."""

    lines: tuple[Line, ...]
    subtotal: Money
    tax: Taxed
    spent: tuple[Spent, ...]

    @property
    def currency(self) -> str:
        return self.subtotal.currency

    @property
    def total(self) -> Money:
        return self.subtotal + self.tax.total

    @property
    def credit_applied(self) -> Money:
        return summed([one.amount for one in self.spent], self.currency)

    @property
    def due(self) -> Money:
        """What the payment method pays."""
        return max(self.total, zero(self.currency)) - self.credit_applied

    @property
    def credited(self) -> Money:
        """What becomes a credit, with the tax that was paid on it."""
        return max(-self.total, zero(self.currency))


@dataclass(frozen=True, slots=True)
class Collection:
    """What is taken now, and what stays open in the ledger; together all that was open."""

    charged: Money
    carried: Money


def bill(lines: Sequence[Line], rate: Rate | None, credits_: Iterable[Credit], currency: str, at: datetime) -> Bill:
    """Lines of one currency, taxed at one rate. Raises CurrencyMismatch."""
    nets = [line.amount for line in lines]
    subtotal, tax = summed(nets, currency), taxed([(net, rate) for net in nets], currency)
    return Bill(tuple(lines), subtotal, tax, spend(credits_, subtotal + tax.total, at))


def collect(due: Money, carried: Money, minimum: Money) -> Collection:
    """Take what is due and what was carried before, unless the gateway takes no so small an amount.

    What was carried waits for a bill that takes something.
    """
    if not due.amount:
        return Collection(due, carried)
    owed = due + carried
    if owed < minimum:
        return Collection(zero(owed.currency), owed)
    return Collection(owed, zero(owed.currency))
