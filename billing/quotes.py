"""Quotes: what a change would cost, bound for a quarter of an hour."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from billing import facts, payments, subscriptions
from billing.change import Change, change
from billing.errors import (
    AlreadyRenewed,
    CurrencyFixed,
    InvalidInput,
    NothingToChange,
    NothingToRenew,
    PaymentInProgress,
    PaymentOverdue,
    PlanNotAvailable,
    Refusal,
    SeatsAboveLimit,
    SeatsBelowUsed,
    TrialNotAvailable,
)
from billing.facts import Known
from billing.invoices import interval, written
from billing.limits import QUOTING
from billing.rules.calendar import Interval
from billing.rules.offer import Asked, NotForSale, Offer, Reason, offer
from models import (
    BillingInterval,
    BillingMode,
    Credit,
    Invoice,
    InvoiceStatus,
    Payment,
    Permission,
    Quote,
    QuoteLine,
    QuoteStatus,
    SubscriptionStatus,
)

GOOD = timedelta(minutes=15)
OWING = {SubscriptionStatus.PAST_DUE, SubscriptionStatus.SUSPENDED}
REFUSALS: dict[Reason, type[Refusal]] = {
    Reason.NOTHING: NothingToChange,
    Reason.NOT_SOLD: PlanNotAvailable,
    Reason.BELOW_USED: SeatsBelowUsed,
    Reason.ABOVE_LIMIT: SeatsAboveLimit,
    Reason.FIXED_MONTH: InvalidInput,
    Reason.RENEWED: AlreadyRenewed,
    Reason.ENDS: NothingToRenew,
    Reason.TRIED: TrialNotAvailable,
}


@dataclass(frozen=True)
class Question:
    """What shall change; null stays."""

    plan_id: UUID | None = None
    interval: BillingInterval | None = None
    mode: BillingMode | None = None
    seats: int | None = None
    renew: bool = False
    trial: bool = False
    currency: str | None = None

    @property
    def asked(self) -> Asked:
        """The same, in the words of the rules."""
        return Asked(
            self.plan_id,
            Interval[self.interval] if self.interval else None,
            self.seats,
            self.mode == BillingMode.FIXED if self.mode else None,
            renew=self.renew,
            trial=self.trial,
        )


@dataclass(frozen=True)
class Quoted:
    """The quote."""

    quote_id: UUID


@change(Permission.CHANGE_PLAN)
async def quote(org: Change, question: Question) -> Quoted:
    """What it would cost now. Raises why it cannot be had, or RateLimited; nothing is changed by asking."""
    await org.room.limits.spend(QUOTING, subject=str(org.id))
    made = await priced(org, question, org.now)
    return Quoted(await _written(org, question, made))


@change(Permission.CHANGE_PLAN)
async def afresh(org: Change, quote_id: UUID) -> Quoted:
    """The question of a quote that is stale, put again. Raises as `quote`."""
    await org.room.limits.spend(QUOTING, subject=str(org.id))
    question = Question(**asked_of(await org.one(Quote, id=quote_id)))
    return Quoted(await _written(org, question, await priced(org, question, org.now)))


async def priced(org: Change, question: Question, at: datetime) -> Offer:
    """The offer at an instant. Raises a Refusal."""
    subscription, known = await subscriptions.standing(org)
    if subscription.status in OWING:
        raise PaymentOverdue
    if question.currency and question.currency != subscription.currency:
        known = await _in_currency(org, known, question.currency)
    if known.facts.paid and at not in known.facts.period:
        raise PaymentInProgress  # the renewal that is due
    try:
        return offer(known.facts, question.asked, at)
    except NotForSale as error:
        raise REFUSALS[error.reason](*(error.path,) if error.path else ()) from None


async def unchanged(org: Change, made: Quote) -> bool:
    """Whether the price would be the same if it were asked for again at the same instant."""
    try:
        return digest(await priced(org, Question(**asked_of(made)), made.created_at)) == made.inputs
    except (Refusal, ValueError):  # not for sale any more, or in another period
        return False


async def none_held(org: Change) -> None:
    """Nothing is being bought, nor an invoice paid that came first. Raises PaymentInProgress."""
    if await held(org) or await _invoice_held(org):
        raise PaymentInProgress


async def held(org: Change) -> Quote | None:
    """The one for which a payment is under way."""
    return await org.maybe(Quote, status=QuoteStatus.HELD)


async def _invoice_held(org: Change) -> bool:
    first = Invoice.filter(organization_id=org.id, status=InvoiceStatus.OPEN, quote_id__isnull=False)
    open_ = [invoice.id for invoice in await first]
    return bool(open_) and await payments.under_way(org, invoice_id__in=open_)


def digest(made: Offer) -> bytes:
    """Stands for all that the price says; not for what comes next, which binds nobody."""
    return hashlib.sha256(orjson.dumps(replace(made, next=None), default=str)).digest()


def asked_of(made: Quote) -> dict[str, Any]:
    """The question that it answers."""
    found = dict(made.asked)
    found["plan_id"] = found["plan_id"] and UUID(found["plan_id"])
    return found


async def _in_currency(org: Change, known: Known, currency: str) -> Known:
    """The same facts where nothing was ever paid, for prices in this currency. Raises CurrencyFixed."""
    moved = [model.exists(organization_id=org.id) for model in (Invoice, Payment, Credit)]
    if known.facts.paid or any([await each for each in moved]):
        raise CurrencyFixed("currency")
    found = await facts.in_currency(org.room, known, currency)
    if found is None:
        raise PlanNotAvailable("currency")
    return found


async def _written(org: Change, question: Question, made: Offer) -> UUID:
    who, acted_as = org.actor
    ahead = made.next
    row = await org.create(
        Quote,
        status=QuoteStatus.OPEN,
        asked={name: str(value) if isinstance(value, UUID) else value for name, value in asdict(question).items()},
        inputs=digest(made),
        plan_id=made.priced.plan_id,
        price_id=made.priced.price_id,
        interval=interval(made.priced.interval),
        mode=subscriptions.mode(fixed=made.fixed),
        seats=made.seats,
        currency=made.bill.currency,
        effective_at=made.effective_at,
        anchor_at=made.anchor,
        period_start=made.period.start,
        period_end=made.period.end,
        scheduled=made.scheduled,
        renewal=made.renewal,
        trial=made.trial,
        subtotal=made.bill.subtotal.amount,
        tax=made.bill.tax.total.amount,
        credit_applied=made.bill.credit_applied.amount,
        credit_granted=made.bill.credited.amount,
        due_now=made.collection.charged.amount,
        carried=made.collection.charged.amount - made.bill.due.amount,
        next_charge=ahead.collection.charged.amount if ahead else None,
        next_charge_at=ahead.at if ahead else None,
        created_at=org.now,
        expires_at=org.now + GOOD,
        quoted_by_id=who,
        quoted_as=acted_as,
    )
    of = {"quote_id": row.id, "currency": made.bill.currency}
    wholes = [{"whole_start": line.whole.start, "whole_end": line.whole.end} for line in made.bill.lines]
    lines = [{**of, **line, **whole} for line, whole in zip(written(made.bill.lines), wholes, strict=True)]
    await org.create_all(QuoteLine, lines)
    return row.id
