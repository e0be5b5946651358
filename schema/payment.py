"""Payments, what they are made with, and credits, as a client sees them."""

from datetime import datetime
from typing import Any

import strawberry

import models
from billing.gateways.gateway import GatewayKind
from billing.rules.expiry import card_expired
from models import CreditReason, PaymentMethodKind, PaymentStatus, Permission
from resolvers import actors, billing
from schema.declare import NOW, Computed, column, computed, edge, node, record, value
from schema.invoice import Invoice
from schema.money import Money, money
from schema.people import Actor
from schema.scalars import URL


@node("pm", models.PaymentMethod, access=Permission.VIEW_PAYMENT_METHODS)
class PaymentMethod:
    """A card or a bank account; the gateway has the rest of it."""

    kind: PaymentMethodKind = column(models.PaymentMethod.kind, "What it is.")
    brand: str | None = column(models.PaymentMethod.brand, "Of a card; else null.")
    last4: str | None = column(models.PaymentMethod.last4, "The last four digits of its number, if known.")
    exp_month: int | None = column(models.PaymentMethod.exp_month, "1 to 12; null if it does not expire.")
    exp_year: int | None = column(models.PaymentMethod.exp_year, "Four digits; null if it does not expire.")
    is_default: bool = column(models.PaymentMethod.is_default, "Charged unless another one is named.")
    expired: bool = computed(
        Computed((models.PaymentMethod.exp_year, models.PaymentMethod.exp_month, NOW), card_expired),
        "Whether its last month is over, in UTC.",
    )
    added_at: datetime = column(models.PaymentMethod.added_at, "When it was added.")
    added_by: Actor = edge(actors.of(models.PaymentMethod.added_by_id, models.PaymentMethod.added_as), "Who added it.")


@value
class NextAction:
    """What the payer must still do at the gateway (3-D Secure)."""

    kind: str = strawberry.field(description="What is to be done, in the gateway's words.")
    url: URL | None = strawberry.field(description="Where to send the payer, if he is to be sent somewhere.")
    client_secret: str | None = strawberry.field(description="For the gateway's own script, if it wants one.")


def next_action(status: str, kind: str | None, url: str | None, secret: str | None) -> NextAction | None:
    """Something to do only while the payment waits for it."""
    if kind is None or status != PaymentStatus.REQUIRES_ACTION:
        return None
    return NextAction(kind=kind, url=None if url is None else URL(url), client_secret=secret)


@value
class Gateway:
    """Who takes cards."""

    kind: GatewayKind = strawberry.field(description="Which one it is.")
    publishable_key: str | None = strawberry.field(
        description="For the page that collects a card; null if it needs none."
    )


def gateway(_root: None, info: Any) -> Gateway:
    """Where nobody takes cards, money comes by transfer alone."""
    found = info.context.room.gateway
    if found is None:
        return Gateway(kind=GatewayKind.TRANSFER, publishable_key=None)
    return Gateway(kind=found.kind, publishable_key=found.publishable_key)


@record(models.Refund, prefix="re")
class Refund:
    """Money given back."""

    amount: Money = computed(money(models.Refund.amount, models.Refund.currency), "How much.")
    created_at: datetime = column(models.Refund.created_at, "When.")
    reason: str | None = column(models.Refund.reason, "Why, if it was said.")


@node("pay", models.Payment, access=Permission.VIEW_PAYMENTS)
class Payment:
    """Money that moved, or tried to."""

    amount: Money = computed(money(models.Payment.amount, models.Payment.currency), "How much.")
    status: PaymentStatus = column(models.Payment.status, "Where it stands.")
    created_at: datetime = column(models.Payment.created_at, "When it began.")
    payment_method: PaymentMethod | None = edge(billing.payment_method, "What it was made with.")
    invoice: Invoice | None = edge(billing.payment_invoice, "What it was made for.")
    failure_code: str | None = column(models.Payment.failure_code, "Why it failed, in the gateway's words; else null.")
    refunded: Money = computed(money(models.Payment.refunded_amount, models.Payment.currency), "What went back of it.")
    refunds: list[Refund] = edge(billing.refunds, "What went back, oldest first.")
    next_action: NextAction | None = computed(
        Computed(
            (
                models.Payment.status,
                models.Payment.action_kind,
                models.Payment.action_url,
                models.Payment.action_secret,
            ),
            next_action,
        ),
        "What the payer must still do; null unless REQUIRES_ACTION.",
    )
    made_by: Actor = edge(actors.of(models.Payment.made_by_id, models.Payment.made_as), "Who made it.")


@record(models.Credit, prefix="credit")
class Credit:
    """Money to be spent here; the one that expires first goes first."""

    amount: Money = computed(money(models.Credit.amount, models.Credit.currency), "As granted.")
    remaining: Money = computed(money(models.Credit.remaining, models.Credit.currency), "What is left of it.")
    granted_at: datetime = column(models.Credit.granted_at, "When it was granted.")
    expires_at: datetime | None = column(models.Credit.expires_at, "What is left then is lost; null: never.")
    reason: CreditReason = column(models.Credit.reason, "Why it was granted.")
