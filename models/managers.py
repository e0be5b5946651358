"""How people come to look after the money, and what was done about it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.roles import Role
from models.table import Column, Tenant


class InvitationStatus(StrEnum):
    """Where an invitation stands. EXPIRED is computed from PENDING and the time, never stored."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


class BillingActivityKind(StrEnum):
    """What was done about the plan and its money."""

    BILLING_MANAGER_INVITED = "BILLING_MANAGER_INVITED"
    BILLING_MANAGER_JOINED = "BILLING_MANAGER_JOINED"
    BILLING_MANAGER_REMOVED = "BILLING_MANAGER_REMOVED"
    INVITATION_REVOKED = "INVITATION_REVOKED"
    SUBSCRIPTION_CHANGED = "SUBSCRIPTION_CHANGED"
    SUBSCRIPTION_RENEWED = "SUBSCRIPTION_RENEWED"
    SUBSCRIPTION_CANCELED = "SUBSCRIPTION_CANCELED"
    SUBSCRIPTION_RESUMED = "SUBSCRIPTION_RESUMED"
    SUBSCRIPTION_PAST_DUE = "SUBSCRIPTION_PAST_DUE"
    SUBSCRIPTION_SUSPENDED = "SUBSCRIPTION_SUSPENDED"
    PAYMENT_METHOD_ADDED = "PAYMENT_METHOD_ADDED"
    PAYMENT_METHOD_CHANGED = "PAYMENT_METHOD_CHANGED"
    PAYMENT_METHOD_REMOVED = "PAYMENT_METHOD_REMOVED"
    PAYMENT_SUCCEEDED = "PAYMENT_SUCCEEDED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    PAYMENT_REFUNDED = "PAYMENT_REFUNDED"
    INVOICE_ISSUED = "INVOICE_ISSUED"
    INVOICE_VOIDED = "INVOICE_VOIDED"
    CREDIT_GRANTED = "CREDIT_GRANTED"
    BILLING_PROFILE_CHANGED = "BILLING_PROFILE_CHANGED"


class BillingInvitation(Tenant):
    """Valid while PENDING and `now < expires_at`. Only the SHA-256 of its token is kept."""

    email = Column[str]()
    email_key = Column[str]()
    status = Column[InvitationStatus]()
    token_digest = Column[bytes]()
    created_at = Column[datetime]()
    expires_at = Column[datetime]()
    invited_by_id = Column[UUID | None]()
    invited_as = Column[Role | None]()
    accepted_by_id = Column[UUID | None]()
    refused_attempts = Column[int](default=0)


class BillingActivity(Tenant):
    """One entry; what it is about is named by a key, never in words."""

    kind = Column[BillingActivityKind]()
    at = Column[datetime]()
    actor_id = Column[UUID | None]()
    acted_as = Column[Role | None]()
    invoice_id = Column[UUID | None]()
    payment_id = Column[UUID | None]()
    payment_method_id = Column[UUID | None]()
    invitation_id = Column[UUID | None]()
