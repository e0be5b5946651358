"""The usage dashboard, as a client sees it."""

from datetime import date

import strawberry

from schema.declare import value
from schema.scalars import SafeInt


@value
class UsagePoint:
    """A day's value."""

    day: date = strawberry.field(name="date", description="The day, in UTC.")
    value: SafeInt = strawberry.field(description="What was used that day, or was there at its end.")


@value
class UsageMetric:
    """Something that the plan bills or limits."""

    key: str = strawberry.field(description="Names the metric to programs.")
    name: str = strawberry.field(description="Names the metric to people.")
    unit: str = strawberry.field(description="What is counted, in the singular.")
    used: SafeInt = strawberry.field(
        description="Over the days asked for: their sum, or what stood at the last of them."
    )
    limit: SafeInt | None = strawberry.field(description="What the plan allows; null: unlimited.")
    series: list[UsagePoint] = strawberry.field(
        description="Day by day, oldest first; days without a value are left out."
    )


@value
class Usage:
    """What was used, by day: seats, API requests and storage. No name, and no count of anything else."""

    from_: date = strawberry.field(name="from", description="The first day, in UTC.")
    to: date = strawberry.field(description="The last day, in UTC, itself included.")
    metrics: list[UsageMetric] = strawberry.field(description="One for each that the plan bills or limits.")
