"""The demo: two companies that look real, around the time of seeding, and accounts to look at them with."""

from collections.abc import Callable, Iterator
from datetime import datetime

from models.database import Connection
from models.loading import load
from purser.demo import acme, globex
from purser.demo.accounts import Account, accounts, derived
from purser.demo.acme_invoices import FEWEST
from purser.demo.book import Book
from purser.demo.catalogue import catalogue
from purser.demo.people import sign_ups

__all__ = ["Account", "accounts", "seed", "seeded"]

LOCK = int.from_bytes(b"demo")
FEWEST_MEMBERS = 20

Progress = Callable[[str, int, int], None]


async def seeded(connection: Connection) -> bool:
    """Whether the demo is there already."""
    return bool(await connection.fetchval("select exists (select from organization where slug = 'acme')"))


async def seed(
    connection: Connection,
    *,
    now: datetime,
    secret: bytes,
    members: int = 60,
    invoices: int = FEWEST,
    progress: Progress | None = None,
) -> None:
    """Add the demo in one transaction, unless it is there: the same for the same `now` and secret.

    `members` and `invoices` are Acme's. `progress` is told what was added, how many of it, and of how many. Raises
    ValueError for fewer than 20 members or 15 invoices.
    """
    if members < FEWEST_MEMBERS or invoices < FEWEST:
        raise ValueError(f"The demo needs at least {FEWEST_MEMBERS} members and {FEWEST} invoices")
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        if await seeded(connection):
            return
        book = Book(now, derived(secret, "rows", now.isoformat()))
        for what, count, of in told(book, secret, members, invoices):
            await load(connection, book.take())
            if progress:
                progress(what, count, of)
        await connection.execute("analyze")


def told(book: Book, secret: bytes, members: int, invoices: int) -> Iterator[tuple[str, int, int]]:
    """Fill the book; gives what was added after each batch, which the taker takes."""
    plans = catalogue(book)
    users = sign_ups(book, secret)
    yield from acme.tell(book, secret, plans, users, members, invoices)
    globex.tell(book, plans, users)
    yield "organizations", 2, 2
