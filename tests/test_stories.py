"""Stories, told as time passing: a company that buys, pays, is late, pays again and goes."""

from calendar import monthrange
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from billing import due
from tests.accounts import FIRST
from tests.company import ACME
from tests.passing import invoices, letters, mailed, until, utc
from tests.shop import Shop
from tests.visitors import ANN

DAYS = timedelta(days=1)
PERIODS = """
select l.kind, l.quantity, l.period_start, l.period_end from invoice_line l join invoice i on i.id = l.invoice_id
where i.organization_id = $1 order by i.number, l.position
"""
PAY = "payment { status } invoice { status }"


async def periods(shop: Shop) -> list[tuple[datetime, datetime]]:
    """What was charged for, in turn."""
    return [(row["period_start"], row["period_end"]) for row in await shop.rows(PERIODS)]


async def begin(shop: Shop, at: str) -> None:
    """The story begins then."""
    shop.home.clock.now = utc(at)
    await shop.home.execute("update session set expires_at = $1", shop.home.clock.now + 30 * DAYS)
    await due.work(shop.home.server.room)


async def open_invoice(shop: Shop) -> str:
    """The id of the one."""
    query = "query($id: ID!) { node(id: $id) { ... on Organization { invoices(first: 1) { nodes { id status } } } } }"
    found: Any = await shop.ask("clerk", query, id=ACME)
    (node,) = found["node"]["invoices"]["nodes"]
    assert node["status"] == "OPEN"
    return str(node["id"])


async def test_a_company_from_its_first_invitation_to_its_end(shop: Shop) -> None:
    await begin(shop, "2026-06-15T12:00:00")
    taken = (await shop.subscription())["seats_used"]
    # Somebody is invited, and pays with 3-D Secure.
    await shop.done("owner", "inviteBillingManagers", organizationId=ACME, emails=[ANN])
    assert ("invitation", ANN) in await mailed(shop)
    await shop.card("tok_3ds_off_session_ok")
    done = await shop.apply(await shop.quote(planId=shop.plan("professional"), seats=10))
    assert done["payment"]["status"] == "REQUIRES_ACTION"
    assert done["subscription"]["plan"]["key"] == "free"
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(hours=1)
    await until(shop, shop.home.clock.now)  # nobody came back from the gateway's page: it is looked at
    assert (await shop.subscription())["seats_purchased"] == 10
    # A year and a month go by.
    await until(shop, utc("2027-07-20"))
    paid = await invoices(shop)
    assert len(paid) == 14
    assert {row["status"] for row in paid} == {"PAID"}
    assert len(await shop.rows("select from payment where organization_id = $1 and status = 'SUCCEEDED'")) == 14
    assert (await letters(shop)).count("renewal_ahead") == 13
    # Less is enough.
    await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=7))
    await until(shop, utc("2027-08-20"))
    kind = await shop.home.value("select key from plan where id = $1", (await shop.subscription())["plan_id"])
    assert (kind, (await shop.subscription())["seats_purchased"]) == ("basic", 7)
    # The card fails, and nobody cares until it is suspended.
    await shop.home.execute("update payment_method set removed_at = $1", shop.home.clock.now)
    await shop.card("tok_declined")
    await until(shop, utc("2027-10-20"))
    assert (await shop.subscription())["status"] == "SUSPENDED"
    assert await shop.unquoted(seats=9) == [("PAYMENT_OVERDUE", None)]
    assert await shop.codes("owner", "inviteMember", organizationId=ACME, email="x@people.test", role="MEMBER") == [
        "NO_SEAT_AVAILABLE"
    ]
    sent = await shop.do("clerk", "inviteBillingManagers", organizationId=ACME, emails=["late@people.test"])
    assert sent["errors"] == []
    # It is paid.
    await shop.card("tok_visa")
    payload = await shop.done("clerk", "payInvoice", PAY, invoiceId=await open_invoice(shop))
    assert payload == {"payment": {"status": "SUCCEEDED"}, "invoice": {"status": "PAID"}, "errors": []}
    await until(shop, shop.home.clock.now)
    row = await shop.subscription()
    assert (row["status"], row["current_period_start"].date().isoformat()) == ("ACTIVE", "2027-10-15")
    # It is enough.
    await shop.done("clerk", "cancelSubscription", organizationId=ACME)
    await until(shop, utc("2028-06-01"))
    row = await shop.subscription()
    assert (row["status"], row["seats_used"]) == ("CANCELED", taken)
    assert {one["status"] for one in await invoices(shop)} == {"PAID"}
    told = await letters(shop)
    assert [told.count(one) for one in ("payment_failed", "suspended", "subscription_ended")] == [5, 1, 1]


@pytest.mark.parametrize("day", ["2027-01-31", "2027-12-31", "2028-02-29"])
async def test_months_follow_their_anchor_through_a_leap_year(shop: Shop, day: str) -> None:  # case 75
    await begin(shop, f"{day}T10:00:00")
    await shop.buy_plan("professional", 10)
    anchor = shop.home.clock.now
    await until(shop, anchor + timedelta(days=400))
    found = await periods(shop)
    assert len(found) == 14
    assert all(before[1] == after[0] for before, after in pairwise(found))
    for start, _ in found:
        assert start.day == min(anchor.day, monthrange(start.year, start.month)[1])
        assert start.time() == anchor.time()


async def test_a_year_that_began_on_a_leap_day_comes_back_to_it(shop: Shop) -> None:  # case 75, case 76
    await begin(shop, "2028-02-29T10:00:00")
    await shop.buy_plan("professional", (await shop.subscription())["seats_used"], interval="YEAR")
    first = (await invoices(shop))[0]["total"]
    await until(shop, utc("2032-03-01"))
    found = [start.date().isoformat() for start, _ in await periods(shop)]
    assert found == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    assert {row["total"] for row in await invoices(shop)} == {first}  # 366 days cost what 365 do


async def test_a_fixed_year_keeps_its_seats_until_it_is_renewed_with_fewer(shop: Shop) -> None:  # case 69
    await begin(shop, "2026-06-15T12:00:00")
    await shop.buy_plan("professional", 20, interval="YEAR", mode="FIXED")
    taken = (await shop.subscription())["seats_used"]
    assert await shop.unquoted(seats=taken - 1) == [("SEATS_BELOW_USED", ["seats"])]
    assert (await shop.subscription())["seats_purchased"] == 20
    await shop.apply(await shop.quote(seats=taken))
    for _ in range(2):
        await shop.invite(f"new{_}@people.test")
    await until(shop, utc("2027-06-14"))
    assert (await shop.subscription())["seats_purchased"] == 20
    await shop.invite("another@people.test")  # holds a seat when the year ends
    await until(shop, utc("2027-06-16"))
    assert (await shop.subscription())["seats_purchased"] == taken + 1
    assert [row["quantity"] for row in await shop.rows(PERIODS)] == [20, taken + 1]


async def test_a_fixed_year_without_a_card_is_invoiced_and_may_be_paid_late(shop: Shop) -> None:
    await begin(shop, "2026-06-15T12:00:00")
    await shop.buy_plan("professional", 10, interval="YEAR", mode="FIXED")
    await shop.home.execute("update payment_method set removed_at = $1", shop.home.clock.now)
    end = (await shop.subscription())["current_period_end"]
    await until(shop, end + 14 * DAYS - timedelta(seconds=1))
    row, invoice = await shop.subscription(), (await invoices(shop))[-1]
    assert (row["status"], invoice["status"]) == ("ACTIVE", "OPEN")
    assert invoice["due_at"] - end < 14 * DAYS + timedelta(seconds=1)
    await until(shop, end + 15 * DAYS)
    assert (await shop.subscription())["status"] == "PAST_DUE"
    await until(shop, end + 29 * DAYS)
    assert (await shop.subscription())["status"] == "SUSPENDED"
    await shop.card("tok_visa")
    await shop.done("clerk", "payInvoice", PAY, invoiceId=await open_invoice(shop))
    row = await shop.subscription()
    assert (row["status"], row["current_period_start"]) == ("ACTIVE", end)


async def test_a_scheduled_downgrade_is_dropped_by_an_upgrade_and_a_month_becomes_a_year(shop: Shop) -> None:
    # case 71, case 73, case 74
    await begin(shop, "2026-06-15T12:00:00")
    await shop.buy_plan("professional", 10)
    await shop.apply(await shop.quote(planId=shop.plan("basic")))
    quote = await shop.quote(planId=shop.plan("enterprise"))
    price = shop.price("enterprise") - shop.price("professional")
    assert quote["subtotal"]["amount"] == 10 * price  # at the start of the period
    await shop.apply(quote)
    assert await shop.rows("select from scheduled_change where organization_id = $1") == []
    shop.home.clock.now = (await shop.subscription())["current_period_end"] - timedelta(microseconds=1)
    last = await shop.quote(seats=11)
    assert last["subtotal"]["amount"] in {0, 1}
    shop.home.clock.now -= 10 * DAYS
    year = await shop.quote(interval="YEAR")
    assert [line["kind"] for line in year["lines"]] == ["UNUSED_TIME", "PLAN"]
    await shop.apply(year)
    row = await shop.subscription()
    assert row["anchor_at"] == shop.home.clock.now
    back = await shop.quote(interval="MONTH")
    assert back["effectiveAt"] == row["current_period_end"].isoformat().replace("+00:00", "Z")


async def test_only_who_looks_after_the_money_is_written_to(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.home.execute("delete from role_grant where organization_id = $1 and role = 'BILLING_MANAGER'", FIRST)
    await until(shop, (await shop.subscription())["current_period_end"])
    ahead = {to for message, to in await mailed(shop) if message == "renewal_ahead"}
    assert ahead == {"owner@people.test", "second@people.test"}


async def test_a_card_that_its_network_renews_goes_on_paying(shop: Shop) -> None:  # case 84
    await begin(shop, "2026-06-15T12:00:00")
    await shop.card("tok_visa?exp=2026-09&renewed=2031-03")
    await shop.buy_plan("professional", 10)
    await until(shop, utc("2027-07-16"))
    assert len(await invoices(shop)) == 14
    assert {row["status"] for row in await invoices(shop)} == {"PAID"}


async def test_a_card_that_expires_is_warned_of_and_then_nothing_is_paid(shop: Shop) -> None:  # case 84
    await begin(shop, "2026-06-15T12:00:00")
    await shop.card("tok_visa?exp=2026-08")
    await shop.buy_plan("professional", 10)
    await until(shop, utc("2026-09-01"))
    assert (await letters(shop)).count("card_expires") == 2
    assert len(await invoices(shop)) == 3
    await until(shop, utc("2026-09-16"))
    assert [row["status"] for row in await invoices(shop)] == ["PAID", "PAID", "PAID", "OPEN"]
    assert (await shop.subscription())["status"] == "PAST_DUE"
