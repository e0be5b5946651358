"""Seats: each member takes one, and each open invitation of a member holds one. Billing managers take none."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from billing.change import Change
from billing.errors import NoSeatAvailable
from billing.rules.calendar import Period
from billing.usage import stand
from models import Metric, SeatAddition, SubscriptionStatus
from models.transactions import rows

# What is bought then is on the next invoice.
BILLED = {SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE}
# Nobody comes while features are gone. Counted anew each time, under the organization's lock: an invitation that
# expired gives its seat back by itself.
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
  s.status not in ('SUSPENDED', 'CANCELED') and (s.mode = 'FLEXIBLE' or s.seats_purchased >= c.used + c.reserved)
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
        period = Period(row["current_period_start"], row["current_period_end"])
        await add(org, (row["before"], row["after"]), row["price_id"], period, org.now)


async def add(org: Change, seats: tuple[int, int], price_id: UUID, period: Period, since: datetime) -> None:
    """Seats from so many to so many are on the next invoice, from that day on.

    One line a day: who reads it learns neither the hour at which somebody came nor how many came one by one.
    """
    before, after = seats
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    terms = {"at": max(day, period.start), "price_id": price_id, "period_start": period.start, "period_end": period.end}
    same_day = await org.maybe(SeatAddition, **terms, seats_after=before, invoice_id=None, quote_id=None)
    if same_day:
        same_day.seats_after = after
        await same_day.save(update_fields=["seats_after"])
    else:
        await org.create(SeatAddition, **terms, seats_before=before, seats_after=after)
