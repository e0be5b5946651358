"""How an invited person becomes a billing manager: with the link, signed in to the account of the invited address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing.change import Change, change
from billing.errors import InvalidInvitation
from billing.room import Room
from billing.sealing import digest
from mailer import messages
from models import (
    BillingActivityKind,
    BillingInvitation,
    InvitationStatus,
    Organization,
    Permission,
    Role,
    RoleGrant,
    User,
)
from models.addresses import masked
from models.changes import ChangeKind
from models.roles import granted_to
from models.transactions import transaction
from models.viewer import Viewer


@dataclass(frozen=True)
class Accepted:
    """Where the new billing manager is one."""

    organization_id: UUID


@dataclass(frozen=True)
class Declined:
    """The invitation that was turned down."""

    invitation_id: UUID


@dataclass(frozen=True)
class Preview:
    """What the holder of a link may know before he accepts."""

    organization_name: str
    masked_email: str
    expires_at: datetime


async def accept(room: Room, viewer: Viewer, token: str) -> Accepted:
    """Raises InvalidInvitation: one answer for every link that is not good for who asks."""
    invitation = await BillingInvitation.get_or_none(token_digest=digest(token))
    if invitation is None or viewer.user_id is None:
        raise InvalidInvitation
    try:
        return await accepted(room, viewer, invitation.organization_id, None, invitation.id, invitation.token_digest)
    except InvalidInvitation:
        await transaction(lambda: _note_attempt(invitation))
        raise


async def decline(room: Room, viewer: Viewer, token: str) -> Declined:
    """Turn an invitation down: its link is enough, unless somebody else is signed in. Raises InvalidInvitation."""
    invitation = await BillingInvitation.get_or_none(token_digest=digest(token))
    if invitation is None:
        raise InvalidInvitation
    return await declined(room, viewer, invitation.organization_id, None, invitation.id, invitation.token_digest)


async def preview(room: Room, viewer: Viewer, token: str) -> Preview | None:
    """None for every link that is not good, or not for who is signed in. Changes nothing."""
    invitation = await BillingInvitation.get_or_none(token_digest=digest(token))
    if invitation is None or not _is_open(invitation, room.clock()):
        return None
    if viewer.user_id and (await User.get(id=viewer.user_id)).email_key != invitation.email_key:
        return None
    if not await _inviter_may(invitation):
        return None
    organization = await Organization.get(id=invitation.organization_id)
    return Preview(organization.name, masked(invitation.email), invitation.expires_at)


@change(None, outsiders=True)
async def accepted(org: Change, invitation_id: UUID, token: bytes) -> Accepted:
    """The role, and the invitation used up, in one: whoever comes second to a link finds it used."""
    person = await User.get(id=org.author)
    invitation = await org.maybe(BillingInvitation, id=invitation_id, token_digest=token)
    if invitation is None:
        raise InvalidInvitation
    if invitation.status == InvitationStatus.ACCEPTED and invitation.accepted_by_id == person.id:
        if not await RoleGrant.exists(organization_id=org.id, user_id=person.id, role=Role.BILLING_MANAGER):
            raise InvalidInvitation
        return Accepted(org.id)
    if not _is_open(invitation, org.now) or person.email_key != invitation.email_key:
        raise InvalidInvitation
    if not await _inviter_may(invitation):
        raise InvalidInvitation
    await _use_up(org, invitation, person)
    return Accepted(org.id)


async def _use_up(org: Change, invitation: BillingInvitation, person: User) -> None:
    invitation.status, invitation.accepted_by_id = InvitationStatus.ACCEPTED, person.id
    await invitation.save(update_fields=["status", "accepted_by_id"])
    if person.email_verified_at is None:  # who holds the link has the mailbox
        person.email_verified_at = org.now
        await person.save(update_fields=["email_verified_at"])
    org.acting_as = Role.BILLING_MANAGER
    if not await org.maybe(RoleGrant, user_id=person.id, role=Role.BILLING_MANAGER):
        await org.create(
            RoleGrant,
            user_id=person.id,
            role=Role.BILLING_MANAGER,
            since=org.now,
            granted_by_id=invitation.invited_by_id,
            granted_as=invitation.invited_as,
        )
        await org.record(BillingActivityKind.BILLING_MANAGER_JOINED, invitation_id=invitation.id)
        org.changed(ChangeKind.BILLING_MANAGERS)
        if inviter := await User.get_or_none(id=invitation.invited_by_id):
            org.mail(messages.accepted(inviter.email, org.organization.name, invitation.email))


@change(None, outsiders=True)
async def declined(org: Change, invitation_id: UUID, token: bytes) -> Declined:
    """An open invitation is closed by its receiver."""
    invitation = await org.maybe(BillingInvitation, id=invitation_id, token_digest=token)
    if invitation is None or not _is_open(invitation, org.now):
        raise InvalidInvitation
    person = await User.get_or_none(id=org.author) if org.author else None
    if person and person.email_key != invitation.email_key:
        raise InvalidInvitation
    invitation.status = InvitationStatus.DECLINED
    await invitation.save(update_fields=["status"])
    org.changed(ChangeKind.BILLING_MANAGERS)
    return Declined(invitation.id)


def _is_open(invitation: BillingInvitation, now: datetime) -> bool:
    return invitation.status == InvitationStatus.PENDING and now < invitation.expires_at


async def _note_attempt(invitation: BillingInvitation) -> None:
    """Remember that the link was tried in vain; one whose sender lost the right to invite is taken back."""
    found = await BillingInvitation.select_for_update().get(id=invitation.id)
    found.refused_attempts += 1
    if found.status == InvitationStatus.PENDING and not await _inviter_may(found):
        found.status = InvitationStatus.REVOKED
    await found.save(update_fields=["refused_attempts", "status"])


async def _inviter_may(invitation: BillingInvitation) -> bool:
    """Whether who invited could still do so; the system always can."""
    if invitation.invited_by_id is None:
        return True
    held = await RoleGrant.filter(organization_id=invitation.organization_id, user_id=invitation.invited_by_id)
    return bool(granted_to(Role(one.role) for one in held) & Permission.MANAGE_BILLING_MANAGERS.bit)
