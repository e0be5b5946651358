"""What a gateway tells of its own accord: each event counts once, and only makes us look how the charge stands."""

from contextlib import suppress

from billing.errors import NotFound
from billing.gateways.gateway import Event, Gateway
from billing.room import Room
from billing.settlement import named_by, record
from models import GatewayEvent, Payment
from models.transactions import rows, transaction

KEEP = """
insert into gateway_event (id, gateway, event_id, kind, charge, created_at, received_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (gateway, event_id) do nothing
"""


async def received(room: Room, event: Event) -> None:
    """Write down where its charge stands now; one that is not of this installation is let be, there as here.

    Raises GatewayUnavailable, so that it is told again.
    """
    gateway = room.gateway
    if gateway is None or await GatewayEvent.exists(gateway=gateway.kind, event_id=event.id):
        return
    if event.charge and (event.key is None or await _ours(event.key)):
        await _looked_at(room, gateway, event.charge)
    now = room.clock()
    told = (room.ids(now), gateway.kind, event.id, event.kind, event.charge, event.created_at, now)
    await transaction(lambda: rows(KEEP, *told))


async def _ours(key: str) -> bool:
    """Whether it is of a payment that was begun here; other installations may share the account."""
    place = named_by(key)
    return place is not None and await Payment.exists(organization_id=place[0], id=place[1])


async def _looked_at(room: Room, gateway: Gateway, reference: str) -> None:
    charge = await gateway.found(reference)
    if place := named_by(charge.key):
        organization, payment = place
        with suppress(NotFound):
            await record(room, None, organization, None, payment, charge)
