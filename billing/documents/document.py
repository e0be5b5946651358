"""What a document says: the snapshot that is stored with its number, and that nothing changes afterwards.

Lines are typed and have no free text, so no person's, team's or project's name can get in. A field that is added later
needs a default, for the snapshots that lack it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import TypeAdapter

from billing.rules import proration, tax
from billing.rules.calendar import DAY, Period
from billing.rules.money import Money
from models.catalogue import BillingInterval
from models.invoice import LineKind


class DocumentKind(StrEnum):
    """A claim, or its correction."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or customer, as they were that day. `country` is ISO 3166-1 alpha-2."""

    name: str
    country: str
    address_lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    tax_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """A part of a period as people count it: its first and last day, so many days of the whole one's."""

    first: date
    last: date
    count: int
    whole: int

    @classmethod
    def between(cls, part: Period, whole: Period) -> Self:
        """The days of `part`; a day begun counts."""
        last = max(part.start.date(), part.end.date() - DAY)
        return cls(part.start.date(), last, part.days, whole.days)


@dataclass(frozen=True, slots=True)
class Line:
    """What is charged, without tax. Amounts are in minor units of the document's currency."""

    kind: LineKind
    plan: str
    interval: BillingInterval
    quantity: int
    unit_amount: int
    amount: int
    days: Days

    @classmethod
    def of(cls, priced: proration.Line, plan: str) -> Self:
        """A line as it was priced; `plan` is the plan's name that day."""
        return cls(
            LineKind(priced.kind),
            plan,
            BillingInterval(priced.interval.name),
            priced.quantity,
            priced.unit_amount.amount,
            priced.amount.amount,
            Days.between(priced.period, priced.whole),
        )


@dataclass(frozen=True, slots=True)
class Tax:
    """Tax of one rate, on the sum of what it applies to."""

    name: str
    basis_points: int
    net: int
    amount: int
    reverse_charge: bool = False

    @classmethod
    def of(cls, line: tax.TaxLine) -> Self:
        """A tax as it was computed."""
        reverse = line.rate == tax.REVERSE_CHARGE
        return cls(line.rate.name, line.rate.basis_points, line.net.amount, line.amount.amount, reverse)


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """Where to send the money. `reference` is what it is recognized by; `account` is an IBAN where there is one."""

    reference: str
    holder: str
    account: str
    bic: str | None = None
    bank: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, or the credit note of one.

    What it adds up to follows from its lines and taxes. `corrects` is the number of the invoice that a credit note
    corrects. `paid` is what was paid by anything but credit.
    """

    kind: DocumentKind
    number: str
    currency: str
    issued: date
    seller: Party
    customer: Party
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...] = ()
    credit_applied: int = 0
    paid: int = 0
    due_on: date | None = None
    paid_on: date | None = None
    voided_on: date | None = None
    corrects: str | None = None
    purchase_order: str | None = None
    transfer: BankTransfer | None = None

    def __post_init__(self) -> None:
        if (self.kind is DocumentKind.CREDIT_NOTE) != (self.corrects is not None):
            raise ValueError("A credit note corrects an invoice, an invoice nothing.")

    @property
    def subtotal(self) -> Money:
        """Before tax."""
        return self.money(sum(each.amount for each in self.lines))

    @property
    def total(self) -> Money:
        """With tax."""
        return self.subtotal + self.money(sum(each.amount for each in self.taxes))

    @property
    def amount_due(self) -> Money:
        """What is left to pay."""
        return self.total - self.money(self.credit_applied + self.paid)

    def money(self, amount: int) -> Money:
        """An amount of the document."""
        return Money(amount, self.currency)


SNAPSHOT = TypeAdapter(Document)


def stored(document: Document) -> dict[str, Any]:
    """The snapshot, as JSON holds it."""
    snapshot: dict[str, Any] = SNAPSHOT.dump_python(document, mode="json")
    return snapshot


def restored(snapshot: dict[str, Any]) -> Document:
    """The document of a stored snapshot. Raises pydantic's ValidationError for what is none."""
    return SNAPSHOT.validate_python(snapshot)
