"""The demo's books: what its invoices, payments, refunds and credits debit and credit."""

from datetime import datetime

from billing.rules.ledger import Entries
from models import LedgerEntry, LedgerPosting, PostingKind
from models.ledger import Account
from purser.demo.book import Book, Made
from purser.demo.company import Company


def post(book: Book, company: Company, kind: PostingKind, at: datetime, entries: Entries, **about: Made) -> None:
    """Book these sides about rows that are named `invoice`, `payment`, `refund`, `credit` or `credit_note`."""
    named = {f"{name}_id": row["id"] for name, row in about.items()}
    posting = book.add(LedgerPosting, at, organization_id=company.id, kind=kind, at=at, **named)
    for position, entry in enumerate(entries):
        book.add(
            LedgerEntry,
            at,
            organization_id=company.id,
            posting_id=posting["id"],
            position=position,
            account=Account(entry.account),
            amount=entry.amount.amount,
            currency=entry.amount.currency,
        )
