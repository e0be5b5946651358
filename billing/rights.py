"""What who asks may do now: read again inside each transaction, under the organization's lock, and for each event."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from models import ApiKey, Permission, Role, Session
from models.roles import EVERYTHING, GRANTS, granted_to, mask
from models.transactions import rows
from models.viewer import Viewer

# As in the statement that signs a request in: a key carries the roles that its maker had when he made it.
STATEMENT = """
select g.role, k.permissions, least(k.expires_at, s.expires_at) as until from role_grant g
left join api_key k on k.id = $3
left join session s on s.id = $4
where g.organization_id = $1 and g.user_id = $2
and ($3::uuid is null or (
  k.revoked_at is null and (k.expires_at is null or k.expires_at > $5) and g.since <= k.created_at
  and (k.organization_id is null or k.organization_id = $1)))
and ($4::uuid is null or (s.revoked_at is null and s.expires_at > $5))
"""


Fetch = Callable[..., Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True)
class Rights:
    """Roles in one organization, what they allow at most, and when the key or session that brings them expires."""

    roles: list[Role]
    granted: int
    until: datetime | None


async def rights(viewer: Viewer, organization: UUID, now: datetime, fetch: Fetch = rows) -> Rights:
    """What the viewer is there at this moment, and may do by it and by his key. `fetch` runs the one statement."""
    found = await fetch(STATEMENT, organization, viewer.user_id, viewer.key_id, viewer.session_id, now)
    held = [role for role in Role if role in {row["role"] for row in found}]
    chosen = found[0]["permissions"] if found else None
    limit = EVERYTHING if chosen is None else mask(one for one in Permission if one in chosen)
    return Rights(held, granted_to(held) & limit, found[0]["until"] if found else None)


async def roles_and_mask(viewer: Viewer, organization: UUID, now: datetime) -> tuple[list[Role], int]:
    """The roles that the viewer holds there at this moment, and what he may do by them and by his key."""
    found = await rights(viewer, organization, now)
    return found.roles, found.granted


def acting_as(held: list[Role], permission: Permission) -> Role | None:
    """The role that somebody acts in: the first of his that permits it, but billing manager before any other.

    As that he is seen by other billing managers, and when he is none any more nothing may tell that he is more besides.
    """
    permitting = [role for role in held if GRANTS[role] & permission.bit]
    return Role.BILLING_MANAGER if Role.BILLING_MANAGER in permitting else next(iter(permitting), None)


async def unlimited(viewer: Viewer, now: datetime) -> bool:
    """Whether who asks may do all that he himself may: by a session, or by a key that was not narrowed when made.

    Read anew: a session or key that has ended meanwhile is neither.
    """
    if viewer.session_id:
        return await Session.exists(id=viewer.session_id, revoked_at=None, expires_at__gt=now)
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    return await ApiKey.exists(alive, id=viewer.key_id, revoked_at=None, organization_id=None, permissions=None)
