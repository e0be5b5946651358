"""Who may look after the money: invited, removed, gone by himself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from billing import invitations
from billing.change import Change, change
from billing.errors import Empty, Forbidden, TooMany
from billing.keys import revoke_carried
from billing.limits import INVITED, INVITING
from billing.sealing import digest
from mailer import messages
from models import (
    BillingActivityKind,
    BillingInvitation,
    BillingManager,
    InvitationStatus,
    Permission,
    Role,
    RoleGrant,
    User,
)
from models.addresses import Address, address
from models.changes import ChangeKind
from models.transactions import rows

MOST_ADDRESSES = 50


class InviteOutcome(StrEnum):
    """What became of one address."""

    SENT = "SENT"
    ALREADY_BILLING_MANAGER = "ALREADY_BILLING_MANAGER"
    ALREADY_INVITED = "ALREADY_INVITED"
    DUPLICATE_IN_REQUEST = "DUPLICATE_IN_REQUEST"
    INVALID_ADDRESS = "INVALID_ADDRESS"


@dataclass(frozen=True)
class Invited:
    """What became of one address."""

    outcome: InviteOutcome
    invitation_id: UUID | None = None


@dataclass(frozen=True)
class Invitation:
    """The invitation that was changed."""

    invitation_id: UUID


@dataclass(frozen=True)
class Removed:
    """The grant that is no more."""

    manager_id: UUID


@change(Permission.MANAGE_BILLING_MANAGERS)
async def invite(org: Change, emails: list[str]) -> list[Invited]:
    """Invite each address, and say of each in turn what became of it; one bad one does not stop the others.

    Whether an address belongs to an account, a member or an owner changes nothing: it is not even looked up. Raises
    Empty, TooMany, and RateLimited for all of them alike.
    """
    if not emails:
        raise Empty("emails")
    if len(emails) > MOST_ADDRESSES:
        raise TooMany("emails")
    await org.room.limits.spend(INVITING, subject=str(org.id), cost=len(emails))
    managers, inviter = await _manager_keys(org), await _manager_name(org)
    seen: set[str] = set()
    done = []
    for email in emails:
        found = address(email, special=org.room.special_addresses)
        if found is None:
            done.append(Invited(InviteOutcome.INVALID_ADDRESS))
        elif found.key in seen:
            done.append(Invited(InviteOutcome.DUPLICATE_IN_REQUEST))
        elif found.key in managers:
            done.append(Invited(InviteOutcome.ALREADY_BILLING_MANAGER))
        else:
            done.append(await _invite(org, found, inviter))
        seen |= {found.key} if found else set()
    return done


async def _invite(org: Change, found: Address, inviter: str | None) -> Invited:
    before = await org.maybe(BillingInvitation, email_key=found.key, status=InvitationStatus.PENDING)
    if before and invitations.is_open(before, org.now):
        await _send(org, before, inviter)
        return Invited(InviteOutcome.ALREADY_INVITED, before.id)
    if before:
        await invitations.close(before, InvitationStatus.SUPERSEDED)
    made = await org.create(
        BillingInvitation,
        email=found.typed,
        email_key=found.key,
        status=InvitationStatus.PENDING,
        token_digest=digest(org.room.tokens()),  # replaced at once by the one that is sent
        created_at=org.now,
        expires_at=org.now + invitations.VALID,
        invited_by_id=org.author,
        invited_as=org.acting_as,
        refused_attempts=0,
    )
    await _send(org, made, inviter)
    return Invited(InviteOutcome.SENT, made.id)


@change(Permission.MANAGE_BILLING_MANAGERS)
async def resend(org: Change, invitation_id: UUID) -> Invitation:
    """Send it anew, with a new link that is good for seven days; the old one is dead. Raises NotFound, NotPending."""
    invitation = await invitations.pending(org, BillingInvitation, invitation_id)
    await org.room.limits.spend(INVITING, subject=str(org.id))
    await _send(org, invitation, await _manager_name(org))
    return Invitation(invitation.id)


@change(Permission.MANAGE_BILLING_MANAGERS)
async def revoke(org: Change, invitation_id: UUID) -> Invitation:
    """Take an invitation back. Raises NotFound, NotPending."""
    invitation = await invitations.pending(org, BillingInvitation, invitation_id)
    await invitations.close(invitation, InvitationStatus.REVOKED)
    await org.record(BillingActivityKind.INVITATION_REVOKED, invitation_id=invitation.id)
    org.changed(ChangeKind.BILLING_MANAGERS)
    return Invitation(invitation.id)


@change(Permission.MANAGE_BILLING_MANAGERS)
async def remove(org: Change, manager_id: UUID) -> Removed:
    """End a billing manager's role, and only that; his keys and open streams end with it.

    Raises NotFound for anyone who is not a billing manager here, member or not.
    """
    return await _end(org, await org.one(RoleGrant, id=manager_id, role=Role.BILLING_MANAGER))


@change(None)
async def leave(org: Change) -> Removed:
    """A billing manager goes by himself. Raises NotFound for who is none, and Forbidden for a key that may not."""
    grant = await org.one(RoleGrant, user_id=org.author, role=Role.BILLING_MANAGER)
    if not org.granted & Permission.MANAGE_BILLING_MANAGERS.bit:
        raise Forbidden
    org.acting_as = Role.BILLING_MANAGER
    return await _end(org, grant)


async def _end(org: Change, grant: RoleGrant) -> Removed:
    person = await User.get(id=grant.user_id)
    await grant.delete()
    await revoke_carried(org, grant.user_id, Role.BILLING_MANAGER)
    await org.record(BillingActivityKind.BILLING_MANAGER_REMOVED)
    org.changed(ChangeKind.BILLING_MANAGERS)
    org.mail(messages.removed(person.email, org.organization.name))
    if not await RoleGrant.exists(organization_id=org.id, role=Role.BILLING_MANAGER):
        for email in await _owners(org):
            org.mail(messages.no_manager_left(email, org.organization.name))
    return Removed(grant.id)


async def _send(org: Change, invitation: BillingInvitation, inviter: str | None) -> None:
    """A new token and a new expiry; only the mail knows the token."""
    await org.room.limits.spend(INVITED, subject=f"{org.id} {invitation.email_key}")
    token = await invitations.renewed(org, invitation)
    await org.record(BillingActivityKind.BILLING_MANAGER_INVITED, invitation_id=invitation.id)
    org.changed(ChangeKind.BILLING_MANAGERS)
    org.mail(messages.invitation(invitation.email, org.organization.name, inviter, invitation.expires_at, token))


async def _manager_keys(org: Change) -> set[str]:
    found = await rows(
        "select u.email_key from role_grant g join user_account u on u.id = g.user_id"
        " where g.organization_id = $1 and g.role = 'BILLING_MANAGER'",
        org.id,
    )
    return {row["email_key"] for row in found}


async def _manager_name(org: Change) -> str | None:
    """The author's name, if he is a billing manager: nobody else's may stand in a mail."""
    found = await rows(
        f"select name from {BillingManager.table.source} where organization_id = $1 and user_id = $2",
        org.id,
        org.author,
    )
    return found[0]["name"] if found else None


async def _owners(org: Change) -> list[str]:
    found = await rows(
        "select u.email from role_grant g join user_account u on u.id = g.user_id"
        " where g.organization_id = $1 and g.role = 'OWNER' order by g.since, g.id",
        org.id,
    )
    return [row["email"] for row in found]
