"""Invitations of members, as those see them who manage members."""

from datetime import datetime

import models
from models import InvitationStatus, Permission, Role
from resolvers import actors, invitations
from schema.declare import NOW, Computed, column, computed, edge, node
from schema.people import Actor


@node("minv", models.MemberInvitation, access=Permission.MANAGE_MEMBERS)
class MemberInvitation:
    """An invitation to become one of the people; while it is pending it holds a seat."""

    email: str = column(models.MemberInvitation.email, "The address invited, as it was typed.")
    role: Role = column(models.MemberInvitation.role, "What its receiver will be.")
    status: InvitationStatus = computed(
        Computed((models.MemberInvitation.status, models.MemberInvitation.expires_at, NOW), invitations.status),
        "Where it stands now.",
    )
    created_at: datetime = column(models.MemberInvitation.created_at, "When it was sent first.")
    expires_at: datetime = column(models.MemberInvitation.expires_at, "From this instant on it is good no more.")
    invited_by: Actor = edge(
        actors.of(models.MemberInvitation.invited_by_id, models.MemberInvitation.invited_as), "Who sent it."
    )
