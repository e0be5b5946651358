"""How a document puts things: amounts, days, lines, addresses. English, whatever the machine's own language is."""

from collections.abc import Iterator
from datetime import date

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from stdnum import iban

from billing.documents.document import Days, Party
from billing.rules.money import Money, exponent
from models.catalogue import BillingInterval
from models.invoice import LineKind

ENGLISH = Locale("en")
LINES = {
    LineKind.PLAN: "{plan} plan, {term}",
    LineKind.SEATS: "{plan} plan, {seats}, {term}",
    LineKind.UNUSED_TIME: "Unused time on {plan} plan, {seats}",
    LineKind.RENEWAL: "Renewal of {plan} plan, {seats}, {term}",
    LineKind.CREDIT: "Paid from credit",
    LineKind.TAX: "Tax",
    LineKind.TRANSFER: "Carried over",
}
TERMS = {BillingInterval.MONTH: "monthly", BillingInterval.YEAR: "yearly"}
# Where the post writes the town before the code.
TOWN_FIRST = frozenset({"AU", "CA", "GB", "IE", "IN", "NZ", "US"})
MINUS, EN_DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


def line(kind: str, plan: str, interval: str, quantity: int) -> str:
    """A line in words, of its typed parts alone: nobody's name can get in."""
    seats = f"{quantity} seat" if quantity == 1 else f"{quantity} seats"
    return LINES[LineKind(kind)].format(plan=plan, seats=seats, term=TERMS[BillingInterval(interval)])


def correction(plan: str) -> str:
    """A part of what an invoice charged, that a credit note takes back."""
    return f"Correction, {plan} plan"


def amount(money: Money) -> str:
    """With as many decimals as ISO 4217 gives the currency; CLDR, which Babel follows, gives some fewer."""
    places, symbol = exponent(money.currency), get_currency_symbol(money.currency, ENGLISH)
    pattern = ("¤\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else "¤") + "#,##0" + f".{'0' * places}".rstrip(".")
    written: str = format_currency(money.major, money.currency, pattern, ENGLISH, currency_digits=False)
    return written.replace("-", MINUS)


def count(number: int) -> str:
    """A number of things."""
    written: str = format_decimal(number, locale=ENGLISH)
    return written.replace("-", MINUS)


def day(on: date) -> str:
    """`6 January 2026`."""
    written: str = format_date(on, "d MMMM y", locale=ENGLISH)
    return written


def days(period: Days) -> str:
    """`26 of 31 days` and which; of a whole period the dates alone."""
    dates = f"{_since(period.first, period.last)}{day(period.last)}"
    if period.count == period.whole:
        return dates
    return f"{period.count} of {period.whole} {'day' if period.whole == 1 else 'days'}, {dates}"


def _since(first: date, last: date) -> str:
    """What of the first day the last one does not say."""
    if first == last:
        return ""
    if first.year != last.year:
        return f"{day(first)} {EN_DASH} "
    pattern = "d MMMM" if first.month != last.month else "d"
    return f"{format_date(first, pattern, locale=ENGLISH)} {EN_DASH} "


def address(party: Party) -> Iterator[str]:
    """Below the name, from the street to the country."""
    yield from party.address_lines
    place = [party.postal_code, party.city]
    if party.country in TOWN_FIRST:
        place.reverse()
    yield " ".join(part for part in place if part)
    yield ENGLISH.territories.get(party.country, party.country)


def account(number: str) -> tuple[str, str]:
    """What kind of account number it is, and how it is written: an IBAN in groups of four."""
    return ("IBAN", iban.format(number)) if iban.is_valid(number) else ("Account", number)
