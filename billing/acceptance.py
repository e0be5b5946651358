"""How an invited person comes in: with the link, signed in to the account of the invited address.

A link is of one of two kinds, a billing manager's or a member's, and gives what its kind gives, to nobody else.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing import members, seats
from billing.change import Change, change
from billing.errors import Forbidden, InvalidInvitation
from billing.invitations import Invitation, close, is_open
from billing.rights import unlimited
from billing.room import Room
from billing.sealing import digest
from mailer import messages
from models import (
    BillingActivityKind,
    BillingInvitation,
    InvitationStatus,
    Member,
    MemberInvitation,
    Organization,
    Permission,
    Role,
    RoleGrant,
    User,
)
from models.addresses import masked
from models.changes import ChangeKind
from models.roles import granted_to
from models.viewer import Viewer


@dataclass(frozen=True)
class Accepted:
    """Where the viewer has a role by it."""

    organization_id: UUID


@dataclass(frozen=True)
class Declined:
    """The invitation that was turned down."""

    invitation_id: UUID


@dataclass(frozen=True)
class Noted:
    """The invitation whose link was tried in vain."""

    invitation_id: UUID


@dataclass(frozen=True)
class Preview:
    """What the holder of a link may know before he accepts."""

    organization_name: str
    masked_email: str
    expires_at: datetime


async def accept(room: Room, viewer: Viewer, token: str) -> Accepted:
    """Raises InvalidInvitation: one answer for every link that is not good for who asks; Forbidden for a narrow key."""
    invitation = await _behind(token)
    if invitation is None or viewer.user_id is None:
        raise InvalidInvitation
    try:
        known = invitation.id, invitation.token_digest
        return await accepted(room, viewer, invitation.organization_id, None, viewer, *known)
    except InvalidInvitation:
        await attempted(room, None, invitation.organization_id, None, invitation.id)
        raise


async def decline(room: Room, viewer: Viewer, token: str) -> Declined:
    """Turn an invitation down: its link is enough, unless somebody else is signed in. Raises InvalidInvitation."""
    invitation = await _behind(token)
    if invitation is None:
        raise InvalidInvitation
    return await declined(room, viewer, invitation.organization_id, None, invitation.id, invitation.token_digest)


async def preview(room: Room, viewer: Viewer, token: str) -> Preview | None:
    """None for every link that is not good, or not for who is signed in. Changes nothing."""
    invitation = await _behind(token)
    if invitation is None or not is_open(invitation, room.clock()):
        return None
    if viewer.user_id and (await User.get(id=viewer.user_id)).email_key != invitation.email_key:
        return None
    if not await _inviter_may(invitation):
        return None
    organization = await Organization.get(id=invitation.organization_id)
    return Preview(organization.name, masked(invitation.email), invitation.expires_at)


@change(None, outsiders=True)
async def accepted(org: Change, viewer: Viewer, invitation_id: UUID, token: bytes) -> Accepted:
    """The role, and the invitation used up, in one: whoever comes second to a link finds it used."""
    if not await unlimited(viewer, org.now):  # outsiders come in here: nothing else has looked at how they signed in
        raise Forbidden
    person = await User.get(id=org.author)
    invitation = await _found(org, id=invitation_id, token_digest=token)
    if invitation.status == InvitationStatus.ACCEPTED and invitation.accepted_by_id == person.id:
        if not await _came(org, invitation, person):
            raise InvalidInvitation
        return Accepted(org.id)
    if not is_open(invitation, org.now) or person.email_key != invitation.email_key:
        raise InvalidInvitation
    if not await _inviter_may(invitation):
        raise InvalidInvitation
    await _use_up(org, invitation, person)
    return Accepted(org.id)


@change(None, outsiders=True)
async def declined(org: Change, invitation_id: UUID, token: bytes) -> Declined:
    """An open invitation is closed by its receiver, and its seat, if it holds one, is free."""
    invitation = await _found(org, id=invitation_id, token_digest=token)
    person = await User.get_or_none(id=org.author) if org.author else None
    if not is_open(invitation, org.now) or (person and person.email_key != invitation.email_key):
        raise InvalidInvitation
    await _closed(org, invitation, InvitationStatus.DECLINED)
    return Declined(invitation.id)


@change(None)
async def attempted(org: Change, invitation_id: UUID) -> Noted:
    """Remember that the link was tried in vain; one whose sender lost the right to invite is taken back."""
    invitation = await _found(org, id=invitation_id)
    invitation.refused_attempts += 1
    await invitation.save(update_fields=["refused_attempts"])
    if invitation.status == InvitationStatus.PENDING and not await _inviter_may(invitation):
        await _closed(org, invitation, InvitationStatus.REVOKED)
    return Noted(invitation.id)


async def _use_up(org: Change, invitation: Invitation, person: User) -> None:
    invitation.status, invitation.accepted_by_id = InvitationStatus.ACCEPTED, person.id
    await invitation.save(update_fields=["status", "accepted_by_id"])
    if person.email_verified_at is None:  # who holds the link has the mailbox
        person.email_verified_at = org.now
        await person.save(update_fields=["email_verified_at"])
    if isinstance(invitation, MemberInvitation):
        await members.join(org, person, invitation)
    else:
        await _look_after_the_money(org, person, invitation)


async def _look_after_the_money(org: Change, person: User, invitation: BillingInvitation) -> None:
    org.acting_as = Role.BILLING_MANAGER
    if await org.maybe(RoleGrant, user_id=person.id, role=Role.BILLING_MANAGER):
        return
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


async def _closed(org: Change, invitation: Invitation, status: InvitationStatus) -> None:
    await close(invitation, status)
    if isinstance(invitation, MemberInvitation):
        await seats.settle(org)
        org.changed(ChangeKind.MEMBERS)
    else:
        org.changed(ChangeKind.BILLING_MANAGERS)


async def _behind(token: str) -> Invitation | None:
    """The invitation that a link is for, of either kind: both are looked for, whichever it is."""
    of_manager = await BillingInvitation.get_or_none(token_digest=digest(token))
    of_member = await MemberInvitation.get_or_none(token_digest=digest(token))
    return of_manager or of_member


async def _found(org: Change, **equal: object) -> Invitation:
    """The same, under the lock. Raises InvalidInvitation."""
    found = await org.maybe(BillingInvitation, **equal) or await org.maybe(MemberInvitation, **equal)
    if found is None:
        raise InvalidInvitation
    return found


async def _came(org: Change, invitation: Invitation, person: User) -> bool:
    """Whether he still is what he accepted to be."""
    if isinstance(invitation, MemberInvitation):
        return await Member.exists(organization_id=org.id, user_id=person.id)
    return await RoleGrant.exists(organization_id=org.id, user_id=person.id, role=Role.BILLING_MANAGER)


async def _inviter_may(invitation: Invitation) -> bool:
    """Whether who invited could still do so; the system always can."""
    if invitation.invited_by_id is None:
        return True
    held = await RoleGrant.filter(organization_id=invitation.organization_id, user_id=invitation.invited_by_id)
    return not _needed(invitation) & ~granted_to(Role(one.role) for one in held)


def _needed(invitation: Invitation) -> int:
    """What it takes to send this one."""
    if isinstance(invitation, BillingInvitation):
        return Permission.MANAGE_BILLING_MANAGERS.bit
    owner = Permission.TRANSFER_ORGANIZATION.bit if invitation.role == Role.OWNER else 0
    return Permission.MANAGE_MEMBERS.bit | owner
