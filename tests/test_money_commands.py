"""An operator's commands about money, as processes on the demo: what is done, what is refused, and in which words."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import typer

from models.database import Connection
from purser.refund import exactly
from schema import ids
from tests import books, cluster, demos
from tests.conftest import Create
from tests.servers import run
from tests.test_cli import Done

OPEN = """
select id, number, transfer_reference, currency from invoice
where status = 'OPEN' and transfer_reference is not null
"""
PAID = "select id from payment where status = 'SUCCEEDED' and currency = 'EUR' order by created_at desc limit 1"
UNKNOWN = UUID(int=7)
NO_UTF8 = "\udcff"  # as a terminal gives the byte 255


@dataclass
class Office:
    """Where the operator works, and the database that he works on."""

    url: str
    connection: Connection

    async def do(self, *arguments: str) -> Done:
        settings = {"DATABASE_URL": self.url, "SECRET_KEY": demos.SECRET.decode(), "DEMO": "1"}
        done = await asyncio.to_thread(run, *arguments, **settings)
        return Done(done.returncode, done.stdout, done.stderr)

    async def done(self, *arguments: str) -> str:
        found = await self.do(*arguments)
        assert (found.code, found.err) == (0, "")
        return found.out.strip()

    async def refused(self, *arguments: str) -> str:
        """The one line, of what was not understood."""
        found = await self.do(*arguments)
        assert (found.code, found.out) == (2, "")
        return found.refusal


@pytest.fixture
async def office(create: Create, server_url: str) -> AsyncIterator[Office]:
    url = await create(await demos.seeded(server_url))
    async with cluster.connection(url) as connection:
        yield Office(url, connection)
        await books.balanced(connection)


async def booked(office: Office, reference: str, text: str, amount: str) -> str:
    return await office.done(
        "payments", "book", "--reference", reference, "--text", text, "--amount", amount, "--currency", "EUR"
    )


async def test_a_refund_is_asked_for_once_and_never_of_more_than_is_left(office: Office) -> None:  # case 89
    key = await office.connection.fetchval(PAID)
    paid = ids.write("pay", key)
    assert "goes back, as soon as a worker sees to it: re_" in await office.done("refund", paid, "--amount", "1.50")
    assert "So much is not left of it." in await office.refused("refund", paid, "--amount", "1e30")
    assert "is the id of no payment" in await office.refused("refund", ids.write("pay", UNKNOWN), "--all")
    assert [
        row[0] for row in await office.connection.fetch("select amount from refund where payment_id = $1", key)
    ] == [150]


@pytest.mark.parametrize("amount", ["1.005", "1e999999999", "much", "-1", "0", "NaN", "Infinity"])
def test_what_is_no_amount_is_told(amount: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"^{amount} is "):
        exactly(amount, "EUR")


async def test_a_transfer_is_booked_or_waits_and_is_matched(office: Office) -> None:  # case 90
    (row,) = await office.connection.fetch(OPEN)
    invoice = ids.write("inv", row["id"])
    assert await booked(office, "B-1", row["transfer_reference"], "1.00") == f"It pays invoice {row['number']}."
    assert await booked(office, "B-2", f"nobody's {NO_UTF8}", "1.00") == "It waits: see `payments unmatched`."
    assert "No transfer is called B-3" in await office.refused("payments", "match", "B-3", invoice)
    assert await office.done("payments", "match", "B-2", invoice) == f"It pays invoice {row['number']}."
    assert await office.connection.fetchval("select count(*) from bank_payment where bank_reference like 'B-_'") == 2


async def test_a_statement_is_imported_but_for_the_lines_that_are_wrong(office: Office, tmp_path: Path) -> None:
    (row,), file = await office.connection.fetch(OPEN), tmp_path / "statement.csv"
    head, good = "reference,text,amount,currency,date", f"B-1,{row['transfer_reference']},2.00,EUR,2026-03-30"
    file.write_text(f"{head}\n{good}\nB-2,x,2.001,EUR,2026-03-30\nB-3,x,2.00,EUR\nB-4,,2.00,EUR,2026-03-30\n")
    told = await office.do("payments", "import", str(file))
    assert (told.code, told.out) == (1, "Matched: 1. Unmatched: 1. Wrong: 2.\n")
    assert told.err == "Line 3: has a wrong amount, currency or date.\nLine 4: has 4 columns, not 5.\n"
    file.write_bytes(f"{head}\nB-5,,1.00,EUR,2026-03-30\n".encode() + b"\xff")
    assert "no CSV in UTF-8" in await office.refused("payments", "import", str(file))
    assert await office.connection.fetchval("select count(*) from bank_payment where bank_reference like 'B-_'") == 2
