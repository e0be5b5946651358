"""The mutation by which the product reports what it meters."""

from datetime import datetime

import strawberry

from billing import usage
from schema.mutation import Asking, asked, given, mutation, payload
from schema.scalars import SafeInt


@asked
class RecordUsageInput:
    """What was used."""

    organization_id: strawberry.ID = given("By whom.")
    metric: str = given("The key of a metric that is reported: `api_requests`, which adds up, or `storage`, which is.")
    quantity: SafeInt = given("How much there was of it; not negative, and at most 10^13 a day.")
    idempotency_key: str = given("New for each report: one that comes again within a month is counted once.")
    at: datetime | None = given(
        "When; now if nothing is said, and not longer ago than 31 days. It counts for this instant's day in UTC.",
        default=strawberry.UNSET,
    )


@payload
class RecordUsagePayload:
    """Errors: NOT_FOUND, INVALID_INPUT for an unknown metric, a wrong quantity and an instant that is not open."""


async def _record(ask: Asking, given: RecordUsageInput) -> RecordUsagePayload:
    organization = ask.organization(given.organization_id)
    await ask.perform(usage.record, organization, given.idempotency_key, given.metric, given.quantity, given.at or None)
    return RecordUsagePayload()


@strawberry.type
class UsageMutations:
    """What is used."""

    record_usage: RecordUsagePayload | None = mutation(_record, "The product reports what it meters.", of=usage.record)
