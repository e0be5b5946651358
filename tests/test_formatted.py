"""Money written for people: as their language does, with the decimals of ISO 4217."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency, get_currency_precision, list_currencies

from billing.rules.money import exponent
from schema.money import made


def formatted(amount: int, currency: str, locale: str | None = None) -> str:
    """What the field answers."""
    text: str = made(amount, currency).formatted(locale)
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (123450, "USD", "$1,234.50"),
        (1234, "JPY", "¥1,234"),
        (123450, "KWD", "KWD123.450"),
        (1234567, "IQD", "IQD1,234.567"),
        (123450, "LBP", "LBP1,234.50"),
        (123450, "HUF", "HUF1,234.50"),
        (1234, "ISK", "ISK1,234"),
        (1234, "UGX", "UGX1,234"),
        (5, "HUF", "HUF0.05"),
        (-7, "IQD", "-IQD0.007"),
    ],
)
def test_decimals_are_those_of_iso_4217(amount: int, currency: str, written: str) -> None:
    assert formatted(amount, currency) == written


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("de-CH", "HUF 1\N{RIGHT SINGLE QUOTATION MARK}234.50"),
        ("hu", "1 234,50 Ft"),
        ("hu-HU", "1 234,50 Ft"),
        ("de", "1.234,50 HUF"),
    ],
)
def test_all_else_is_as_the_language_writes_it(locale: str, written: str) -> None:
    assert formatted(123450, "HUF", locale) == written


@pytest.mark.parametrize("locale", ["en", "de", "fr_CA", "ar", "hi", "ja"])
def test_where_both_agree_it_is_what_babel_writes(locale: str) -> None:
    for currency in list_currencies(locale):
        places = get_currency_precision(currency)
        if places == exponent(currency):
            exact = Decimal(1234567).scaleb(-places)
            assert made(1234567, currency).formatted(locale) == format_currency(exact, currency, locale=locale)
