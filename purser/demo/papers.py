"""What the demo's invoices and credit notes say on paper; they are printed when somebody wants to see them."""

from datetime import datetime
from typing import Any

import orjson

from billing.documents.document import BankTransfer, Document, DocumentKind, Line, Party, Tax, stored
from billing.rules.bill import Bill
from billing.rules.money import zero
from billing.seller import DEMO
from purser.demo.book import Made
from purser.demo.company import Company

SELLER = Party(DEMO.name, DEMO.country, DEMO.address_lines, tax_id=DEMO.tax_id)


def invoice(company: Company, made: Made, due: Bill, *, at_once: bool) -> Document:
    """An invoice; `at_once`: it was issued because the money came."""
    open_ = zero(due.currency) if at_once else due.due
    day: datetime = made["issued_at"]
    return Document(
        DocumentKind.INVOICE,
        made["number"],
        due.currency,
        day.date(),
        SELLER,
        customer(company.profile),
        tuple(Line.of(line, line.plan) for line in due.lines),
        tuple(Tax.of(line) for line in due.tax.lines),
        due.credit_applied.amount,
        (due.due - open_).amount,
        due_on=made["due_at"].date() if open_.amount else None,
        paid_on=None if open_.amount else day.date(),
        purchase_order=made["purchase_order"],
        transfer=transfer(made["transfer_reference"]),
    )


def credit_note(of: Document, number: str, at: datetime) -> Document:
    """What takes an invoice back, whole."""
    return Document(
        DocumentKind.CREDIT_NOTE,
        number,
        of.currency,
        at.date(),
        of.seller,
        of.customer,
        of.lines,
        of.taxes,
        corrects=of.number,
        purchase_order=of.purchase_order,
    )


def customer(profile: Made) -> Party:
    """Whom it is addressed to."""
    return Party(
        profile["name"],
        profile["country"],
        tuple(profile["address_lines"]),
        profile["postal_code"],
        profile["city"],
        profile["tax_id"],
        profile["email"],
    )


def transfer(reference: str | None) -> BankTransfer | None:
    """Where to transfer to."""
    bank = DEMO.bank
    return BankTransfer(reference, DEMO.name, bank.number, bank.bic, bank.bank) if reference and bank else None


def column(document: Document) -> Any:
    """As COPY takes JSON."""
    return orjson.dumps(stored(document)).decode()
