"""What money comes from: cards, as the gateway keeps them; here only what a person recognizes them by."""

from datetime import datetime
from uuid import UUID

from billing.change import Change
from billing.errors import NoPaymentMethod, NotFound
from billing.gateways.gateway import GatewayKind
from billing.rules.expiry import card_expired
from models import PaymentMethod

NEWEST = ("-is_default", "-added_at", "-id")


async def payable(org: Change) -> list[PaymentMethod]:
    """What can be charged, in the order in which to try it: the default one, then the newest."""
    found = await PaymentMethod.filter(organization_id=org.id, removed_at=None).order_by(*NEWEST)
    return [method for method in found if good(method, org.now)]


async def usable(org: Change, method_id: UUID | None) -> PaymentMethod:
    """The one that is named, or the default one, if it can be charged. Raises NotFound, NoPaymentMethod."""
    wanted = {"id": method_id} if method_id else {"is_default": True}
    method = await org.maybe(PaymentMethod, removed_at=None, **wanted)
    if method is None:
        raise NotFound("paymentMethodId") if method_id else NoPaymentMethod
    if not good(method, org.now):
        raise NoPaymentMethod
    return method


def good(method: PaymentMethod, at: datetime) -> bool:
    """Whether a gateway for cards may be asked for money from it."""
    return method.gateway != GatewayKind.TRANSFER and not card_expired(method.exp_year, method.exp_month, at)
