"""The demo at a fixed time, as a template of databases."""

from datetime import UTC, datetime

from purser import demo
from tests import cluster

NOW = datetime(2026, 3, 30, 15, 42, 7, 250_000, UTC)
SECRET = b"a secret that is used in tests only"


async def seeded(server_url: str) -> str:
    """The template database that holds it."""
    return await cluster.prepared(server_url, "demo", fill, await cluster.migrated(server_url))


async def fill(url: str) -> None:
    async with cluster.connection(url) as connection:
        await demo.seed(connection, now=NOW, secret=SECRET)
