"""Mutations about payment methods, and paying what is open by them."""

from contextlib import suppress

import strawberry

import models
from billing import invoice_payments, payment_methods, settlement
from billing.gateways.gateway import Action, GatewayUnavailable
from schema import ids
from schema.invoice import Invoice
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, refused, told
from schema.payment import NextAction, Payment, PaymentMethod
from schema.quote_mutations import action_of, declined
from schema.scalars import URL


@asked
class AddPaymentMethodInput:
    """A card, by what the gateway's page made of it."""

    organization_id: strawberry.ID = given("Where.")
    gateway_token: str = given("The gateway's token; the card number never reaches this server.")
    make_default: bool | None = given("Whether it is charged from now on; the first one is anyway.", default=False)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class AddPaymentMethodPayload:
    """Errors: NOT_FOUND, INVALID_PAYMENT_METHOD, GATEWAY_UNAVAILABLE, RATE_LIMITED.

    The same card twice is one entry. With nextAction, it cannot be charged before the payer has done that.
    """

    payment_method: PaymentMethod | None = told("The entry.")
    next_action: NextAction | None = told("What the payer must still do at the gateway.")


async def _add(ask: Asking, given: AddPaymentMethodInput) -> AddPaymentMethodPayload:
    organization = ask.organization(given.organization_id)
    method, action = await payment_methods.add(
        ask.room,
        ask.viewer,
        organization,
        given.idempotency_key,
        given.gateway_token,
        default=bool(given.make_default),
    )
    return AddPaymentMethodPayload(
        payment_method=await ask.row(models.PaymentMethod, method), next_action=_next(action) if action else None
    )


def _next(action: Action) -> NextAction:
    return NextAction(kind=action.kind, url=URL(action.url) if action.url else None, client_secret=action.client_secret)


@asked
class UpdatePaymentMethodInput:
    """What to change; what is not given stays."""

    payment_method_id: strawberry.ID = given("The payment method.")
    make_default: bool | None = given("Whether it is charged from now on, instead of the one that was.", default=False)
    billing_name: str | None = given("The name that it is held in; it is kept, and shown to nobody.", default=None)
    refresh: bool | None = given("Whether to ask the gateway if a network renewed the card.", default=False)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class UpdatePaymentMethodPayload:
    """Errors: NOT_FOUND, INVALID_NAME; GATEWAY_UNAVAILABLE and RATE_LIMITED, with refresh."""

    payment_method: PaymentMethod | None = told("As it is now.")


async def _update(ask: Asking, given: UpdatePaymentMethodInput) -> UpdatePaymentMethodPayload:
    method, organization = await ask.place(
        "PaymentMethod", given.payment_method_id, given.idempotency_key, "paymentMethodId"
    )
    fetched = await payment_methods.looked_at(ask.room, ask.viewer, organization, method) if given.refresh else None
    done = await ask.perform(
        payment_methods.update,
        organization,
        given.idempotency_key,
        method,
        fetched,
        default=bool(given.make_default),
        billing_name=given.billing_name,
    )
    return UpdatePaymentMethodPayload(payment_method=await ask.row(models.PaymentMethod, done.method_id))


@asked
class RemovePaymentMethodInput:
    """Which one shall go."""

    payment_method_id: strawberry.ID = given("The payment method.")
    turn_off_renewal: bool | None = given(
        "Let the subscription end if its renewal needs this one. Needs CHANGE_PLAN then.", default=False
    )
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RemovePaymentMethodPayload:
    """Errors: NOT_FOUND, PAYMENT_METHOD_NEEDED. With turnOffRenewal, all of cancelSubscription."""

    removed_payment_method_id: strawberry.ID | None = told("Which one is gone.")


async def _remove(ask: Asking, given: RemovePaymentMethodInput) -> RemovePaymentMethodPayload:
    method, organization = await ask.place(
        "PaymentMethod", given.payment_method_id, given.idempotency_key, "paymentMethodId"
    )
    done = await ask.perform(
        payment_methods.remove,
        organization,
        given.idempotency_key,
        method,
        turn_off_renewal=bool(given.turn_off_renewal),
    )
    return RemovePaymentMethodPayload(removed_payment_method_id=strawberry.ID(ids.write("pm", done.method_id)))


@asked
class PayInvoiceInput:
    """Which invoice to pay, and how."""

    invoice_id: strawberry.ID = given("The invoice.")
    payment_method_id: strawberry.ID | None = given("What to pay with; the default one if none is given.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class PayInvoicePayload:
    """Errors: NOT_FOUND, NOT_PAYABLE, NO_PAYMENT_METHOD, PAYMENT_IN_PROGRESS; PAYMENT_DECLINED, and it is open still.

    A payment in REQUIRES_ACTION is no error: follow nextAction, then ask for the payment. What is less than a card is
    charged for is carried to the next invoice: there is no payment then. RATE_LIMITED: nothing was tried.
    """

    invoice: Invoice | None = told("As it stands now.")
    payment: Payment | None = told("What was charged, or tried.")
    next_action: NextAction | None = told("What the payer must still do, within the hour.")


async def _pay(ask: Asking, given: PayInvoiceInput) -> PayInvoicePayload:
    key, named = given.idempotency_key, given.payment_method_id
    invoice, organization = await ask.place("Invoice", given.invoice_id, key, "invoiceId")
    method = await ask.within(organization, "PaymentMethod", named, key, "paymentMethodId") if named else None
    done = await ask.perform(invoice_payments.pay, organization, key, invoice, method)
    if done.payment_id:
        with suppress(GatewayUnavailable):  # a job goes on asking
            await settlement.settle(ask.room, organization, done.payment_id)
    payment = await ask.row(models.Payment, done.payment_id) if done.payment_id else None
    return refused(
        PayInvoicePayload,
        *declined(payment),
        invoice=await ask.row(models.Invoice, done.invoice_id),
        payment=payment,
        next_action=action_of(payment),
    )


@strawberry.type
class PaymentMutations:
    """About payment methods, and what is paid by them."""

    add_payment_method: AddPaymentMethodPayload | None = mutation(
        _add, "Keeps a card at the gateway, to be charged.", of=payment_methods.begin
    )
    update_payment_method: UpdatePaymentMethodPayload | None = mutation(
        _update, "Makes it the default one, or brings it up to date.", of=payment_methods.update
    )
    remove_payment_method: RemovePaymentMethodPayload | None = mutation(
        _remove, "Forgets it, here and at the gateway.", of=payment_methods.remove
    )
    pay_invoice: PayInvoicePayload | None = mutation(
        _pay, "Charges what is left of an open invoice.", of=invoice_payments.pay
    )
