"""The people of the organization: who joins, what they are, who goes. Billing managers are none of them."""

from dataclasses import dataclass
from uuid import UUID

from billing import seats
from billing.change import Change, change
from billing.errors import Forbidden, InvalidInput, LastOwner, OwnersOnly
from billing.keys import revoke_carried
from models import ActivityKind, Member, MemberInvitation, Permission, Role, RoleGrant, User
from models.changes import ChangeKind
from models.roles import granted_to
from models.transactions import rows

# Looking after the money is nothing that a member is: that role comes by an invitation of its own.
ROLES = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})


@dataclass(frozen=True)
class Membership:
    """Of whom it was spoken; after a removal nobody's any more."""

    member_id: UUID


@change(Permission.MANAGE_MEMBERS)
async def change_role(org: Change, member_id: UUID, role: Role) -> Membership:
    """Make a member just this; whether he looks after the money is another matter.

    Raises NotFound, InvalidInput for a role that is no member's, OwnersOnly, LastOwner.
    """
    member = await org.one(Member, id=member_id)
    check_role(org, role)
    if role is not Role.OWNER:
        await _spare_the_last_owner(org, member)
    await _become(org, member, role)
    return Membership(member.id)


@change(Permission.MANAGE_MEMBERS)
async def remove(org: Change, member_id: UUID) -> Membership:
    """End a membership with all its roles, teams and keys. Raises NotFound, OwnersOnly, LastOwner."""
    return await _end(org, await org.one(Member, id=member_id))


@change(Permission.VIEW_MEMBERS)
async def leave(org: Change) -> Membership:
    """A member goes by himself. Raises NotFound for who is none, LastOwner; Forbidden for a key that is not all his."""
    held = await RoleGrant.filter(organization_id=org.id, user_id=org.author)
    if org.granted != granted_to(grant.role for grant in held):
        raise Forbidden
    return await _end(org, await org.one(Member, user_id=org.author))


@change(Permission.TRANSFER_ORGANIZATION)
async def transfer(org: Change, member_id: UUID) -> Membership:
    """Make a member owner in the author's place, who stays as an admin.

    Raises NotFound, for a billing manager who is no member too, and InvalidInput for the author himself.
    """
    heir = await org.one(Member, id=member_id)
    owner = await org.one(Member, user_id=org.author)
    if heir.id == owner.id:
        raise InvalidInput("memberId")
    await _owners(org)
    await _become(org, heir, Role.OWNER)
    await _become(org, owner, Role.ADMIN)
    return Membership(heir.id)


async def join(org: Change, person: User, invitation: MemberInvitation) -> None:
    """Make of the seat that an invitation held a member, and of whom it was sent to what it says."""
    member = await org.maybe(Member, user_id=person.id)
    if member is None:
        member = await org.create(Member, user_id=person.id, joined_at=org.now)
    org.acting_as = invitation.role
    if not await org.maybe(RoleGrant, user_id=person.id, role=invitation.role):
        await _grant(org, member, invitation.role, invitation.invited_by_id, invitation.invited_as)
    await seats.settle(org)
    await org.note(ActivityKind.MEMBER_JOINED, person.name)
    org.changed(ChangeKind.MEMBERS)


def check_role(org: Change, role: Role) -> None:
    """Raises InvalidInput for a role that makes nobody a member, and OwnersOnly for who may not give it."""
    if role not in ROLES:
        raise InvalidInput("role")
    if role is Role.OWNER and not org.granted & Permission.TRANSFER_ORGANIZATION.bit:
        raise OwnersOnly


async def _become(org: Change, member: Member, role: Role) -> None:
    """Give him the role, unless he has it, and end his others with the keys that they carried."""
    held = {grant.role: grant for grant in await RoleGrant.filter(organization_id=org.id, member_id=member.id)}
    if Role.OWNER in held and not org.granted & Permission.TRANSFER_ORGANIZATION.bit:
        raise OwnersOnly
    if held.keys() == {role}:
        return
    if role not in held:
        await _grant(org, member, role, *org.actor)
    for other in held.keys() - {role}:
        await held[other].delete()
        await revoke_carried(org, member.user_id, other)
    await org.note(ActivityKind.MEMBER_ROLE_CHANGED, (await User.get(id=member.user_id)).name)
    org.changed(ChangeKind.MEMBERS)


async def _grant(org: Change, member: Member, role: Role, by: UUID | None, acting_as: Role | None) -> None:
    given = {"granted_by_id": by, "granted_as": acting_as}
    await org.create(RoleGrant, user_id=member.user_id, member_id=member.id, role=role, since=org.now, **given)


async def _end(org: Change, member: Member) -> Membership:
    await _spare_the_last_owner(org, member)
    person = await User.get(id=member.user_id)
    held = await RoleGrant.filter(organization_id=org.id, member_id=member.id)
    await member.delete()  # his roles and teams go with it
    for grant in held:
        await revoke_carried(org, person.id, grant.role)
    await seats.settle(org)
    await org.note(ActivityKind.MEMBER_REMOVED, person.name)
    org.changed(ChangeKind.MEMBERS, ChangeKind.TEAMS)
    return Membership(member.id)


async def _spare_the_last_owner(org: Change, member: Member) -> None:
    """Raises OwnersOnly for an owner whom no owner touches, and LastOwner for the only one."""
    owners = await _owners(org)
    if member.user_id not in owners:
        return
    if not org.granted & Permission.TRANSFER_ORGANIZATION.bit:
        raise OwnersOnly
    if len(owners) == 1:
        raise LastOwner


async def _owners(org: Change) -> set[UUID]:
    """The owners, locked before anything is decided about one of them."""
    found = await rows(
        "select user_id from role_grant where organization_id = $1 and role = 'OWNER' order by id for update", org.id
    )
    return {row["user_id"] for row in found}
