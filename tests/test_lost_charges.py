"""A gateway that lost its memory: what it had begun has failed, and nothing waits for it for ever."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from billing import due, settlement
from billing.gateways.gateway import ChargeStatus
from models import Payment
from tests.accounts import FIRST
from tests.sandboxes import Process, running
from tests.shop import Shop
from tests.shop import shop as opened
from tests.test_payment_events import charge
from tests.visitors import Ground


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Process]:
    """A sandbox of the test's own."""
    with running(tmp_path) as process:
        yield process


@pytest.fixture
async def shop(place: Ground, own: Process) -> AsyncIterator[Shop]:
    async with opened(place, own) as made:
        yield made


def reset(sandbox: Process) -> None:
    """It is stopped, its file is deleted, and it starts anew."""
    assert sandbox.stop() == 0
    files = [*sandbox.directory.rglob("state.sqlite*")]
    assert files
    for file in files:
        file.unlink()
    sandbox.start()


async def professional(shop: Shop) -> Any:
    return await shop.quote(planId=shop.plan("professional"), seats=10)


async def stands(shop: Shop) -> list[tuple[str, str | None]]:
    """Where the payments stand, and that no job waits for one of them."""
    jobs = "select 1 from job where organization_id = $1 and kind in ('settle_payment', 'release_payment')"
    assert await shop.rows(f"{jobs} and done_at is null") == []
    found = await shop.rows("select status, failure_code from payment where organization_id = $1 order by id")
    return [(row["status"], row["failure_code"]) for row in found]


@pytest.mark.parametrize(("token", "begun"), [("tok_processing", "PROCESSING"), ("tok_3ds", "REQUIRES_ACTION")])
async def test_a_charge_that_the_gateway_forgot_has_failed_and_the_quote_is_free(
    shop: Shop, token: str, begun: str
) -> None:
    await shop.card(token)
    done = await shop.apply(await professional(shop))
    assert done["payment"]["status"] == begun
    before = await shop.subscription()
    reset(shop.sandbox)
    shop.home.clock.go(hours=1)
    await shop.work()
    assert await stands(shop) == [("FAILED", "lost")]
    assert await shop.subscription() == before
    await shop.card()
    assert (await shop.buy_plan("professional", 10))["payment"]["status"] == "SUCCEEDED"


async def test_a_charge_that_turns_up_after_all_gives_the_money_back(shop: Shop) -> None:
    await shop.card("tok_3ds")
    await shop.apply(await professional(shop))
    reset(shop.sandbox)
    shop.home.clock.go(hours=1)
    await shop.work()
    payment = await Payment.get(organization_id=FIRST)
    told = charge(payment, ChargeStatus.SUCCEEDED)
    await settlement.record(shop.home.server.room, None, FIRST, None, payment.id, told)
    (row,) = await shop.rows("select status, amount = refunded_amount from payment where organization_id = $1")
    assert tuple(row) == ("REFUNDED", True)
    assert (await shop.subscription())["seats_purchased"] == 6


async def test_what_was_never_answered_is_asked_for_again_with_its_key(shop: Shop) -> None:  # case 83
    await shop.card("tok_timeout_after_success")
    done = await shop.apply(await professional(shop))
    assert done["payment"]["status"] == "PROCESSING"
    reset(shop.sandbox)
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert await stands(shop) == [("FAILED", "not_found")]  # the card went with it
    await shop.card()
    assert (await shop.apply(await professional(shop)))["payment"]["status"] == "SUCCEEDED"


async def test_a_renewal_whose_charge_was_lost_is_collected_from_the_next_card(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await shop.card("tok_processing")
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    await due.attend(shop.home.server.room, FIRST)
    reset(shop.sandbox)
    await shop.card(default=False)
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert await stands(shop) == [("SUCCEEDED", None), ("FAILED", "lost"), ("SUCCEEDED", None)]
    assert (await shop.subscription())["status"] == "ACTIVE"
