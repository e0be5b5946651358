"""Mutations of people about themselves: accounts, sessions, and the organizations that they make."""

from typing import Any

import strawberry

import models
from billing import accounts, organizations, sessions
from billing.errors import NotFound
from models.viewer import NOBODY
from resolvers.standings import holder
from schema import ids
from schema.declare import NOUNS
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told
from schema.organization import Organization
from schema.viewer import Viewer


@asked
class SignUpInput:
    """Who wants an account."""

    email: str = given("Where mail goes; what he signs in with.")
    password: str = given("10 to 1000 characters, other than the address.")
    name: str = given("Full name, as others see it.")


@payload
class SignUpPayload:
    """Errors: INVALID_ADDRESS, INVALID_NAME, WEAK_PASSWORD, RATE_LIMITED. An address with an account is no error."""


async def _sign_up(ask: Asking, given: SignUpInput) -> SignUpPayload:
    await accounts.sign_up(ask.room, ask.client, given.email, given.password, given.name)
    return SignUpPayload()


@asked
class VerifyEmailInput:
    """The link."""

    token: str = given("What the link ends in.")


@payload
class VerifyEmailPayload:
    """Errors: INVALID_LINK, RATE_LIMITED."""


async def _verify(ask: Asking, given: VerifyEmailInput) -> VerifyEmailPayload:
    await accounts.verify(ask.room, ask.client, given.token)
    return VerifyEmailPayload()


@asked
class SignInInput:
    """Who signs in."""

    email: str = given("The address of the account.")
    password: str = given("Its password.")


@payload
class SignInPayload:
    """Errors: INVALID_CREDENTIALS, one answer for an unknown address and a wrong password; RATE_LIMITED."""

    viewer: Viewer | None = told("Who is signed in now; what that opens needs a new request.")


async def _sign_in(ask: Asking, given: SignInInput) -> SignInPayload:
    key = await sessions.sign_in(ask.room, ask.client, given.email, given.password)
    ask.reads.viewer = await holder(ask.reads)
    user: Any = await ask.reads.seen(models.User, key, 0)
    return SignInPayload(viewer=user)


@payload
class SignOutPayload:
    """Errors: none; who is not signed in stays so."""


async def _sign_out(ask: Asking) -> SignOutPayload:
    await sessions.sign_out(ask.room, ask.viewer, ask.client)
    ask.reads.viewer = NOBODY if ask.viewer.session_id else ask.viewer
    return SignOutPayload()


@asked
class RevokeSessionInput:
    """Which browser to sign out."""

    session_id: strawberry.ID = given("One of the viewer's sessions.")


@payload
class RevokeSessionPayload:
    """Errors: NOT_FOUND, also for who has signed in by a key."""

    revoked_session_id: strawberry.ID | None = told("The session that is no more.")


async def _revoke_session(ask: Asking, given: RevokeSessionInput) -> RevokeSessionPayload:
    prefix, key = ids.read(given.session_id) or ("", None)
    if key is None or prefix != NOUNS["Session"].prefix:
        raise NotFound("sessionId")
    await sessions.revoke(ask.room, ask.viewer, ask.client, key)
    return RevokeSessionPayload(revoked_session_id=given.session_id)


@asked
class RequestPasswordResetInput:
    """Who forgot the password."""

    email: str = given("The address of the account.")


@payload
class RequestPasswordResetPayload:
    """Errors: INVALID_ADDRESS, RATE_LIMITED. An address without an account is no error."""


async def _request_reset(ask: Asking, given: RequestPasswordResetInput) -> RequestPasswordResetPayload:
    await accounts.request_reset(ask.room, ask.client, given.email)
    return RequestPasswordResetPayload()


@asked
class ResetPasswordInput:
    """The link, and what to sign in with from now on."""

    token: str = given("What the link ends in.")
    password: str = given("10 to 1000 characters, other than the address.")


@payload
class ResetPasswordPayload:
    """Errors: WEAK_PASSWORD, INVALID_LINK, RATE_LIMITED."""


async def _reset(ask: Asking, given: ResetPasswordInput) -> ResetPasswordPayload:
    await accounts.reset(ask.room, ask.client, given.token, given.password)
    return ResetPasswordPayload()


@asked
class CreateOrganizationInput:
    """A new customer."""

    name: str = given("What it is called.")
    slug: str = given("In its addresses: 1 to 63 of a to z, 0 to 9 and, between others, hyphens.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CreateOrganizationPayload:
    """Errors: INVALID_NAME, INVALID_INPUT, NAME_TAKEN, RATE_LIMITED."""

    organization: Organization | None = told("The organization; what an owner may do there needs a new request.")


async def _create(ask: Asking, given: CreateOrganizationInput) -> CreateOrganizationPayload:
    done = await organizations.create(ask.room, ask.viewer, given.idempotency_key, given.name, given.slug)
    return CreateOrganizationPayload(organization=await ask.entered(done.organization_id))


@strawberry.type
class AccountMutations:
    """Accounts, sessions, and what a person makes."""

    sign_up: SignUpPayload | None = mutation(
        _sign_up, "Makes an account and mails a link that verifies its address. The same for every address."
    )
    verify_email: VerifyEmailPayload | None = mutation(
        _verify, "Verifies an address by the mailed link, which is good once within 24 hours."
    )
    sign_in: SignInPayload | None = mutation(
        _sign_in, "Signs this browser in by a cookie, in place of whoever was signed in. Only over HTTP."
    )
    sign_out: SignOutPayload | None = mutation(_sign_out, "Ends the session that asks.")
    revoke_session: RevokeSessionPayload | None = mutation(_revoke_session, "Signs another browser of the viewer out.")
    request_password_reset: RequestPasswordResetPayload | None = mutation(
        _request_reset, "Mails a link to choose a new password. The same for every address."
    )
    reset_password: ResetPasswordPayload | None = mutation(
        _reset,
        "Sets a new password by the mailed link, which is good once within the hour: verifies the address and signs "
        "every browser out.",
    )
    create_organization: CreateOrganizationPayload | None = mutation(
        _create, "Makes an organization on the free plan; the viewer owns it. Not for keys that are limited."
    )
