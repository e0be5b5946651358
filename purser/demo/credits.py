"""Credits of the demo: granted, and spent on the invoices that come next."""

from collections.abc import Iterable
from datetime import datetime

from billing.rules import ledger
from billing.rules.credits import Spent
from billing.rules.money import Money
from models import BillingActivityKind, Credit, CreditReason, CreditUse, PostingKind
from purser.demo.book import Book, Made
from purser.demo.company import Company
from purser.demo.events import event
from purser.demo.postings import post


def grant(
    book: Book, company: Company, reason: CreditReason, at: datetime, amount: int, expires: datetime | None = None
) -> None:
    """Add a credit as a gift."""
    sum_ = {"amount": amount, "remaining": amount, "currency": company.currency}
    row = book.add(Credit, at, organization_id=company.id, **sum_, reason=reason, granted_at=at, expires_at=expires)
    company.credits.append(row)
    given = ledger.given(Money(amount, company.currency))
    post(book, company, PostingKind.CREDIT_GRANTED, at, given, credit=row)
    event(book, company, BillingActivityKind.CREDIT_GRANTED, at)


def spend(book: Book, company: Company, invoice: Made, spent: Iterable[Spent]) -> None:
    """Pay an invoice so far."""
    at = invoice["issued_at"]
    known = {row["id"]: row for row in company.credits}
    for one in spent:
        row, amount = known[one.credit_id], one.amount.amount
        row["remaining"] -= amount
        of = {"organization_id": company.id, "credit_id": row["id"], "invoice_id": invoice["id"]}
        book.add(CreditUse, at, **of, amount=amount, returned=0)
        post(book, company, PostingKind.CREDIT_USED, at, ledger.used(one.amount), credit=row, invoice=invoice)
