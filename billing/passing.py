"""Time that passes faster: from one instant at which something is due to the next, and what is due is done there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from billing import due, settlement
from billing.gateways.gateway import GatewayUnavailable
from billing.room import Room
from models import Payment, PaymentStatus
from models.transactions import rows

PATIENCE, PAUSE = 5.0, 0.25  # seconds for a charge that is processing
# A payer who does not act in time, too.
HELD = "select min(held_until) as at from payment where status = 'REQUIRES_ACTION' and held_until > $1"

Move = Callable[[datetime], Awaitable[None]]


async def go(room: Room, until: datetime, move: Move) -> None:
    """Let time pass up to an instant; `move` sets the clock to one, and never back. Killed on the way, it may go on."""
    stuck: set[UUID] = set()
    await _done(room, stuck)
    while (at := await _next(room.clock())) is not None and at <= until:
        await move(at)
        await _done(room, stuck)
    await move(until)
    await _done(room, stuck)


async def _next(at: datetime) -> datetime | None:
    found = [await due.next_instant(at), (await rows(HELD, at))[0]["at"]]
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


async def _released(room: Room) -> None:
    overdue = Payment.filter(status=PaymentStatus.REQUIRES_ACTION, held_until__lte=room.clock())
    for payment in await overdue:
        try:
            await settlement.release(room, payment.organization_id, payment.id)
        except GatewayUnavailable:
            return


async def _asked(room: Room, payment: Payment) -> None:
    try:
        await settlement.settle(room, payment.organization_id, payment.id)
    except GatewayUnavailable:
        return
