"""Money as a client sees it: an integer in the currency's minor unit, never a float."""

from copy import copy
from functools import lru_cache
from typing import Annotated, Any

import strawberry
from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern
from graphql import GraphQLError

from billing.rules import money as rules
from models.table import Column
from schema.declare import Computed, value
from schema.scalars import CurrencyCode, MinorUnits

ENGLISH = "en"


@lru_cache(256)
def locale_of(text: str) -> Locale:
    """The locale that BCP 47 calls so, `de-CH` or `de_CH`. Raises GraphQLError INVALID_LOCALE."""
    try:
        return Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        raise GraphQLError("This is no locale that we know.", extensions={"code": "INVALID_LOCALE"}) from None


@lru_cache(1024)
def written_as(locale: Locale, places: int) -> NumberPattern:
    """How money is written there, with so many decimals: those that Babel knows are CLDR's, which leaves some out."""
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


@value
class Money:
    """An amount in one currency."""

    amount: MinorUnits = strawberry.field(description="In the currency's minor unit: cents, yen, fils.")
    currency: CurrencyCode = strawberry.field(description="Which currency.")

    @strawberry.field(description="Written for people, such as $1,234.50.")  # type: ignore[untyped-decorator]
    def formatted(
        self, locale: Annotated[str | None, strawberry.argument(description="BCP 47 tag, such as de-CH.")] = ENGLISH
    ) -> str:
        """The amount with as many decimals as ISO 4217 gives the currency."""
        spoken, exact = locale_of(locale or ENGLISH), rules.Money(self.amount, self.currency).major
        pattern = written_as(spoken, rules.exponent(self.currency))
        written: str = pattern.apply(exact, spoken, currency=self.currency, currency_digits=False)
        return written


def money(amount: Column[int], currency: Column[str]) -> Computed[Money]:
    """Two columns, as money."""
    parts: dict[str, Column[Any]] = {"amount": amount, "currency": currency}
    return Computed((amount, currency), made, parts)


def made(amount: int, currency: str) -> Money:
    """Money from plain values."""
    return Money(amount=MinorUnits(amount), currency=CurrencyCode(currency))
