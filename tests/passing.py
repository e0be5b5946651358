"""Time that passes in a shop: as the sandbox's clock moves, from one instant at which something is due to the next."""

from datetime import UTC, datetime
from typing import Any

from billing import due, passing
from models.transactions import rows
from purser.clock import ALONG
from tests.shop import Shop

INVOICES = """
select number, status, total, amount_due, issued_at, due_at, paid_at, id, credit_applied from invoice
where organization_id = $1 order by issued_at, id
"""


async def until(shop: Shop, at: datetime) -> None:
    """Go there."""

    async def move(to: datetime) -> None:
        before, shop.home.clock.now = shop.home.clock.now, max(shop.home.clock.now, to)
        for statement in ALONG:
            await rows(f"{statement} returning id", shop.home.clock.now - before, before)

    await passing.go(shop.home.server.room, at, move)


async def later(shop: Shop, at: datetime) -> None:
    """A worker that slept wakes then."""
    shop.home.clock.now = at
    await due.work(shop.home.server.room)


async def invoices(shop: Shop) -> list[Any]:
    """All, in turn."""
    return await shop.rows(INVOICES)


async def mailed(shop: Shop) -> list[tuple[str, str]]:
    """Which letters went to whom."""
    return [(mail.message, mail.to) for mail in await shop.home.mails()]


async def letters(shop: Shop, to: str = "clerk@people.test") -> list[str]:
    """Which letters somebody was sent, in turn."""
    return [message for message, address in await mailed(shop) if address == to]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
