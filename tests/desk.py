"""The desk behind a shop: what its worker does, and the papers that lie there."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from pypdf import PdfReader

from mailer.directory import Directory
from mailer.mail import Stationery
from mailer.post import Post
from models.loading import load
from purser.worker import RECURRING, Lane, Pace, handlers
from tests.accounts import FIRST
from tests.shop import Shop

LANES = {"gateway", "paper", "work"}


async def worked(shop: Shop) -> int:
    """Do all that is due about money and papers, as its worker does: how many jobs there were."""
    room = shop.home.server.room
    post = Post(room.sealer, Stationery("Purser <purser@purser.test>", room.public_url), Directory(Path("unused")))
    known = {
        kind: handler
        for kind, handler in handlers(room, post).items()
        if handler.lane in LANES and kind not in RECURRING
    }
    lane, done = Lane(known, shop.home.clock, Pace()), 0
    while await lane.one():
        done += 1
    return done


async def got(browser: AsyncClient, url: str, who: str | None = "clerk", **headers: str) -> Response:
    """What somebody gets at an address of ours."""
    signed = {"cookie": f"purser_session=session of {who}"} if who else {}
    return await browser.get(url, headers=signed | headers)


def read(content: bytes) -> str:
    """What stands in a PDF: its text in one line, and its metadata."""
    found = PdfReader(io.BytesIO(content))
    printed = " ".join(page.extract_text() for page in found.pages)
    return " ".join(f"{printed} {found.metadata} {found.xmp_metadata}".split())


async def named(shop: Shop, **names: str) -> None:
    """Give the company's billing profile."""
    usual: dict[str, Any] = {"name": "Acme Rockets", "email": "invoices@acme.test", "country": "DE"} | names
    await shop.home.execute("delete from billing_profile")
    await shop.home.execute(
        "insert into billing_profile (id, organization_id, name, email, address_lines, country)"
        " select gen_random_uuid(), id, $1, $2, '{1 Road}', $3 from organization where slug = 'acme-1'",
        usual["name"], usual["email"], usual["country"],
    )  # fmt: skip


async def credit(shop: Shop, amount: int, days: int) -> UUID:
    """A gift that expires in so many days, with its posting."""
    now, made, posting = shop.home.clock.now, shop.accounts.new(), shop.accounts.new()
    own = {"organization_id": FIRST}
    row = {"id": made, **own, "amount": amount, "remaining": amount, "currency": "EUR", "reason": "GOODWILL"}
    sides = [("PROMOTION", amount), ("CREDIT", -amount)]
    entries = [
        {"id": shop.accounts.new(), **own, "posting_id": posting, "position": place, "account": account}
        | {"amount": each, "currency": "EUR"}
        for place, (account, each) in enumerate(sides)
    ]
    booked = {"id": posting, **own, "kind": "CREDIT_GRANTED", "at": now, "credit_id": made}
    tables: dict[str, list[dict[str, Any]]] = {
        "credit": [row | {"granted_at": now, "expires_at": now + timedelta(days=days)}],
        "ledger_posting": [booked],
        "ledger_entry": entries,
    }
    await load(shop.home.ground.connection, tables)
    return made
