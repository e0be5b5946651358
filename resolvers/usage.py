"""What an organization used, by day and by metric: one statement, however many organizations are asked about."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from graphql import GraphQLError

from models import Metric
from models.table import Row
from models.usage import SUMMED
from resolvers.loads import Reads
from resolvers.paging import refused
from resolvers.relations import Batched

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Meter:
    """How a metric is spoken of."""

    name: str
    unit: str


METERS = {
    Metric.SEATS: Meter("Seats", "seat"),
    Metric.API_REQUESTS: Meter("API requests", "request"),
    Metric.STORAGE: Meter("Storage", "megabyte"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """A day's value."""

    day: date
    value: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric over the days asked for."""

    key: Metric
    limit: int | None
    series: list[Point]

    @property
    def name(self) -> str:
        return METERS[self.key].name

    @property
    def unit(self) -> str:
        return METERS[self.key].unit

    @property
    def used(self) -> int:
        values = [point.value for point in self.series]
        return sum(values) if self.key in SUMMED else values[-1] if values else 0


@dataclass(frozen=True, slots=True)
class Used:
    """The days asked for, both included, and what each metric says of them."""

    from_: date
    to: date
    metrics: list[Measured]


STATEMENT = """
select w.n, w.since, w.until, f.metric, f.bound, u.day, u.value
from unnest($1::uuid[]) with ordinality o(organization_id, n)
join plan_subscription s using (organization_id)
cross join lateral (
  select coalesce($2::date, least((s.current_period_start at time zone 'UTC')::date, $3::date)) as since,
         coalesce($3::date, $4::date) as until, o.n
) w
cross join lateral (
  select 'seats' as metric, s.seats_purchased as bound
  union all
  select key, limit_value from plan_feature where plan_id = s.plan_id and key = any($5::text[])
) f
left join usage_day u on u.organization_id = s.organization_id and u.metric = f.metric
  and u.day between w.since and w.until
order by w.n, f.metric, u.day
"""


async def _used(reads: Reads, organizations: Sequence[Row], args: Mapping[str, Any]) -> Sequence[Used | None]:
    since, until = args.get("from"), args.get("to")
    today = reads.now.astimezone(UTC).date()
    if refusal := wrong(since, until, today):
        raise refusal
    metered = [metric.value for metric in Metric if metric is not Metric.SEATS]
    keys = [row["id"] for row in organizations]
    rows = await reads.fetch(STATEMENT, keys, since, until, today, metered)
    answers: dict[int, Used] = {}
    series: dict[tuple[int, str], list[Point]] = defaultdict(list)
    for row in rows:
        used = answers.setdefault(row["n"], Used(row["since"], row["until"], []))
        points = series[row["n"], row["metric"]]
        if not used.metrics or used.metrics[-1].series is not points:
            used.metrics.append(Measured(Metric(row["metric"]), row["bound"], points))
        if row["day"]:
            points.append(Point(row["day"], row["value"]))
    return [answers.get(n) for n in range(1, len(organizations) + 1)]


def wrong(since: date | None, until: date | None, today: date) -> GraphQLError | None:
    """What is wrong with the days asked for, if anything."""
    if since and (until or today) < since:
        return refused("INVALID_PERIOD", "The first day must not be after the last.")
    if since and (until or today) - since > LONGEST:
        return refused("INVALID_PERIOD", f"At most {LONGEST.days} days can be asked for at once.")
    return None


used = Batched(
    _used,
    {
        "from": (date | None, "The first day, in UTC; the start of the running period, or `to` if that is earlier."),
        "to": (date | None, "The last day, in UTC, itself included; today if none is given."),
    },
)
