"""What the fields of quotes stand for, and what the next renewal charges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import models
from billing import facts
from billing.invoices import written
from billing.rules.renewals import Upcoming, closing, upcoming
from models.table import Row
from resolvers.loads import Reads
from resolvers.relations import Batched, many, one

quote_plan = one(models.Quote.plan_id, models.PlanIn, like={"currency": "currency"})
lines = many(models.QuoteLine, by=models.QuoteLine.quote_id, order=[models.QuoteLine.position])


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge to come, its lines as rows."""

    at: datetime
    lines: list[dict[str, Any]]
    subtotal: Any
    tax: Any
    credit_applied: Any
    total: Any


def _charge(due: Upcoming | None) -> Charge | None:
    """Nothing that is free."""
    if due is None or not due.bill.lines:
        return None
    of = {"currency": due.bill.currency}
    wholes = [{"whole_start": line.whole.start, "whole_end": line.whole.end} for line in due.bill.lines]
    rows = [{**of, **line, **whole} for line, whole in zip(written(due.bill.lines), wholes, strict=True)]
    bill = due.bill
    return Charge(due.at, rows, bill.subtotal, bill.tax.total, bill.credit_applied, due.collection.charged)


async def _upcoming(reads: Reads, rows: Sequence[Row], _args: Mapping[str, Any]) -> Sequence[Charge | None]:
    known = await facts.known([row["organization_id"] for row in rows], reads.room, reads.fetch)
    found = [known[row["organization_id"]].facts for row in rows]
    return [_charge(upcoming(one) if one.renews else closing(one)) for one in found]


next_charge = Batched(_upcoming)
