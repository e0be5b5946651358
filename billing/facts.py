"""Reads what a price depends on: in a few statements, inside a transaction or out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.rights import Fetch
from billing.room import Room
from billing.rules.calendar import Interval, Period
from billing.rules.credits import Credit
from billing.rules.facts import Addition, Ahead, Facts, Pending, Priced, TaxFacts
from billing.rules.money import Money
from billing.rules.seats import Seats
from models import BillingMode, SubscriptionStatus
from models.transactions import rows

# What was never paid for, or is no more.
UNPAID = {SubscriptionStatus.TRIALING, SubscriptionStatus.CANCELED}

SUBSCRIPTIONS = """
select s.*, c.plan_id as then_plan_id, c.interval as then_interval, c.seats as then_seats, c.mode as then_mode,
  c.effective_at as then_at, coalesce(b.country, '') as country, b.tax_id,
  (select coalesce(sum(e.amount), 0)::bigint from ledger_entry e
    where e.organization_id = s.organization_id and e.account = 'CARRIED' and e.currency = s.currency)
  - (select coalesce(sum(y.carried), 0)::bigint from payment y
    where y.organization_id = s.organization_id and y.status in ('PROCESSING', 'REQUIRES_ACTION')
      and y.currency = s.currency) as carried
from plan_subscription s
left join scheduled_change c on c.organization_id = s.organization_id and c.subscription_id = s.id
left join billing_profile b on b.organization_id = s.organization_id
where s.organization_id = any($1::uuid[])
"""
# What is sold in these currencies, and what runs, sold or not.
PRICES = """
select r.id, r.plan_id, r.interval, r.unit_amount, r.currency, r.retired_at, p.name, p.position,
  (select f.limit_value from plan_feature f where f.plan_id = p.id and f.key = 'seats') as most
from price r join plan p on p.id = r.plan_id
where (r.retired_at is null and r.currency = any($1::text[])) or r.id = any($2::uuid[])
order by p.position, r.interval, r.id
"""
# What an invoice that came first holds, of seats and of credits, is free again for whatever is bought instead.
ADDITIONS = """
select a.id, a.organization_id, a.price_id, a.seats_before, a.seats_after, a.at, a.period_start, a.period_end
from seat_addition a left join quote q on (q.organization_id, q.id) = (a.organization_id, a.quote_id)
where a.organization_id = any($1::uuid[]) and a.invoice_id is null and (q.id is null or q.status = 'INVOICED')
order by a.at, a.id
"""
CREDITS = """
select c.id, c.organization_id, c.remaining + held.amount as remaining, c.currency, c.granted_at, c.expires_at
from credit c cross join lateral (
  select coalesce(sum(u.amount - u.returned), 0)::bigint as amount from credit_use u
  join invoice i on (i.organization_id, i.id) = (u.organization_id, u.invoice_id) and i.status = 'OPEN'
  join quote q on (q.organization_id, q.id) = (i.organization_id, i.quote_id) and q.status = 'INVOICED'
  where u.organization_id = c.organization_id and u.credit_id = c.id
) held
where c.organization_id = any($1::uuid[]) and c.remaining + held.amount > 0 order by c.granted_at, c.id
"""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """The facts of a subscription, and its row."""

    facts: Facts
    row: Row


async def known(organizations: Sequence[UUID], room: Room, fetch: Fetch = rows) -> dict[UUID, Known]:
    """The facts of these organizations' subscriptions; an organization without one is left out."""
    subscriptions = await fetch(SUBSCRIPTIONS, list(organizations))
    if not subscriptions:
        return {}
    additions, credits_ = await fetch(ADDITIONS, list(organizations)), await fetch(CREDITS, list(organizations))
    currencies = sorted({row["currency"] for row in subscriptions})
    running = [row["price_id"] for row in (*subscriptions, *additions)]
    running += [row["ahead_price_id"] for row in subscriptions if row["ahead_price_id"]]
    prices = await fetch(PRICES, currencies, running)
    return {
        row["organization_id"]: Known(
            _facts(row, prices, _of(row, additions), _of(row, credits_), room),
            row,
        )
        for row in subscriptions
    }


async def in_currency(room: Room, of: Known, currency: str, fetch: Fetch = rows) -> Known | None:
    """The same facts, as if the plan that runs had always been bought in this currency; none if it is not sold so."""
    prices = await fetch(PRICES, [currency], [])
    same = (of.row["plan_id"], of.facts.current.interval.name)
    price = next((one for one in prices if (one["plan_id"], one["interval"]) == same), None)
    if price is None:
        return None
    row = {**of.row, "currency": currency, "price_id": price["id"], "carried": 0}
    return Known(_facts(row, prices, [], [], room), row)


def _of(subscription: Row, among: Sequence[Row]) -> list[Row]:
    return [row for row in among if row["organization_id"] == subscription["organization_id"]]


def _facts(row: Row, prices: Sequence[Row], additions: Sequence[Row], credits_: Sequence[Row], room: Room) -> Facts:
    every = {price["id"]: _priced(price) for price in prices}
    current, currency = every[row["price_id"]], row["currency"]
    catalogue = tuple(every[one["id"]] for one in prices if one["retired_at"] is None and one["currency"] == currency)
    return Facts(
        current=current,
        fixed=row["mode"] == BillingMode.FIXED,
        paid=not current.free and row["status"] not in UNPAID,
        renews=bool(row["auto_renew"]) and row["status"] != SubscriptionStatus.CANCELED,
        tried_at=row["trial_start"],
        seats=Seats(row["seats_purchased"], row["seats_used"], row["seats_reserved"], current.limit),
        anchor=row["anchor_at"],
        period=Period(row["current_period_start"], row["current_period_end"]),
        ahead=_ahead(row, every),
        pending=_pending(row, catalogue, current),
        catalogue=catalogue,
        additions=tuple(_addition(one, every) for one in additions),
        credits=tuple(
            Credit(one["id"], Money(one["remaining"], currency), one["granted_at"], one["expires_at"])
            for one in credits_
            if one["currency"] == currency
        ),
        tax=TaxFacts(room.seller.country, row["country"] or room.seller.country, row["tax_id"]),
        carried=Money(row["carried"], currency),
        minimum=room.gateway.minimum(currency) if room.gateway else Money(1, currency),
    )


def _priced(price: Row) -> Priced:
    return Priced(
        price["plan_id"],
        price["name"],
        price["position"],
        price["id"],
        Interval[price["interval"]],
        Money(price["unit_amount"], price["currency"]),
        price["most"],
    )


def _ahead(row: Row, every: Mapping[UUID, Priced]) -> Ahead | None:
    until: datetime | None = row["paid_ahead_until"]
    return Ahead(Period(row["current_period_end"], until), every[row["ahead_price_id"]]) if until else None


def _pending(row: Row, catalogue: Sequence[Priced], current: Priced) -> Pending | None:
    """At the price of the day; what is sold no more goes on as it runs."""
    if row["then_plan_id"] is None:
        return None
    wanted = (row["then_plan_id"], Interval[row["then_interval"]])
    priced = next((one for one in catalogue if (one.plan_id, one.interval) == wanted), current)
    return Pending(priced, row["then_seats"], row["then_mode"] == BillingMode.FIXED, row["then_at"])


def _addition(row: Row, every: Mapping[UUID, Priced]) -> Addition:
    period = Period(row["period_start"], row["period_end"])
    return Addition(row["id"], every[row["price_id"]], row["seats_before"], row["seats_after"], row["at"], period)
