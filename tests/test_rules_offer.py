"""Offers and renewals in any order: no bill is negative, nothing is lost, and the way does not matter."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.bill import Bill, Collection
from billing.rules.calendar import MICROSECOND, Interval, period_containing
from billing.rules.credits import Credit, expiry
from billing.rules.facts import Ahead, Facts, Pending, Priced, TaxFacts
from billing.rules.money import Money
from billing.rules.offer import Asked, NotForSale, Offer, offer
from billing.rules.renewals import Upcoming, upcoming
from billing.rules.seats import Seats
from tests.test_rules_calendar import utc

NAMES = ("Free", "Basic", "Professional", "Enterprise")
MINIMUM = Money(50, "EUR")
TAKEN = 3


def sold(rank: int, interval: Interval, amount: int) -> Priced:
    price_id = UUID(int=100 * rank + interval)
    return Priced(UUID(int=rank), NAMES[rank], rank, price_id, interval, Money(amount, "EUR"), None if rank else 4)


@st.composite
def standings(draw: st.DrawFn) -> Facts:
    """The free plan, since just now; a catalogue whose prices are anything."""
    amounts = [0, *draw(st.lists(st.integers(1, 20_000), min_size=3, max_size=3))]
    catalogue = tuple(sold(rank, each, amount * each) for rank, amount in enumerate(amounts) for each in Interval)
    anchor = utc("2026-01-01") + timedelta(days=draw(st.integers(0, 1500)))
    free = catalogue[0]
    return Facts(
        current=free,
        fixed=False,
        paid=False,
        renews=True,
        tried_at=None,
        seats=Seats(4, TAKEN, 0, 4),
        anchor=anchor,
        period=period_containing(anchor, free.interval, anchor),
        ahead=None,
        pending=None,
        catalogue=catalogue,
        additions=(),
        credits=(),
        tax=TaxFacts("DE", "DE", None),
        carried=Money(0, "EUR"),
        minimum=MINIMUM,
    )


ASKED = st.builds(
    Asked,
    plan_id=st.none() | st.integers(0, 3).map(lambda rank: UUID(int=rank)),
    interval=st.none() | st.sampled_from(Interval),
    seats=st.none() | st.integers(TAKEN, 40),
    fixed=st.none() | st.booleans(),
) | st.just(Asked(renew=True))
STEPS = st.lists(st.tuples(ASKED, st.integers(0, 10**9)), min_size=1, max_size=12)


def behind(facts: Facts, made: Bill, collection: Collection, at: datetime) -> Facts:
    """The wallet and what is carried, when it is billed."""
    given_back = Credit(UUID(int=len(facts.credits) + 1), made.credited, at, expiry(at))
    wallet = facts.spent(made.spent) + ((given_back,) if made.credited.amount else ())
    return replace(facts, credits=wallet, carried=collection.carried)


def applied(facts: Facts, made: Offer, at: datetime) -> Facts:
    """What stands when it is bought."""
    facts = behind(facts, made.bill, made.collection, at)
    if made.scheduled:
        return replace(facts, pending=Pending(made.priced, made.seats, made.fixed, made.effective_at))
    if made.renewal:
        pending = facts.pending and replace(facts.pending, effective_at=made.period.end)
        return replace(facts, ahead=Ahead(made.period, made.priced), pending=pending)
    ahead = facts.ahead and Ahead(facts.ahead.period, made.priced) if made.anchor == facts.anchor else None
    return begun(replace(facts, ahead=ahead, pending=None), made.priced, made.seats, fixed=made.fixed, of=made)


def begun(facts: Facts, priced: Priced, seats: int, *, fixed: bool, of: Offer | Upcoming) -> Facts:
    own = replace(facts.seats, purchased=max(seats, TAKEN), limit=priced.limit)
    return replace(
        facts, current=priced, fixed=fixed, paid=not priced.free, anchor=of.anchor, period=of.period, seats=own
    )


def renewed(facts: Facts) -> tuple[Facts, Bill | None, Collection | None]:
    """The next period, and what it took."""
    if ahead := facts.ahead:
        return replace(facts, current=ahead.priced, period=ahead.period, ahead=None), None, None
    due = upcoming(facts)
    after = behind(replace(facts, pending=None), due.bill, due.collection, due.at)
    return begun(after, due.priced, due.seats, fixed=due.fixed, of=due), due.bill, due.collection


def sound(facts: Facts, made: Bill, collection: Collection) -> None:
    """Nothing is negative; nothing is both charged and given back; nothing is lost."""
    assert made.due.amount >= 0
    assert made.credited.amount >= 0
    assert not (made.due.amount and made.credited.amount)
    assert made.due + made.credit_applied - made.credited == made.total
    assert sum(line.amount.amount for line in made.lines) == made.subtotal.amount
    assert collection.charged + collection.carried == made.due + facts.carried
    assert collection.charged.amount == 0 or collection.charged.amount >= MINIMUM.amount
    assert collection.carried.amount >= 0


@given(standings(), STEPS)
def test_no_way_through_offers_and_renewals_leads_to_a_negative_invoice(
    facts: Facts, steps: list[tuple[Asked, int]]
) -> None:
    at = facts.period.start
    for asked, wait in steps:
        at += wait * timedelta(milliseconds=3)
        while at >= facts.period.end:
            after, made, collection = renewed(facts)
            if made and collection:
                sound(facts, made, collection)
            assert after.period.start == facts.period.end
            facts = after
        try:
            found = offer(facts, asked, at)
        except NotForSale:
            continue
        sound(facts, found.bill, found.collection)
        assert found.period.end > at
        facts = applied(facts, found, at)
        assert all(credit.remaining.amount >= 0 for credit in facts.credits)


@given(standings(), st.integers(1, 30), st.integers(0, 10**6))
def test_seats_bought_one_by_one_cost_what_they_cost_at_once(facts: Facts, count: int, part: int) -> None:
    start = facts.period.start
    facts = applied(facts, offer(facts, Asked(plan_id=UUID(int=1), seats=TAKEN), start), start)
    at = start + facts.period.microseconds * part // (10**6 + 1) * MICROSECOND
    once = offer(facts, Asked(seats=TAKEN + count), at).bill.subtotal
    single = 0
    for seats in range(TAKEN + 1, TAKEN + count + 1):
        found = offer(facts, Asked(seats=seats), at)
        single, facts = single + found.bill.subtotal.amount, applied(facts, found, at)
    assert single == once.amount


@given(standings(), st.integers(TAKEN, 40), st.integers(0, 10**6))
def test_upgrades_step_by_step_cost_what_they_cost_at_once(facts: Facts, seats: int, part: int) -> None:
    start = facts.period.start
    facts = applied(facts, offer(facts, Asked(plan_id=UUID(int=1), seats=TAKEN), start), start)
    at = start + facts.period.microseconds * part // (10**6 + 1) * MICROSECOND
    once = offer(facts, Asked(plan_id=UUID(int=3), seats=seats, interval=Interval.YEAR), at).bill.subtotal
    steps = [Asked(plan_id=UUID(int=2)), Asked(seats=seats), Asked(plan_id=UUID(int=3)), Asked(interval=Interval.YEAR)]
    total = 0
    for asked in steps:
        try:
            found = offer(facts, asked, at)
        except NotForSale:  # so many seats there are already
            continue
        total, facts = total + found.bill.subtotal.amount, applied(facts, found, at)
    assert total == once.amount


@given(standings(), st.integers(TAKEN, 40))
def test_what_is_shown_ahead_is_what_a_renewal_bills(facts: Facts, seats: int) -> None:
    start = facts.period.start
    made = offer(facts, Asked(plan_id=UUID(int=2), seats=seats), start)
    facts = applied(facts, made, start)
    _, billed, collection = renewed(facts)
    shown = made.next
    assert shown
    assert billed
    assert collection
    assert (shown.bill.total, shown.collection) == (billed.total, collection)
