"""Money that moves: what it is paid with, payments, refunds and credits."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.roles import Role
from models.table import Column, Tenant


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

    A removed one stays, since payments name it.
    """

    kind = Column[PaymentMethodKind]()
    gateway_reference = Column[str]()
    brand = Column[str | None]()
    last4 = Column[str | None]()
    exp_month = Column[int | None]()
    exp_year = Column[int | None]()
    is_default = Column[bool]()
    added_at = Column[datetime]()
    added_by_id = Column[UUID | None]()
    added_as = Column[Role | None]()
    removed_at = Column[datetime | None]()


class Payment(Tenant):
    """Money that moved, or tried to. `refunded_amount` is the sum of its refunds."""

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


class Refund(Tenant):
    """Money given back."""

    payment_id = Column[UUID]()
    amount = Column[int]("bigint")
    currency = Column[str]()
    reason = Column[str | None]()
    created_at = Column[datetime]()


class Credit(Tenant):
    """Money that the organization may spend here; `remaining` of `amount` is left."""

    amount = Column[int]("bigint")
    remaining = Column[int]("bigint")
    currency = Column[str]()
    reason = Column[CreditReason]()
    granted_at = Column[datetime]()
    expires_at = Column[datetime | None]()
