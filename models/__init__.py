"""Rows, roles and who may do what."""

from models.accounts import LinkKind, MailedLink, Session
from models.catalogue import BillingInterval, Plan, PlanFeature, PlanIn, Price
from models.directory import (
    Activity,
    ActivityKind,
    MemberInvitation,
    MemberOfTeam,
    OrganizationSettings,
    Project,
    Resource,
    ResourceKind,
    Team,
    TeamMember,
    TeamOfMember,
    Visibility,
)
from models.invoice import (
    BillingProfile,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    TaxLine,
)
from models.jobs import Job, StoredAnswer
from models.managers import (
    BillingActivity,
    BillingActivityKind,
    BillingInvitation,
    InvitationStatus,
)
from models.payment import (
    Credit,
    CreditReason,
    Payment,
    PaymentMethod,
    PaymentMethodKind,
    PaymentStatus,
    Refund,
)
from models.people import ApiKey, BillingManager, Member, Organization, RoleGrant, User
from models.roles import Permission, Role
from models.subscription import BillingMode, PlanSubscription, ScheduledChange, SubscriptionStatus
from models.usage import Metric, UsageDay

__all__ = [
    "Activity",
    "ActivityKind",
    "ApiKey",
    "BillingActivity",
    "BillingActivityKind",
    "BillingInterval",
    "BillingInvitation",
    "BillingManager",
    "BillingMode",
    "BillingProfile",
    "Credit",
    "CreditNote",
    "CreditReason",
    "InvitationStatus",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "Job",
    "LineKind",
    "LinkKind",
    "MailedLink",
    "Member",
    "MemberInvitation",
    "MemberOfTeam",
    "Metric",
    "Organization",
    "OrganizationSettings",
    "Payment",
    "PaymentMethod",
    "PaymentMethodKind",
    "PaymentStatus",
    "Permission",
    "Plan",
    "PlanFeature",
    "PlanIn",
    "PlanSubscription",
    "Price",
    "Project",
    "Refund",
    "Resource",
    "ResourceKind",
    "Role",
    "RoleGrant",
    "ScheduledChange",
    "Session",
    "StoredAnswer",
    "SubscriptionStatus",
    "TaxLine",
    "Team",
    "TeamMember",
    "TeamOfMember",
    "UsageDay",
    "User",
    "Visibility",
]
