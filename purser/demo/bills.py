"""Invoices of the demo: priced, taxed, numbered and booked by the rules that all are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from billing.rules import ledger
from billing.rules.bill import Bill, bill
from billing.rules.numbers import INVOICE
from billing.rules.proration import Line
from models import (
    BillingActivityKind,
    BillingInterval,
    DocumentCounter,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    PostingKind,
    TaxLine,
)
from purser.demo.book import SYSTEM, Actor, Book, Made, by
from purser.demo.company import Company
from purser.demo.credits import spend
from purser.demo.events import event
from purser.demo.postings import post

DUE = timedelta(days=14)


def invoice(
    book: Book,
    company: Company,
    lines: Sequence[Line],
    at: datetime,
    *,
    requested: Actor = SYSTEM,
    purchase_order: str | None = None,
    transfer_reference: str | None = None,
) -> Made:
    """Add an invoice over these lines, issued at once, and paid by credits as far as they go."""
    due = bill(lines, company.rate(at), company.left(), company.currency, at)
    paid = not due.due.amount
    made = book.add(
        Invoice,
        at,
        organization_id=company.id,
        number=company.number(INVOICE),
        status=InvoiceStatus.PAID if paid else InvoiceStatus.OPEN,
        currency=company.currency,
        subtotal=due.subtotal.amount,
        tax=due.tax.total.amount,
        total=due.total.amount,
        credit_applied=due.credit_applied.amount,
        amount_due=due.due.amount,
        purchase_order=purchase_order,
        transfer_reference=transfer_reference,
        created_at=at,
        issued_at=at,
        due_at=at + DUE,
        paid_at=at if paid else None,
        **by("requested", requested),
    )
    parts(book, company, made, due)
    post(book, company, PostingKind.INVOICE_ISSUED, at, ledger.issued(due.subtotal, due.tax.total), invoice=made)
    spend(book, company, made, due.spent)
    event(book, company, BillingActivityKind.INVOICE_ISSUED, at, requested, invoice=made)
    return made


def parts(book: Book, company: Company, made: Made, due: Bill) -> None:
    """Add the lines of an invoice, and the tax on them."""
    at = made["issued_at"]
    of = {"organization_id": company.id, "invoice_id": made["id"], "currency": company.currency}
    for position, line in enumerate(due.lines):
        what = {"kind": LineKind(line.kind), "plan_name": line.plan, "interval": BillingInterval(line.interval.name)}
        sums = {"quantity": line.quantity, "unit_amount": line.unit_amount.amount, "amount": line.amount.amount}
        when = {"period_start": line.period.start, "period_end": line.period.end}
        book.add(InvoiceLine, at, **of, position=position, **what, **sums, **when)
    for position, tax in enumerate(due.tax.lines):
        rate = {"name": tax.rate.name, "rate_basis_points": tax.rate.basis_points}
        book.add(TaxLine, at, **of, position=position, **rate, net=tax.net.amount, amount=tax.amount.amount)


def counter(book: Book, company: Company) -> None:
    """Add how many documents there are; the next one goes on from there."""
    counts = {"invoices": company.invoices, "credit_notes": company.credit_notes}
    book.add(DocumentCounter, company.founded, organization_id=company.id, mark=company.mark, **counts)
