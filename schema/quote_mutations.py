"""Mutations about the plan: what a change would cost, and to have it."""

from contextlib import suppress
from uuid import UUID

import strawberry

import models
from billing import orders, quotes, settlement
from billing.errors import PaymentDeclined, QuoteStale, Refusal
from billing.gateways.gateway import GatewayUnavailable
from billing.quotes import Question
from models import BillingInterval, BillingMode, PaymentStatus
from models.table import Row
from schema.invoice import Invoice
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, refused, told
from schema.payment import NextAction, Payment, next_action
from schema.quote import Quote
from schema.scalars import CurrencyCode
from schema.subscription import PlanSubscription


@asked
class QuoteSubscriptionChangeInput:
    """What shall change; what is not given stays."""

    organization_id: strawberry.ID = given("Where.")
    plan_id: strawberry.ID | None = given("Another plan.", default=None)
    interval: BillingInterval | None = given("How often it is charged.", default=None)
    mode: BillingMode | None = given("How seats are bought; FIXED is for a year.", default=None)
    seats: int | None = given("All seats that there shall be, not those to be added.", default=None)
    renew: bool | None = given("Buy the next period now, of what runs; stands alone.", default=None)
    trial: bool | None = given("Begin with 14 days for nothing; once an organization.", default=None)
    currency: CurrencyCode | None = given("Only before the first payment.", default=None)


@payload
class QuoteSubscriptionChangePayload:
    """Errors: NOT_FOUND, NOTHING_TO_CHANGE, PLAN_NOT_AVAILABLE, SEATS_BELOW_USED, SEATS_ABOVE_LIMIT, INVALID_INPUT.

    ALREADY_RENEWED, NOTHING_TO_RENEW, TRIAL_NOT_AVAILABLE, CURRENCY_FIXED, PAYMENT_OVERDUE and RATE_LIMITED as well.
    """

    quote: Quote | None = told("The price, and what it buys.")


async def _quote(ask: Asking, given: QuoteSubscriptionChangeInput) -> QuoteSubscriptionChangePayload:
    organization = ask.organization(given.organization_id)
    question = Question(
        ask.named("Plan", given.plan_id, "planId") if given.plan_id else None,
        given.interval,
        given.mode,
        given.seats,
        renew=bool(given.renew),
        trial=bool(given.trial),
        currency=given.currency,
    )
    made = await ask.perform(quotes.quote, organization, None, question)
    return QuoteSubscriptionChangePayload(quote=await ask.row(models.Quote, made.quote_id))


@asked
class ApplyQuoteInput:
    """Which price to pay, and how."""

    quote_id: strawberry.ID = given("The quote.")
    payment_method_id: strawberry.ID | None = given("What to pay with; the default one if none is given.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class ApplyQuotePayload:
    """Errors: NOT_FOUND, NO_PAYMENT_METHOD, PAYMENT_IN_PROGRESS, PAYMENT_OVERDUE; QUOTE_STALE, with a fresh quote.

    PAYMENT_DECLINED: nothing was changed, and the quote may be applied again with another payment method. A payment in
    REQUIRES_ACTION is no error: follow nextAction, then ask for the payment; the plan changes when it succeeds.
    RATE_LIMITED: nothing was tried.
    """

    quote: Quote | None = told("The quote; on QUOTE_STALE, what it would cost now.")
    subscription: PlanSubscription | None = told("As it stands now.")
    payment: Payment | None = told("What was charged, or tried.")
    invoice: Invoice | None = told("What it was charged for.")
    next_action: NextAction | None = told("What the payer must still do, within the hour.")


async def _apply(ask: Asking, given: ApplyQuoteInput) -> ApplyQuotePayload:
    quote, organization = await ask.place("Quote", given.quote_id, given.idempotency_key, "quoteId")
    method = given.payment_method_id
    method_id = (
        await ask.within(organization, "PaymentMethod", method, given.idempotency_key, "paymentMethodId")
        if method
        else None
    )
    try:
        done = await ask.perform(orders.apply, organization, given.idempotency_key, quote, method_id)
    except QuoteStale as stale:
        return await _fresh(ask, organization, quote, stale)
    if done.payment_id:
        with suppress(GatewayUnavailable):  # a job goes on asking
            await settlement.settle(ask.room, organization, done.payment_id)
    return await _outcome(ask, organization, done)


async def _fresh(ask: Asking, organization: UUID, quote: UUID, stale: QuoteStale) -> ApplyQuotePayload:
    """What it would cost now, if it can still be had."""
    try:
        made = await ask.perform(quotes.afresh, organization, None, quote)
    except Refusal:
        return refused(ApplyQuotePayload, stale)
    return refused(ApplyQuotePayload, stale, quote=await ask.row(models.Quote, made.quote_id))


async def _outcome(ask: Asking, organization: UUID, done: orders.Applied) -> ApplyQuotePayload:
    payment = await ask.row(models.Payment, done.payment_id) if done.payment_id else None
    invoice_id = payment["invoice_id"] if payment else done.invoice_id
    return refused(
        ApplyQuotePayload,
        *declined(payment),
        quote=await ask.row(models.Quote, done.quote_id),
        subscription=await ask.only(models.PlanSubscription, organization),
        payment=payment,
        invoice=await ask.row(models.Invoice, invoice_id) if invoice_id else None,
        next_action=action_of(payment),
    )


def action_of(payment: Row | None) -> NextAction | None:
    """What the payer must still do."""
    if payment is None:
        return None
    return next_action(payment["status"], payment["action_kind"], payment["action_url"], payment["action_secret"])


def declined(payment: Row | None) -> list[Refusal]:
    """That the money did not come, if so."""
    failed = payment is not None and payment["status"] == PaymentStatus.FAILED
    return [PaymentDeclined()] if failed else []


@strawberry.type
class QuoteMutations:
    """About the plan."""

    quote_subscription_change: QuoteSubscriptionChangePayload | None = mutation(
        _quote, "Upgrade, renew, expand and change: one question. Nothing is charged.", of=quotes.quote
    )
    apply_quote: ApplyQuotePayload | None = mutation(_apply, "Charges exactly the quote, or nothing.", of=orders.apply)
