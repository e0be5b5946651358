"""Many who buy at once, round after round: `python -m tests.storm --attempts 10000` says what came of it."""

import argparse
import asyncio
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import cluster
from tests.sandboxes import running
from tests.shop import Shop, shop
from tests.visitors import ground

PLANS = ("basic", "professional", "enterprise")
EXPECTED = {None, "QUOTE_STALE", "PAYMENT_IN_PROGRESS", "IDEMPOTENCY_CONFLICT", "PAYMENT_DECLINED"}


async def storm(opened: Shop, attempts: int, chance: random.Random) -> Counter[str | None]:
    """So many attempts at once on a few quotes, under keys of which some are the same: how each ended."""
    quotes = [made for made in [await quoted(opened, chance) for _ in range(6)] if made]
    if not quotes:
        return Counter()
    keys = [f"key {chance.randrange(attempts)} {chance.random()}" for _ in range(max(attempts // 3, 1))]

    async def attempt(turn: int) -> str | None:
        key = chance.choice(keys) if turn % 2 else f"own {turn} {chance.random()}"
        done = await opened.apply(chance.choice(quotes), who=chance.choice(["clerk", "owner"]), idempotencyKey=key)
        return done["errors"][0]["code"] if done["errors"] else None

    return Counter(await asyncio.gather(*(attempt(turn) for turn in range(attempts))))


async def quoted(opened: Shop, chance: random.Random) -> Any:
    """A quote for more seats, fewer, another plan, a year, or the next period; none if there is no price for it."""
    given: dict[str, Any] = chance.choice(
        [
            {"seats": chance.randint(6, 60)},
            {"planId": opened.plan(chance.choice(PLANS)), "seats": chance.randint(6, 60)},
            {"interval": chance.choice(["MONTH", "YEAR"])},
            {"renew": True},
        ]
    )
    payload = await opened.do_quote(**given)
    return payload["quote"]


async def agree(opened: Shop) -> None:
    """What was paid is what was invoiced, once each; and nobody lost a seat."""
    payments = await opened.rows("select id, invoice_id, amount, status from payment where organization_id = $1")
    came = [row for row in payments if row["status"] == "SUCCEEDED"]
    invoices = await opened.rows("select id, total, credit_applied from invoice where organization_id = $1")
    owed = {row["id"]: row["total"] - row["credit_applied"] for row in invoices}
    assert {row["invoice_id"]: row["amount"] for row in came} == {key: due for key, due in owed.items() if due}
    assert len(came) == len({row["invoice_id"] for row in came})
    applied = await opened.rows("select due_now from quote where organization_id = $1 and status = 'APPLIED'")
    assert sum(row["due_now"] for row in applied) == sum(row["amount"] for row in came)
    assert not await opened.rows("select 1 from quote where organization_id = $1 and status = 'HELD'")
    row = await opened.subscription()
    assert row["seats_purchased"] >= row["seats_used"] + row["seats_reserved"]


async def rounds(attempts: int, at_once: int, seed: int) -> Counter[str | None]:
    """Storms in one shop until there were so many attempts; what was paid and booked is compared behind each."""
    chance, ended = random.Random(seed), Counter[str | None]()  # noqa: S311  # it must repeat itself
    with cluster.cluster() as server_url, TemporaryDirectory() as directory, running(Path(directory)) as sandbox:
        async with ground(server_url) as place, shop(place, sandbox) as opened:
            await opened.buy_plan("basic", 8)
            while ended.total() < attempts:
                ended += await storm(opened, at_once, chance)
                await agree(opened)
                opened.home.clock.go(minutes=1)
                await opened.work()
    return ended


def main() -> None:
    """Print how the attempts ended; an assertion says what did not hold."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--attempts", type=int, default=10_000)
    given.add_argument("--at-once", type=int, default=200)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    for outcome, count in asyncio.run(rounds(asked.attempts, asked.at_once, asked.seed)).most_common():
        print(f"{count:7} {outcome or 'bought'}")  # noqa: T201  # it is asked for


if __name__ == "__main__":
    main()
