"""Filters of lists: by status, and by days in UTC from their first instant to their last."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from models import InvitationStatus, InvoiceStatus, PaymentStatus
from schema import ids
from tests.asking import Answer, Ask, asking_world, token
from tests.world_rows import NOW
from tests.worlds import World

MOMENT = timedelta(microseconds=1)
DAY = date(2026, 2, 1)
# Four payments and four invoices around the ends of a day.
ENDS = """
alter table {0} disable trigger user;
update {0} t set created_at = e.at from (select id, row_number() over (order by id) n from {0}
  where organization_id = (select id from organization where slug = 'acme')) r
join unnest(array['2026-01-31T23:59:59.999999Z', '2026-02-01T00:00:00Z', '2026-02-01T23:59:59.999999Z',
  '2026-02-02T00:00:00Z']::timestamptz[]) with ordinality e(at, n) using (n) where r.id = t.id;
alter table {0} enable trigger user
"""
EXPIRY = """
update billing_invitation t set status = 'PENDING', expires_at = $1::timestamptz + (r.n - 3) * interval '1 microsecond',
  created_at = $1::timestamptz - interval '7 days'
from (select id, row_number() over (order by id) n from billing_invitation
  where organization_id = (select id from organization where slug = 'acme')) r where r.id = t.id and r.n <= 4
"""
ROWS = """
select t.id, status, t.created_at, t.created_at at time zone 'UTC' as utc from {} t
join organization o on o.id = organization_id and slug = 'acme' order by t.created_at desc, t.id desc
"""


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        async with ask.server.database.connection() as connection:
            for table in ("payment", "invoice"):
                await connection.execute(ENDS.format(table))
            await connection.execute(EXPIRY, NOW)
        yield ask


async def asked(ask: Ask, field: str, arguments: str, selection: str = "nodes { id status }") -> Answer:
    text = f'{{ organization(slug: "acme") {{ {field}({arguments}) {{ {selection} }} }} }}'
    return await ask(text, key=token("billing"))


async def shown(ask: Ask, field: str, arguments: str) -> list[Any]:
    """The keys of the rows of a whole filtered list."""
    found = (await asked(ask, field, f"first: 100, {arguments}")).data["organization"][field]["nodes"]
    return [row for _, row in filter(None, (ids.read(node["id"]) for node in found))]


async def stored(ask: Ask, table: str) -> list[Any]:
    return await ask.server.database.fetch(ROWS.format(table))


@pytest.mark.parametrize(
    ("field", "table", "statuses"), [("payments", "payment", PaymentStatus), ("invoices", "invoice", InvoiceStatus)]
)
async def test_status_narrows_a_list_to_what_stands_so(ask: Ask, field: str, table: str, statuses: Any) -> None:
    rows = await stored(ask, table)
    found = {status: await shown(ask, field, f"status: {status}") for status in statuses}
    assert found == {status: [row["id"] for row in rows if row["status"] == status] for status in statuses}
    assert sum(1 for some in found.values() if some) >= 4
    assert await shown(ask, field, "status: null") == [row["id"] for row in rows]


@pytest.mark.parametrize(("field", "table"), [("payments", "payment"), ("invoices", "invoice")])
async def test_days_are_whole_days_in_utc_both_included(ask: Ask, field: str, table: str) -> None:
    rows = await stored(ask, table)
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    assert len(await shown(ask, field, f'from: "{DAY}", to: "{DAY}"')) == 2
    for since, until in [(DAY, DAY), (before, DAY), (DAY, after), (before, before), (after, after), (before, after)]:
        expected = [row["id"] for row in rows if since <= row["utc"].date() <= until]
        assert await shown(ask, field, f'from: "{since}", to: "{until}"') == expected
    assert await shown(ask, field, f'from: "{DAY}"') == [row["id"] for row in rows if row["utc"].date() >= DAY]
    assert await shown(ask, field, f'to: "{DAY}"') == [row["id"] for row in rows if row["utc"].date() <= DAY]
    assert await shown(ask, field, "from: null, to: null") == [row["id"] for row in rows]


async def test_days_in_the_wrong_order_hold_nothing(ask: Ask) -> None:
    for field in ("payments", "invoices"):
        assert await shown(ask, field, 'from: "2026-02-02", to: "2026-02-01"') == []
        assert await shown(ask, field, 'from: "9999-12-31", to: "0001-01-01"') == []


async def test_days_at_the_ends_of_time_are_days(ask: Ask) -> None:
    rows = await stored(ask, "invoice")
    assert await shown(ask, "invoices", 'from: "0001-01-01", to: "9999-12-31"') == [row["id"] for row in rows]


@pytest.mark.parametrize("day", ['"2026-02-30"', '"2026-2-1"', '"0000-01-01"', '"10000-01-01"', '""', "1", '"today"'])
async def test_what_is_no_day_is_told_so(ask: Ask, day: str) -> None:
    for field in ("payments", "invoices"):
        assert (await asked(ask, field, f"from: {day}")).codes == ["GRAPHQL_VALIDATION_FAILED"]


async def test_filters_hold_together(ask: Ask) -> None:
    rows = await stored(ask, "invoice")
    expected = [row["id"] for row in rows if row["status"] == "PAID" and row["utc"].date() >= DAY]
    assert len(expected) >= 3
    assert await shown(ask, "invoices", f'status: PAID, from: "{DAY}"') == expected


@pytest.mark.parametrize("size", [1, 3])
async def test_pages_of_a_filtered_list_are_whole(ask: Ask, size: int) -> None:
    rows = [row["id"] for row in await stored(ask, "payment") if row["status"] == "SUCCEEDED"]
    found: list[Any] = []
    selection = "nodes { id } pageInfo { endCursor hasNextPage }"
    more, after = True, ""
    while more:
        page = (await asked(ask, "payments", f"status: SUCCEEDED, first: {size}{after}", selection)).data
        shown = page["organization"]["payments"]
        found += [row for _, row in filter(None, (ids.read(node["id"]) for node in shown["nodes"]))]
        more, after = shown["pageInfo"]["hasNextPage"], f', after: "{shown["pageInfo"]["endCursor"]}"'
    assert found == rows
    assert len(found) > 2 * size


async def test_cursor_is_a_place_in_the_list_however_it_is_narrowed(ask: Ask) -> None:
    rows = await stored(ask, "payment")
    failed = [row["id"] for row in rows if row["status"] == "FAILED"]
    page = (await asked(ask, "payments", "status: FAILED, first: 1", "pageInfo { endCursor }")).data
    cursor = page["organization"]["payments"]["pageInfo"]["endCursor"]
    everything = [row["id"] for row in rows]
    assert await shown(ask, "payments", f'after: "{cursor}"') == everything[everything.index(failed[0]) + 1 :]


async def test_invitation_is_pending_until_the_very_instant_of_its_expiry(ask: Ask) -> None:  # case 1
    rows = await ask.server.database.fetch(
        "select id, expires_at from billing_invitation where expires_at between $1 and $2",
        NOW - 2 * MOMENT,
        NOW + 2 * MOMENT,
    )
    expiring = {row["id"]: row["expires_at"] for row in rows}
    assert sorted(at - NOW for at in expiring.values()) == [-2 * MOMENT, -MOMENT, timedelta(0), MOMENT]
    pending, expired = [set(await shown(ask, "billingInvitations", f"status: {one}")) for one in ("PENDING", "EXPIRED")]
    assert pending & expiring.keys() == {key for key, at in expiring.items() if at > NOW}
    assert expired & expiring.keys() == {key for key, at in expiring.items() if at <= NOW}


async def test_invitations_are_found_by_what_they_say_of_themselves(ask: Ask) -> None:
    found = (await asked(ask, "billingInvitations", "first: 100")).data["organization"]["billingInvitations"]["nodes"]
    for status in InvitationStatus:
        narrowed = (await asked(ask, "billingInvitations", f"first: 100, status: {status}")).data
        expected = [node for node in found if node["status"] == status]
        assert narrowed["organization"]["billingInvitations"]["nodes"] == expected
    assert len({node["status"] for node in found}) >= 4
