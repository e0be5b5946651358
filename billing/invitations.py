"""What all invitations have in common: a link that is good for a week, and one PENDING row an address."""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from billing.change import Change
from billing.errors import NotPending
from billing.sealing import digest
from models import BillingInvitation, InvitationStatus, MemberInvitation

Invitation = BillingInvitation | MemberInvitation
I = TypeVar("I", BillingInvitation, MemberInvitation)  # noqa: E741  # an invitation
VALID = timedelta(days=7)


def is_open(invitation: Invitation, now: datetime) -> bool:
    """Whether its link is good at this instant."""
    return invitation.status == InvitationStatus.PENDING and now < invitation.expires_at


async def pending(org: Change, model: type[I], invitation_id: UUID) -> I:
    """The invitation with this key. Raises NotFound, NotPending."""
    invitation = await org.one(model, id=invitation_id)
    if invitation.status != InvitationStatus.PENDING:
        raise NotPending
    return invitation


async def close(invitation: Invitation, status: InvitationStatus) -> None:
    """Its link is good no more."""
    invitation.status = status
    await invitation.save(update_fields=["status"])


async def renewed(org: Change, invitation: Invitation) -> str:
    """A new token and a new expiry: the token, which only the mail may know. Who sends it anew answers for it."""
    token = org.room.tokens()
    invitation.token_digest, invitation.expires_at = digest(token), org.now + VALID
    invitation.invited_by_id, invitation.invited_as = org.actor
    await invitation.save(update_fields=["token_digest", "expires_at", "invited_by_id", "invited_as"])
    return token
