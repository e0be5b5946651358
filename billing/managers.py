"""Who may look after the money: invited, removed, gone by himself."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from billing.change import Change, change
from billing.errors import Empty, NotPending, TooMany
from billing.keys import revoke_carried
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
from models.addresses import address
from models.changes import ChangeKind
from models.transactions import rows

VALID = timedelta(days=7)
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
    """One address, as it was given, and what became of it."""

    email: str
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
    """Invite each address; one bad one does not stop the others.

    Whether an address belongs to an account, a member or an owner changes nothing: it is not even looked up. Raises
    Empty and TooMany.
    """
    if not emails:
        raise Empty("emails")
    if len(emails) > MOST_ADDRESSES:
        raise TooMany("emails")
    managers = await _manager_keys(org)
    pending = {
        one.email_key: one
        for one in await BillingInvitation.filter(organization_id=org.id, status=InvitationStatus.PENDING)
    }
    seen: set[str] = set()
    return [await _invite(org, email, seen, managers, pending) for email in emails]


async def _invite(
    org: Change, email: str, seen: set[str], managers: set[str], pending: dict[str, BillingInvitation]
) -> Invited:
    found = address(email, special=org.room.special_addresses)
    if found is None:
        return Invited(email, InviteOutcome.INVALID_ADDRESS)
    if found.key in seen:
        return Invited(email, InviteOutcome.DUPLICATE_IN_REQUEST)
    seen.add(found.key)
    if found.key in managers:
        return Invited(email, InviteOutcome.ALREADY_BILLING_MANAGER)
    before = pending.get(found.key)
    if before and org.now < before.expires_at:
        await _send(org, before)
        return Invited(email, InviteOutcome.ALREADY_INVITED, before.id)
    if before:
        before.status = InvitationStatus.SUPERSEDED
        await before.save(update_fields=["status"])
    made = await org.create(
        BillingInvitation,
        email=found.typed,
        email_key=found.key,
        status=InvitationStatus.PENDING,
        token_digest=digest(org.room.tokens()),  # replaced at once by the one that is sent
        created_at=org.now,
        expires_at=org.now + VALID,
        invited_by_id=org.author,
        invited_as=org.acting_as,
        refused_attempts=0,
    )
    await _send(org, made)
    return Invited(email, InviteOutcome.SENT, made.id)


@change(Permission.MANAGE_BILLING_MANAGERS)
async def resend(org: Change, invitation_id: UUID) -> Invitation:
    """Send it anew, with a new link that is good for seven days; the old one is dead. Raises NotFound, NotPending."""
    invitation = await _pending(org, invitation_id)
    await _send(org, invitation)
    return Invitation(invitation.id)


@change(Permission.MANAGE_BILLING_MANAGERS)
async def revoke(org: Change, invitation_id: UUID) -> Invitation:
    """Take an invitation back. Raises NotFound, NotPending."""
    invitation = await _pending(org, invitation_id)
    invitation.status = InvitationStatus.REVOKED
    await invitation.save(update_fields=["status"])
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
    """A billing manager goes by himself. Raises NotFound for who is none."""
    return await _end(org, await org.one(RoleGrant, user_id=org.author, role=Role.BILLING_MANAGER))


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


async def _send(org: Change, invitation: BillingInvitation) -> None:
    """A new token and a new expiry; only the mail knows the token."""
    token = org.room.tokens()
    invitation.token_digest = digest(token)
    invitation.expires_at = org.now + VALID
    await invitation.save(update_fields=["token_digest", "expires_at"])
    await org.record(BillingActivityKind.BILLING_MANAGER_INVITED, invitation_id=invitation.id)
    org.changed(ChangeKind.BILLING_MANAGERS)
    inviter = await _manager_name(org)
    org.mail(messages.invitation(invitation.email, org.organization.name, inviter, invitation.expires_at, token))


async def _pending(org: Change, invitation_id: UUID) -> BillingInvitation:
    invitation = await org.one(BillingInvitation, id=invitation_id)
    if invitation.status != InvitationStatus.PENDING:
        raise NotPending
    return invitation


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
