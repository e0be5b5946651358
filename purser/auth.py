"""Who asks: an API key becomes a viewer, with all that he may do, in one statement."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

import models
from execution.http import Refused
from models import api_keys
from models.roles import EVERYTHING, Permission, mask
from models.table import Row
from models.viewer import NOBODY, Standing, Viewer
from resolvers.loads import Database, columns

# A key carries the roles that its maker had when he made it, as long as he has them: since <= created_at. So it gains
# nothing later, dies with the role, and does not revive with a new grant of it. One that is bound to an organization
# is unknown as soon as no role carries it there.
STATEMENT = f"""
select {columns(models.Organization.table)}, k.user_id, k.permissions, g.roles
from api_key k
left join lateral (
  select organization_id, array_agg(role) as roles from role_grant
  where user_id = k.user_id and since <= k.created_at
  and (k.organization_id is null or organization_id = k.organization_id)
  group by organization_id
) g on true
left join organization t on t.id = g.organization_id and ($3::text is null or t.slug = $3)
where k.digest = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
and (k.organization_id is null or g.organization_id is not null)
"""


class Authentication:
    """Turns requests into viewers. Unknown, revoked, expired and dead keys, and what is no key, are one answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def __call__(self, request: Request) -> Viewer:
        """Nobody without a key. Raises Refused, 401."""
        given = request.headers.get("authorization")
        if given is None:
            return NOBODY
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer" or not api_keys.well_formed(key.strip()):
            raise unauthenticated()
        slug = request.headers.get("purser-organization")
        return await self.viewer(key.strip(), slug)

    async def viewer(self, key: str, slug: str | None) -> Viewer:
        """Who made this key; with a slug, as if that organization were the only one. Raises Refused, 401."""
        rows = await self._database.fetch(
            STATEMENT, api_keys.digest(key), self._clock(), slug, record_class=models.Organization.table.row
        )
        if not rows:
            raise unauthenticated()
        return Viewer(rows[0]["user_id"], {row["id"]: standing(row) for row in rows if row["id"]})


def standing(row: Row) -> Standing:
    """What the key may do in one organization: what its maker may do now, and no more than was chosen for it."""
    chosen = row["permissions"]
    limit = EVERYTHING if chosen is None else mask(one for one in Permission if one in chosen)
    return Standing.of(row, row["roles"], limit)


def unauthenticated() -> Refused:
    """The one answer."""
    return Refused(401, "UNAUTHENTICATED", "This key is not good.", www_authenticate='Bearer realm="Purser"')
