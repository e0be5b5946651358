"""Invoices of the demo: priced, taxed, numbered and booked by the rules that all are."""

from collections.abc import Sequence
from datetime import datetime

from billing.invoices import Issue, taxes, written
from billing.rules import ledger
from billing.rules.bill import Bill, bill
from billing.rules.numbers import INVOICE
from billing.rules.proration import Line
from models import (
    BillingActivityKind,
    DocumentCounter,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    PostingKind,
    TaxLine,
)
from purser.demo import papers
from purser.demo.book import SYSTEM, Actor, Book, Made, by
from purser.demo.company import Company
from purser.demo.credits import spend
from purser.demo.events import event
from purser.demo.postings import post


def invoice(
    book: Book,
    company: Company,
    lines: Sequence[Line],
    at: datetime,
    said: Issue | None = None,
    *,
    at_once: bool = False,
) -> Made:
    """Add an invoice over these lines, issued now, and paid by credits as far as they go.

    `at_once`: its payment follows in the same moment.
    """
    said = said or Issue()
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
        purchase_order=said.purchase_order,
        transfer_reference=said.transfer_reference,
        quote_id=said.quote_id,
        created_at=at,
        issued_at=at,
        due_at=said.due(at),
        paid_at=at if paid else None,
        **by("requested", requested(said)),
    )
    company.papers[made["id"]] = paper = papers.invoice(company, made, due, at_once=at_once)
    made["document"] = papers.column(paper)
    parts(book, company, made, due)
    post(book, company, PostingKind.INVOICE_ISSUED, at, ledger.issued(due.subtotal, due.tax.total), invoice=made)
    spend(book, company, made, due.spent)
    event(book, company, BillingActivityKind.INVOICE_ISSUED, at, requested(said), invoice=made)
    return made


def requested(said: Issue) -> Actor:
    """Who asked for it."""
    who, acted_as = said.requested
    return (who, acted_as) if who and acted_as else SYSTEM


def parts(book: Book, company: Company, made: Made, due: Bill) -> None:
    """Add the lines of an invoice, and the tax on them."""
    at = made["issued_at"]
    of = {"organization_id": company.id, "invoice_id": made["id"], "currency": company.currency}
    for line in written(due.lines):
        book.add(InvoiceLine, at, **of, **line)
    for tax in taxes(due):
        book.add(TaxLine, at, **of, **tax)


def counter(book: Book, company: Company) -> None:
    """Add how many documents there are; the next one goes on from there."""
    counts = {"invoices": company.invoices, "credit_notes": company.credit_notes}
    book.add(DocumentCounter, company.founded, organization_id=company.id, mark=company.mark, **counts)
