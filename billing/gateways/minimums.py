"""The least that a card is charged, by currency: what card networks' fees leave sensible."""

from billing.rules.money import Money, exponent

LEAST = {
    "AED": 200, "BGN": 100, "CZK": 1500, "DKK": 250, "GBP": 30, "HKD": 400, "HUF": 17500, "MXN": 1000, "MYR": 200,
    "NOK": 300, "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}  # fmt: skip
ELSEWHERE = {0: 50, 3: 500}


def minimum(currency: str) -> Money:
    """The least amount, in minor units."""
    return Money(LEAST.get(currency) or ELSEWHERE.get(exponent(currency), 50), currency)
