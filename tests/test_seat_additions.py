"""Seats that follow the people: charged from their day on, on the next invoice, and nobody is named."""

import asyncio
from datetime import UTC, datetime, timedelta

from models import Role
from tests.company import ACME
from tests.shop import Shop

CHARGE = """
{ organization(slug: "acme-1") { subscription {
  seats { purchased used available }
  nextCharge { at lines { kind description quantity amount { amount } periodStart periodEnd }
    subtotal { amount } total { amount } }
} } }
"""
OPEN = "select seats_before, seats_after from seat_addition where organization_id = $1 and invoice_id is null"


async def upcoming(shop: Shop) -> dict[str, object]:
    found: dict[str, object] = (await shop.ask("clerk", CHARGE))["organization"]["subscription"]
    return found


async def test_a_seat_that_followed_somebody_is_on_the_next_charge_for_the_rest_of_the_period(
    shop: Shop,
) -> None:  # case 57
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=4)
    await shop.invite("new@people.test")
    found = await upcoming(shop)
    assert found["seats"] == {"purchased": 7, "used": 7, "available": 0}
    lines = found["nextCharge"]["lines"]  # type: ignore[index]
    price = shop.price("professional")
    assert [(line["kind"], line["quantity"]) for line in lines] == [("RENEWAL", 7), ("SEATS", 1)]
    assert lines[1]["description"] == "Professional plan, 1 seat, monthly"
    start, end = (datetime.fromisoformat(lines[1][name]) for name in ("periodStart", "periodEnd"))
    assert start == datetime(2026, 6, 19, tzinfo=UTC)  # the day on which he came, not the hour
    assert lines[1]["amount"]["amount"] == round(price * ((end - start) / timedelta(days=30)))
    (row,) = await shop.rows("select seats_before, seats_after from seat_addition where organization_id = $1")
    assert tuple(row) == (6, 7)


async def test_who_came_one_by_one_on_a_day_is_on_one_line(shop: Shop) -> None:  # case 57
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=4)
    for turn in range(3):
        shop.home.clock.go(hours=1)
        await shop.invite(f"new{turn}@people.test")
    lines = (await upcoming(shop))["nextCharge"]["lines"]  # type: ignore[index]
    assert [(line["kind"], line["quantity"]) for line in lines] == [("RENEWAL", 9), ("SEATS", 3)]


async def test_seats_that_followed_are_on_the_invoice_of_the_next_purchase_and_on_no_other(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=4)
    await shop.invite("new@people.test")
    quote = await shop.quote(seats=9)
    assert [line["quantity"] for line in quote["lines"]] == [2, 1]
    assert (await shop.apply(quote))["errors"] == []
    assert [line["kind"] for line in (await upcoming(shop))["nextCharge"]["lines"]] == ["RENEWAL"]  # type: ignore[index]


async def test_a_seat_for_somebody_who_comes_while_a_payment_is_held_is_not_lost(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    await shop.card("tok_3ds")
    done = await shop.apply(await shop.quote(seats=8))
    for turn in range(3):
        await shop.invite(f"new{turn}@people.test")
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    row = await shop.subscription()
    assert (row["seats_purchased"], row["seats_used"] + row["seats_reserved"]) == (9, 9)
    (owed,) = await shop.rows(OPEN)  # eight were paid for
    assert tuple(owed) == (8, 9)


async def test_fixed_seats_are_never_exceeded_by_two_at_once(shop: Shop) -> None:  # case 67
    await shop.buy_plan("professional", 7, mode="FIXED")
    invited = [
        shop.do("owner", "inviteMember", organizationId=ACME, email=f"new{turn}@people.test", role=Role.MEMBER)
        for turn in range(5)
    ]
    codes = sorted(error["code"] for payload in await asyncio.gather(*invited) for error in payload["errors"])
    assert codes == ["NO_SEAT_AVAILABLE"] * 4
    assert await shop.seats() == (7, 6, 1)


async def test_more_fixed_seats_while_two_come_at_once_are_never_exceeded(shop: Shop) -> None:  # case 67
    await shop.buy_plan("professional", 7, mode="FIXED")
    quote = await shop.quote(seats=8)
    invited = [
        shop.do("owner", "inviteMember", organizationId=ACME, email=f"new{turn}@people.test", role=Role.MEMBER)
        for turn in range(4)
    ]
    done, *payloads = await asyncio.gather(shop.apply(quote), *invited)
    came = len([payload for payload in payloads if not payload["errors"]])
    purchased, used, reserved = await shop.seats()
    assert done["errors"] == []
    assert (purchased, used + reserved) == (8, 6 + came)
    assert came in {1, 2}
