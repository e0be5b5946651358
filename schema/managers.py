"""Invitations of billing managers and what was done about the money, as a client sees them."""

from datetime import datetime

import models
from models import BillingActivityKind, InvitationStatus, Permission
from resolvers import actors, billing, invitations
from schema.declare import NOW, Computed, column, computed, edge, node
from schema.invoice import Invoice
from schema.payment import Payment, PaymentMethod
from schema.people import Actor


@node("binv", models.BillingInvitation, access=Permission.VIEW_BILLING_MANAGERS)
class BillingInvitation:
    """An invitation to become a billing manager."""

    email: str = column(models.BillingInvitation.email, "The address invited, as it was typed.")
    status: InvitationStatus = computed(
        Computed((models.BillingInvitation.status, models.BillingInvitation.expires_at, NOW), invitations.status),
        "Where it stands now.",
    )
    created_at: datetime = column(models.BillingInvitation.created_at, "When it was sent.")
    expires_at: datetime = column(models.BillingInvitation.expires_at, "From this instant on it is good no more.")
    invited_by: Actor = edge(
        actors.of(models.BillingInvitation.invited_by_id, models.BillingInvitation.invited_as), "Who sent it."
    )


@node("bact", models.BillingActivity, access=Permission.VIEW_BILLING_ACTIVITY)
class BillingActivity:
    """Something that was done about the plan and its money."""

    kind: BillingActivityKind = column(models.BillingActivity.kind, "What was done.")
    at: datetime = column(models.BillingActivity.at, "When.")
    actor: Actor = edge(actors.of(models.BillingActivity.actor_id, models.BillingActivity.acted_as), "Who did it.")
    invoice: Invoice | None = edge(billing.activity_invoice, "The invoice it is about, if it is about one.")
    payment: Payment | None = edge(billing.activity_payment, "The payment it is about, if it is about one.")
    payment_method: PaymentMethod | None = edge(
        billing.activity_payment_method, "The payment method it is about, if it is about one."
    )
    invitation: BillingInvitation | None = edge(
        billing.activity_invitation, "The invitation it is about, if it is about one."
    )
