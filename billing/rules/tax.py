"""Tax: the customer's country says the rate, the summed net of a rate says the amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from billing.rules.money import Money, apportioned, summed
from billing.rules.tax_rates import NAMES, STANDARD, UNION

BASIS_POINTS = 10_000
GREECE, GREEK = "GR", "EL"  # the only member state whose VAT ids begin otherwise


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax as an invoice names it."""

    name: str
    basis_points: int


REVERSE_CHARGE = Rate("VAT reverse charge", 0)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax of one rate on the summed net of the lines that have it."""

    rate: Rate
    net: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Taxed:
    """Tax by rate, and the share that falls on each net amount; either sums to the total."""

    lines: tuple[TaxLine, ...]
    shares: tuple[Money, ...]
    total: Money


def rate(seller: str, country: str, vat_id: str | None, day: date) -> Rate | None:
    """What a customer of this country pays; none where we take none. Countries by ISO 3166, two letters.

    A customer of another member state of the EU with a valid VAT id of that state owes the tax himself. Raises
    ValueError for a day before the first rate that is known.
    """
    if country not in STANDARD:
        return None
    if country in UNION and country != seller and vat_id and checked(country, vat_id):
        return REVERSE_CHARGE
    return _standard(country, day)


def checked(country: str, vat_id: str) -> str | None:
    """A tax id as it is written officially; none if its form or checksum is wrong there.

    The prefix may be left out. Ids of a country that we have no check for are taken as they are.
    """
    module = get_cc_module(country.lower(), "vat")
    if module is None:
        return vat_id.strip()
    try:
        number: str = module.validate(vat_id)
    except ValidationError:
        return None
    return _prefixed(country, number) if country in UNION else number


def taxed(nets: Sequence[tuple[Money, Rate | None]], currency: str) -> Taxed:
    """Tax on net amounts, of which some may be negative: per rate on their sum, half up, then shared out."""
    shares = [Money(0, currency)] * len(nets)
    lines = []
    for each in dict.fromkeys(own for _, own in nets if own):
        places = [place for place, (_, own) in enumerate(nets) if own == each]
        amounts = [nets[place][0] for place in places]
        parts = apportioned([amount.amount * each.basis_points for amount in amounts], BASIS_POINTS)
        for place, part in zip(places, parts, strict=True):
            shares[place] = Money(part, currency)
        lines.append(TaxLine(each, summed(amounts, currency), Money(sum(parts), currency)))
    return Taxed(tuple(lines), tuple(shares), summed(shares, currency))


def _standard(country: str, day: date) -> Rate:
    known = [points for since, points in STANDARD[country] if since <= day]
    if not known:
        raise ValueError(f"No rate of {country} is known for {day}.")
    whole, rest = divmod(known[-1], 100)
    percent = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return Rate(f"{NAMES.get(country, 'VAT')} {percent} %", known[-1])


def _prefixed(country: str, number: str) -> str:
    """With the state's prefix once, whether its check keeps it or not."""
    prefix = GREEK if country == GREECE else country
    bare = number.removeprefix(country).removeprefix(prefix)
    return prefix + bare
