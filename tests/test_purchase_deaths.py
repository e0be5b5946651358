"""Killed between any two steps of a purchase: in the end there is one charge, one invoice, and true books."""

import asyncio
import json
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import sandboxes
from tests.dying import KILLED
from tests.servers import ROOT
from tests.shop import APPLIED, Shop, query, shop
from tests.visitors import Ground

METHODS = "select gateway_reference from payment_method where organization_id = $1"
FEWEST = 20  # steps that a purchase has at least


@pytest.fixture(scope="module")
async def nursery() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.dying", cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    yield process
    assert process.stdin
    process.stdin.close()
    await process.wait()


async def dies(nursery: Process, opened: Shop, last: int, quote: Any) -> bool:
    """Buy in a process that is killed behind that step; whether it came to it."""
    assert nursery.stdin
    assert nursery.stdout
    order = {
        "url": opened.home.ground.url,
        "gateway": opened.sandbox.url,
        "last": last,
        "now": opened.home.clock.now.isoformat(),
        "cookie": "purser_session=session of clerk",
        "body": {
            "query": query("applyQuote", APPLIED),
            "variables": {"input": {"quoteId": quote["id"], "idempotencyKey": "one"}},
        },
    }
    nursery.stdin.write(f"{json.dumps(order)}\n".encode())
    code = int(await nursery.stdout.readline())
    assert code in {0, KILLED}
    return code == KILLED


def kept(opened: Shop) -> Path:
    """The gateway's own file."""
    (file,) = opened.sandbox.directory.rglob("state.sqlite")
    return file


async def taken(opened: Shop) -> list[int]:
    """What the gateway took by the cards of this shop, charge by charge."""
    methods = [row["gateway_reference"] for row in await opened.rows(METHODS)]
    with closing(sqlite3.connect(kept(opened))) as connection:
        marks = ", ".join("?" for _ in methods)
        found = connection.execute(
            f"select amount from charge where status = 'SUCCEEDED' and method in ({marks})",  # noqa: S608
            methods,
        )
        return [amount for (amount,) in found]


@pytest.mark.parametrize(("card", "stride"), [("tok_visa", 1), ("tok_timeout_after_success", 4), ("tok_declined", 4)])
async def test_killed_behind_any_step_it_is_one_charge_and_one_invoice(
    place: Ground, sandbox: sandboxes.Process, nursery: Process, card: str, stride: int
) -> None:  # case 83
    died, last = True, 1 - stride
    while died:
        last += stride
        async with shop(place, sandbox) as opened:
            await opened.card(card)
            quote = await opened.quote(planId=opened.plan("professional"), seats=10)
            died = await dies(nursery, opened, last, quote)
            opened.home.clock.go(minutes=1)
            await opened.work()
            done = await opened.apply(quote, idempotencyKey="one")
            opened.home.clock.go(minutes=1)
            await opened.work()
            declined = card == "tok_declined"
            assert await ends(opened) == (([], 0, 6) if declined else ([quote["dueNow"]["amount"]], 1, 10))
            assert bool(done["errors"]) == declined
    assert last > FEWEST


async def ends(opened: Shop) -> tuple[list[int], int, int]:
    """Charges, invoices, seats."""
    invoices = await opened.rows("select 1 from invoice where organization_id = $1")
    return await taken(opened), len(invoices), (await opened.subscription())["seats_purchased"]
