"""Mutations about billing managers."""

import strawberry

import models
from billing import acceptance, managers
from billing.limits import INVITATION_LINK
from billing.managers import InviteOutcome
from schema import ids
from schema.declare import value
from schema.enums import described
from schema.managers import BillingInvitation
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told
from schema.organization import Organization

described(
    InviteOutcome,
    SENT="An invitation is on its way.",
    ALREADY_BILLING_MANAGER="The address belongs to a billing manager.",
    ALREADY_INVITED="An invitation was pending: it is sent anew, with a new link.",
    DUPLICATE_IN_REQUEST="The same address stands further up in the request.",
    INVALID_ADDRESS="No mail can be sent there.",
)


@asked
class InviteBillingManagersInput:
    """Whom to invite."""

    organization_id: strawberry.ID = given("Where.")
    emails: list[str] = given("1 to 50 addresses.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@value
class InviteResult:
    """What became of one address."""

    email: str = strawberry.field(description="The address, as it was given.")
    outcome: InviteOutcome = strawberry.field(description="What became of it.")
    invitation: BillingInvitation | None = strawberry.field(description="The invitation, if there is one.")


@payload
class InviteBillingManagersPayload:
    """Errors: EMPTY, TOO_MANY, NOT_FOUND, RATE_LIMITED. One bad address does not stop the others."""

    results: list[InviteResult] = strawberry.field(
        description="One for each address, in the order of the request.", default_factory=list
    )


async def _invite(ask: Asking, given: InviteBillingManagersInput) -> InviteBillingManagersPayload:
    organization = ask.organization(given.organization_id)
    invited = await ask.perform(managers.invite, organization, given.idempotency_key, given.emails)
    found = await ask.rows(models.BillingInvitation, [one.invitation_id for one in invited if one.invitation_id])
    results = [
        InviteResult(email=email, outcome=one.outcome, invitation=found.get(one.invitation_id))
        for email, one in zip(given.emails, invited, strict=True)
    ]
    return InviteBillingManagersPayload(results=results)


@asked
class ResendBillingInvitationInput:
    """Which invitation to send anew."""

    billing_invitation_id: strawberry.ID = given("The invitation.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class ResendBillingInvitationPayload:
    """Errors: NOT_FOUND, NOT_PENDING, RATE_LIMITED."""

    invitation: BillingInvitation | None = told("The invitation, with its new expiry.")


async def _resend(ask: Asking, given: ResendBillingInvitationInput) -> ResendBillingInvitationPayload:
    key, organization = await ask.place(
        "BillingInvitation", given.billing_invitation_id, given.idempotency_key, "billingInvitationId"
    )
    await ask.perform(managers.resend, organization, given.idempotency_key, key)
    return ResendBillingInvitationPayload(invitation=await ask.row(models.BillingInvitation, key))


@asked
class RevokeBillingInvitationInput:
    """Which invitation to take back."""

    billing_invitation_id: strawberry.ID = given("The invitation.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RevokeBillingInvitationPayload:
    """Errors: NOT_FOUND, NOT_PENDING."""

    invitation: BillingInvitation | None = told("The invitation, revoked.")


async def _revoke(ask: Asking, given: RevokeBillingInvitationInput) -> RevokeBillingInvitationPayload:
    key, organization = await ask.place(
        "BillingInvitation", given.billing_invitation_id, given.idempotency_key, "billingInvitationId"
    )
    await ask.perform(managers.revoke, organization, given.idempotency_key, key)
    return RevokeBillingInvitationPayload(invitation=await ask.row(models.BillingInvitation, key))


@asked
class RemoveBillingManagerInput:
    """Whose role to end."""

    billing_manager_id: strawberry.ID = given("The billing manager.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RemoveBillingManagerPayload:
    """Errors: NOT_FOUND."""

    removed_billing_manager_id: strawberry.ID | None = told("Who is billing manager no more.")


async def _remove(ask: Asking, given: RemoveBillingManagerInput) -> RemoveBillingManagerPayload:
    key, organization = await ask.place(
        "BillingManager", given.billing_manager_id, given.idempotency_key, "billingManagerId"
    )
    done = await ask.perform(managers.remove, organization, given.idempotency_key, key)
    return RemoveBillingManagerPayload(removed_billing_manager_id=strawberry.ID(ids.write("bman", done.manager_id)))


@asked
class LeaveBillingInput:
    """Which organization's money to look after no more."""

    organization_id: strawberry.ID = given("Where.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class LeaveBillingPayload:
    """Errors: NOT_FOUND for who is no billing manager there."""

    removed_billing_manager_id: strawberry.ID | None = told("Who you were there.")


async def _leave(ask: Asking, given: LeaveBillingInput) -> LeaveBillingPayload:
    organization = ask.organization(given.organization_id)
    done = await ask.perform(managers.leave, organization, given.idempotency_key)
    return LeaveBillingPayload(removed_billing_manager_id=strawberry.ID(ids.write("bman", done.manager_id)))


@asked
class AcceptInvitationInput:
    """The link."""

    token: str = given("What the link ends in.")


@payload
class AcceptInvitationPayload:
    """Errors: RATE_LIMITED; INVALID_INVITATION, one answer for another account's link and any that is not good."""

    organization: Organization | None = told("Where you have a role by it; what that opens needs a new request.")


async def _accept(ask: Asking, given: AcceptInvitationInput) -> AcceptInvitationPayload:
    await ask.room.limits.spend(INVITATION_LINK, client=ask.client.address)
    done = await acceptance.accept(ask.room, ask.viewer, given.token)
    return AcceptInvitationPayload(organization=await ask.entered(done.organization_id))


@asked
class DeclineInvitationInput:
    """The link."""

    token: str = given("What the link ends in.")


@payload
class DeclineInvitationPayload:
    """Errors: INVALID_INVITATION, RATE_LIMITED."""


async def _decline(ask: Asking, given: DeclineInvitationInput) -> DeclineInvitationPayload:
    await ask.room.limits.spend(INVITATION_LINK, client=ask.client.address)
    await acceptance.decline(ask.room, ask.viewer, given.token)
    return DeclineInvitationPayload()


@strawberry.type
class ManagerMutations:
    """Who may look after the money."""

    invite_billing_managers: InviteBillingManagersPayload | None = mutation(
        _invite,
        "Invites each address to become a billing manager; the mails follow.",
        of=managers.invite,
    )
    resend_billing_invitation: ResendBillingInvitationPayload | None = mutation(
        _resend, "Sends an invitation anew, with a new link; the old one is dead.", of=managers.resend
    )
    revoke_billing_invitation: RevokeBillingInvitationPayload | None = mutation(
        _revoke, "Takes an invitation back.", of=managers.revoke
    )
    remove_billing_manager: RemoveBillingManagerPayload | None = mutation(
        _remove, "Ends the role at once, and only that; other roles stay.", of=managers.remove
    )
    leave_billing: LeaveBillingPayload | None = mutation(_leave, "A billing manager goes by himself.")
    accept_invitation: AcceptInvitationPayload | None = mutation(
        _accept,
        "Makes the viewer a billing manager or a member, as the link says, if it was sent to his address. Not for keys "
        "that are limited.",
    )
    decline_invitation: DeclineInvitationPayload | None = mutation(_decline, "Turns an invitation down.")
