"""Mutations about API keys."""

from datetime import datetime

import strawberry

from billing import keys
from billing.errors import NotFound
from billing.keys import Wanted
from models import Permission
from resolvers import api_keys
from schema import ids
from schema.api_key import ApiKey
from schema.declare import NOUNS
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told


@asked
class CreateApiKeyInput:
    """What the key is for."""

    organization_id: strawberry.ID | None = given(
        "Where it is good; wherever you have a role if not given.", default=None
    )
    name: str = given("What you call it; 1 to 100 characters.")
    permissions: list[Permission] | None = given("What it may do at most; all that you may if not given.", default=None)
    expires_at: datetime | None = given("From this instant on it is dead; never if not given.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CreateApiKeyPayload:
    """Errors: NOT_FOUND, INVALID_NAME, INVALID_PERMISSIONS, EMPTY, INVALID_INPUT, TOO_MANY.

    A key that is made through another one may do no more than that, and dies no later.
    """

    api_key: ApiKey | None = told("The key, as lists show it.")
    secret: str | None = told("The key itself: shown this once, null when the same request is repeated.")


async def _create(ask: Asking, given: CreateApiKeyInput) -> CreateApiKeyPayload:
    organization = ask.organization(given.organization_id) if given.organization_id is not None else None
    wanted = Wanted(given.name, given.permissions, given.expires_at)
    made = await keys.create(ask.room, ask.viewer, organization, given.idempotency_key, wanted)
    return CreateApiKeyPayload(api_key=await api_keys.own(ask.reads, made.api_key_id), secret=made.secret)


@asked
class RevokeApiKeyInput:
    """Which key to end."""

    api_key_id: strawberry.ID = given(
        "A key of yours, or of an organization whose keys you manage; of yours a limited key names itself."
    )
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RevokeApiKeyPayload:
    """Errors: NOT_FOUND."""

    revoked_api_key_id: strawberry.ID | None = told("The key that is dead.")


async def _revoke(ask: Asking, given: RevokeApiKeyInput) -> RevokeApiKeyPayload:
    prefix, key = ids.read(given.api_key_id) or ("", None)
    if key is None or prefix != NOUNS["ApiKey"].prefix:
        raise NotFound("apiKeyId")
    done = await keys.revoke(ask.room, ask.viewer, given.idempotency_key, key)
    return RevokeApiKeyPayload(revoked_api_key_id=strawberry.ID(ids.write(prefix, done.api_key_id)))


@strawberry.type
class ApiKeyMutations:
    """Keys for programs."""

    create_api_key: CreateApiKeyPayload | None = mutation(_create, "Makes a key that acts for the viewer.")
    revoke_api_key: RevokeApiKeyPayload | None = mutation(_revoke, "Ends a key at once.")
