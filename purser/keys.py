"""Makes API keys for the operator's command."""

import secrets
from datetime import datetime, timedelta

import uuid_utils.compat as uuids

from models import Permission, Role, api_keys
from models.database import Connection
from models.loading import load
from models.roles import granted_to


class KeyRefusedError(Exception):
    """The key cannot be made; the message is one sentence for the operator."""


async def create(
    connection: Connection,
    *,
    email: str,
    name: str,
    now: datetime,
    organization: str | None = None,
    permissions: list[Permission] | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """A new key of the account with this address: its text, which is kept nowhere. Raises KeyRefusedError.

    With a slug it is good in that organization only; `permissions` null means all of its maker's.
    """
    user = await connection.fetchval("select id from user_account where email_key = $1", email.strip().lower())
    if user is None:
        raise KeyRefusedError(f"There is no account with the address {email}.")
    key = organization and await connection.fetchval("select id from organization where slug = $1", organization)
    roles = await connection.fetch(
        "select role from role_grant where user_id = $1 and ($2::uuid is null or organization_id = $2)", user, key
    )
    held = [Role(row["role"]) for row in roles]
    if organization and (key is None or not held):
        raise KeyRefusedError(f"{email} has no role in an organization {organization}.")
    lacking = [one for one in permissions or () if not one.bit & granted_to(held)]
    if lacking:
        raise KeyRefusedError(f"{email} does not have {', '.join(lacking)}.")
    text = api_keys.written(secrets.token_bytes(32))
    row = {
        "id": uuids.uuid7(),
        "user_id": user,
        "organization_id": key,
        "name": name,
        "prefix": api_keys.shown(text),
        "digest": api_keys.digest(text),
        "permissions": permissions,
        "made_as": min(held, key=list(Role).index) if held else None,
        "created_at": now,
        "expires_at": now + lifetime if lifetime else None,
    }
    await load(connection, {"api_key": [row]})
    return text
