"""Seats: each member takes one, and each open invitation of a member holds one. Billing managers take none."""

from collections.abc import Mapping
from typing import Any

from billing.change import Change
from billing.errors import NoSeatAvailable
from billing.usage import stand
from models import Metric, SeatAddition, SubscriptionStatus
from models.transactions import rows

# What is bought then is on the next invoice.
BILLED = {SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE}
# Counted anew each time, under the organization's lock: an invitation that expired gives its seat back by itself.
COUNTED = """
update plan_subscription s set seats_used = c.used, seats_reserved = c.reserved,
  seats_purchased = case s.mode when 'FLEXIBLE' then greatest(s.seats_purchased, c.used + c.reserved)
    else s.seats_purchased end
from (
  select (select count(*) from member where organization_id = $1)::int as used,
    (select count(*) from member_invitation
      where organization_id = $1 and status = 'PENDING' and expires_at > $2)::int as reserved,
    (select seats_purchased from plan_subscription where organization_id = $1) as before
) c
where s.organization_id = $1 and (not $3 or (
  (s.mode = 'FLEXIBLE' or s.seats_purchased >= c.used + c.reserved)
  and not exists (
    select from plan_feature f
    where f.plan_id = s.plan_id and f.key = 'seats' and f.limit_value < c.used + c.reserved)
))
returning s.seats_used + s.seats_reserved as taken, c.before, s.seats_purchased as after, s.status, s.price_id,
  s.current_period_start, s.current_period_end,
  (select unit_amount from price where id = s.price_id) as unit_amount
"""


async def reserve(org: Change) -> None:
    """Count one more. Seats that follow the people are bought with it. Raises NoSeatAvailable."""
    if not await _counted(org, more=True):
        raise NoSeatAvailable


async def settle(org: Change) -> None:
    """Count those that are left, or were only held until now."""
    await _counted(org, more=False)


async def _counted(org: Change, *, more: bool) -> bool:
    found = await rows(COUNTED, org.id, org.now, more)
    if found:
        await stand(org, Metric.SEATS, found[0]["taken"])
        await _bought(org, found[0])
    return bool(found)


async def _bought(org: Change, row: Mapping[str, Any]) -> None:
    """Seats that followed the people are paid for from this day on."""
    within = row["current_period_start"] <= org.now < row["current_period_end"]
    if row["after"] > row["before"] and row["unit_amount"] and row["status"] in BILLED and within:
        await org.create(
            SeatAddition,
            at=org.now,
            seats_before=row["before"],
            seats_after=row["after"],
            price_id=row["price_id"],
            period_start=row["current_period_start"],
            period_end=row["current_period_end"],
        )
