"""Payments of the demo, and what went back."""

from datetime import datetime, timedelta

from billing.rules import ledger
from billing.rules.money import Money, zero
from billing.rules.numbers import CREDIT_NOTE
from models import (
    BillingActivityKind,
    CreditNote,
    InvoiceStatus,
    Payment,
    PaymentMethodKind,
    PaymentStatus,
    PostingKind,
    Refund,
    RefundStatus,
)
from purser.demo import papers
from purser.demo.book import SYSTEM, Actor, Book, Made, by
from purser.demo.company import Company
from purser.demo.events import event
from purser.demo.postings import post

CHARGED, SETTLED = timedelta(minutes=2), timedelta(seconds=5)


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
    """Add a payment of an invoice: all that is due, or an attempt that failed."""
    row = book.add(
        Payment,
        at,
        organization_id=company.id,
        amount=claim["amount_due"],
        refunded_amount=0,
        carried=0,
        currency=claim["currency"],
        status=PaymentStatus.FAILED if failure else PaymentStatus.SUCCEEDED,
        created_at=at,
        settled_at=at + SETTLED,
        payment_method_id=method["id"],
        invoice_id=claim["id"],
        failure_code=failure,
        gateway=method["gateway"],
        on_session=made is not SYSTEM,
        **by("made", made),
    )
    if not failure:
        if method["kind"] is PaymentMethodKind.CARD:  # the sandbox reads there what was taken
            row["gateway_reference"] = f"ch_demo_{row['amount']}_{row['currency']}_{row['id'].hex}"
        settle(book, company, claim, row)
    kind = BillingActivityKind.PAYMENT_FAILED if failure else BillingActivityKind.PAYMENT_SUCCEEDED
    event(book, company, kind, at + SETTLED, made, invoice=claim, payment=row, payment_method=method)
    return row


def settle(book: Book, company: Company, claim: Made, row: Made) -> None:
    """The money came: the invoice is paid."""
    at, amount = row["settled_at"], Money(row["amount"], row["currency"])
    claim |= {"status": InvoiceStatus.PAID, "amount_due": 0, "paid_at": at}
    entries = ledger.paid(amount, zero(amount.currency))
    post(book, company, PostingKind.PAYMENT, at, entries, payment=row, invoice=claim)


def refund(book: Book, company: Company, claim: Made, paid: Made, at: datetime, reason: str, actor: Actor) -> None:
    """Give a payment back, all of it, with a credit note for its invoice."""
    paid |= {"refunded_amount": paid["amount"], "status": PaymentStatus.REFUNDED}
    note = credit_note(book, company, claim, at)
    row = book.add(
        Refund,
        at,
        organization_id=company.id,
        payment_id=paid["id"],
        amount=paid["amount"],
        currency=paid["currency"],
        reason=reason,
        created_at=at,
        status=RefundStatus.SUCCEEDED,
        credit_note_id=note["id"],
    )
    entries = ledger.refunded(Money(paid["amount"], paid["currency"]))
    post(book, company, PostingKind.REFUND, at, entries, refund=row, payment=paid, invoice=claim, credit_note=note)
    event(book, company, BillingActivityKind.PAYMENT_REFUNDED, at, actor, payment=paid)


def credit_note(book: Book, company: Company, claim: Made, at: datetime) -> Made:
    """Add the correction of an invoice, whole."""
    sums = {name: claim[name] for name in ("subtotal", "tax", "total", "currency")}
    number = company.number(CREDIT_NOTE)
    of = {"organization_id": company.id, "invoice_id": claim["id"], "number": number}
    paper = papers.credit_note(company.papers[claim["id"]], number, at)
    row = book.add(CreditNote, at, **of, **sums, issued_at=at, document=papers.column(paper))
    subtotal, tax = (Money(claim[name], claim["currency"]) for name in ("subtotal", "tax"))
    corrected = ledger.corrected(subtotal, tax)
    post(book, company, PostingKind.CREDIT_NOTE, at, corrected, invoice=claim, credit_note=row)
    return row
