"""What the plans page costs inside the server, part by part, on a throwaway database with the demo in it.

CPU of this process a request, eight requests at once, rounds interleaved; the medians, and their ratio to the whole.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import orjson
from rich.console import Console
from rich.table import Table

from execution.documents import Document, judged
from execution.engine import Asked, Engine
from models.database import Database, connected
from models.migrate import migrate
from models.viewer import Viewer
from purser import demo
from purser.app import Ports, Server
from purser.auth import Authentication
from purser.embedded import throwaway
from schema.build import build

PAGE = """query { organization(slug: "acme") { name viewerRoles
  subscription { status seats { purchased used } plan { name
    prices { interval unitAmount { amount currency } } features { key limit } } }
  usage { metrics { key used limit } } paymentMethods { brand last4 isDefault }
  payments(first: 20) { nodes { amount { amount currency } status createdAt } pageInfo { hasNextPage endCursor } }
  invoices(first: 20) { nodes { number status total { amount currency }
    lines { description quantity amount { amount } } } }
  billingManagers { nodes { name email } } billingInvitations { nodes { email status expiresAt } } } }"""
SMALL = 'query { organization(slug: "acme") { name subscription { plan { name } } } }'
SECRET = b"a bench has no secrets"
ROUNDS, REQUESTS, AT_ONCE = 9, 40, 8

Ask = Callable[[], Awaitable[object]]


def now() -> datetime:
    """The clock of the demo."""
    return datetime.now(UTC)


async def cpu(ask: Ask) -> float:
    """Microseconds of this process a request."""
    began = time.process_time()
    for _ in range(REQUESTS // AT_ONCE):
        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / REQUESTS * 1e6


def questions(engine: Engine, authentication: Authentication, key: str, viewer: Viewer) -> dict[str, Ask]:
    """What is measured, the whole first."""

    async def whole(text: str) -> object:
        found = await authentication.viewer(key, "acme")
        return orjson.dumps((await engine.answer(Asked(text, {}), found)).body)

    async def anew() -> object:
        document: Document = judged(PAGE, engine.views.of(viewer.anywhere))
        return document

    return {
        "page: sign-in, execution, JSON": lambda: whole(PAGE),
        "page: execution alone": lambda: engine.answer(Asked(PAGE, {}), viewer),
        "page: parsing and validation, if nothing were kept": anew,
        "small query: sign-in, execution, JSON": lambda: whole(SMALL),
        "sign-in alone": lambda: authentication.viewer(key, "acme"),
    }


async def measured(database: Database, url: str) -> dict[str, float]:
    """The median of each question's rounds."""
    async with database.connection() as connection:
        await demo.seed(connection, now=now(), secret=SECRET)
    key = next(account.api_key for account in demo.accounts(SECRET) if account.email == "billing@acme.test")
    server = Server(build(), database, Ports(url, SECRET))
    engine, authentication = server.engine, server.authenticate
    asked = questions(engine, authentication, key, await authentication.viewer(key, "acme"))
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            taken[name].append(await cpu(ask))
    return {name: statistics.median(rounds) for name, rounds in taken.items()}


async def main() -> None:
    """Measure, and print a table."""
    with throwaway() as url:
        await migrate(url)
        async with connected(url) as database:
            found = await measured(database, url)
    table = Table("", "CPU, microseconds", "of the page")
    whole = next(iter(found.values()))
    for name, value in found.items():
        table.add_row(name, f"{value:,.0f}", f"{value / whole:.2f}")
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
