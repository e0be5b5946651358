"""Credit notes: what corrects an invoice, which itself never changes. Together they never take back more than it."""

from dataclasses import dataclass
from uuid import UUID

from billing import balance, ledger, snapshots
from billing.change import Change, change
from billing.documents.document import stored
from billing.errors import RefundTooLarge
from billing.invoices import RENDER
from billing.numbers import next_number
from billing.rules import ledger as books
from billing.rules.money import Money, split
from models import CreditNote, Invoice, InvoiceStatus, PostingKind
from models.changes import ChangeKind


@dataclass(frozen=True)
class Issued:
    """The credit note."""

    credit_note_id: UUID
    amount: int


@change(None)
async def give_back(org: Change, invoice_id: UUID, amount: Money | None) -> Issued:
    """What credits paid of an invoice is theirs again, so much or all of it; never cash.

    Raises NotFound, RefundTooLarge.
    """
    invoice = await org.one(Invoice, id=invoice_id)
    most = await balance.returnable(org, invoice)
    wanted = amount or most
    if wanted.currency != most.currency or not 0 < wanted.amount <= most.amount:
        raise RefundTooLarge("amount")
    note = await issue(org, invoice, wanted)
    await balance.give_back(org, invoice.id, wanted)
    org.changed(ChangeKind.PAYMENTS)
    return Issued(note.id, note.total)


async def issue(org: Change, invoice: Invoice, amount: Money) -> CreditNote:
    """Take so much of an invoice back, tax and all. Raises RefundTooLarge above what is left of it."""
    notes = await CreditNote.filter(organization_id=org.id, invoice_id=invoice.id)
    taken = Money(sum(note.total for note in notes), invoice.currency)
    if invoice.status == InvoiceStatus.VOID or (taken + amount).amount > invoice.total:
        raise RefundTooLarge("amount")
    # Shares of all that is taken back by now, less those before: so the last one leaves neither net nor tax behind.
    now, before = _shares(invoice, taken + amount), _shares(invoice, taken)
    subtotal, tax = now[0] - before[0], now[1] - before[1]
    number = await next_number(org, "credit_notes")
    document = snapshots.of_credit_note(org, number, invoice, subtotal, tax)
    note = await org.create(
        CreditNote,
        invoice_id=invoice.id,
        number=number,
        subtotal=subtotal.amount,
        tax=tax.amount,
        total=amount.amount,
        currency=amount.currency,
        issued_at=org.now,
        document=stored(document) if document else None,
    )
    about = {"invoice_id": invoice.id, "credit_note_id": note.id}
    await ledger.post(org, PostingKind.CREDIT_NOTE, books.corrected(subtotal, tax), **about)
    org.later(RENDER, credit_note=note.id)
    org.changed(ChangeKind.INVOICES)
    return note


def _shares(invoice: Invoice, total: Money) -> tuple[Money, Money]:
    subtotal, tax = split(total, [invoice.subtotal, invoice.tax])
    return subtotal, tax
