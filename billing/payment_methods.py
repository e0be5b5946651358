"""What money comes from: cards, as the gateway keeps them; here only what a person recognizes them by."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from billing import cancellations, facts, payments
from billing.change import Change, change
from billing.errors import (
    Forbidden,
    GatewayAway,
    InvalidPaymentMethod,
    NoPaymentMethod,
    NotFound,
    PaymentMethodNeeded,
    RateLimited,
)
from billing.gateways.failures import Refused
from billing.gateways.gateway import Action, Card, Gateway, GatewayKind, GatewayRefused, GatewayUnavailable, Method
from billing.limits import ADDING_METHODS, ADDING_METHODS_BY_ONE, LOOKING_AT_METHODS
from billing.names import named
from billing.room import Room
from billing.rules.expiry import card_expired
from billing.rules.renewals import upcoming
from models import BillingActivityKind, PaymentMethod, PaymentMethodKind, Permission
from models.changes import ChangeKind
from models.viewer import Viewer

FORGET = "forget_payment_method"
LONGEST_TOKEN = 255
NEWEST = ("-is_default", "-added_at", "-id")


class Fetched:
    """What the gateway says of a card, or that it was not asked once more.

    A repeat is told by the reference alone: the card may be renewed meanwhile.
    """

    def __init__(self, reference: str, method: Method | None) -> None:
        self._reference, self._method = reference, method

    def __str__(self) -> str:
        return self._reference

    @property
    def method(self) -> Method:
        """Raises RateLimited."""
        if self._method is None:
            raise RateLimited
        return self._method


@dataclass(frozen=True)
class Intent:
    """That a card is to be added. `id` is its key at the gateway: the same idempotency key, the same intent."""

    id: UUID
    owner: str
    customer: str | None


@dataclass(frozen=True)
class Entry:
    """The payment method."""

    method_id: UUID


@dataclass(frozen=True)
class Kept:
    """The payment method, as which gateway knows it."""

    gateway: str
    reference: str


async def add(
    room: Room, viewer: Viewer, organization: UUID, key: str, token: str, *, default: bool
) -> tuple[UUID, Action | None]:
    """Keep a card at the gateway, between two changes; gives its key, and what the payer must still do.

    Broken off between them, the same again ends in the same entry. Raises InvalidPaymentMethod, GatewayAway,
    RateLimited.
    """
    intent = await begin(room, viewer, organization, key, token, default=default)
    try:
        found = await _taken(room.gateway, intent, token, f"{organization}.{intent.id}")
    except GatewayRefused:
        raise InvalidPaymentMethod("gatewayToken") from None
    except GatewayUnavailable:
        raise GatewayAway from None
    made = await enter(room, viewer, organization, str(intent.id), Fetched(found.reference, found), default=default)
    return made.method_id, found.action


async def _taken(gateway: Gateway | None, intent: Intent, token: str, key: str) -> Method:
    """For the customer that the organization is, or a new one where the gateway knows him no more."""
    if gateway is None:
        raise GatewayUnavailable
    try:
        return await gateway.add(intent.customer, intent.owner, token, key)
    except GatewayRefused as error:
        if intent.customer is None or error.code != Refused.NOT_FOUND:
            raise
        return await gateway.add(None, intent.owner, token, f"{key}.new")


@change(Permission.MANAGE_PAYMENT_METHODS)
async def begin(org: Change, token: str, *, default: bool) -> Intent:  # noqa: ARG001  # part of what is asked
    """That it is wanted, by somebody who may. An organization is one customer at the gateway."""
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise InvalidPaymentMethod("gatewayToken")
    await org.room.limits.spend(ADDING_METHODS_BY_ONE, subject=str(org.author))
    await org.room.limits.spend(ADDING_METHODS, subject=str(org.id))
    kind = org.room.gateway.kind if org.room.gateway else None
    known = PaymentMethod.filter(organization_id=org.id, gateway=kind, customer__isnull=False)
    first = await known.order_by("-added_at", "-id").first()
    return Intent(org.room.ids(org.now), org.organization.name, first.customer if first else None)


@change(Permission.MANAGE_PAYMENT_METHODS)
async def enter(org: Change, fetched: Fetched, *, default: bool) -> Entry:
    """Write down what the gateway keeps: the same card is the same entry. The first one is the default one."""
    found = fetched.method
    method = await org.maybe(PaymentMethod, fingerprint=found.card.fingerprint, removed_at=None)
    if method is None:
        method = await _created(org, found)
    else:
        await _again(org, method, found)
    others = PaymentMethod.filter(organization_id=org.id, removed_at=None, is_default=True)
    if (default and not found.action) or not await others.exists():
        await _make_default(org, method)
    org.changed(ChangeKind.PAYMENT_METHODS)
    return Entry(method.id)


@change(Permission.MANAGE_PAYMENT_METHODS)
async def look(org: Change, method_id: UUID) -> Kept:
    """What it is at the gateway, for somebody who may have it looked at. Raises NotFound."""
    return kept(await _present(org, method_id))


async def looked_at(room: Room, viewer: Viewer, organization: UUID, method_id: UUID) -> Fetched | None:
    """The card as it is now, for somebody who may change it. Raises NotFound, GatewayAway.

    Asked too often, it is not looked at; whether that matters is for the change to say, which may be a repeat.
    """
    known = await look(room, viewer, organization, None, method_id)
    try:
        await room.limits.spend(LOOKING_AT_METHODS, subject=str(organization))
        return await seen(room, known)
    except RateLimited:
        return Fetched(known.reference, None)
    except GatewayUnavailable:
        raise GatewayAway from None


async def seen(room: Room, method: Kept) -> Fetched | None:
    """The card as it is now; none if this gateway does not know it, or not any more. Raises GatewayUnavailable."""
    if room.gateway is None:
        raise GatewayUnavailable
    if method.gateway != room.gateway.kind:
        return None
    try:
        return Fetched(method.reference, await room.gateway.method(method.reference))
    except GatewayRefused:
        return None


@change(Permission.MANAGE_PAYMENT_METHODS)
async def update(
    org: Change, method_id: UUID, fetched: Fetched | None, *, default: bool, billing_name: str | None
) -> Entry:
    """Make it the default one, name it anew, or see what the gateway says.

    Raises NotFound, InvalidName, RateLimited.
    """
    method = await _present(org, method_id)
    changed = renewed(method, fetched.method.card) if fetched else False
    if billing_name is not None and (name := named(billing_name, "billingName")) != method.billing_name:
        method.billing_name, changed = name, True
    await method.save()
    if default and not method.is_default:
        await _make_default(org, method)
        changed = True
    if changed:
        await told(org, method, BillingActivityKind.PAYMENT_METHOD_CHANGED)
    return Entry(method.id)


@change(Permission.MANAGE_PAYMENT_METHODS)
async def remove(org: Change, method_id: UUID, *, turn_off_renewal: bool) -> Entry:
    """Keep it no more; the newest other one is the default one then. Raises NotFound.

    Raises PaymentMethodNeeded where a renewal would have nothing to be paid by, unless that is turned off by it.
    """
    method = await _present(org, method_id)
    if await _renews(org) and not await _others(org, method):
        if not turn_off_renewal:
            raise PaymentMethodNeeded("paymentMethodId")
        if not org.granted & Permission.CHANGE_PLAN.bit:
            raise Forbidden
        await cancellations.end(org)
    was_default, method.is_default, method.removed_at = method.is_default, False, org.now
    await method.save(update_fields=["is_default", "removed_at"])
    if was_default and (heir := await _heir(org)):
        await _make_default(org, heir)
    await told(org, method, BillingActivityKind.PAYMENT_METHOD_REMOVED)
    org.later(FORGET, reference=method.gateway_reference)
    return Entry(method.id)


async def payable(org: Change) -> list[PaymentMethod]:
    """What can be charged, in the order in which to try it: the default one, then the newest."""
    found = await PaymentMethod.filter(organization_id=org.id, removed_at=None).order_by(*NEWEST)
    return [method for method in found if good(org, method)]


async def usable(org: Change, method_id: UUID | None) -> PaymentMethod:
    """The one that is named, or the default one, if it can be charged. Raises NotFound, NoPaymentMethod."""
    wanted = {"id": method_id} if method_id else {"is_default": True}
    method = await org.maybe(PaymentMethod, removed_at=None, **wanted)
    if method is None:
        raise NotFound("paymentMethodId") if method_id else NoPaymentMethod
    if not good(org, method):
        raise NoPaymentMethod
    return method


def good(org: Change, method: PaymentMethod) -> bool:
    """Whether the gateway that there is may be asked for money from it."""
    gateway = org.room.gateway
    known = gateway is not None and method.gateway == gateway.kind
    return known and not card_expired(method.exp_year, method.exp_month, org.now)


def kept(method: PaymentMethod) -> Kept:
    """Where it is kept."""
    return Kept(method.gateway, method.gateway_reference)


def renewed(method: PaymentMethod, card: Card) -> bool:
    """Take over what a network changed of a card; whether it was anything. The caller saves."""
    was = method.brand, method.last4, method.exp_month, method.exp_year
    now = card.brand, card.last4, card.exp_month, card.exp_year
    if was == now:
        return False
    if was[2:] != now[2:]:
        method.warned_days = None
    method.brand, method.last4, method.exp_month, method.exp_year = now
    return True


async def told(org: Change, method: PaymentMethod, kind: BillingActivityKind) -> None:
    """Tell of it, in the activity and to who listens."""
    await org.record(kind, payment_method_id=method.id)
    org.changed(ChangeKind.PAYMENT_METHODS)


async def _present(org: Change, method_id: UUID) -> PaymentMethod:
    method = await org.maybe(PaymentMethod, id=method_id, removed_at=None)
    if method is None:
        raise NotFound("paymentMethodId")
    return method


async def _created(org: Change, found: Method) -> PaymentMethod:
    who, acted_as = org.actor
    method = await org.create(
        PaymentMethod,
        kind=PaymentMethodKind.CARD,
        gateway=org.room.gateway.kind if org.room.gateway else GatewayKind.SANDBOX,
        gateway_reference=found.reference,
        customer=found.customer,
        fingerprint=found.card.fingerprint,
        brand=found.card.brand,
        last4=found.card.last4,
        exp_month=found.card.exp_month,
        exp_year=found.card.exp_year,
        is_default=False,
        added_at=org.now,
        added_by_id=who,
        added_as=acted_as,
    )
    await told(org, method, BillingActivityKind.PAYMENT_METHOD_ADDED)
    return method


async def _again(org: Change, method: PaymentMethod, found: Method) -> None:
    """The same card once more, as its owner types it after a new one came by mail: what is newer is good.

    A payment under way goes on with what it began with, or its repeat would be another order.
    """
    if method.gateway_reference == found.reference:
        return
    left = found.reference
    if not await payments.under_way(org, payment_method_id=method.id):
        left, method.gateway_reference, method.customer = method.gateway_reference, found.reference, found.customer
        if renewed(method, found.card):
            await told(org, method, BillingActivityKind.PAYMENT_METHOD_CHANGED)
        await method.save()
    org.later(FORGET, reference=left)


async def _make_default(org: Change, method: PaymentMethod) -> None:
    """One after the other: there are never two."""
    others = PaymentMethod.filter(organization_id=org.id, removed_at=None, is_default=True)
    await others.update(is_default=False)
    method.is_default = True
    await method.save(update_fields=["is_default"])


async def _renews(org: Change) -> bool:
    """Whether a renewal will take money as things stand."""
    known = (await facts.known([org.id], org.room)).get(org.id)
    return known is not None and known.facts.renews and bool(upcoming(known.facts).bill.lines)


async def _others(org: Change, method: PaymentMethod) -> Sequence[PaymentMethod]:
    """What a renewal could be paid by without it, no worse than by it."""
    found = await PaymentMethod.filter(organization_id=org.id, removed_at=None).exclude(id=method.id)
    transfer, own = PaymentMethodKind.BANK_TRANSFER, good(org, method)
    return [other for other in found if other.kind == transfer or good(org, other) or not own]


async def _heir(org: Change) -> PaymentMethod | None:
    """The newest one that can be charged, or the newest."""
    able = await payable(org)
    if able:
        return able[0]
    return await PaymentMethod.filter(organization_id=org.id, removed_at=None).order_by(*NEWEST).first()
