"""Invoices as a client sees them."""

from datetime import datetime
from typing import Any

import models
from billing.documents import wording
from models import InvoiceStatus, LineKind, Permission
from models.table import Row
from resolvers import actors, billing
from schema import ids
from schema.declare import NOUNS, Computed, column, computed, edge, node, record, resolver
from schema.money import Money, money
from schema.people import Actor
from schema.scalars import URL


def pdf_url(row: Row, info: Any) -> URL | None:
    """Where its document is, once there is one."""
    if row["document"] is None:
        return None
    return URL(f"{info.context.room.public_url}/documents/{ids.write(NOUNS[row.table.noun].prefix, row['id'])}.pdf")


@record(models.InvoiceLine)
class InvoiceLine:
    """What an invoice charges for."""

    kind: LineKind = column(models.InvoiceLine.kind, "What is charged.")
    description: str = computed(
        Computed(
            (
                models.InvoiceLine.kind,
                models.InvoiceLine.plan_name,
                models.InvoiceLine.interval,
                models.InvoiceLine.quantity,
            ),
            wording.line,
        ),
        "The same in words.",
    )
    quantity: int = column(models.InvoiceLine.quantity, "How many.")
    unit_amount: Money = computed(money(models.InvoiceLine.unit_amount, models.InvoiceLine.currency), "For one.")
    amount: Money = computed(money(models.InvoiceLine.amount, models.InvoiceLine.currency), "For all, without tax.")
    period_start: datetime = column(models.InvoiceLine.period_start, "Belongs to the period charged for.")
    period_end: datetime = column(models.InvoiceLine.period_end, "The first instant behind it.")


@record(models.TaxLine)
class TaxLine:
    """Tax of one rate, on the sum of what it applies to."""

    name: str = column(models.TaxLine.name, "What the tax is called, such as VAT.")
    rate_basis_points: int = column(models.TaxLine.rate_basis_points, "In hundredths of a percent: 1900 is 19 %.")
    net: Money = computed(money(models.TaxLine.net, models.TaxLine.currency), "What it is on.")
    amount: Money = computed(money(models.TaxLine.amount, models.TaxLine.currency), "The tax.")


@record(models.CreditNote, prefix="cn")
class CreditNote:
    """A correction of an invoice, which itself never changes."""

    number: str = column(models.CreditNote.number, "Its own, gap-free within the organization.")
    total: Money = computed(money(models.CreditNote.total, models.CreditNote.currency), "What it takes back.")
    issued_at: datetime = column(models.CreditNote.issued_at, "When it was issued.")
    pdf_url: URL | None = resolver(pdf_url, "Its document as PDF. Needs the same sign-in as the API.")


@node("inv", models.Invoice, access=Permission.VIEW_INVOICES)
class Invoice:
    """A claim for money; immutable once it has a number."""

    number: str | None = column(models.Invoice.number, "Null while DRAFT; gap-free within the organization.")
    status: InvoiceStatus = column(models.Invoice.status, "Where it stands.")
    subtotal: Money = computed(money(models.Invoice.subtotal, models.Invoice.currency), "The sum of its lines.")
    tax: Money = computed(money(models.Invoice.tax, models.Invoice.currency), "The sum of its taxes.")
    total: Money = computed(money(models.Invoice.total, models.Invoice.currency), "Subtotal plus tax.")
    amount_due: Money = computed(money(models.Invoice.amount_due, models.Invoice.currency), "What is left to pay.")
    issued_at: datetime | None = column(models.Invoice.issued_at, "Null while DRAFT.")
    due_at: datetime | None = column(models.Invoice.due_at, "Null while DRAFT.")
    paid_at: datetime | None = column(models.Invoice.paid_at, "Null until it is PAID.")
    purchase_order: str | None = column(models.Invoice.purchase_order, "The customer's own reference, if he gave one.")
    lines: list[InvoiceLine] = edge(billing.lines, "What it charges for, in order.")
    tax_lines: list[TaxLine] = edge(billing.tax_lines, "Its taxes, one line a rate.")
    pdf_url: URL | None = resolver(pdf_url, "Its document as PDF; null while DRAFT. Needs the same sign-in as the API.")
    credit_notes: list[CreditNote] = edge(billing.credit_notes, "Its corrections, oldest first.")
    requested_by: Actor | None = edge(
        actors.requester(models.Invoice.requested_by_id, models.Invoice.requested_as),
        "Who asked for it; null if nobody did.",
    )


@record(models.BillingProfile)
class BillingProfile:
    """Whom invoices are addressed to."""

    name: str = column(models.BillingProfile.name, "The company, as on its invoices.")
    email: str = column(models.BillingProfile.email, "Where invoices are sent.")
    address_lines: list[str] = column(models.BillingProfile.address_lines, "Street and the like, top down.")
    postal_code: str | None = column(models.BillingProfile.postal_code, "If the country has them.")
    city: str | None = column(models.BillingProfile.city, "The town.")
    country: str = column(models.BillingProfile.country, "ISO 3166-1 alpha-2 code.")
    tax_id: str | None = column(models.BillingProfile.tax_id, "VAT number or the like, with its country's prefix.")
    purchase_order: str | None = column(models.BillingProfile.purchase_order, "Put on new invoices by default.")
