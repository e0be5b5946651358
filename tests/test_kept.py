"""What was booked or issued does not change, whoever tries: the database refuses."""

# ruff: noqa: S608  # statements are made of our own names and values

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests import cluster
from tests.rows import one_of_each
from tests.wrong_rows import NEW, again

Connection = asyncpg.Connection
BOOKS = "the ledger is append-only"
ISSUED = "an issued invoice does not change"
DOCUMENT = "a document does not change"
UNBALANCED = "a posting sums to zero"
KEPT = {
    BOOKS: (
        "update ledger_posting set at = now()",
        "update ledger_entry set amount = amount + 1",
        "update ledger_entry set account = 'CASH'",
        "delete from ledger_entry",
        "delete from ledger_posting",
    ),
    ISSUED: (
        "update invoice set subtotal = subtotal + 1, total = total + 1",
        "update invoice set tax = tax + 1, total = total + 1",
        "update invoice set credit_applied = 1",
        "update invoice set number = '2'",
        "update invoice set number = null, status = 'DRAFT'",
        "update invoice set currency = 'USD'",
        "update invoice set issued_at = now()",
        "update invoice set due_at = now()",
        "update invoice set purchase_order = 'PO'",
        "update invoice set transfer_reference = 'RF18'",
        "update invoice set requested_as = 'ADMIN'",
        """update invoice set document = '{"seller": "Acme"}'""",
        "delete from invoice",
        "update invoice_line set amount = amount + 1",
        "update invoice_line set quantity = 2",
        "update tax_line set amount = amount + 1",
        "update tax_line set name = 'Tax'",
        "delete from invoice_line",
        "delete from tax_line",
    ),
    DOCUMENT: (
        "update credit_note set total = total + 1",
        "delete from credit_note",
        "update rendered_document set content = 'PDF'",
        "delete from rendered_document",
    ),
}
REFUSED = [(statement, message) for message, statements in KEPT.items() for statement in statements]
# Only how an invoice is paid may change.
PAYING = {
    "paid": "update invoice set status = 'PAID', amount_due = 0, paid_at = now()",
    "void": "update invoice set status = 'VOID', amount_due = 0, voided_at = now()",
    "reminded": "update invoice set reminded_at = now()",
}


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator["Connection[Any]"]:
    """A database with a row in every table; the invoice is issued."""
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, cluster.connection(url) as made:
        await one_of_each(made)
        yield made


@pytest.fixture
async def database(filled: "Connection[Any]") -> AsyncIterator["Connection[Any]"]:
    """The same; what a test does to it is undone."""
    change = filled.transaction()
    await change.start()
    yield filled
    await change.rollback()


async def refused(database: "Connection[Any]", statement: str, message: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=message):
        await database.execute(statement)


@pytest.mark.parametrize(("statement", "message"), REFUSED)
async def test_what_was_booked_or_issued_stays(database: "Connection[Any]", statement: str, message: str) -> None:
    await refused(database, statement, message)


@pytest.mark.parametrize("what", PAYING)
async def test_how_an_issued_invoice_is_paid_may_change(database: "Connection[Any]", what: str) -> None:
    assert await database.execute(PAYING[what]) == "UPDATE 1"


async def drafted(database: "Connection[Any]") -> None:
    """A draft like the issued invoice, with a line and tax."""
    await database.execute(again("invoice", status="DRAFT", number=None))
    for table in ("invoice_line", "tax_line"):
        await database.execute(again(table, invoice_id=NEW))


@pytest.mark.parametrize("table", ["invoice_line", "tax_line"])
async def test_parts_of_a_draft_change_and_go(database: "Connection[Any]", table: str) -> None:
    await drafted(database)
    assert await database.execute(f"update {table} set amount = 7 where id = '{NEW}'") == "UPDATE 1"
    assert await database.execute(f"delete from {table} where id = '{NEW}'") == "DELETE 1"


async def test_a_draft_changes_and_is_issued_and_stays_then(database: "Connection[Any]") -> None:
    await drafted(database)
    await database.execute(f"update invoice set subtotal = 1100, total = 1400 where id = '{NEW}'")
    await database.execute(f"update invoice set status = 'OPEN', number = '2' where id = '{NEW}'")
    await refused(database, f"update invoice set subtotal = 1200, total = 1500 where id = '{NEW}'", ISSUED)


async def test_a_draft_goes(database: "Connection[Any]") -> None:
    await drafted(database)
    for table in ("invoice_line", "tax_line", "invoice"):
        assert await database.execute(f"delete from {table} where id = '{NEW}'") == "DELETE 1"


async def booked(database: "Connection[Any]", *sides: tuple[int, str]) -> None:
    """A posting with these amounts, looked at as the commit looks."""
    await database.execute(again("ledger_posting"))
    for position, (amount, currency) in enumerate(sides, 1):
        side = {"id": UUID(int=NEW.int + position), "posting_id": NEW, "position": position, "currency": currency}
        await database.execute(again("ledger_entry", **side, amount=amount))
    await database.execute("set constraints all immediate")


async def test_what_sums_to_zero_is_booked(database: "Connection[Any]") -> None:
    await booked(database, (700, "EUR"), (-500, "EUR"), (-200, "EUR"))


@pytest.mark.parametrize(
    "sides",
    [((700, "EUR"),), ((700, "EUR"), (-699, "EUR")), ((700, "EUR"), (-700, "USD"))],
    ids=["one side", "a cent is missing", "two currencies"],
)
async def test_what_does_not_sum_to_zero_is_not_booked(
    database: "Connection[Any]", sides: tuple[tuple[int, str], ...]
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=UNBALANCED):
        await booked(database, *sides)


async def test_a_side_added_to_what_was_booked_has_to_balance_too(database: "Connection[Any]") -> None:
    await database.execute(again("ledger_entry", position=3))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=UNBALANCED):
        await database.execute("set constraints all immediate")
