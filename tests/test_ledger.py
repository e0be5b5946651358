"""The books are proved: what does not add up is found, row by row."""

# ruff: noqa: S608  # statements are made of our own names and values

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from billing.ledger import broken, check
from billing.ledger_laws import LAWS
from purser.commands import commands
from tests import cluster, demos
from tests.books import balanced
from tests.conftest import Create

Connection = asyncpg.Connection


def changed(table: str, change: str, where: str = "true") -> str:
    """A row of a table, always the same, that is changed."""
    return f"update {table} set {change} where id = (select id from {table} where {where} order by id limit 1)"


def side(account: str, kind: str, change: str = "amount = amount + 1") -> str:
    """An entry on an account, changed."""
    postings = f"select id from ledger_posting where kind = '{kind}'"
    return changed("ledger_entry", change, f"account = '{account}' and posting_id in ({postings})")


# A statement that breaks each law.
DAMAGE = {
    "posting sums to zero": side("CASH", "PAYMENT"),
    "posting has two sides": "delete from ledger_entry where posting_id = (select id from ledger_posting limit 1)",
    "posting is in the currency of what it is about": side("CASH", "PAYMENT", "currency = 'USD'"),
    "invoice is owed as booked": changed("invoice", "amount_due = 1", "status = 'OPEN'"),
    "invoice is nothing due when it is settled": changed("invoice", "amount_due = 1", "status = 'PAID'"),
    "invoice's subtotal is booked": side("REVENUE", "INVOICE_ISSUED"),
    "invoice's tax is booked": side("TAX", "INVOICE_ISSUED"),
    "invoice's lines sum to its subtotal": changed("invoice_line", "amount = amount - 1"),
    "invoice's tax lines sum to its tax": changed("tax_line", "amount = amount - 1"),
    "invoice's total is subtotal and tax": changed("invoice", "total = total + 1"),
    "invoice's credits are those used": changed("credit_use", "amount = amount - 1"),
    "credit's use is booked": side("CREDIT", "CREDIT_USED"),
    "credit's rest is booked": changed("credit", "remaining = remaining - 1", "remaining > 0"),
    "payment is booked": changed("payment", "status = 'PROCESSING'", "status = 'SUCCEEDED'"),
    "payment's refunds are what it says": changed("payment", "refunded_amount = 1"),
    "refund is booked": changed("refund", "status = 'PENDING'"),
    "credit note's subtotal is booked": changed("credit_note", "subtotal = subtotal + 1"),
    "credit note's tax is booked": changed("credit_note", "tax = tax - 1"),
    "credit note's total is subtotal and tax": changed("credit_note", "total = total - 1"),
    "invoice numbers have no gap": changed("invoice", "number = 'AR-99999'"),
    "credit note numbers have no gap": changed("document_counter", "credit_notes = 7"),
    "carried is never below zero": side("RECEIVABLE", "CREDIT_USED", "account = 'CARRIED'"),
    "seats suffice for who has one": changed("plan_subscription", "seats_purchased = seats_used - 1"),
}
# What the database would refuse.
CHECKS = {"invoice": "invoice_total_check", "plan_subscription": "plan_subscription_seats_check"}


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator["Connection[Any]"]:
    """The demo, where nothing refuses to be damaged."""
    async with cluster.created(server_url, await demos.seeded(server_url)) as url, cluster.connection(url) as made:
        for table, name in CHECKS.items():
            await made.execute(f"alter table {table} drop constraint {name}")
        await made.execute("set session_replication_role = replica")
        yield made


@pytest.fixture
async def damaged(filled: "Connection[Any]", law: str) -> AsyncIterator["Connection[Any]"]:
    """The same, damaged against a law; it is undone afterwards."""
    change = filled.transaction()
    await change.start()
    done = await filled.execute(DAMAGE[law])
    assert re.fullmatch(r"(UPDATE|DELETE) [1-9]\d*", done)
    yield filled
    await change.rollback()


@pytest.mark.parametrize("law", LAWS)
async def test_what_breaks_a_law_is_found(damaged: "Connection[Any]", law: str) -> None:
    findings = await broken(damaged, law)
    assert [finding.law for finding in findings] == [law]
    assert findings[0].expected != findings[0].found


def test_every_law_is_broken_above() -> None:
    assert DAMAGE.keys() == LAWS.keys()


async def test_a_number_that_is_there_twice_or_is_none_is_found(filled: "Connection[Any]") -> None:
    for number in ("AR-2", "AR", ""):
        change = filled.transaction()
        await change.start()
        await filled.execute(f"update invoice set number = '{number}' where number = 'AR-00001'")
        (finding,) = await broken(filled, "invoice numbers have no gap")
        assert (finding.expected, finding.id) == (15, None)
        assert finding.found < 15
        await change.rollback()


async def test_the_proof_counts_what_it_looked_at(filled: "Connection[Any]") -> None:
    await balanced(filled)
    counts = (await check(filled)).counts
    assert (counts["invoice"], counts["refund"], counts["credit_note"], counts["credit"]) == (17, 1, 1, 3)


async def asked(url: str, *arguments: str) -> Result:
    """What `python -m purser ledger` answers on this database."""
    environment = {"PURSER_DATABASE_URL": url, "PURSER_SECRET_KEY": "s" * 32}
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, ["ledger", *arguments], env=environment))


async def test_an_operator_hears_that_the_books_balance(create: Create, server_url: str) -> None:
    answer = await asked(await create(await demos.seeded(server_url)), "check")
    assert answer.exit_code == 0
    assert re.fullmatch(r"The books balance: \d+ postings, 17 invoices, .*, 1 credit notes\.\n", answer.output)


async def test_an_operator_hears_what_is_wrong_by_keys_and_amounts(create: Create, server_url: str) -> None:
    url = await create(await demos.seeded(server_url))
    damage = "update invoice set amount_due = 1 where number = 'AR-00001'"
    await cluster.execute(url, damage)
    async with cluster.connection(url) as connection:
        invoice = await connection.fetchrow("select id, organization_id from invoice where number = 'AR-00001'")
    answer = await asked(url, "check")
    assert answer.exit_code == 1
    assert invoice
    assert answer.output == (
        "Broken: invoice is nothing due when it is settled."
        f" Organization {invoice['organization_id']}, row {invoice['id']}: expected 0, found 1.\n"
    )


async def test_empty_books_balance(create: Create, server_url: str) -> None:
    answer = await asked(await create(await cluster.migrated(server_url)), "check")
    assert (answer.exit_code, answer.output[:31]) == (0, "The books balance: 0 postings, ")
