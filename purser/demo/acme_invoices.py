"""What Acme was billed, and how it paid: month by month, with one payment that failed and one that was given back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from models import LineKind
from purser.demo.acme_money import CREDITED, FEWER, MONTHS, SPENT, UPGRADED, WELCOME, Money
from purser.demo.bills import CHARGED, SETTLED, Line, Period, draft, invoice, payment, refund
from purser.demo.book import Made

BATCH = 2000
FEWEST = MONTHS + 2  # a year by the month, one open, one draft
SERVICE_FAILED, CARD_FAILED = -4, -2
RETRIED = timedelta(days=1)
EARLIEST = timedelta(days=300)


def tell(money: Money, first: Made, card: Made, count: int) -> Iterator[int]:
    """Add so many invoices, paid with the first card and later the other; gives how many there are after a batch."""
    early = count - FEWEST
    for place in range(early):
        small(money, first, place / early)
        if (place + 1) % BATCH == 0:
            yield place + 1
    for month in range(1 - MONTHS, 1):
        monthly(money, month, first if month <= UPGRADED + 1 else card)
    unpaid(money)
    yield count


def small(money: Money, card: Made, passed: float) -> None:
    """Add a few seats, bought in the years before the plan was paid by the month."""
    began = money.company.founded + EARLIEST
    at = (began + (money.start(1 - MONTHS) - began) * passed).replace(microsecond=0)
    day = at.replace(hour=0, minute=0, second=0)
    seats = money.book.random.randint(1, 9)
    lines = [Line.of(LineKind.SEATS, money.tariff("basic"), seats, Period(day, day + timedelta(days=30)))]
    settle(money, lines, at, card)


def settle(money: Money, lines: list[Line], at: datetime, card: Made) -> None:
    """Add an invoice that was paid at once."""
    paid_at = at + CHARGED + SETTLED
    claim = invoice(money.book, money.company, lines, at, paid_at=paid_at)
    payment(money.book, money.company, claim, card, at + CHARGED)


def monthly(money: Money, month: int, card: Made) -> None:
    """Add the invoice of a month, issued when it began."""
    at, charged = money.start(month), money.start(month) + CHARGED
    failed = month == CARD_FAILED
    if failed:
        charged += RETRIED
    paid_at = charged + SETTLED
    claim = invoice(money.book, money.company, charges(money, month), at, paid_at=paid_at)
    if failed:
        payment(money.book, money.company, claim, card, at + CHARGED, failure="insufficient_funds")
    paid = payment(money.book, money.company, claim, card, charged)
    if month == SERVICE_FAILED:
        later = at + timedelta(days=6, hours=9)
        refund(money.book, money.company, paid, later, "service_level_missed", money.who["owner"])


def charges(money: Money, month: int) -> list[Line]:
    """What a month's invoice charges for: the month to come, and what changed in the one before."""
    tariff = money.tariff("basic" if month <= UPGRADED else "professional")
    start, period = money.start(month), money.period(month)
    if month == 1 - MONTHS:
        return [
            Line.of(LineKind.PLAN, tariff, money.seats(start), period),
            Line.credit(tariff, WELCOME, period),
        ]
    lines = [Line.of(LineKind.RENEWAL, tariff, money.seats(start), period), *added(money, month)]
    if month == UPGRADED + 1:
        lines += upgrade(money, UPGRADED, "basic", "professional", money.upgraded_at)
    if month == CREDITED:
        lines.append(Line.credit(tariff, SPENT, period))
    return lines


def added(money: Money, month: int) -> list[Line]:
    """The seats that were added in the month before, for what was left of it."""
    before = money.period(month - 1)
    now = min(before.end, money.book.now)
    seats = money.seats(now) - money.seats(before.start)
    if not seats:
        return []
    upgraded = month == UPGRADED + 1
    came = money.company.workers[money.company.members_at(before.start)].joined_at
    day = max(came, money.upgraded_at) if upgraded else came
    tariff = money.tariff("basic" if month <= UPGRADED else "professional")
    rest = before.rest(day.replace(hour=0, minute=0, second=0))
    return [Line.of(LineKind.SEATS, tariff, seats, rest, before)]


def upgrade(money: Money, month: int, old: str, new: str, at: datetime) -> list[Line]:
    """What the rest of a month costs more on another plan."""
    whole = money.period(month)
    seats = money.seats(whole.start)
    return [
        Line.of(LineKind.UNUSED_TIME, money.tariff(old), seats, whole.rest(at), whole),
        Line.of(LineKind.PLAN, money.tariff(new), seats, whole.rest(at), whole),
    ]


def unpaid(money: Money) -> None:
    """Add an upgrade that was asked for invoice first, and the draft of the renewal."""
    book, company, at = money.book, money.company, money.book.ago(3.2)
    lines = upgrade(money, 0, "professional", "enterprise", at.replace(hour=0, minute=0, second=0))
    order, requested = "AR-IT-4903", money.who["both"]
    invoice(book, company, lines, at, purchase_order=order, requested=requested)
    seats = money.seats(book.now) - FEWER
    lines = [Line.of(LineKind.RENEWAL, money.tariff("professional"), seats, money.period(1)), *added(money, 1)]
    draft(book, company, lines, book.ago(1.1))
