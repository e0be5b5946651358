"""Money that moves: what it is paid with, payments, refunds and credits."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from models.roles import Role
from models.table import Column, Stored, Tenant


class PaymentMethodKind(StrEnum):
    """What money comes from."""

    CARD = "CARD"
    BANK_TRANSFER = "BANK_TRANSFER"


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class CreditReason(StrEnum):
    """Why a credit was granted."""

    PROMOTION = "PROMOTION"
    GOODWILL = "GOODWILL"
    UNUSED_TIME = "UNUSED_TIME"
    REFUND = "REFUND"
    OVERPAYMENT = "OVERPAYMENT"


class PaymentMethod(Tenant):
    """A card or a bank account, as the gateway keeps it; here only what a person recognizes it by.

    A removed one stays, since payments name it. `customer`, `fingerprint` and references never leave the server.
    `warned_days`: so many days ahead it was last said that it expires.
    """

    kind = Column[PaymentMethodKind]()
    gateway_reference = Column[str]()
    gateway = Column[str](default="SANDBOX")
    customer = Column[str | None]()
    fingerprint = Column[str | None]()
    billing_name = Column[str | None]()
    brand = Column[str | None]()
    last4 = Column[str | None]()
    exp_month = Column[int | None]()
    exp_year = Column[int | None]()
    is_default = Column[bool]()
    added_at = Column[datetime]()
    added_by_id = Column[UUID | None]()
    added_as = Column[Role | None]()
    removed_at = Column[datetime | None]()
    warned_days = Column[int | None]()


class Payment(Tenant):
    """Money that moved, or tried to. `refunded_amount` is the sum of its refunds.

    It pays an invoice, or a quote, whose invoice is issued when it succeeds. The payer may act until `held_until`.
    `carried` is the part of `amount` that was too little to be taken with earlier invoices.
    """

    amount = Column[int]("bigint")
    refunded_amount = Column[int]("bigint")
    currency = Column[str]()
    status = Column[PaymentStatus]()
    created_at = Column[datetime]()
    payment_method_id = Column[UUID | None]()
    invoice_id = Column[UUID | None]()
    failure_code = Column[str | None]()
    action_kind = Column[str | None]()
    action_url = Column[str | None]()
    action_secret = Column[str | None]()
    made_by_id = Column[UUID | None]()
    made_as = Column[Role | None]()
    gateway = Column[str](default="SANDBOX")
    gateway_reference = Column[str | None]()
    quote_id = Column[UUID | None]()
    carried = Column[int]("bigint", default=0)
    on_session = Column[bool](default=False)
    held_until = Column[datetime | None]()
    settled_at = Column[datetime | None]()


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class Refund(Tenant):
    """Money given back, or on its way; `credit_note_id` is the correction of its invoice."""

    payment_id = Column[UUID]()
    amount = Column[int]("bigint")
    currency = Column[str]()
    reason = Column[str | None]()
    created_at = Column[datetime]()
    status = Column[RefundStatus](default=RefundStatus.SUCCEEDED)
    gateway_reference = Column[str | None]()
    credit_note_id = Column[UUID | None]()


class Credit(Tenant):
    """Money that the organization may spend here; `remaining` of `amount` is left."""

    amount = Column[int]("bigint")
    remaining = Column[int]("bigint")
    currency = Column[str]()
    reason = Column[CreditReason]()
    granted_at = Column[datetime]()
    expires_at = Column[datetime | None]()


class CreditUse(Tenant):
    """What an invoice took of a credit; `returned` of it went back."""

    credit_id = Column[UUID]()
    invoice_id = Column[UUID]()
    amount = Column[int]("bigint")
    returned = Column[int]("bigint")


class BankPaymentStatus(StrEnum):
    """Where money from a bank stands."""

    MATCHED = "MATCHED"
    UNMATCHED = "UNMATCHED"
    RETURNED = "RETURNED"


class BankPayment(Stored):
    """Money that came by transfer, one a line of a statement; nobody's while it is UNMATCHED. `text` is the payer's."""

    bank_reference = Column[str]()
    text = Column[str]()
    amount = Column[int]("bigint")
    currency = Column[str]()
    booked_on = Column[date]()
    status = Column[BankPaymentStatus]()
    organization_id = Column[UUID | None]()
    payment_id = Column[UUID | None]()
    received_at = Column[datetime]()


class GatewayEvent(Stored):
    """What a gateway told; each of its events counts once."""

    gateway = Column[str]()
    event_id = Column[str]()
    kind = Column[str]()
    charge = Column[str | None]()
    created_at = Column[datetime]()
    received_at = Column[datetime]()
