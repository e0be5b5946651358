"""Amounts: whole numbers of a currency's minor unit. Every division of money passes `rounded` or `apportioned`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

CODE = re.compile(r"[A-Z]{3}")
# ISO 4217 where it is not 2. CLDR, which Babel knows, differs: it counts the decimals that people still write.
CURRENCIES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {code: places for places, codes in CURRENCIES.items() for code in codes.split()}


class CurrencyMismatch(ValueError):  # noqa: N818  # it names what is wrong
    """Two currencies in one sum."""


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit stands for: 0 (JPY), 2 (EUR), 3 (KWD)."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in minor units. Raises ValueError for what is no ISO 4217 code, CurrencyMismatch for a mixed sum."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.currency):
            raise ValueError(f"{self.currency!r} is no currency code.")

    @classmethod
    def exactly(cls, major: Decimal, currency: str) -> Self:
        """From units that people write, such as 12.50. Raises ValueError where the currency has fewer decimals."""
        minor = major.scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{currency} has {exponent(currency)} decimals.")
        return cls(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """In units that people write, with all decimals of the currency."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._beside(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._beside(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._beside(other)

    def part(self, numerator: int, denominator: int) -> "Money":
        """That fraction of it, rounded once."""
        return Money(rounded(self.amount * numerator, denominator), self.currency)

    def _beside(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up.")
        return other.amount


def zero(currency: str) -> Money:
    """Nothing, in a currency."""
    return Money(0, currency)


def summed(amounts: Sequence[Money], currency: str) -> Money:
    """The sum, in a currency that it has even where there is nothing to add."""
    return sum(amounts, start=zero(currency))


def rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number, half up; below zero the mirror image, so that giving back undoes a charge exactly.

    The denominator is positive, else ValueError.
    """
    if denominator <= 0:
        raise ValueError("A denominator is positive.")
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return nearest if numerator >= 0 else -nearest


def apportioned(numerators: Sequence[int], denominator: int) -> list[int]:
    """Fractions of one denominator, made whole by largest remainder: each is off by less than one.

    They sum to their exact sum, rounded once. Of equal remainders the earlier one is served first.
    """
    parts = [divmod(numerator, denominator) for numerator in numerators]
    shares = [whole for whole, _ in parts]
    missing = rounded(sum(numerators), denominator) - sum(shares)
    for index in sorted(range(len(parts)), key=lambda index: -parts[index][1])[:missing]:
        shares[index] += 1
    return shares


def split(total: Money, weights: Sequence[int]) -> list[Money]:
    """A total by weight: it is handed out whole, no share off by one minor unit. Raises ValueError without a weight."""
    if not weights or min(weights) < 0 or not any(weights):
        raise ValueError("A total needs weights to be split by.")
    shares = apportioned([total.amount * weight for weight in weights], sum(weights))
    return [Money(share, total.currency) for share in shares]
