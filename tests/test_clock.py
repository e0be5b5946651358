"""The sandbox's clock, moved by mutation: by whom it concerns, forward only, to where it was to go."""

from calendar import monthrange
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from models.transactions import rows
from purser.clock import ALONG
from tests.company import Company, company, mutation
from tests.visitors import START, Ground
from tests.visitors import Clock as Hands

ADVANCE = "advanceSandboxClock"
FIELDS = '{ __type(name: "Mutation") { fields { name } } }'


class Killed(Exception):  # noqa: N818  # it is none
    """In the middle of it."""


class Mover:
    """Moves a test's clock, and dies when told to."""

    def __init__(self, hands: Hands) -> None:
        self.hands, self.stops, self.dies_at = hands, list[datetime](), 0

    async def __call__(self, to: datetime) -> None:
        self.stops.append(to)
        if len(self.stops) == self.dies_at:
            raise Killed
        before, self.hands.now = self.hands.now, max(self.hands.now, to)
        for statement in ALONG:
            await rows(f"{statement} returning id", self.hands.now - before, before)


@pytest.fixture
def mover() -> Mover:
    return Mover(Hands())


@pytest.fixture
async def acme(place: Ground, mover: Mover) -> AsyncIterator[Company]:
    async with company(place, clock=mover.hands, move=mover) as founded:
        yield founded


@pytest.mark.parametrize(
    ("given", "then"), [({"by": "P13M"}, "2027-07-15"), ({"to": "2026-07-01T00:00:00Z"}, "2026-07-01")]
)
async def test_who_may_change_a_plan_moves_the_clock(acme: Company, given: dict[str, str], then: str) -> None:
    for who in ("clerk", "owner", "admin"):
        payload = await acme.done(who, ADVANCE, "now", **given) if who == "clerk" else {"now": then}
        assert payload["now"].startswith(then)
    assert acme.home.clock.now.isoformat().startswith(then)


async def test_for_others_and_without_the_sandbox_it_does_not_exist(acme: Company, place: Ground) -> None:
    typo = await acme.post("member", mutation(ADVANCE), input={"by": "P1D", "idempotencyKey": "a"})
    assert {error["extensions"]["code"] for error in typo["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    for who, there in (("member", False), ("stranger", False), ("clerk", True), ("owner", True)):
        found = (await acme.ask(who, FIELDS))["__type"]
        assert (ADVANCE in [one["name"] for one in found["fields"]]) == there
    async with company(place) as real:
        assert ADVANCE not in str(await real.ask("owner", FIELDS))
        assert await real.refused("owner", mutation(ADVANCE), input={"by": "P1D", "idempotencyKey": "a"}) == {
            "GRAPHQL_VALIDATION_FAILED"
        }


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "by"),
        ({"by": "P1D", "to": "2026-07-01T00:00:00Z"}, "by"),
        ({"by": "tomorrow"}, "by"),
        ({"by": "P9999Y"}, "by"),
        ({"by": "P36MT1S"}, "by"),
        ({"to": "2026-06-15T11:59:59Z"}, "to"),
        ({"to": "2029-06-15T12:00:01Z"}, "to"),
    ],
)
async def test_what_is_no_time_to_go_to_is_refused(acme: Company, given: dict[str, str], path: str) -> None:
    payload = await acme.do("clerk", ADVANCE, **given)
    assert payload["errors"] == [{"code": "INVALID_INPUT", "path": [path]}]
    assert acme.home.clock.now == START


async def test_the_same_key_goes_to_the_same_instant(acme: Company) -> None:
    first = await acme.done("clerk", ADVANCE, "now", by="P1M", idempotencyKey="one")
    assert await acme.done("clerk", ADVANCE, "now", by="P1M", idempotencyKey="one") == first
    assert await acme.codes("clerk", ADVANCE, by="P2M", idempotencyKey="one") == ["IDEMPOTENCY_CONFLICT"]


async def test_killed_on_the_way_it_goes_on(acme: Company, mover: Mover) -> None:
    mover.dies_at = 3
    body = await acme.post("clerk", mutation(ADVANCE, "now"), input={"by": "P6M", "idempotencyKey": "one"})
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert START < acme.home.clock.now < START + timedelta(days=150)
    done = await acme.done("clerk", ADVANCE, "now", by="P6M", idempotencyKey="one")
    assert done["now"] == "2026-12-15T12:00:00Z"
    assert mover.stops[2:] == sorted(mover.stops[2:])


async def test_it_stops_wherever_something_is_due(acme: Company, mover: Mover) -> None:
    await acme.home.execute("update price set unit_amount = 0")  # what is free goes on by itself
    await acme.done("clerk", ADVANCE, by="P13M")
    (ended,) = await acme.rows("select current_period_start from plan_subscription where organization_id = $1")
    assert ended["current_period_start"] == datetime(2027, 6, 30, 12, tzinfo=UTC)
    months = [(2026, month) for month in range(6, 13)] + [(2027, month) for month in range(1, 7)]
    last = {month: monthrange(*month)[1] for month in months}
    assert {datetime(*month, day, 12, tzinfo=UTC) for month, day in last.items()} <= set(mover.stops)
    assert mover.stops == sorted(mover.stops)
