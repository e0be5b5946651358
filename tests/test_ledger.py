"""The books are proved: what does not add up is found, row by row."""

import asyncio

from typer.testing import CliRunner, Result

from purser.commands import commands
from tests import cluster
from tests.books import balanced
from tests.conftest import Create


async def asked(url: str, *arguments: str) -> Result:
    """What `python -m purser ledger` answers on this database."""
    environment = {"PURSER_DATABASE_URL": url, "PURSER_SECRET_KEY": "s" * 32}
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, ["ledger", *arguments], env=environment))


async def test_empty_books_balance(create: Create, server_url: str) -> None:
    url = await create(await cluster.migrated(server_url))
    async with cluster.connection(url) as connection:
        await balanced(connection)
    answer = await asked(url, "check")
    assert answer.exit_code == 0
    assert answer.output == (
        "The books balance: 0 postings, 0 invoices, 0 payments, 0 refunds, 0 credits, 0 credit notes.\n"
    )
