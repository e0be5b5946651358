"""A price of the demo for which an invoice was asked first: whoever pays that buys what was quoted."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import orjson

from billing.invoices import written
from billing.quotes import GOOD, Question
from billing.rules.proration import Line, State
from models import BillingInterval, BillingMode, Quote, QuoteLine, QuoteStatus
from purser.demo.book import Actor, Book, Made, by
from purser.demo.catalogue import Tariff
from purser.demo.company import Company


def quote(
    book: Book, company: Company, tariff: Tariff, state: State, lines: Sequence[Line], at: datetime, actor: Actor
) -> Made:
    """Add the price of passing to a state at once; `settled` says what its invoice came to."""
    question = asdict(Question(plan_id=tariff.plan_id))
    period = {"period_start": state.period.start, "period_end": state.period.end}
    made = book.add(
        Quote,
        at,
        organization_id=company.id,
        status=QuoteStatus.INVOICED,
        asked=orjson.dumps(question).decode(),
        inputs=hashlib.sha256(repr(lines).encode()).digest(),
        plan_id=tariff.plan_id,
        price_id=tariff.price_id,
        interval=BillingInterval(tariff.interval),
        mode=BillingMode.FLEXIBLE,
        seats=state.seats,
        currency=company.currency,
        effective_at=at,
        anchor_at=period["period_start"],
        **period,
        scheduled=False,
        renewal=False,
        trial=False,
        credit_granted=0,
        carried=0,
        created_at=at,
        expires_at=at + GOOD,
        **by("quoted", actor),
    )
    of = {"organization_id": company.id, "quote_id": made["id"], "currency": company.currency}
    for line, row in zip(lines, written(lines), strict=True):
        book.add(QuoteLine, at, **of, **row, whole_start=line.whole.start, whole_end=line.whole.end)
    return made


def settled(made: Made, invoice: Made) -> None:
    """It costs what its invoice says."""
    made |= {name: invoice[name] for name in ("subtotal", "tax", "credit_applied")}
    made["due_now"] = invoice["amount_due"]
