"""What the invoices and credit notes of the worlds say on paper."""

from collections.abc import Sequence
from typing import Any

from billing.documents.document import Days, Document, DocumentKind, Line, Tax
from billing.rules.calendar import Period
from models import InvoiceStatus
from purser.demo.papers import SELLER, column, credit_note, customer, transfer
from tests.world_names import Made


def invoice(profile: Made, row: Made, lines: Sequence[Made], taxes: Sequence[Made]) -> Document:
    """An invoice, as its rows have it."""
    due = row["total"] - row["credit_applied"]
    settled = row["status"] is InvoiceStatus.PAID
    return Document(
        DocumentKind.INVOICE,
        row["number"],
        row["currency"],
        row["issued_at"].date(),
        SELLER,
        customer(profile),
        tuple(map(_line, lines)),
        tuple(Tax(tax["name"], tax["rate_basis_points"], tax["net"], tax["amount"]) for tax in taxes),
        row["credit_applied"],
        due if settled else 0,
        due_on=None if settled else row["due_at"].date(),
        paid_on=row["paid_at"].date() if settled else None,
        purchase_order=row["purchase_order"],
        transfer=transfer(row["transfer_reference"]),
    )


def corrected(of: Document, row: Made) -> Any:
    """The credit note of an invoice, as COPY takes it."""
    return column(credit_note(of, row["number"], row["issued_at"]))


def _line(row: Made) -> Line:
    period = Period(row["period_start"], row["period_end"])
    of = (row["kind"], row["plan_name"], row["interval"], row["quantity"], row["unit_amount"], row["amount"])
    return Line(*of, Days.between(period, period))
