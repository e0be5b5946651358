"""Prices as a client sees them: quotes, which bind, and what comes next, which does not."""

from datetime import datetime, timedelta
from decimal import Decimal

import strawberry

import models
from billing.documents import wording
from billing.rules.calendar import DAY
from billing.rules.money import Money as Amount
from models import BillingInterval, BillingMode, LineKind, Permission
from resolvers import quotes
from schema.declare import Computed, column, computed, edge, record, value
from schema.money import Money, made, money
from schema.plan import Plan

LINE = models.QuoteLine
PERIODS = (LINE.period_start, LINE.period_end, LINE.whole_start, LINE.whole_end)
QUOTE = models.Quote
TIMES = "\N{MULTIPLICATION SIGN}"


def explained(kind: str, quantity: int, unit: int, currency: str, *periods: datetime) -> str:
    """How the amount comes about: seats times price, times the part that the period is of the whole one."""
    start, end, whole_start, whole_end = periods
    price, whole = f"{quantity} {TIMES} {Amount(unit, currency).major} {currency}", whole_end - whole_start
    if end - start == whole:
        return f"{price}, for the whole period"
    rounding = "the worth with and without these seats, each rounded half up" if kind == "SEATS" else "rounded half up"
    return f"{price} {TIMES} {_days(end - start)} of {_days(whole)} days; {rounding}"


def _days(length: timedelta) -> str:
    """To a ten-thousandth, without zeros at the end."""
    return f"{(Decimal(length // (DAY / 10_000)) / 10_000).normalize():f}"


def next_money(amount: int | None, currency: str) -> Money | None:
    """None where nothing renews."""
    return None if amount is None else made(amount, currency)


@record(models.QuoteLine)
class QuoteLine:
    """What is charged, or given back where the amount is below zero. The lines sum to the subtotal."""

    kind: LineKind = column(LINE.kind, "What is charged.")
    description: str = computed(
        Computed((LINE.kind, LINE.plan_name, LINE.interval, LINE.quantity), wording.line), "The same in words."
    )
    explanation: str = computed(
        Computed((LINE.kind, LINE.quantity, LINE.unit_amount, LINE.currency, *PERIODS), explained),
        "How the amount comes about: formula, part of the period, rounding.",
    )
    quantity: int = column(LINE.quantity, "How many seats.")
    unit_amount: Money = computed(money(LINE.unit_amount, LINE.currency), "For one seat and a whole period.")
    amount: Money = computed(money(LINE.amount, LINE.currency), "For all, without tax.")
    period_start: datetime = column(LINE.period_start, "Belongs to the period charged for.")
    period_end: datetime = column(LINE.period_end, "The first instant behind it.")


@record(models.Quote, prefix="quote", access=Permission.CHANGE_PLAN)
class Quote:
    """A price that binds: applying it charges exactly this, or nothing.

    Stale when an input of the price changed (plan, price, seats, period, credit, tax) or its time is over.
    """

    plan: Plan = edge(quotes.quote_plan, "The plan that it buys.")
    interval: BillingInterval = column(QUOTE.interval, "How often it is charged.")
    mode: BillingMode = column(QUOTE.mode, "How seats are bought.")
    seats: int = column(QUOTE.seats, "All seats that there will be, not those that are added.")
    effective_at: datetime = column(QUOTE.effective_at, "When the terms begin: now, or when what is paid is over.")
    lines: list[QuoteLine] = edge(quotes.lines, "What is charged now; nothing if the terms begin later.")
    subtotal: Money = computed(money(QUOTE.subtotal, QUOTE.currency), "The sum of the lines.")
    tax: Money = computed(money(QUOTE.tax, QUOTE.currency), "On the subtotal.")
    credit_applied: Money = computed(money(QUOTE.credit_applied, QUOTE.currency), "What credits pay.")
    credit_granted: Money = computed(
        money(QUOTE.credit_granted, QUOTE.currency), "What becomes a credit, where more is given back than charged."
    )
    carried: Money = computed(
        money(QUOTE.carried, QUOTE.currency),
        "What was too little to be taken before and is taken now; below zero, what is too little now.",
    )
    due_now: Money = computed(
        money(QUOTE.due_now, QUOTE.currency),
        "What the payment method pays: subtotal and tax, less creditApplied, plus creditGranted and carried.",
    )
    next_charge: Money | None = computed(
        Computed((QUOTE.next_charge, QUOTE.currency), next_money), "What the next renewal will charge as things stand."
    )
    next_charge_at: datetime | None = column(QUOTE.next_charge_at, "When; null if nothing renews.")
    expires_at: datetime = column(QUOTE.expires_at, "It is good before that.")


@value
class UpcomingCharge:
    """What the next renewal will charge as things stand; computed, never stored."""

    at: datetime = strawberry.field(description="When.")
    lines: list[QuoteLine] = strawberry.field(description="What for; they sum to the subtotal.")
    subtotal: Money = strawberry.field(description="Without tax.")
    tax: Money = strawberry.field(description="On the subtotal.")
    credit_applied: Money = strawberry.field(description="What credits will pay.")
    total: Money = strawberry.field(description="What the payment method will pay.")
