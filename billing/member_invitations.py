"""Who is asked to join: an invitation holds a seat until it is accepted, declined, taken back or expired."""

from dataclasses import dataclass
from uuid import UUID

from billing import invitations, seats
from billing.change import Change, change
from billing.errors import AlreadyMember, InvalidAddress
from billing.limits import INVITED_MEMBER, INVITING_MEMBERS
from billing.members import check_role
from billing.sealing import digest
from mailer import messages
from models import ActivityKind, InvitationStatus, MemberInvitation, Permission, Role
from models.addresses import Address, address
from models.changes import ChangeKind
from models.transactions import rows


@dataclass(frozen=True)
class Invited:
    """The invitation."""

    invitation_id: UUID


@change(Permission.MANAGE_MEMBERS)
async def invite(org: Change, email: str, role: Role) -> Invited:
    """Invite an address to join as this; one that is invited already gets a new link, and the old one is dead.

    Raises InvalidAddress, InvalidInput for a role that is no member's, OwnersOnly, AlreadyMember, NoSeatAvailable and
    RateLimited.
    """
    found = address(email, special=org.room.special_addresses)
    if found is None:
        raise InvalidAddress("email")
    check_role(org, role)
    if await _is_member(org, found.key):
        raise AlreadyMember("email")
    invitation = await _again(org, found, role) or await _first(org, found, role)
    await _send(org, invitation)
    return Invited(invitation.id)


@change(Permission.MANAGE_MEMBERS)
async def resend(org: Change, invitation_id: UUID) -> Invited:
    """Send it anew, with a new link that is good for seven days; the old one is dead.

    Raises NotFound, NotPending, OwnersOnly, RateLimited; NoSeatAvailable if its seat was given to another meanwhile.
    """
    invitation = await invitations.pending(org, MemberInvitation, invitation_id)
    check_role(org, invitation.role)
    await _send(org, invitation)
    return Invited(invitation.id)


@change(Permission.MANAGE_MEMBERS)
async def revoke(org: Change, invitation_id: UUID) -> Invited:
    """Take an invitation back, and its seat. Raises NotFound, NotPending, OwnersOnly."""
    invitation = await invitations.pending(org, MemberInvitation, invitation_id)
    check_role(org, invitation.role)
    await invitations.close(invitation, InvitationStatus.REVOKED)
    await seats.settle(org)
    await org.note(ActivityKind.INVITATION_REVOKED, invitation.email)
    org.changed(ChangeKind.MEMBERS)
    return Invited(invitation.id)


async def _again(org: Change, found: Address, role: Role) -> MemberInvitation | None:
    """The open invitation of this address, for this role from now on; one that expired makes room for another."""
    before = await org.maybe(MemberInvitation, email_key=found.key, status=InvitationStatus.PENDING)
    if before is None:
        return None
    if not invitations.is_open(before, org.now):
        await invitations.close(before, InvitationStatus.SUPERSEDED)
        return None
    check_role(org, before.role)
    before.role, before.invited_by_id, before.invited_as = role, org.author, org.acting_as
    await before.save(update_fields=["role", "invited_by_id", "invited_as"])
    return before


async def _first(org: Change, found: Address, role: Role) -> MemberInvitation:
    return await org.create(
        MemberInvitation,
        email=found.typed,
        email_key=found.key,
        role=role,
        status=InvitationStatus.PENDING,
        token_digest=digest(org.room.tokens()),  # replaced at once by the one that is sent
        created_at=org.now,
        expires_at=org.now + invitations.VALID,
        invited_by_id=org.author,
        invited_as=org.acting_as,
        refused_attempts=0,
    )


async def _send(org: Change, invitation: MemberInvitation) -> None:
    """A new link, and the seat that it holds."""
    await org.room.limits.spend(INVITING_MEMBERS, subject=str(org.id))
    await org.room.limits.spend(INVITED_MEMBER, subject=f"{org.id} {invitation.email_key}")
    token = await invitations.renewed(org, invitation)
    await seats.reserve(org)
    await org.note(ActivityKind.MEMBER_INVITED, invitation.email)
    org.changed(ChangeKind.MEMBERS)
    org.mail(messages.member_invitation(invitation.email, org.organization.name, invitation.expires_at, token))


async def _is_member(org: Change, email_key: str) -> bool:
    found = await rows(
        "select from member m join user_account u on u.id = m.user_id"
        " where m.organization_id = $1 and u.email_key = $2",
        org.id,
        email_key,
    )
    return bool(found)
