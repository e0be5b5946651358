"""Jobs at the gateway: what a request could not wait for, or what nobody waits for."""

from contextlib import suppress
from uuid import UUID

from billing import payments, refunds, settlement
from billing.gateways.gateway import GatewayRefused, GatewayUnavailable
from billing.room import Room
from models import Payment, PaymentMethod, PaymentStatus
from models.queue import Claimed, TryLater


async def settle(room: Room, job: Claimed) -> None:
    """See a payment to its end. Raises TryLater while it is under way."""
    organization, payment = _of(job)
    try:
        status = await settlement.settle(room, organization, payment)
    except GatewayUnavailable:
        raise TryLater("The gateway does not answer.") from None
    if status == PaymentStatus.PROCESSING:
        raise TryLater("The payment is under way.")


async def release(room: Room, job: Claimed) -> None:
    """Let go of a payment whose payer did not act in time. Raises TryLater."""
    organization, payment = _of(job)
    try:
        await settlement.release(room, organization, payment)
    except GatewayUnavailable:
        raise TryLater("The gateway does not answer.") from None


async def refund(room: Room, job: Claimed) -> None:
    """Give money back. Raises TryLater."""
    if job.organization_id is None:
        raise ValueError("A refund belongs to an organization.")
    try:
        await refunds.settle(room, job.organization_id, UUID(job.payload["refund"]))
    except GatewayUnavailable:
        raise TryLater("The gateway does not answer.") from None


async def forget(room: Room, job: Claimed) -> None:
    """Let the gateway forget a card, unless it is an entry still. Raises TryLater while a payment may need it."""
    reference, gateway = job.payload["reference"], room.gateway
    if gateway is None or await PaymentMethod.exists(gateway_reference=reference, removed_at=None):
        return
    named = await PaymentMethod.filter(organization_id=job.organization_id, gateway_reference=reference)
    if await Payment.exists(
        organization_id=job.organization_id,
        payment_method_id__in=[method.id for method in named],
        status__in=payments.UNDER_WAY,
    ):
        raise TryLater("A payment is under way.")
    with suppress(GatewayRefused):  # it is gone
        try:
            await gateway.forget(reference)
        except GatewayUnavailable:
            raise TryLater("The gateway does not answer.") from None


def _of(job: Claimed) -> tuple[UUID, UUID]:
    if job.organization_id is None:
        raise ValueError("A payment belongs to an organization.")
    return job.organization_id, UUID(job.payload["payment"])
