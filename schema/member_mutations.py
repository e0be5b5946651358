"""Mutations about the people of the organization."""

import strawberry

import models
from billing import member_invitations, members
from models import Role
from schema import ids
from schema.member_invitation import MemberInvitation
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told
from schema.people import Member

INVITATION = ("MemberInvitation", "memberInvitationId")
MEMBER = ("Member", "memberId")


@asked
class InviteMemberInput:
    """Whom to invite."""

    organization_id: strawberry.ID = given("Where.")
    email: str = given("The address.")
    role: Role = given("What he will be: OWNER, ADMIN or MEMBER; only an owner makes owners.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class InviteMemberPayload:
    """Errors: INVALID_ADDRESS, INVALID_INPUT, OWNERS_ONLY, ALREADY_MEMBER, NO_SEAT_AVAILABLE, NOT_FOUND, RATE_LIMITED.

    An address that was invited before gets a new link, for this role.
    """

    invitation: MemberInvitation | None = told("The invitation; it holds a seat.")


async def _invite(ask: Asking, given: InviteMemberInput) -> InviteMemberPayload:
    organization = ask.organization(given.organization_id)
    done = await ask.perform(member_invitations.invite, organization, given.idempotency_key, given.email, given.role)
    return InviteMemberPayload(invitation=await ask.row(models.MemberInvitation, done.invitation_id))


@asked
class ResendMemberInvitationInput:
    """Which invitation to send anew."""

    member_invitation_id: strawberry.ID = given("The invitation.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class ResendMemberInvitationPayload:
    """Errors: NOT_FOUND, NOT_PENDING, OWNERS_ONLY, NO_SEAT_AVAILABLE, RATE_LIMITED."""

    invitation: MemberInvitation | None = told("The invitation, with its new expiry.")


async def _resend(ask: Asking, given: ResendMemberInvitationInput) -> ResendMemberInvitationPayload:
    noun, path = INVITATION
    key, organization = await ask.place(noun, given.member_invitation_id, given.idempotency_key, path)
    await ask.perform(member_invitations.resend, organization, given.idempotency_key, key)
    return ResendMemberInvitationPayload(invitation=await ask.row(models.MemberInvitation, key))


@asked
class RevokeMemberInvitationInput:
    """Which invitation to take back."""

    member_invitation_id: strawberry.ID = given("The invitation.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RevokeMemberInvitationPayload:
    """Errors: NOT_FOUND, NOT_PENDING, OWNERS_ONLY."""

    invitation: MemberInvitation | None = told("The invitation, revoked.")


async def _revoke(ask: Asking, given: RevokeMemberInvitationInput) -> RevokeMemberInvitationPayload:
    noun, path = INVITATION
    key, organization = await ask.place(noun, given.member_invitation_id, given.idempotency_key, path)
    await ask.perform(member_invitations.revoke, organization, given.idempotency_key, key)
    return RevokeMemberInvitationPayload(invitation=await ask.row(models.MemberInvitation, key))


@asked
class ChangeMemberRoleInput:
    """Who becomes what."""

    member_id: strawberry.ID = given("The member.")
    role: Role = given("OWNER, ADMIN or MEMBER, instead of what he is; only an owner makes or changes owners.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class ChangeMemberRolePayload:
    """Errors: NOT_FOUND, INVALID_INPUT, OWNERS_ONLY, LAST_OWNER."""

    member: Member | None = told("The member. Whether he looks after the money did not change.")


async def _change_role(ask: Asking, given: ChangeMemberRoleInput) -> ChangeMemberRolePayload:
    noun, path = MEMBER
    key, organization = await ask.place(noun, given.member_id, given.idempotency_key, path)
    await ask.perform(members.change_role, organization, given.idempotency_key, key, given.role)
    return ChangeMemberRolePayload(member=await ask.row(models.Member, key))


@asked
class RemoveMemberInput:
    """Whose membership to end."""

    member_id: strawberry.ID = given("The member.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RemoveMemberPayload:
    """Errors: NOT_FOUND, OWNERS_ONLY, LAST_OWNER."""

    removed_member_id: strawberry.ID | None = told("Who is a member no more. Somebody may still look after the money.")


async def _remove(ask: Asking, given: RemoveMemberInput) -> RemoveMemberPayload:
    noun, path = MEMBER
    key, organization = await ask.place(noun, given.member_id, given.idempotency_key, path)
    done = await ask.perform(members.remove, organization, given.idempotency_key, key)
    return RemoveMemberPayload(removed_member_id=strawberry.ID(ids.write("mem", done.member_id)))


@asked
class LeaveOrganizationInput:
    """Which organization to leave."""

    organization_id: strawberry.ID = given("Where.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class LeaveOrganizationPayload:
    """Errors: NOT_FOUND for who is no member there, LAST_OWNER."""

    removed_member_id: strawberry.ID | None = told("Who you were there.")


async def _leave(ask: Asking, given: LeaveOrganizationInput) -> LeaveOrganizationPayload:
    organization = ask.organization(given.organization_id)
    done = await ask.perform(members.leave, organization, given.idempotency_key)
    return LeaveOrganizationPayload(removed_member_id=strawberry.ID(ids.write("mem", done.member_id)))


@asked
class TransferOrganizationInput:
    """Who becomes owner in your place."""

    organization_id: strawberry.ID = given("Where.")
    member_id: strawberry.ID = given("A member; who only looks after the money is none.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class TransferOrganizationPayload:
    """Errors: NOT_FOUND, INVALID_INPUT if it is yourself."""

    member: Member | None = told("The new owner; you are an admin from now on.")


async def _transfer(ask: Asking, given: TransferOrganizationInput) -> TransferOrganizationPayload:
    noun, path = MEMBER
    organization = ask.organization(given.organization_id)
    key = await ask.within(organization, noun, given.member_id, given.idempotency_key, path)
    await ask.perform(members.transfer, organization, given.idempotency_key, key)
    return TransferOrganizationPayload(member=await ask.row(models.Member, key))


@strawberry.type
class MemberMutations:
    """Who works here."""

    invite_member: InviteMemberPayload | None = mutation(
        _invite, "Invites an address to join; the mail follows, and a seat is held.", of=member_invitations.invite
    )
    resend_member_invitation: ResendMemberInvitationPayload | None = mutation(
        _resend, "Sends an invitation anew, with a new link; the old one is dead.", of=member_invitations.resend
    )
    revoke_member_invitation: RevokeMemberInvitationPayload | None = mutation(
        _revoke, "Takes an invitation back, and its seat.", of=member_invitations.revoke
    )
    change_member_role: ChangeMemberRolePayload | None = mutation(
        _change_role, "Makes a member an owner, an admin or a plain member.", of=members.change_role
    )
    remove_member: RemoveMemberPayload | None = mutation(
        _remove, "Ends a membership at once, with its roles, teams and keys; the seat is free.", of=members.remove
    )
    leave_organization: LeaveOrganizationPayload | None = mutation(
        _leave, "A member goes by himself.", of=members.leave
    )
    transfer_organization: TransferOrganizationPayload | None = mutation(
        _transfer, "Makes a member owner in the viewer's place.", of=members.transfer
    )
