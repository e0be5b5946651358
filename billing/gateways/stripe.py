"""Speaks to Stripe by its own library: customers, cards, PaymentIntents, refunds, signed events; nothing else of it."""

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import stripe

from billing.gateways import minimums
from billing.gateways import stripe_words as words
from billing.gateways.failures import Failure, Refused
from billing.gateways.gateway import (
    Action,
    Card,
    Charge,
    ChargeStatus,
    Event,
    GatewayKind,
    GatewayRefused,
    GatewayUnavailable,
    Method,
    Order,
    Repayment,
    WrongSignature,
)
from billing.rules.money import Money

P = ParamSpec("P")
T = TypeVar("T")
TIMEOUT = 20.0
KEY = re.compile(r"(?:[0-9a-f-]{36}\.)?([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})")  # UUIDv7
KEPT = 23 * 3600  # seconds; Stripe says: a day at least
OURS = "payment"  # in the metadata: our payment's id
SIGNATURE = "stripe-signature"


def asked(call: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What Stripe's library raises becomes what the protocol has."""

    @wraps(call)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except stripe.CardError as error:
            raise GatewayRefused(declined(error)) from None
        except stripe.IdempotencyError:
            raise GatewayRefused(Refused.IDEMPOTENCY_CONFLICT) from None
        except stripe.InvalidRequestError as error:
            raise GatewayRefused(words.REFUSALS.get(error.code or "", unknown(error))) from None
        except stripe.StripeError as error:  # a key of ours that is wrong, too: an operator's matter
            raise GatewayUnavailable(type(error).__name__) from None

    return wrapped


class Stripe:
    """A Gateway. What it is given as a token is a PaymentMethod that Stripe's script made in the browser."""

    kind = GatewayKind.STRIPE

    def __init__(self, client: stripe.StripeClient, webhook_secret: str, publishable_key: str) -> None:
        self._stripe, self._webhook_secret = client.v1, webhook_secret
        self.publishable_key = publishable_key

    def minimum(self, currency: str) -> Money:
        return minimums.minimum(currency)

    @asked
    async def add(self, customer: str | None, owner: str, token: str, key: str) -> Method:
        """Set up for charges without the payer, as banks want it; the bank may want to see him first."""
        if customer is None:
            made = await self._stripe.customers.create_async({"name": owner}, keyed(key, "customer"))
            customer = made.id
        wanted: Any = {"customer": customer, "usage": "off_session", "payment_method_types": ["card"]}
        setup: Any = await self._stripe.setup_intents.create_async(wanted, keyed(key, "setup"))
        setup = await self._stripe.setup_intents.confirm_async(
            setup.id, {"payment_method": token}, keyed(key, "confirm")
        )
        if repeated(setup):  # the payer may have acted since
            setup = await self._stripe.setup_intents.retrieve_async(setup.id)
        found = await self._stripe.payment_methods.retrieve_async(str(setup.payment_method))
        if setup.status == "requires_action":
            return kept(found, customer, Action(setup.next_action.type, client_secret=setup.client_secret))
        if found.customer is None:  # Stripe has attached it by itself
            found = await self._stripe.payment_methods.attach_async(
                found.id, {"customer": customer}, keyed(key, "attach")
            )
        return kept(found, customer)

    @asked
    async def method(self, reference: str) -> Method:
        """A card that was forgotten is still known there, but nobody's."""
        found = await self._stripe.payment_methods.retrieve_async(reference)
        if found.customer is None:
            raise GatewayRefused(Refused.NOT_FOUND)
        return kept(found, str(found.customer))

    @asked
    async def forget(self, reference: str) -> None:
        with suppress(stripe.InvalidRequestError):  # it is gone already
            await self._stripe.payment_methods.detach_async(reference)

    @asked
    async def charge(self, order: Order) -> Charge:
        """A repeat is answered as things stand now, not as they stood."""
        if (earlier := await self._earlier(order.key)) is not None:
            return await self.found(earlier)
        wanted: Any = {
            "amount": words.units(order.amount),
            "currency": order.amount.currency.lower(),
            "payment_method": order.method,
            "payment_method_types": ["card"],
            "metadata": {OURS: order.key},
            "confirm": True,
        }
        wanted |= {"customer": order.customer} if order.customer else {}
        wanted |= {} if order.on_session else {"off_session": True}
        try:
            made = await self._stripe.payment_intents.create_async(wanted, keyed(order.key))
        except stripe.CardError as error:
            return await self._settled(await self._blamed(error))
        if repeated(made):
            return await self.found(made.id)
        if made.status == "requires_action" and not order.on_session:
            await self._stripe.payment_intents.cancel_async(made.id)
            return Charge(made.id, order.key, ChargeStatus.FAILED, order.amount, Failure.AUTHENTICATION_REQUIRED)
        return standing(made)

    @asked
    async def found(self, reference: str) -> Charge:
        return await self._settled(await self._stripe.payment_intents.retrieve_async(reference))

    @asked
    async def cancel(self, reference: str) -> Charge:
        with suppress(stripe.InvalidRequestError):  # decided already, or past stopping
            await self._stripe.payment_intents.cancel_async(reference)
        return standing(await self._stripe.payment_intents.retrieve_async(reference))

    @asked
    async def refund(self, reference: str, amount: Money, key: str) -> Repayment:
        wanted: Any = {"payment_intent": reference, "amount": words.units(amount)}
        made = await self._stripe.refunds.create_async(wanted, keyed(key))
        return Repayment(made.id, words.money(made.amount, made.currency))

    def event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Event:  # noqa: ARG002  # it has a clock
        """The age of the signature is judged by the library, by its own clock."""
        try:
            told: Any = stripe.Webhook.construct_event(body, headers.get(SIGNATURE), self._webhook_secret)
            subject = told.data.object
            intent = subject.id if subject.object == "payment_intent" else getattr(subject, "payment_intent", None)
            created_at = datetime.fromtimestamp(told.created, UTC)
            return Event(told.id, told.type, created_at, intent, owner(subject) or None)
        except (stripe.SignatureVerificationError, ValueError, AttributeError, TypeError):
            raise WrongSignature from None

    async def _earlier(self, key: str) -> str | None:
        """What was made with a key that Stripe may have forgotten; its search is sure of what is a minute old."""
        if not forgotten(key, datetime.now(UTC)):
            return None
        try:
            found = await self._stripe.payment_intents.search_async({"query": f"metadata['{OURS}']:'{key}'"})
        except stripe.InvalidRequestError as error:  # some accounts have no search: then nobody knows
            raise GatewayUnavailable(type(error).__name__) from None
        return found.data[0].id if found.data else None

    async def _settled(self, intent: Any) -> Charge:
        """What failed is closed, or the payer's browser could try it again with another card.

        An account has other intents too: they are others' to close, and begin in this very state.
        """
        stands = standing(intent)
        if intent.status != "requires_payment_method" or not stands.key:
            return stands
        closed = await self.cancel(intent.id)
        return replace(closed, failure_code=stands.failure_code) if closed.status is stands.status else closed

    async def _blamed(self, error: stripe.CardError) -> Any:
        """The intent of a card that was declined; Stripe names it, doubles of it may only name the charge."""
        told: Any = error.error
        intent = getattr(told, "payment_intent", None)
        if intent is None and (charge := getattr(told, "charge", None)):
            intent = (await self._stripe.charges.retrieve_async(charge)).payment_intent
        if intent is None:
            raise error
        return await self._stripe.payment_intents.retrieve_async(intent if isinstance(intent, str) else intent.id)


def keyed(key: str, step: str = "") -> Any:
    """The options of a call that is done once."""
    return {"idempotency_key": f"{key}-{step}" if step else key}


def forgotten(key: str, now: datetime) -> bool:
    """Whether a payment's id is so old that Stripe may not keep it as a key any more; it tells when it was made."""
    found = KEY.fullmatch(key)
    return found is not None and now.timestamp() - (UUID(found[1]).int >> 80) / 1000 > KEPT


def repeated(made: Any) -> bool:
    """Whether it is the answer to an earlier call with the same key."""
    headers = made.last_response.headers if made.last_response else {}
    return bool(headers.get("idempotent-replayed") == "true")


def kept(found: Any, customer: str, action: Action | None = None) -> Method:
    """A card, as Stripe tells of it."""
    card = found.card
    of = Card(card.brand, card.last4, card.exp_month, card.exp_year, card.fingerprint or found.id)
    return Method(found.id, of, customer, action)


def standing(intent: Any) -> Charge:
    """A charge, as Stripe tells of it."""
    status = words.STATUSES.get(intent.status, ChargeStatus.PROCESSING)
    error, action = intent.last_payment_error, None
    code: Failure | None = None
    if status is ChargeStatus.FAILED:
        code = words.failure(*codes(error)) if error else Failure.CANCELED
    if status is ChargeStatus.REQUIRES_ACTION:
        redirect = getattr(intent.next_action, "redirect_to_url", None)
        action = Action(intent.next_action.type, redirect.url if redirect else None, intent.client_secret)
    amount = words.money(intent.amount, intent.currency)
    return Charge(intent.id, owner(intent), status, amount, code, action)


def owner(subject: Any) -> str:
    """The key that it was made with; empty for what is not ours."""
    return str(getattr(getattr(subject, "metadata", None), OURS, ""))


def codes(error: Any) -> tuple[str | None, str | None]:
    """What Stripe says of an error, the bank's word first."""
    return getattr(error, "decline_code", None), getattr(error, "code", None)


def declined(error: stripe.CardError) -> Failure:
    """Why a card was not taken."""
    return words.failure(*codes(error.error), error.code)


def unknown(error: stripe.InvalidRequestError) -> Refused:
    """A request that is wrong in no way that has a name; 404 has one without a code."""
    return Refused.NOT_FOUND if error.http_status == 404 else Refused.INVALID_REQUEST  # noqa: PLR2004  # a status


@asynccontextmanager
async def opened(
    secret_key: str, publishable_key: str, webhook_secret: str, api_url: str | None = None
) -> AsyncIterator[Stripe]:
    """The gateway, with connections that are kept until the end. Repeats are the caller's, so that each is short."""
    connections = stripe.HTTPXClient(timeout=TIMEOUT)
    more: Any = {"base_addresses": {"api": api_url}} if api_url else {}
    client = stripe.StripeClient(secret_key, http_client=connections, max_network_retries=0, **more)
    try:
        yield Stripe(client, webhook_secret, publishable_key)
    finally:
        await connections.close_async()  # type: ignore[no-untyped-call]  # as it is
