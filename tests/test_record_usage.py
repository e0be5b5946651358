"""What the product reports: added up or standing, by day in UTC, each report once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.company import ACME, OTHER, Company
from tests.visitors import START

DAYS = "select metric, day::text, value from usage_day where organization_id = $1 and day > '2026-05-01' order by 1, 2"
USED = """
query($id: ID!) { node(id: $id) { ... on Organization {
  usage(from: "2026-06-01", to: "2026-06-30") { metrics { key used series { date value } } }
} } }
"""
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def meter(acme: Company) -> str:
    """The product's key."""
    given = {"name": "meter", "organizationId": ACME, "permissions": ["RECORD_USAGE"]}
    return str((await acme.done("owner", "createApiKey", "secret", **given))["secret"])


def report(metric: str = "api_requests", quantity: Any = 5, at: datetime = START, **further: Any) -> dict[str, Any]:
    when = at.isoformat()
    return {"organizationId": ACME, "metric": metric, "quantity": quantity, "at": when} | further


async def days(acme: Company) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in await acme.rows(DAYS)]


async def test_requests_add_up_and_storage_stands(acme: Company, meter: str) -> None:
    for quantity in (5, 7):
        await acme.done(meter, "recordUsage", **report("api_requests", quantity))
        await acme.done(meter, "recordUsage", **report("storage", quantity))
    assert await days(acme) == [("api_requests", "2026-06-15", 12), ("storage", "2026-06-15", 7)]
    await acme.home.execute("update plan_feature set key = 'api_requests', limit_value = 10")
    shown = (await acme.ask("clerk", USED, id=ACME))["node"]["usage"]["metrics"]
    (requests,) = (one for one in shown if one["key"] == "api_requests")
    assert requests == {"key": "api_requests", "used": 12, "series": [{"date": "2026-06-15", "value": 12}]}


async def test_a_report_counts_for_the_day_of_its_instant_in_utc(acme: Company, meter: str) -> None:
    for at in ("2026-06-14T23:59:59.999999Z", "2026-06-15T01:00:00+02:00", "2026-06-14T20:00:00-04:00"):
        await acme.done(meter, "recordUsage", **report() | {"at": at})
    assert await days(acme) == [("api_requests", "2026-06-14", 10), ("api_requests", "2026-06-15", 5)]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"metric": "seats"}, "metric"),
        ({"metric": "projects"}, "metric"),
        ({"metric": ""}, "metric"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 10**13 + 1}, "quantity"),
        ({"at": (START - timedelta(days=31) - MICROSECOND).isoformat()}, "at"),
        ({"at": (START + timedelta(minutes=5) + MICROSECOND).isoformat()}, "at"),
    ],
)
async def test_what_cannot_be_is_refused(acme: Company, meter: str, given: dict[str, Any], path: str) -> None:
    payload = await acme.do(meter, "recordUsage", **report() | given)
    assert payload["errors"] == [{"code": "INVALID_INPUT", "path": [path]}]
    assert await days(acme) == []


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"quantity": 0}, 0),
        ({"quantity": 10**13}, 10**13),
        ({"at": (START - timedelta(days=31)).isoformat()}, 5),
        ({"at": (START + timedelta(minutes=5)).isoformat()}, 5),
    ],
)
async def test_what_just_can_be_is_counted(acme: Company, meter: str, given: dict[str, Any], value: int) -> None:
    await acme.done(meter, "recordUsage", **report() | given)
    assert [one[2] for one in await days(acme)] == [value]


async def test_a_day_stays_a_number_that_readers_keep_exact(acme: Company, meter: str) -> None:
    await acme.done(meter, "recordUsage", **report(quantity=10**13))
    assert await acme.codes(meter, "recordUsage", **report(quantity=1)) == ["INVALID_INPUT"]
    assert [one[2] for one in await days(acme)] == [10**13]
    assert 366 * 10**13 < 2**53


async def test_a_report_is_counted_once_however_late_it_comes_again(acme: Company, meter: str) -> None:
    at = START + timedelta(minutes=5)
    asked = report(at=at, idempotencyKey="of the meter")
    await acme.done(meter, "recordUsage", **asked)
    for later in (timedelta(hours=25), timedelta(days=20), timedelta(days=31)):
        acme.home.clock.now = START + later
        await acme.done(meter, "recordUsage", **asked)
    acme.home.clock.now = at + timedelta(days=31)
    await acme.done(meter, "recordUsage", **asked)
    acme.home.clock.now += timedelta(minutes=10)  # now it is forgotten, and too old
    assert await acme.codes(meter, "recordUsage", **asked) == ["INVALID_INPUT"]
    assert [one[2] for one in await days(acme)] == [5]


async def test_a_key_of_another_report_is_a_conflict(acme: Company, meter: str) -> None:
    await acme.done(meter, "recordUsage", **report(idempotencyKey="one"))
    changed = report(quantity=6, idempotencyKey="one")
    assert await acme.codes(meter, "recordUsage", **changed) == ["IDEMPOTENCY_CONFLICT"]
    assert [one[2] for one in await days(acme)] == [5]


async def test_reports_at_once_are_all_counted_and_repeats_are_not(acme: Company, meter: str) -> None:
    asked = [report(quantity=1, idempotencyKey=f"report {n % 8}") for n in range(24)]
    answers = await asyncio.gather(*(acme.do(meter, "recordUsage", **one) for one in asked))
    assert answers == [{"errors": []}] * 24
    assert [one[2] for one in await days(acme)] == [8]


async def test_a_report_takes_few_statements(acme: Company, meter: str) -> None:
    await acme.done(meter, "recordUsage", **report())
    statements = acme.home.ground.statements
    statements.clear()
    await acme.done(meter, "recordUsage", **report())
    await asyncio.sleep(0)
    asked = [one for one in statements if not one.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 6, asked


async def test_only_the_own_organization_is_reported_for(acme: Company, meter: str) -> None:
    assert await acme.codes(meter, "recordUsage", **report(organizationId=OTHER)) == ["NOT_FOUND"]
    assert await acme.codes(meter, "recordUsage", **report(organizationId="acme")) == ["NOT_FOUND"]
