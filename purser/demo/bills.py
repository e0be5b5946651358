"""Invoices and payments of the demo, whose amounts agree, and the history of what was done about money."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import (
    BillingActivity,
    BillingActivityKind,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    Payment,
    PaymentStatus,
    Refund,
    TaxLine,
)
from purser.demo.book import SYSTEM, Actor, Book, Made, by
from purser.demo.catalogue import Tariff
from purser.demo.company import Company

BASIS_POINTS = 10_000
DUE, CHARGED, SETTLED = timedelta(days=14), timedelta(minutes=2), timedelta(seconds=5)


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, half open."""

    start: datetime
    end: datetime

    def rest(self, at: datetime) -> "Period":
        """What of it is left at an instant."""
        return Period(at, self.end)

    def share(self, amount: int, whole: "Period") -> int:
        """What an amount for the whole comes to in this part, half up."""
        second = timedelta(seconds=1)
        return half_up(amount * ((self.end - self.start) // second), (whole.end - whole.start) // second)


@dataclass(frozen=True)
class Line:
    """What an invoice charges for."""

    kind: LineKind
    tariff: Tariff
    quantity: int
    amount: int
    period: Period
    unit_amount: int

    @classmethod
    def of(cls, kind: LineKind, tariff: Tariff, quantity: int, period: Period, whole: Period | None = None) -> "Line":
        """Seats for a period, or for the part of the whole one that it is; unused time is given back."""
        amount = period.share(quantity * tariff.unit_amount, whole or period)
        return cls(
            kind, tariff, quantity, -amount if kind is LineKind.UNUSED_TIME else amount, period, tariff.unit_amount
        )

    @classmethod
    def credit(cls, tariff: Tariff, amount: int, period: Period) -> "Line":
        """A credit spent on this invoice."""
        return cls(LineKind.CREDIT, tariff, 1, -amount, period, -amount)


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction."""
    return (2 * numerator + denominator) // (2 * denominator)


def invoice(
    book: Book,
    company: Company,
    lines: list[Line],
    at: datetime,
    *,
    paid_at: datetime | None = None,
    purchase_order: str | None = None,
    requested: Actor = SYSTEM,
) -> Made:
    """Add an invoice over these lines, issued at once: paid, or open."""
    made = draft(book, company, lines, at)
    made |= {"number": company.number(""), "issued_at": at, "due_at": at + DUE, "purchase_order": purchase_order}
    made |= {"status": InvoiceStatus.PAID if paid_at else InvoiceStatus.OPEN, "paid_at": paid_at}
    made |= {"amount_due": 0 if paid_at else made["total"]} | by("requested", requested)
    event(book, company, BillingActivityKind.INVOICE_ISSUED, at, requested, invoice=made)
    return made


def draft(book: Book, company: Company, lines: list[Line], at: datetime) -> Made:
    """Add an invoice over these lines and the tax on them, that is not issued yet."""
    subtotal = sum(line.amount for line in lines)
    tax = half_up(subtotal * company.tax[1], BASIS_POINTS)
    made = book.add(
        Invoice,
        at,
        organization_id=company.id,
        status=InvoiceStatus.DRAFT,
        currency=company.currency,
        subtotal=subtotal,
        tax=tax,
        total=subtotal + tax,
        amount_due=subtotal + tax,
        created_at=at,
    )
    charge(book, company, made, lines, at)
    return made


def charge(book: Book, company: Company, made: Made, lines: list[Line], at: datetime) -> None:
    """Add the lines of an invoice, and of the tax on their sum."""
    of = {"organization_id": company.id, "invoice_id": made["id"], "currency": company.currency}
    for position, line in enumerate(lines):
        what = {"kind": line.kind, "plan_name": line.tariff.plan_name, "interval": line.tariff.interval}
        sums = {"quantity": line.quantity, "unit_amount": line.unit_amount, "amount": line.amount}
        when = {"period_start": line.period.start, "period_end": line.period.end}
        book.add(InvoiceLine, at, **of, position=position, **what, **sums, **when)
    name, rate = company.tax
    sums = {"net": made["subtotal"], "amount": made["tax"]}
    book.add(TaxLine, at, **of, position=0, name=name, rate_basis_points=rate, **sums)


def payment(
    book: Book,
    company: Company,
    claim: Made,
    method: Made,
    at: datetime,
    *,
    made: Actor = SYSTEM,
    failure: str | None = None,
) -> Made:
    """Add a payment of an invoice: the whole of it, or an attempt that failed."""
    row = book.add(
        Payment,
        at,
        organization_id=company.id,
        amount=claim["total"],
        refunded_amount=0,
        currency=claim["currency"],
        status=PaymentStatus.FAILED if failure else PaymentStatus.SUCCEEDED,
        created_at=at,
        payment_method_id=method["id"],
        invoice_id=claim["id"],
        failure_code=failure,
        **by("made", made),
    )
    kind = BillingActivityKind.PAYMENT_FAILED if failure else BillingActivityKind.PAYMENT_SUCCEEDED
    event(book, company, kind, at + SETTLED, made, invoice=claim, payment=row, payment_method=method)
    return row


def refund(book: Book, company: Company, paid: Made, at: datetime, reason: str, actor: Actor) -> None:
    """Give a payment back, all of it, with a credit note for its invoice."""
    paid |= {"refunded_amount": paid["amount"], "status": PaymentStatus.REFUNDED}
    of = {"organization_id": company.id, "currency": paid["currency"]}
    book.add(Refund, at, **of, payment_id=paid["id"], amount=paid["amount"], reason=reason, created_at=at)
    correction = {"invoice_id": paid["invoice_id"], "number": company.number("CN-"), "total": paid["amount"]}
    book.add(CreditNote, at, **of, **correction, issued_at=at)
    event(book, company, BillingActivityKind.PAYMENT_REFUNDED, at, actor, payment=paid)


def event(
    book: Book, company: Company, kind: BillingActivityKind, at: datetime, actor: Actor = SYSTEM, **about: Any
) -> None:
    """Add an entry about rows that are named `invoice`, `payment`, `payment_method` or `invitation`."""
    named = {f"{name}_id": row["id"] for name, row in about.items()}
    who = {"actor_id": actor[0], "acted_as": actor[1]}
    book.add(BillingActivity, at, organization_id=company.id, kind=kind, at=at, **who, **named)
