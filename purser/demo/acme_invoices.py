"""What Acme was billed, and how it paid: month by month, with one payment that failed and one that was given back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from billing.invoices import Issue
from billing.rules.bill import bill
from billing.rules.calendar import Period
from billing.rules.proration import Line, change, renewal
from billing.rules.references import reference
from models import BillingActivityKind, CreditReason
from purser.demo.acme_money import MONTHS, UPGRADED, Money, subscription
from purser.demo.bills import counter, invoice
from purser.demo.book import SYSTEM, Actor, Made
from purser.demo.credits import grant
from purser.demo.events import event
from purser.demo.payments import CHARGED, payment, refund
from purser.demo.quotes import quote, settled
from purser.demo.seating import Seating

BATCH = 2000
FEWEST = MONTHS + 3  # a year by the month, an upgrade, seats, and one that is open
SERVICE_FAILED, CARD_FAILED = -4, -2
RETRIED, MISSED = timedelta(days=1), timedelta(days=6, hours=9)
EARLIEST = timedelta(days=300)
SPARE = 5
WELCOME, PROMOTION = 5_000, 2_000
ROUND = 500  # a gift is a multiple of it


def tell(money: Money, first: Made, card: Made, count: int) -> Iterator[int]:
    """Add so many invoices, paid with the first card and later the other; gives how many there are after a batch."""
    early = count - FEWEST
    for place in range(early):
        small(money, first, place / early)
        if (place + 1) % BATCH == 0:
            yield place + 1
    seating = year(money, first, card)
    expand(money, seating)
    unpaid(money, seating)
    grant(money.book, money.company, CreditReason.PROMOTION, money.book.ago(1.6), PROMOTION, money.book.ago(-45))
    counter(money.book, money.company)
    subscription(money, seating.state.seats)
    yield count


def small(money: Money, card: Made, passed: float) -> None:
    """Add a few seats, bought in the years before the plan was paid by the month."""
    began = money.company.founded + EARLIEST
    at = (began + (money.start(1 - MONTHS) - began) * passed).replace(microsecond=0)
    day = at.replace(hour=0, minute=0, second=0)
    seats = money.tariff("basic").state(money.book.random.randint(1, 9), Period(day, day + timedelta(days=30)))
    payment(money.book, money.company, invoice(money.book, money.company, [renewal(seats)], at), card, at + CHARGED)


def year(money: Money, first: Made, card: Made) -> Seating:
    """Add twelve months: the first begins the plan, each later one renews it."""
    grant(money.book, money.company, CreditReason.PROMOTION, money.start(1 - MONTHS), WELCOME)
    seating = begun(money, first)
    for month in range(2 - MONTHS, 1):
        if month == UPGRADED + 1:
            upgrade(money, seating, first)
        monthly(money, seating, month, first if month <= UPGRADED + 1 else card)
    return seating


def begun(money: Money, card: Made) -> Seating:
    """Add the first month, behind the trial."""
    at, tariff = money.start(1 - MONTHS), money.tariff("basic")
    state = tariff.state(money.company.members_at(at), money.period(1 - MONTHS))
    claim = invoice(money.book, money.company, change(None, state, at).lines, at)
    payment(money.book, money.company, claim, card, at + CHARGED)
    return Seating(money.book, money.company, state, tariff.price_id, at)


def monthly(money: Money, seating: Seating, month: int, card: Made) -> None:
    """Add the renewal of a month: seats for those who are there, and those that were added in the month before."""
    book, company, at = money.book, money.company, money.start(month)
    seating.follow(at)
    seating.become(replace(seating.state, seats=company.members_at(at), period=money.period(month)), seating.price_id)
    event(book, company, BillingActivityKind.SUBSCRIPTION_RENEWED, at)
    claim = billed(money, seating, [renewal(seating.state), *seating.lines()], at)
    charged = at + CHARGED
    if month == CARD_FAILED:
        payment(book, company, claim, card, charged, failure="insufficient_funds")
        charged += RETRIED
    paid = payment(book, company, claim, card, charged)
    if month == SERVICE_FAILED:
        refund(book, company, claim, paid, at + MISSED, "service_level_missed", money.who["owner"])


def billed(money: Money, seating: Seating, lines: list[Line], at: datetime, requested: Actor = SYSTEM) -> Made:
    """Add an invoice that bills added seats too; of what somebody asked for, it comes with the money."""
    at_once = requested is not SYSTEM
    claim = invoice(money.book, money.company, lines, at, Issue(requested=requested), at_once=at_once)
    seating.billed(claim)
    return claim


def upgrade(money: Money, seating: Seating, card: Made) -> None:
    """Add the change to a higher plan for what was left of a month, and the seats that were added until then."""
    at, tariff, who = money.upgraded_at, money.tariff("professional"), money.who["left"]
    seating.follow(at)
    new = tariff.state(seating.state.seats, seating.state.period)
    lines = [*seating.lines(), *change(seating.state, new, at).lines]
    seating.become(new, tariff.price_id)
    claim = billed(money, seating, lines, at, who)
    payment(money.book, money.company, claim, card, at, made=who)
    event(money.book, money.company, BillingActivityKind.SUBSCRIPTION_CHANGED, at, who)


def expand(money: Money, seating: Seating) -> None:
    """Add a few seats that nobody has yet, and a credit that pays for them and is not used up."""
    book, company, at, who = money.book, money.company, money.book.ago(2.9), money.who["both"]
    seating.follow(at)
    new = replace(seating.state, seats=seating.state.seats + SPARE)
    lines = [*seating.lines(), *change(seating.state, new, at).lines]
    due = bill(lines, company.rate(at), company.left(), company.currency, at).due.amount
    grant(book, company, CreditReason.GOODWILL, book.ago(6.4), due - due % ROUND + ROUND)
    seating.become(new, seating.price_id)
    billed(money, seating, lines, at, who)
    event(book, company, BillingActivityKind.SUBSCRIPTION_CHANGED, at, who)
    seating.follow(book.now)


def unpaid(money: Money, seating: Seating) -> None:
    """Add an upgrade that was asked for invoice first."""
    at, who = money.book.ago(2.2), money.who["both"]
    book, company, tariff = money.book, money.company, money.tariff("enterprise")
    state = tariff.state(seating.state.seats, seating.state.period)
    lines = change(seating.state, state, at).lines
    asked = quote(book, company, tariff, state, lines, at, who)
    said = Issue("AR-IT-4903", who, asked["id"], reference(asked["id"]))
    settled(asked, invoice(book, company, lines, at, said))
