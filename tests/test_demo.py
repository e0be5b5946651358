"""The demo: whether what it tells agrees with itself, and comes out the same."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from billing.passwords import matches
from models import Metric, Role, api_keys
from purser import demo
from tests import demos
from tests.books import balanced
from tests.cluster import connection, created, migrated
from tests.conftest import Create
from tests.demos import NOW, SECRET


@pytest.fixture
async def empty(create: Create, server_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    async with connection(await create(await migrated(server_url))) as opened:
        yield opened


@pytest.fixture(scope="module")
async def seeded(server_url: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """For tests that change nothing."""
    async with created(server_url, await demos.seeded(server_url)) as url, connection(url) as opened:
        yield opened


async def dump(connection: "asyncpg.Connection[Any]") -> dict[str, list[Any]]:
    names = await connection.fetch(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and relname <> 'tortoise_migrations'"
    )
    return {
        name: await connection.fetch(f'select * from "{name}" order by id')  # noqa: S608
        for (name,) in names
    }


WRONG = {
    "a subtotal that is not the sum of its lines": (
        "select from invoice i where subtotal <> (select sum(amount) from invoice_line where invoice_id = i.id)"
    ),
    "tax that is not its rate of the net, half up": (
        "select from tax_line where amount <> floor(net * rate_basis_points / 10000.0 + 0.5)"
    ),
    "an invoice that is not the sum of its taxed nets": (
        "select from invoice i where (subtotal::numeric, tax::numeric) is distinct from"
        " (select (sum(net), sum(amount)) from tax_line where invoice_id = i.id)"
    ),
    "a line in another currency than its invoice": (
        "select from invoice i join invoice_line l on l.invoice_id = i.id where l.currency <> i.currency"
    ),
    "a whole period that does not cost quantity times price": (
        "select from invoice_line where kind = 'RENEWAL' and amount <> quantity * unit_amount"
    ),
    "a payment of something else than what credits leave of the invoice": (
        "select from payment p join invoice i on i.id = p.invoice_id"
        " where (p.amount, p.currency) <> (i.total - i.credit_applied, i.currency)"
    ),
    "a paid invoice without its one payment, unless credits paid it": (
        "select from invoice i where status = 'PAID' and (total > credit_applied)::int <> (select count(*) from"
        " payment p where p.invoice_id = i.id and p.status in ('SUCCEEDED', 'REFUNDED') and p.created_at <= i.paid_at)"
    ),
    "an amount due that does not follow from the status": (
        "select from invoice where amount_due <> case status when 'PAID' then 0 else total - credit_applied end"
    ),
    "a line that is no charge for a plan or seats": "select from invoice_line where kind in ('CREDIT', 'TAX')",
    "a credit spent before it was granted or when its time was over": (
        "select from credit_use u join credit c on c.id = u.credit_id join invoice i on i.id = u.invoice_id"
        " where i.issued_at < c.granted_at or i.issued_at >= c.expires_at"
    ),
    "something booked at another time than it happened": (
        "select from ledger_posting l left join invoice i on i.id = l.invoice_id left join payment p"
        " on p.id = l.payment_id left join credit_note n on n.id = l.credit_note_id left join credit c"
        " on c.id = l.credit_id where l.at <> case l.kind when 'PAYMENT' then p.settled_at when 'CREDIT_GRANTED'"
        " then c.granted_at when 'INVOICE_ISSUED' then i.issued_at when 'CREDIT_USED' then i.issued_at"
        " else n.issued_at end"
    ),
    "seats that nobody paid for": (
        "select from seat_addition a join plan_subscription s on s.organization_id = a.organization_id"
        " where a.invoice_id is null and a.period_start < s.current_period_start"
    ),
    "a line of another price than its seats and time say": (
        "select from invoice_line l join plan_subscription s on s.organization_id = l.organization_id"
        " where l.period_start = s.current_period_start and kind in ('PLAN', 'RENEWAL')"
        " and amount <> quantity * unit_amount"
    ),
    "refunds that are not what a payment says": (
        "select from payment p where refunded_amount <>"
        " (select coalesce(sum(amount), 0) from refund where payment_id = p.id)"
    ),
    "a refund without a credit note": (
        "select from refund r join payment p on p.id = r.payment_id where r.amount <>"
        " (select sum(total) from credit_note c where c.invoice_id = p.invoice_id)"
    ),
    "seats that are not the members": (
        "select from plan_subscription s where seats_used <>"
        " (select count(*) from member m where m.organization_id = s.organization_id)"
    ),
    "a day's seats that are not the members of that day": (
        "select from usage_day u where metric = 'seats' and value <> (select count(*) from member m"
        " where m.organization_id = u.organization_id and joined_at < u.day + 1)"
    ),
    "invoice numbers that are not gap-free in the order of issue": (
        "select from (select right(number, 5)::int as number, row_number() over"
        " (partition by organization_id order by issued_at) as place from invoice where number is not null) n"
        " where number <> place"
    ),
    "an id that does not sort like its time": (
        "select from (select row_number() over (order by id) a, row_number() over (order by created_at, id) b"
        " from invoice) n where a <> b"
    ),
    "a metric without a limit in the catalogue": (
        "select from plan p where 2 <> (select count(*) from plan_feature f"
        " where f.plan_id = p.id and f.key in ('api_requests', 'storage'))"
    ),
    "an api key older than a grant of its maker": (
        "select from api_key k join role_grant g using (user_id)"
        " where k.organization_id is null and g.since > k.created_at"
    ),
    "a team that was joined before it was there": (
        "select from team_member t join team on team.id = t.team_id join member m on m.id = t.member_id"
        " where t.joined_at < greatest(team.created_at, m.joined_at)"
    ),
}


async def wrong(connection: "asyncpg.Connection[Any]") -> list[str]:
    return [what for what, statement in WRONG.items() if await connection.fetch(statement)]


async def count(connection: "asyncpg.Connection[Any]", table: str, where: str = "true") -> int:
    """How many rows Acme has."""
    joined = f"{table} t join organization o on o.id = t.organization_id and o.slug = 'acme'"
    return int(await connection.fetchval(f"select count(*) from {joined} where {where}"))  # noqa: S608


async def test_the_demo_agrees_with_itself(seeded: "asyncpg.Connection[Any]") -> None:
    assert await wrong(seeded) == []
    await balanced(seeded)


async def test_many_members_and_invoices_agree_too(empty: "asyncpg.Connection[Any]") -> None:
    told: list[tuple[str, int, int]] = []
    await demo.seed(empty, now=NOW, secret=SECRET, members=300, invoices=300, progress=lambda *step: told.append(step))
    assert await wrong(empty) == []
    await balanced(empty)
    assert (await count(empty, "member"), await count(empty, "invoice")) == (300, 300)
    assert {("members", 300, 300), ("invoices", 300, 300)} <= set(told)


async def test_acme_is_a_company_of_sixty_after_a_year_of_invoices(seeded: "asyncpg.Connection[Any]") -> None:
    tables = ("member", "team", "project", "invoice", "refund", "credit_note", "scheduled_change", "payment_method")
    counts = {table: await count(seeded, table) for table in tables}
    assert counts == {
        "member": 60,
        "team": 8,
        "project": 20,
        "invoice": 15,
        "refund": 1,
        "credit_note": 1,
        "scheduled_change": 1,
        "payment_method": 3,
    }
    assert await count(seeded, "invoice", "credit_applied = total and amount_due = 0") == 1
    assert await count(seeded, "invoice", "status = 'OPEN'") == 1
    assert await count(seeded, "payment", "status = 'REFUNDED'") == 1
    assert await count(seeded, "credit", "2 = (select count(*) from credit_use where credit_id = t.id)") == 1
    assert await count(seeded, "credit", "remaining = amount") == 1
    assert await count(seeded, "credit", "expires_at is not null") == 1


async def test_acme_has_seats_for_all_and_five_more_in_a_month_that_began_nine_days_ago(
    seeded: "asyncpg.Connection[Any]",
) -> None:
    found = await seeded.fetchrow(
        "select s.*, $1 - current_period_start as gone from plan_subscription s"
        " join organization o on o.id = s.organization_id and slug = 'acme'",
        NOW,
    )
    assert found
    assert (found["status"], found["mode"], found["seats_purchased"]) == ("ACTIVE", "FLEXIBLE", 65)
    assert found["gone"].days in range(8, 13)
    assert found["current_period_end"] > NOW


async def test_seats_followed_the_people_and_were_billed_with_the_next_invoice(
    seeded: "asyncpg.Connection[Any]",
) -> None:
    assert await count(seeded, "seat_addition") > 10
    late = "invoice_id is not null and at > (select issued_at from invoice i where i.id = invoice_id)"
    assert await count(seeded, "seat_addition", late) == 0


async def test_a_payment_failed_before_its_retry_came_through(seeded: "asyncpg.Connection[Any]") -> None:
    attempts = await seeded.fetch(
        "select status, failure_code from payment where invoice_id ="
        " (select invoice_id from payment where status = 'FAILED') order by created_at"
    )
    assert [tuple(attempt) for attempt in attempts] == [("FAILED", "insufficient_funds"), ("SUCCEEDED", None)]


async def test_one_invitation_is_pending_one_expired_one_accepted(seeded: "asyncpg.Connection[Any]") -> None:
    found = await seeded.fetch("select status, expires_at > $1 from billing_invitation order by created_at", NOW)
    assert [tuple(row) for row in found] == [("ACCEPTED", False), ("PENDING", False), ("PENDING", True)]


async def test_people_can_sign_in_with_their_passwords(seeded: "asyncpg.Connection[Any]") -> None:
    for account in demo.accounts(SECRET):
        kept = await seeded.fetchval("select password_digest from user_account where email = $1", account.email)
        assert matches(kept, account.password)
        assert account.password not in kept


async def test_one_card_is_the_default_one_expires_next_month_one_is_gone(seeded: "asyncpg.Connection[Any]") -> None:
    assert await count(seeded, "payment_method", "is_default and removed_at is null") == 1
    assert await count(seeded, "payment_method", "(exp_year, exp_month) = (2026, 4) and removed_at is null") == 1
    assert await count(seeded, "payment_method", "removed_at is not null") == 1


@pytest.mark.parametrize("metric", Metric)
async def test_usage_has_every_day_of_thirteen_months_and_grows(
    seeded: "asyncpg.Connection[Any]", metric: Metric
) -> None:
    values = await seeded.fetch(
        "select day, value from usage_day u join organization o on o.id = organization_id and slug = 'acme'"
        " where metric = $1 order by day",
        metric,
    )
    assert [row["day"] for row in values] == [NOW.date() - timedelta(days=gone) for gone in range(396, -1, -1)]
    assert sum(row["value"] for row in values[:28]) < sum(row["value"] for row in values[-29:-1])


async def test_weekends_are_quiet(seeded: "asyncpg.Connection[Any]") -> None:
    calm, busy = (
        await seeded.fetch(
            "select max(value) filter (where isodow > 5), min(value) filter (where isodow < 6) from"
            " (select value, extract(isodow from day) as isodow from usage_day u"
            " join organization o on o.id = organization_id and slug = 'acme'"
            " where metric = 'api_requests' and day between '2026-01-05' and '2026-03-29') d"
        )
    )[0]
    assert 0 < calm < busy


async def test_nothing_was_made_in_the_future(seeded: "asyncpg.Connection[Any]") -> None:
    columns = await seeded.fetch(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and column_name = any($1) and table_name <> 'tortoise_migrations'",
        ["created_at", "joined_at", "since", "at", "added_at", "granted_at", "issued_at", "paid_at", "removed_at"],
    )
    late = [
        (table, column)
        for table, column in columns
        if await seeded.fetchval(f'select exists (select from "{table}" where "{column}" > $1)', NOW)  # noqa: S608
    ]
    assert len(columns) > 20
    assert late == []


async def test_the_accounts_hold_the_roles_that_they_are_said_to(seeded: "asyncpg.Connection[Any]") -> None:
    for account in demo.accounts(SECRET):
        grants = await seeded.fetch(
            "select o.slug, u.name, array_agg(g.role order by g.role) as roles from api_key k"
            " join user_account u on u.id = k.user_id join role_grant g on g.user_id = u.id"
            " join organization o on o.id = g.organization_id"
            " where k.digest = $1 and u.email = $2 and (k.organization_id, k.permissions) is null group by 1, 2",
            api_keys.digest(account.api_key),
            account.email,
        )
        assert {row["slug"]: row["roles"] for row in grants} == {
            slug: sorted(roles) for slug, roles in account.roles.items()
        }
        assert {row["name"] for row in grants} == {account.name}


def test_accounts_depend_on_the_secret_alone() -> None:
    ours, theirs = demo.accounts(SECRET), demo.accounts(b"another")
    assert ours == demo.accounts(SECRET)
    assert not {one.api_key for one in ours} & {one.api_key for one in theirs}
    assert not {one.password for one in ours} & {one.password for one in theirs}
    assert len({one.password for one in ours}) == len(ours)
    assert all(api_keys.well_formed(one.api_key) for one in ours)
    assert ours[3].roles == {"acme": [Role.BILLING_MANAGER]}


async def test_a_second_seed_changes_nothing(seeded: "asyncpg.Connection[Any]") -> None:
    before = await dump(seeded)
    assert await demo.seeded(seeded)
    await demo.seed(seeded, now=NOW + timedelta(days=40), secret=SECRET)
    assert await dump(seeded) == before


async def test_the_same_moment_and_secret_give_the_same_rows(
    seeded: "asyncpg.Connection[Any]", create: Create, server_url: str
) -> None:
    async with connection(await create(await migrated(server_url))) as other:
        assert not await demo.seeded(other)
        await demo.seed(other, now=NOW, secret=SECRET)
        assert await dump(other) == await dump(seeded)


async def test_too_few_are_refused_and_nothing_is_seeded(empty: "asyncpg.Connection[Any]") -> None:
    with pytest.raises(ValueError, match="at least 20 members and 15 invoices"):
        await demo.seed(empty, now=NOW, secret=SECRET, members=19)
    assert not await demo.seeded(empty)
