"""What time changes: who has something due, found by one statement, and attended to one organization at a time."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from billing import balance, dunning, overdue, recurring, reminders, renewals, settlement
from billing.gateways.gateway import GatewayUnavailable
from billing.room import Room
from models import Payment, PaymentStatus
from models.queue import Claimed
from models.transactions import rows

log = structlog.get_logger(__name__)
DUE = "due"
EVERY = timedelta(minutes=1)
BATCH = 500

# What comes at an instant, or so long ahead of it, and where it stands; each is a range of an index.
SOURCES = (
    ("least(current_period_end, dunning_at)", "0", "plan_subscription where status not in ('SUSPENDED', 'CANCELED')"),
    ("current_period_end", "3 days", f"plan_subscription where status = 'TRIALING' and {reminders.OPEN}"),
    ("current_period_end", "7 days", f"plan_subscription where status in ('ACTIVE', 'PAST_DUE') and {reminders.OPEN}"),
    ("expires_at", "0", "credit where remaining > 0"),
    ("due_at", "0", "invoice where status = 'OPEN' and reminded_at is null"),
)
FOUND = " union ".join(
    f"select organization_id from {source} and {instant} <= $1::timestamptz + interval '{ahead}'"  # ours
    for instant, ahead, source in SOURCES
)
ORGANIZATIONS = f"select organization_id from ({FOUND}) due where organization_id > $2 order by 1 limit {BATCH}"
INSTANTS = " union all ".join(
    f"select min({instant}) - interval '{ahead}' as at from {source}"
    f" and {instant} > $1::timestamptz + interval '{ahead}'"
    for instant, ahead, source in SOURCES
)
NEXT = f"select min(at) as at from ({INSTANTS}) next"
FIRST = UUID(int=0)


async def sweep(room: Room, job: Claimed) -> None:
    """Attend to whoever has something due, and look again in a minute; one that breaks stops no other."""
    await work(room)
    await recurring.next_time(room, job, room.clock() + EVERY)


async def work(room: Room) -> None:
    """All that is due by now."""
    last = FIRST
    while found := await rows(ORGANIZATIONS, room.clock(), last):
        for row in found:
            last = row["organization_id"]
            try:
                await attend(room, last)
            except Exception as error:  # noqa: BLE001  # the message may hold values
                log.error("what is due cannot be done", organization=str(last), error=type(error).__name__)  # noqa: TRY400


async def next_instant(at: datetime) -> datetime | None:
    """The first behind this one at which something becomes due."""
    found: datetime | None = (await rows(NEXT, at))[0]["at"]
    return found


async def attend(room: Room, organization: UUID) -> None:
    """All that is due there, in the order of time: a period is paid, or is known not to be, before the next one."""
    await balance.expire(room, None, organization, None)
    await overdue.remind(room, None, organization, None)
    await reminders.remind(room, None, organization, None)
    moved = True
    while moved:
        renewed = await renewals.renew(room, None, organization, None)
        stepped = await dunning.step(room, None, organization, None)
        moved = renewed.moved or stepped.done
        await settled(room, organization)


async def settled(room: Room, organization: UUID) -> None:
    """Ask the gateway for what was begun here, and what follows from it; where it cannot answer a job asks again."""
    asked: set[UUID] = set()
    while waiting := await _begun(organization, asked):
        for payment in waiting:
            asked.add(payment)
            try:
                await settlement.settle(room, organization, payment)
            except GatewayUnavailable:
                return


async def _begun(organization: UUID, but: set[UUID]) -> list[UUID]:
    found = await Payment.filter(organization_id=organization, status=PaymentStatus.PROCESSING, on_session=False)
    return [payment.id for payment in found if payment.id not in but]
