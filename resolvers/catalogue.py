"""The plan catalogue: public, in one currency."""

from typing import Any

import models
from models.table import Row
from resolvers.loads import Reads, columns

PLANS = (
    f"select {columns(models.PlanIn.table)} from plan_in t"
    " where t.currency = coalesce($1::text, (select currency from price order by created_at, id limit 1))"
    " order by t.position, t.id"
)


async def plans(_root: None, info: Any, currency: str | None = None) -> list[Row]:
    """All plans that have a price in the currency; the installation's first is that of its first price."""
    reads: Reads = info.context
    return await reads.fetch(PLANS, currency, rows=models.PlanIn.table.row)
