"""Time that passes faster: from one instant at which something is due to the next, and what is due is done there."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from billing import card_expiry, due, settlement
from billing.gateways.gateway import GatewayUnavailable
from billing.room import Room
from models import Payment, PaymentStatus
from models.transactions import rows

PATIENCE, PAUSE = 5.0, 0.25  # seconds for a charge that is processing
# A payer who does not act in time, too.
HELD = "select min(held_until) as at from payment where status = 'REQUIRES_ACTION' and held_until > $1"
# A card is looked at a month and a week before its end, and when it has come: a network may have renewed it.
CARDS = """
select e.at, m.organization_id, m.id from payment_method m cross join lateral (
  select make_timestamptz(m.exp_year, m.exp_month, 1, 0, 0, 0, 'UTC') + interval '1 month' - ahead as at
  from unnest(array[interval '30 days', interval '7 days', interval '0']) ahead
) e where m.removed_at is null and m.exp_year is not null and m.gateway <> 'TRANSFER'
"""
NEXT_CARD = f"select min(at) as at from ({CARDS}) cards where at > $1"
CARDS_THEN = f"select organization_id, id from ({CARDS}) cards where at = $1 order by id"

Move = Callable[[datetime], Awaitable[None]]


async def go(room: Room, until: datetime, move: Move) -> None:
    """Let time pass up to an instant; `move` sets the clock to one, and never back. Killed on the way, it may go on."""
    stuck: set[UUID] = set()
    await _done(room, stuck)
    while (at := await _next(room.clock())) is not None and at <= until:
        await move(at)
        await _looked_at(room, at)
        await _done(room, stuck)
    await move(until)
    await _done(room, stuck)


async def _next(at: datetime) -> datetime | None:
    found = [await due.next_instant(at), *[(await rows(statement, at))[0]["at"] for statement in (HELD, NEXT_CARD)]]
    return min((one for one in found if one), default=None)


async def _done(room: Room, stuck: set[UUID]) -> None:
    """What is due is done, and charges that take a moment are waited for, once: so each comes at its time."""
    await _released(room)
    await due.work(room)
    waited = 0.0
    while waiting := await _waiting(stuck):
        for payment in waiting:
            await _asked(room, payment)
        if waited >= PATIENCE:
            stuck |= {payment.id for payment in waiting}
        await asyncio.sleep(PAUSE)
        waited += PAUSE
    if waited:
        await due.work(room)


async def _waiting(stuck: set[UUID]) -> list[Payment]:
    found = await Payment.filter(status=PaymentStatus.PROCESSING)
    return [payment for payment in found if payment.id not in stuck]


async def _looked_at(room: Room, at: datetime) -> None:
    for row in await rows(CARDS_THEN, at):
        with suppress(GatewayUnavailable):
            await card_expiry.look_at(room, row["organization_id"], row["id"])


async def _released(room: Room) -> None:
    overdue = Payment.filter(status=PaymentStatus.REQUIRES_ACTION, held_until__lte=room.clock())
    for payment in await overdue:
        with suppress(GatewayUnavailable):
            await settlement.release(room, payment.organization_id, payment.id)


async def _asked(room: Room, payment: Payment) -> None:
    with suppress(GatewayUnavailable):
        await settlement.settle(room, payment.organization_id, payment.id)
