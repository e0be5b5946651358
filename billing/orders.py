"""Orders: a quote is applied once, for exactly what it says, or not at all."""

from dataclasses import dataclass, replace
from uuid import UUID

from billing import balance, invoices, letters, notices, payment_methods, payments, quotes, subscriptions
from billing.change import Change, change
from billing.errors import NotFound, QuoteStale
from billing.invoices import Issue
from billing.payments import Purpose
from billing.rules import ledger as books
from billing.rules.bill import Bill, bill
from billing.rules.calendar import Interval, Period
from billing.rules.credits import spend
from billing.rules.facts import Facts
from billing.rules.money import Money
from billing.rules.proration import Line
from billing.subscriptions import Bought
from models import (
    BillingActivityKind,
    CreditReason,
    Invoice,
    InvoiceStatus,
    Payment,
    Permission,
    PlanSubscription,
    Quote,
    QuoteLine,
    QuoteStatus,
    SubscriptionStatus,
)


@dataclass(frozen=True)
class Applied:
    """What became of it: carried out, with or without an invoice; or a payment is under way."""

    quote_id: UUID
    payment_id: UUID | None = None
    invoice_id: UUID | None = None


@change(Permission.CHANGE_PLAN)
async def apply(org: Change, quote_id: UUID, method_id: UUID | None) -> Applied:
    """Carry it out if it costs nothing; else begin to pay.

    Raises NotFound, QuoteStale, NoPaymentMethod, PaymentInProgress, RateLimited.
    """
    made = await org.maybe(Quote, id=quote_id)
    if made is None:
        raise NotFound("quoteId")
    await quotes.none_held(org)
    if made.status != QuoteStatus.OPEN or org.now >= made.expires_at or not await quotes.unchanged(org, made):
        raise QuoteStale
    if not made.scheduled:
        await subscriptions.claim(org, made.id)
    if not made.due_now:
        return Applied(made.id, None, await carry_out(org, made, None))
    method = await payment_methods.usable(org, method_id)
    due = Money(made.due_now, made.currency)
    payment = await payments.begin(
        org, due, method, Purpose(quote_id=made.id, carried=max(made.carried, 0)), on_session=True
    )
    made.status = QuoteStatus.HELD
    await made.save(update_fields=["status"])
    return Applied(made.id, payment.id)


async def drop_invoiced(org: Change, heir: UUID | None = None) -> None:
    """Invoices that came first, and are not paid, are void; seats that they were for are in the heir's quote now."""
    for other in await Quote.filter(organization_id=org.id, status=QuoteStatus.INVOICED):
        await drop(org, other, heir)


async def drop(org: Change, invoiced: Quote, heir: UUID | None = None) -> None:
    """The invoice that came first is void, and what it was for will not be had."""
    invoiced.status = QuoteStatus.DROPPED
    await invoiced.save(update_fields=["status"])
    await subscriptions.unclaim(org, invoiced.id, heir)
    for invoice in await Invoice.filter(organization_id=org.id, quote_id=invoiced.id, status=InvoiceStatus.OPEN):
        await invoices.void(org, invoice)
    subscription = await org.one(PlanSubscription)
    if subscription.status == SubscriptionStatus.PENDING_PAYMENT:
        subscription.status = SubscriptionStatus.ACTIVE
        await subscriptions.save(org, subscription)


async def reopen(org: Change, quote_id: UUID) -> None:
    """The money did not come: the quote is good again, as long as it was."""
    if await Quote.filter(organization_id=org.id, id=quote_id, status=QuoteStatus.HELD).update(status=QuoteStatus.OPEN):
        await subscriptions.unclaim(org, quote_id)


async def carry_out(org: Change, made: Quote, payment: Payment | None) -> UUID | None:
    """The terms begin, and the invoice is issued; paid by this payment, or nothing is due. Gives the invoice's key.

    What came first and is not paid gives way now, not when the payment begins: that may fail.
    """
    await drop_invoiced(org, None if made.scheduled else made.id)
    subscription, known = await subscriptions.standing(org)
    due = await billed(org, made, known.facts)
    await _applied(org, subscription, made, known.facts)
    if due.credited.amount:
        sides = books.given_back(-due.subtotal, -due.tax.total)
        await balance.grant(org, due.credited, CreditReason.UNUSED_TIME, sides)
        return None
    if not due.lines:
        return None
    came = Money(payment.amount - payment.carried, payment.currency) if payment else None
    requested = payments.made_by(payment) if payment else org.actor
    invoice = await invoices.issue(org, due, Issue(requested=requested, paid=came))
    await subscriptions.billed(org, invoice.id, made.id)
    await _paid(org, invoice, payment)
    return invoice.id


async def fulfil(org: Change, invoice: Invoice) -> None:
    """The terms begin that an invoice came first for, if it is paid now.

    Raises QuoteStale if time went past them, or something else is being bought by a price that does not know of it.
    """
    if invoice.quote_id is None or invoice.status != InvoiceStatus.PAID:
        return
    made = await org.one(Quote, id=invoice.quote_id)
    subscription, known = await subscriptions.standing(org)
    passed = known.facts.paid and made.created_at not in known.facts.period
    held = await quotes.held(org)
    if made.status != QuoteStatus.INVOICED or held or passed or made.period_end <= org.now:
        raise QuoteStale
    await _applied(org, subscription, made, known.facts)
    await subscriptions.billed(org, invoice.id, made.id)


async def _applied(org: Change, subscription: PlanSubscription, made: Quote, known: Facts) -> None:
    await _begin(org, subscription, made)
    made.status = QuoteStatus.APPLIED
    await made.save(update_fields=["status"])
    kind = BillingActivityKind.SUBSCRIPTION_RENEWED if made.renewal else BillingActivityKind.SUBSCRIPTION_CHANGED
    await org.record(kind, (made.quoted_by_id, made.quoted_as))
    if not made.renewal:
        plan = next((one for one in known.catalogue if one.plan_id == made.plan_id), known.current)
        await notices.changed(org, plan.name, made.seats, made.effective_at)


async def _paid(org: Change, invoice: Invoice, payment: Payment | None) -> None:
    if payment:
        await payments.succeeded(org, payment, invoice.id)
        await invoices.paid(org, invoice, Money(payment.amount - payment.carried, payment.currency))
        await letters.receipt(org, payment, invoice)
    elif invoice.amount_due:
        await invoices.carried(org, invoice)


async def billed(org: Change, made: Quote, known: Facts) -> Bill:
    """The bill that the quote was, from its own lines: credits that came since pay nothing of it.

    Raises QuoteStale if tax or credits would make another.
    """
    lines = await QuoteLine.filter(organization_id=org.id, quote_id=made.id).order_by("position")
    at = made.created_at
    found = bill([_line(one) for one in lines], known.tax.rate(at), (), made.currency, at)
    found = replace(found, spent=spend(known.credits, Money(made.credit_applied, made.currency), at))
    if (found.subtotal.amount, found.tax.total.amount, found.credit_applied.amount) != (
        made.subtotal,
        made.tax,
        made.credit_applied,
    ):
        raise QuoteStale
    return found


def _line(row: QuoteLine) -> Line:
    return Line(
        row.kind.value,  # type: ignore[arg-type]  # written from a line
        row.plan_name,
        Interval[row.interval],
        row.quantity,
        Money(row.unit_amount, row.currency),
        Money(row.amount, row.currency),
        Period(row.period_start, row.period_end),
        Period(row.whole_start, row.whole_end),
    )


async def _begin(org: Change, subscription: PlanSubscription, made: Quote) -> None:
    """Now, ahead, or at the end of what is paid."""
    bought = Bought(made.plan_id, made.price_id, made.interval, made.currency, made.mode, made.seats)
    if made.renewal:
        subscription.paid_ahead_until, subscription.ahead_price_id = made.period_end, made.price_id
        await subscriptions.postpone(org, made.period_end)
    elif made.scheduled:
        await subscriptions.schedule(org, subscription, bought, made.effective_at)
    else:
        await _now(org, subscription, made, bought)
    subscription.auto_renew, subscription.cancel_at = True, None
    await subscriptions.save(org, subscription)


async def _now(org: Change, subscription: PlanSubscription, made: Quote, bought: Bought) -> None:
    period = Period(made.period_start, made.period_end)
    restarts = subscription.anchor_at != made.anchor_at
    subscriptions.begin(subscription, bought, made.anchor_at, period)
    if restarts:
        subscription.paid_ahead_until = subscription.ahead_price_id = None
    elif subscription.ahead_price_id:
        subscription.ahead_price_id = bought.price_id
    subscription.status = SubscriptionStatus.TRIALING if made.trial else SubscriptionStatus.ACTIVE
    if made.trial:
        subscription.trial_start, subscription.trial_end = period.start, period.end
    await subscriptions.unschedule(org)
    paid = not made.trial and made.next_charge is not None and org.now < subscription.current_period_end
    await subscriptions.followed(org, subscription, made.seats, paid=paid)
