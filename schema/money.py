"""Money as a client sees it: an integer in the currency's minor unit, never a float."""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import strawberry
from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision
from graphql import GraphQLError

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
        exact = Decimal(self.amount).scaleb(-get_currency_precision(self.currency))
        return format_currency(exact, self.currency, locale=locale_of(locale or ENGLISH))


def money(amount: Column[int], currency: Column[str]) -> Computed[Money]:
    """Two columns, as money."""
    parts: dict[str, Column[Any]] = {"amount": amount, "currency": currency}
    return Computed((amount, currency), made, parts)


def made(amount: int, currency: str) -> Money:
    """Money from plain values."""
    return Money(amount=MinorUnits(amount), currency=CurrencyCode(currency))
