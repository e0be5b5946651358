"""What an API key's fields stand for."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import models
from resolvers import actors
from resolvers.loads import Reads, columns
from resolvers.relations import one

organization = one(models.ApiKey.organization_id, models.Organization)
_maker = actors.of(models.ApiKey.user_id, models.ApiKey.made_as)
maker = replace(_maker, present=models.ApiKey.organization_id, absent=None)


async def own(reads: Reads, key: UUID) -> Any:
    """A key of the viewer's own, to be answered with."""
    found = await reads.fetch(
        f"select {columns(models.ApiKey.table)} from api_key t where t.id = $1 and t.user_id = $2",
        key,
        reads.viewer.user_id,
        rows=models.ApiKey.table.row,
    )
    return found[0] if found else None
