"""The customer, as a client sees it: the plans page, and what else there is for those who may see it."""

import models
from models import Permission, Role
from resolvers import billing, organizations, usage
from schema.api_key import ApiKey
from schema.connection import Connection
from schema.declare import VIEWER, Computed, column, computed, edge, node
from schema.directory import Activity, OrganizationSettings, Project, Resource, Team
from schema.invoice import BillingProfile, Invoice
from schema.managers import BillingActivity, BillingInvitation
from schema.member_invitation import MemberInvitation
from schema.money import Money
from schema.payment import Credit, Payment, PaymentMethod
from schema.people import BillingManager, Member
from schema.subscription import PlanSubscription
from schema.usage import Usage


@node("org", models.Organization)
class Organization:
    """The customer: its plan and money, and its people and work for those who may see them."""

    slug: str = column(models.Organization.slug, "In addresses; unique in the installation.")
    name: str = column(models.Organization.name, "What it is called.")
    viewer_roles: list[Role] = computed(
        Computed((models.Organization.id, VIEWER), lambda key, viewer: list(viewer.standings[key].roles)),
        "What the viewer is here; a key has the roles that its maker had when he made it.",
    )
    viewer_permissions: list[Permission] = computed(
        Computed((models.Organization.id, VIEWER), lambda key, viewer: viewer.permissions(key)),
        "What the viewer may do here: choose the page's document by it.",
    )

    subscription: PlanSubscription | None = edge(organizations.subscription, "What it has bought.")
    usage: Usage | None = edge(
        usage.used, "What it used of what the plan bills or limits.", access=Permission.VIEW_USAGE
    )
    payment_methods: list[PaymentMethod] | None = edge(
        organizations.payment_methods, "What it pays with: the default first, then the latest."
    )
    payments: Connection[Payment] | None = edge(organizations.payments, "What it paid, newest first.")
    credit_balance: Money | None = edge(
        billing.credit_balance,
        "What is left of its credits, in the currency of its subscription; null without one.",
        access=Permission.VIEW_PAYMENTS,
    )
    credits: Connection[Credit] | None = edge(
        organizations.credits, "Its credits, newest first.", access=Permission.VIEW_PAYMENTS
    )
    invoices: Connection[Invoice] | None = edge(organizations.invoices, "Its invoices, newest first.")
    billing_profile: BillingProfile | None = edge(
        organizations.billing_profile, "Whom invoices are addressed to.", access=Permission.VIEW_INVOICES
    )
    billing_managers: Connection[BillingManager] | None = edge(
        organizations.billing_managers, "Who looks after its money, longest first."
    )
    billing_invitations: Connection[BillingInvitation] | None = edge(
        organizations.billing_invitations, "Who was invited to, newest first."
    )
    billing_activity: Connection[BillingActivity] | None = edge(
        organizations.billing_activity, "What was done about its plan and money, newest first."
    )

    members: Connection[Member] | None = edge(organizations.members, "Its people, longest first.")
    member_invitations: Connection[MemberInvitation] | None = edge(
        organizations.member_invitations, "Who was invited to join, newest first."
    )
    teams: Connection[Team] | None = edge(organizations.teams, "Its teams, oldest first.")
    projects: Connection[Project] | None = edge(organizations.projects, "Its projects, oldest first.")
    resources: Connection[Resource] | None = edge(organizations.resources, "Its resources, oldest first.")
    activities: Connection[Activity] | None = edge(
        organizations.activities, "What was done about its work, newest first."
    )
    settings: OrganizationSettings | None = edge(
        organizations.settings, "How it works.", access=Permission.VIEW_SETTINGS
    )
    api_keys: list[ApiKey] | None = edge(
        organizations.api_keys, "The keys that are good here only, newest first.", access=Permission.MANAGE_API_KEYS
    )
