"""What the template prints, as plain data: each text made harmless, each amount and day in words."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from billing.documents import wording
from billing.documents.document import Document, DocumentKind, Line, Party
from billing.documents.fonts import families
from billing.rules.money import Money, zero
from mailer.render import plain
from models.invoice import LineKind

TITLES = {DocumentKind.INVOICE: "Invoice", DocumentKind.CREDIT_NOTE: "Credit note"}
RIGHT_TO_LEFT = frozenset({"R", "AL"})
REVERSE_CHARGE = "Reverse charge: the recipient owes the tax (Article 196 of Directive 2006/112/EC)."
NO_TAX = "No tax is charged on this document."


def layout(document: Document) -> dict[str, Any]:
    """All that the template needs to know of a document."""
    return {
        "title": TITLES[document.kind],
        "number": plain(document.number),
        "mark": _mark(document),
        "summary": _summary(document),
        "facts": list(_facts(document)),
        "seller": _party(document.seller),
        "customer": _party(document.customer),
        "lines": [_line(document, line) for line in document.lines],
        "sums": list(_sums(document)),
        "final": _final(document),
        "notes": list(_notes(document)),
        "transfer": list(_transfer(document)),
    }


def _mark(document: Document) -> str:
    if document.voided_on:
        return "Void"
    settled = document.kind is DocumentKind.INVOICE and document.paid_on
    return "Paid" if settled else ""


def _summary(document: Document) -> str:
    """The one sentence that most people read."""
    total, due = wording.amount(document.total), wording.amount(document.amount_due)
    if document.voided_on:
        return f"Void since {wording.day(document.voided_on)}: nothing is to be paid"
    if document.kind is DocumentKind.CREDIT_NOTE:
        return f"{total} credited"
    if document.paid_on:
        return f"{total} paid on {wording.day(document.paid_on)}"
    return f"{due} due on {wording.day(document.due_on)}" if document.due_on else f"{due} due"


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    yield "Number", plain(document.number)
    if document.corrects:
        yield "Corrects invoice", plain(document.corrects)
    yield "Issued", wording.day(document.issued)
    for label, day in (("Due", document.due_on), ("Paid", document.paid_on), ("Void since", document.voided_on)):
        if day:
            yield label, wording.day(day)
    if document.purchase_order:
        yield "Purchase order", plain(document.purchase_order)
    yield "Currency", document.currency


def _party(party: Party) -> dict[str, Any]:
    lines = [text for text in map(plain, wording.address(party)) if text]
    below = [f"Tax ID {plain(party.tax_id)}"] if party.tax_id else []
    below += [plain(party.email)] if party.email else []
    return {
        "name": _directed(plain(party.name)),
        "address": [_directed(text) for text in lines],
        "below": [_directed(text) for text in below],
        "fonts": families(party.country, (party.name, *lines)),
    }


def _directed(text: str) -> dict[str, Any]:
    """A line of its own, which runs as its first letter does."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in RIGHT_TO_LEFT | {"L"})
    return {"text": text, "rtl": next(strong, "L") in RIGHT_TO_LEFT}


def _line(document: Document, line: Line) -> dict[str, str]:
    part = document.kind is DocumentKind.CREDIT_NOTE and line.kind is LineKind.CREDIT
    plan = plain(line.plan)
    return {
        "what": wording.correction(plan) if part else wording.line(line.kind, plan, line.interval, line.quantity),
        "when": wording.days(line.days),
        "quantity": wording.count(line.quantity),
        "unit": wording.amount(document.money(line.unit_amount)),
        "amount": wording.amount(document.money(line.amount)),
    }


def _sums(document: Document) -> Iterator[tuple[str, str]]:
    yield "Subtotal", wording.amount(document.subtotal)
    for tax in document.taxes:
        net = wording.amount(document.money(tax.net))
        yield f"{plain(tax.name)} on {net}", wording.amount(document.money(tax.amount))
    if document.kind is DocumentKind.INVOICE:
        yield "Total", wording.amount(document.total)
        for label, amount in (("Credit applied", document.credit_applied), ("Paid", document.paid)):
            if amount:
                yield label, wording.amount(document.money(-amount))


def _final(document: Document) -> tuple[str, str]:
    if document.kind is DocumentKind.CREDIT_NOTE:
        return "Total credited", wording.amount(document.total)
    return "Amount due", wording.amount(_due(document))


def _due(document: Document) -> Money:
    return zero(document.currency) if document.voided_on else document.amount_due


def _notes(document: Document) -> Iterator[str]:
    if not document.taxes:
        yield NO_TAX
    if any(tax.reverse_charge for tax in document.taxes):
        yield REVERSE_CHARGE


def _transfer(document: Document) -> Iterator[tuple[str, str]]:
    transfer = document.transfer
    if transfer is None or not _due(document).amount:
        return
    yield "Reference", plain(transfer.reference)
    yield "Account holder", plain(transfer.holder)
    yield wording.account(plain(transfer.account))
    if transfer.bic:
        yield "BIC", plain(transfer.bic)
    if transfer.bank:
        yield "Bank", plain(transfer.bank)
