"""The enums of the rows, as GraphQL enums: the same classes, each value with its meaning."""

from enum import StrEnum
from typing import Any

import strawberry

from billing.gateways.gateway import GatewayKind
from models import (
    ActivityKind,
    BillingActivityKind,
    BillingInterval,
    BillingMode,
    CreditReason,
    InvitationStatus,
    InvoiceStatus,
    LineKind,
    PaymentMethodKind,
    PaymentStatus,
    Permission,
    ResourceKind,
    Role,
    SubscriptionStatus,
    Visibility,
)


def described(enum: type[StrEnum], **meanings: str) -> None:
    """Make it a GraphQL enum. Raises TypeError unless each value is explained."""
    if missing := set(enum.__members__) ^ set(meanings):
        raise TypeError(f"{enum.__name__}: explain exactly its values, {sorted(missing)} differ")
    made: Any = strawberry.enum(enum, description=enum.__doc__)
    for one in made.__strawberry_definition__.values:
        one.description = meanings[one.name]


described(
    Role,
    OWNER="May do everything, and cannot be lost: an organization always has one.",
    ADMIN="May do everything but transfer or delete the organization.",
    MEMBER="Does the organization's work; sees nothing about money.",
    BILLING_MANAGER="Does everything about money and sees nothing else.",
)
described(
    Permission,
    VIEW_USAGE="See the usage dashboard.",
    VIEW_PLAN="See the subscription: plan, seats, period.",
    CHANGE_PLAN="Upgrade, renew, expand and change the plan; pay invoices.",
    VIEW_PAYMENT_METHODS="See what is paid with.",
    MANAGE_PAYMENT_METHODS="Add, update and remove payment methods.",
    VIEW_PAYMENTS="See the payment history and credits.",
    VIEW_INVOICES="See invoices and the billing profile.",
    REQUEST_INVOICES="Request invoices and change the billing profile.",
    VIEW_BILLING_MANAGERS="See billing managers and their invitations.",
    MANAGE_BILLING_MANAGERS="Invite and remove billing managers.",
    VIEW_BILLING_ACTIVITY="See what was done about the plan and its money.",
    VIEW_MEMBERS="See the people of the organization.",
    MANAGE_MEMBERS="Invite, remove and change the people of the organization.",
    VIEW_TEAMS="See teams.",
    MANAGE_TEAMS="Create, rename and delete teams.",
    VIEW_PROJECTS="See projects.",
    MANAGE_PROJECTS="Create, rename and delete projects.",
    VIEW_RESOURCES="See resources.",
    MANAGE_RESOURCES="Create and delete resources.",
    VIEW_ACTIVITIES="See what was done about the organization's work.",
    VIEW_SETTINGS="See the organization's settings.",
    MANAGE_SETTINGS="Change the organization's settings.",
    MANAGE_API_KEYS="See and revoke the organization's API keys.",
    RECORD_USAGE="Report usage: for the product that meters it.",
    TRANSFER_ORGANIZATION="Transfer or delete the organization.",
)
described(BillingInterval, MONTH="Every month.", YEAR="Every year.")
described(
    BillingMode,
    FLEXIBLE="Seats follow the people; paid by card.",
    FIXED="Seats are bought in advance for a year; invoice first, by card or bank transfer.",
)
described(
    SubscriptionStatus,
    TRIALING="Free of charge until the trial ends.",
    ACTIVE="Paid for.",
    PENDING_PAYMENT="Begins when its first payment succeeds.",
    PAST_DUE="A payment failed; features stay while it is tried again.",
    SUSPENDED="Unpaid for too long; paying brings it back.",
    CANCELED="Ended.",
)
described(
    PaymentMethodKind,
    CARD="A card, kept by the gateway.",
    BANK_TRANSFER="A transfer from the customer's bank, matched by its reference.",
)
described(
    GatewayKind,
    SANDBOX="Built in: takes no money, and behaves as its cards say.",
    STRIPE="Stripe.",
    TRANSFER="None for cards: money comes by bank transfer.",
)
described(
    PaymentStatus,
    PROCESSING="On its way.",
    REQUIRES_ACTION="Waits for the payer: see nextAction.",
    SUCCEEDED="The money arrived.",
    FAILED="No money moved: see failureCode.",
    REFUNDED="The money went back.",
)
described(
    CreditReason,
    PROMOTION="A gift of the vendor.",
    GOODWILL="A settlement of a complaint.",
    UNUSED_TIME="What was left of a paid period.",
    REFUND="What an invoice paid by credit gave back.",
    OVERPAYMENT="More was paid than was due.",
)
described(
    InvoiceStatus,
    DRAFT="Not issued yet; has no number and may still change.",
    OPEN="Issued, and to be paid.",
    PAID="Paid in full.",
    VOID="Issued and withdrawn; nothing is due.",
    UNCOLLECTIBLE="Given up on.",
)
described(
    LineKind,
    PLAN="The plan, for a period.",
    SEATS="Further seats, for a period.",
    UNUSED_TIME="What is given back for the rest of a period.",
    RENEWAL="The next period.",
    CREDIT="Paid from credit.",
    TAX="Tax.",
    TRANSFER="Carried over from another account.",
)
described(
    InvitationStatus,
    PENDING="Sent, and may be accepted.",
    ACCEPTED="Accepted by its receiver.",
    DECLINED="Turned down by its receiver.",
    REVOKED="Taken back.",
    EXPIRED="Not accepted within seven days.",
    SUPERSEDED="Replaced by a later invitation of the same address.",
)
described(
    BillingActivityKind,
    BILLING_MANAGER_INVITED="Somebody was invited to become a billing manager.",
    BILLING_MANAGER_JOINED="An invitation was accepted.",
    BILLING_MANAGER_REMOVED="Somebody is billing manager no longer.",
    INVITATION_REVOKED="An invitation was taken back.",
    SUBSCRIPTION_CHANGED="The plan, its seats or its period changed.",
    SUBSCRIPTION_RENEWED="The next period began, or was bought ahead.",
    SUBSCRIPTION_CANCELED="The subscription ends, or will when its period does.",
    SUBSCRIPTION_RESUMED="The subscription goes on after all.",
    SUBSCRIPTION_PAST_DUE="A payment is missing; everything works on for a while.",
    SUBSCRIPTION_SUSPENDED="A payment was missing for too long.",
    PAYMENT_METHOD_ADDED="A payment method was added.",
    PAYMENT_METHOD_CHANGED="A payment method was changed.",
    PAYMENT_METHOD_REMOVED="A payment method was removed.",
    PAYMENT_SUCCEEDED="A payment arrived.",
    PAYMENT_FAILED="A payment failed.",
    PAYMENT_REFUNDED="Money was given back.",
    INVOICE_ISSUED="An invoice got its number.",
    INVOICE_VOIDED="An invoice is void.",
    CREDIT_GRANTED="A credit was granted.",
    BILLING_PROFILE_CHANGED="Invoices are addressed differently.",
)
described(
    ResourceKind,
    COLLECTION="A collection of requests.",
    ENVIRONMENT="A set of variables.",
    DOCUMENTATION="Published documentation.",
    MOCK_SERVER="A server that answers with examples.",
    TEST_SUITE="Tests that run together.",
)
described(
    ActivityKind,
    MEMBER_INVITED="Somebody was invited to join the organization.",
    INVITATION_REVOKED="An invitation to join was taken back.",
    MEMBER_JOINED="Somebody joined the organization.",
    MEMBER_REMOVED="Somebody was removed from the organization.",
    MEMBER_ROLE_CHANGED="Somebody's role changed.",
    TEAM_CREATED="A team was created.",
    TEAM_RENAMED="A team was renamed.",
    TEAM_DELETED="A team was deleted.",
    TEAM_MEMBER_ADDED="Somebody joined a team.",
    TEAM_MEMBER_REMOVED="Somebody left a team.",
    PROJECT_CREATED="A project was created.",
    PROJECT_RENAMED="A project was renamed.",
    PROJECT_DELETED="A project was deleted.",
    RESOURCE_CREATED="A resource was created.",
    RESOURCE_DELETED="A resource was deleted.",
    SETTINGS_CHANGED="The organization's settings changed.",
)
described(
    Visibility,
    ORGANIZATION="Everybody in the organization finds it.",
    TEAM="Only the team that it belongs to finds it.",
)
