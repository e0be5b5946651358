"""Claims for money, what they consist of, and their corrections. Typed lines: no free text, hence no person's name."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.catalogue import BillingInterval
from models.roles import Role
from models.table import Column, Tenant


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAID = "PAID"
    VOID = "VOID"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"


class LineKind(StrEnum):
    """What a line charges for."""

    PLAN = "PLAN"
    SEATS = "SEATS"
    UNUSED_TIME = "UNUSED_TIME"
    RENEWAL = "RENEWAL"
    CREDIT = "CREDIT"
    TAX = "TAX"
    TRANSFER = "TRANSFER"


class Invoice(Tenant):
    """Immutable once it has a number, but for its status and what is due.

    `credit_applied` of `total` was paid by credits. `document` is what its PDF says. An invoice that came first names
    the quote that its payment carries out, and the reference that a transfer must bear.
    """

    number = Column[str | None]()
    status = Column[InvoiceStatus]()
    currency = Column[str]()
    subtotal = Column[int]("bigint")
    tax = Column[int]("bigint")
    total = Column[int]("bigint")
    amount_due = Column[int]("bigint")
    purchase_order = Column[str | None]()
    created_at = Column[datetime]()
    issued_at = Column[datetime | None]()
    due_at = Column[datetime | None]()
    paid_at = Column[datetime | None]()
    requested_by_id = Column[UUID | None]()
    requested_as = Column[Role | None]()
    credit_applied = Column[int]("bigint", default=0)
    document = Column[dict[str, Any] | None]()
    quote_id = Column[UUID | None]()
    transfer_reference = Column[str | None]()
    reminded_at = Column[datetime | None]()
    voided_at = Column[datetime | None]()


class InvoiceLine(Tenant):
    """What is charged; `plan_name` and `interval` as they were then."""

    invoice_id = Column[UUID]()
    position = Column[int]()
    kind = Column[LineKind]()
    plan_name = Column[str]()
    interval = Column[BillingInterval]()
    quantity = Column[int]()
    unit_amount = Column[int]("bigint")
    amount = Column[int]("bigint")
    currency = Column[str]()
    period_start = Column[datetime]()
    period_end = Column[datetime]()


class TaxLine(Tenant):
    """Tax of one rate on an invoice."""

    invoice_id = Column[UUID]()
    position = Column[int]()
    name = Column[str]()
    rate_basis_points = Column[int]()
    net = Column[int]("bigint")
    amount = Column[int]("bigint")
    currency = Column[str]()


class CreditNote(Tenant):
    """A correction of an invoice, which itself never changes."""

    invoice_id = Column[UUID]()
    number = Column[str]()
    total = Column[int]("bigint")
    currency = Column[str]()
    issued_at = Column[datetime]()
    subtotal = Column[int]("bigint", default=0)
    tax = Column[int]("bigint", default=0)
    document = Column[dict[str, Any] | None]()


class DocumentCounter(Tenant):
    """How many documents an organization has; one row each. Taken in the transaction that issues one."""

    mark = Column[str]()
    invoices = Column[int]()
    credit_notes = Column[int]()


class RenderedDocument(Tenant):
    """The PDF of an invoice or of a credit note, as it was first rendered; `digest` is its SHA-256."""

    invoice_id = Column[UUID | None]()
    credit_note_id = Column[UUID | None]()
    content = Column[bytes]()
    digest = Column[bytes]()
    rendered_at = Column[datetime]()


class BillingProfile(Tenant):
    """Whom invoices are addressed to; one row an organization."""

    name = Column[str]()
    email = Column[str]()
    address_lines = Column[list[str]]()
    postal_code = Column[str | None]()
    city = Column[str | None]()
    country = Column[str]()
    tax_id = Column[str | None]()
    purchase_order = Column[str | None]()
