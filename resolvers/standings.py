"""Who a key or a session stands for, and where he stands: one statement, by the digest of what was shown."""

from collections.abc import Sequence
from uuid import UUID

import models
from billing.sealing import digest
from models.roles import EVERYTHING, Permission, mask
from models.table import Row
from models.viewer import NOBODY, Standing, Viewer
from resolvers.loads import Reads, columns


def statement(credential: str, own: str, carries: str = "true") -> str:
    """$1 is the digest, $2 the instant, $3 the slug of the only organization in scope, if there is but one."""
    return f"""
select {columns(models.Organization.table)}, c.id as credential_id, c.user_id, {own}, g.roles
from {credential} c
left join lateral (
  select g.organization_id, array_agg(g.role) as roles from role_grant g
  where g.user_id = c.user_id and {carries}
  group by g.organization_id
) g on true
left join organization t on t.id = g.organization_id and ($3::text is null or t.slug = $3)
where c.digest = $1 and c.revoked_at is null and (c.expires_at is null or c.expires_at > $2)
"""


# A key carries the roles that its maker had when he made it, as long as he has them: since <= created_at. So it gains
# nothing later, dies with the role, and does not revive with a new grant of it.
OF_KEY = statement(
    "api_key",
    "c.permissions, c.last_used_at",
    "g.since <= c.created_at and (c.organization_id is null or g.organization_id = c.organization_id)",
)
OF_SESSION = statement("session", "c.seen_at")


def key_holder(rows: Sequence[Row]) -> Viewer | None:
    """Who made the key; none if it is unknown, or if all that it carried is gone."""
    if not any(row["roles"] for row in rows):
        return None
    chosen = rows[0]["permissions"]
    limit = EVERYTHING if chosen is None else mask(one for one in Permission if one in chosen)
    return Viewer(rows[0]["user_id"], standings(rows, limit), key_id=rows[0]["credential_id"])


def session_holder(rows: Sequence[Row], limit: int = EVERYTHING) -> Viewer | None:
    """Who is signed in, with all of his roles; none if the session is no more."""
    if not rows:
        return None
    return Viewer(rows[0]["user_id"], standings(rows, limit), session_id=rows[0]["credential_id"])


async def holder(reads: Reads) -> Viewer:
    """Who holds the session that the client has by now: as the next request will find him, but for what it will see."""
    text, scope = reads.client.session or "", reads.client.scope
    rows = await reads.fetch(OF_SESSION, digest(text), reads.now, scope, rows=models.Organization.table.row)
    return session_holder(rows, reads.view) or NOBODY


def standings(rows: Sequence[Row], limit: int) -> dict[UUID, Standing]:
    """By organization; the limit is what can be done there at most."""
    return {row["id"]: Standing.of(row, row["roles"], limit) for row in rows if row["id"]}
