"""The books of the worlds: what their invoices, payments, refunds and credits debit and credit."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import models
from billing.rules import ledger
from billing.rules.ledger import Entries
from billing.rules.money import Money, zero
from models import InvoiceStatus, PaymentStatus, PostingKind
from models.ledger import Account
from tests.world_names import Made, Tale


class Books:
    """An organization's books while they are written; whatever is booked has a label of its own."""

    def __init__(self, tale: Tale) -> None:
        self.tale = tale

    def post(self, label: str, kind: PostingKind, at: datetime, entries: Entries, **about: Made) -> None:
        """Book these sides about rows that are named `invoice`, `payment`, `refund`, `credit` or `credit_note`."""
        own = f"{label} {kind}"
        named = {f"{name}_id": row["id"] for name, row in about.items()}
        posting = self.tale.add(models.LedgerPosting, own, kind=kind, at=at, **named)
        for position, entry in enumerate(entries):
            side = {"account": Account(entry.account), "amount": entry.amount.amount, "currency": entry.amount.currency}
            self.tale.add(models.LedgerEntry, f"{own} {position}", posting_id=posting["id"], position=position, **side)

    def invoice(self, label: str, row: Made) -> None:
        """It is issued, unless it is a draft; and void or given up, if it is."""
        if row["status"] is InvoiceStatus.DRAFT:
            return
        at, sums = row["issued_at"], (amount(row, "subtotal"), amount(row, "tax"))
        self.post(label, PostingKind.INVOICE_ISSUED, at, ledger.issued(*sums), invoice=row)
        if row["status"] is InvoiceStatus.VOID:
            self.post(label, PostingKind.INVOICE_VOIDED, at, ledger.corrected(*sums), invoice=row)

    def given_up(self, label: str, row: Made) -> None:
        """What is due will not come."""
        if row["status"] is InvoiceStatus.UNCOLLECTIBLE:
            left = ledger.uncollectible(amount(row, "amount_due"))
            self.post(label, PostingKind.INVOICE_UNCOLLECTIBLE, row["due_at"], left, invoice=row)

    def payment(self, label: str, row: Made, claim: Made | None) -> None:
        """Money came, if it did."""
        if row["status"] in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED}:
            paid = ledger.paid(amount(row), zero(row["currency"]))
            of = {"invoice": claim} if claim else {}
            self.post(label, PostingKind.PAYMENT, row["created_at"], paid, payment=row, **of)

    def refund(self, label: str, row: Made, payment: Made, claim: Made | None) -> None:
        """Money went back."""
        of = {"invoice": claim} if claim else {}
        refunded = ledger.refunded(amount(row))
        self.post(label, PostingKind.REFUND, row["created_at"], refunded, refund=row, payment=payment, **of)

    def credit_note(self, label: str, row: Made, claim: Made) -> None:
        """A part of an invoice was too much."""
        corrected = ledger.corrected(amount(row, "subtotal"), amount(row, "tax"))
        self.post(label, PostingKind.CREDIT_NOTE, row["issued_at"], corrected, invoice=claim, credit_note=row)

    def credit(self, label: str, row: Made, claims: Iterable[Made], most: int) -> None:
        """It is granted, and the first of these invoices takes some of it."""
        self.post(label, PostingKind.CREDIT_GRANTED, row["granted_at"], ledger.given(amount(row)), credit=row)
        claim = next(iter(claims), None)
        taken = min(most, claim["amount_due"] // 2) if claim else 0
        if claim and taken:
            row["remaining"] -= taken
            claim |= {"credit_applied": claim["credit_applied"] + taken, "amount_due": claim["amount_due"] - taken}
            of = {"credit_id": row["id"], "invoice_id": claim["id"]}
            self.tale.add(models.CreditUse, label, **of, amount=taken, returned=0)
            used, at = ledger.used(Money(taken, row["currency"])), claim["issued_at"] + timedelta(seconds=1)
            self.post(label, PostingKind.CREDIT_USED, at, used, credit=row, invoice=claim)


def amount(row: Made, column: str = "amount") -> Money:
    """A column of a row, as money."""
    return Money(row[column], row["currency"])
