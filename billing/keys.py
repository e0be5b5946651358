"""API keys: made by their owner, gone with the role that carried them."""

from uuid import UUID

from billing.change import Change
from models import Role
from models.transactions import rows


async def revoke_carried(org: Change, user: UUID, role: Role) -> None:
    """Revoke a person's keys that are good here only and were made under this role, or all of them if none is left."""
    await rows(
        "update api_key set revoked_at = $4 where organization_id = $1 and user_id = $2 and revoked_at is null"
        " and (made_as = $3 or not exists (select from role_grant where organization_id = $1 and user_id = $2))"
        " returning id",
        org.id,
        user,
        role,
        org.now,
    )
