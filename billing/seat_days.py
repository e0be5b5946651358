"""The days of usage on which nobody comes or goes: a job that begins each with the seats that are taken."""

from datetime import UTC, date, datetime, time, timedelta

from billing.recurring import again
from billing.room import Room
from models.queue import Claimed
from models.transactions import rows

SEAT_DAYS = "seat-days"
DAY = timedelta(days=1)
LONGEST = 366 * DAY  # what can be asked for at once

# What is there stays: whoever came or went that day has told it better. A day that was missed had what was told last
# before it; today has what is taken now. An organization is locked before its day is written, as by every change of its
# seats: so neither blocks the other for good, and no change is overtaken. Nothing names or orders these rows by id.
BEGIN = """
with open as materialized (
  select id from organization order by id for key share
), taken as materialized (
  select s.organization_id, s.seats_used + s.seats_reserved as seats
  from open join plan_subscription s on s.organization_id = open.id for share of s
)
insert into usage_day (id, organization_id, metric, day, value)
select gen_random_uuid(), t.organization_id, 'seats', d.day::date, coalesce(before.value, t.seats)
from taken t
cross join generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') d(day)
left join lateral (
  select u.value from usage_day u
  where u.organization_id = t.organization_id and u.metric = 'seats' and u.day < d.day and d.day < $2::date
  order by u.day desc limit 1
) before on true
where d.day = $2::date or before.value is not null
on conflict (organization_id, metric, day) do nothing
"""


async def begin(room: Room, job: Claimed) -> None:
    """Begin today, and each day that was missed since the last time; again when the next day begins."""
    today = room.clock().astimezone(UTC).date()
    since = date.fromisoformat(job.payload["since"]) if job.payload else today - LONGEST
    await rows(BEGIN, max(since, today - LONGEST), today)
    tomorrow = today + DAY
    await again(room, SEAT_DAYS, datetime.combine(tomorrow, time(), UTC), {"since": tomorrow.isoformat()})
