"""What an organization uses, by day: told by the product that meters it, and for seats by whoever comes and goes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from billing.change import Change, change
from billing.errors import InvalidInput
from models import Metric, Permission
from models.transactions import rows
from models.usage import SUMMED

OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=5)
# 366 days of it are a number that JSON readers keep exact.
MOST_A_DAY = 10**13
DAY = "insert into usage_day as u (id, organization_id, metric, day, value) values ($1, $2, $3, $4::date, $5)"
ADD = f"{DAY} on conflict (organization_id, metric, day) do update set value = u.value + excluded.value returning value"
STAND = f"{DAY} on conflict (organization_id, metric, day) do update set value = excluded.value returning value"


@dataclass(frozen=True)
class Recorded:
    """That it was counted."""


# A report is counted once: its key is kept for longer than its instant is taken.
@change(Permission.RECORD_USAGE, kept=OLDEST + 2 * AHEAD)
async def record(org: Change, metric: str, quantity: int, at: datetime | None = None) -> Recorded:
    """Add to the metric's day in UTC, or say what stands there; of days that are past no more than 31 are open.

    Without `at` it is now: such a report is counted once as long as its key is kept.

    Raises InvalidInput for an unknown metric, for seats, which nobody reports, and for what cannot be.
    """
    if metric not in {one for one in Metric if one is not Metric.SEATS}:
        raise InvalidInput("metric")
    if not 0 <= quantity <= MOST_A_DAY:
        raise InvalidInput("quantity")
    at = at or org.now
    if not org.now - OLDEST <= at <= org.now + AHEAD:
        raise InvalidInput("at")
    statement = ADD if metric in SUMMED else STAND
    if await _written(statement, org, Metric(metric), quantity, at) > MOST_A_DAY:
        raise InvalidInput("quantity")
    return Recorded()


async def stand(org: Change, metric: Metric, value: int) -> None:
    """Say what there is now."""
    await _written(STAND, org, metric, value, org.now)


async def _written(statement: str, org: Change, metric: Metric, value: int, at: datetime) -> int:
    day = at.astimezone(UTC).date()
    found = await rows(statement, org.room.ids(org.now), org.id, metric.value, day, value)
    return int(found[0]["value"])
