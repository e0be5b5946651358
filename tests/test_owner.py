"""A database with two roles: one owns the tables; the application's has no right to change the books."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from purser.commands import commands
from tests import cluster
from tests.rows import one_of_each


@dataclass(frozen=True)
class Shared:
    """One database, as each of the roles reaches it."""

    administrator: str
    owner: str
    application: str


def as_role(url: str, role: str) -> str:
    """The same database, as somebody else."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}").geturl()


@pytest.fixture
async def shared(server_url: str, database: str) -> AsyncIterator[Shared]:
    """An empty database of a role of its own, and another role."""
    owner, application = f"owner_{token_hex(4)}", f"application_{token_hex(4)}"
    name = urlsplit(database).path[1:]
    await cluster.execute(
        server_url,
        f"create role {owner} login",
        f"create role {application} login",
        f"alter database {name} owner to {owner}",
    )
    yield Shared(database, as_role(database, owner), as_role(database, application))
    await cluster.execute(database, f"drop owned by {owner}, {application} cascade")
    await cluster.execute(
        server_url, f"alter database {name} owner to current_user", f"drop role {owner}, {application}"
    )


async def asked(*command: str, url: str, owner: str | None = None) -> Result:
    """What a command answers on this database."""
    environment = {"PURSER_DATABASE_URL": url, "PURSER_SECRET_KEY": "s" * 32, "PURSER_DEMO": "1"}
    environment |= {"PURSER_DATABASE_OWNER_URL": owner} if owner else {}
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, command, env=environment))


@pytest.fixture
async def migrated(shared: Shared) -> Shared:
    """The same, migrated by its owner."""
    answer = await asked("migrate", url=shared.application, owner=shared.owner)
    assert answer.exit_code == 0, answer
    assert "Applied 0001_tables." in answer.output
    return shared


@pytest.mark.parametrize("table", ["ledger_posting", "ledger_entry"])
@pytest.mark.parametrize(
    "statement",
    [
        "update {} set organization_id = organization_id",
        "delete from {}",
        "truncate {} cascade",
        "alter table {} disable trigger user",
        "drop table {} cascade",
    ],
)
async def test_the_application_has_no_right_to_change_the_books(migrated: Shared, table: str, statement: str) -> None:
    async with cluster.connection(migrated.application) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table))


async def test_the_application_adds_to_the_books_and_changes_all_else(migrated: Shared) -> None:
    async with cluster.connection(migrated.application) as connection:
        await one_of_each(connection)
        assert await connection.fetchval("select count(*) from ledger_entry") == 2
        await connection.execute("update organization set name = 'Acme'; delete from job")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table other ()")


async def test_rights_are_given_again_and_a_second_migration_does_nothing(migrated: Shared) -> None:
    assert (await asked("migrate", url=migrated.application, owner=migrated.owner)).output == ""
    # A server that does not know the owner.
    assert (await asked("migrate", url=migrated.application)).output == ""
    assert (await asked("migrate", "--check", url=migrated.application)).exit_code == 0


async def test_the_demo_is_seeded_and_proved_by_the_application(migrated: Shared) -> None:
    answer = await asked("seed-demo", url=migrated.application, owner=migrated.owner)
    assert answer.exit_code == 0, answer
    assert (await asked("ledger", "check", url=migrated.application)).output.startswith("The books balance")


@pytest.mark.parametrize("who", ["owner", "administrator"])
async def test_a_role_that_may_change_the_books_anyway_is_refused(shared: Shared, who: str) -> None:
    answer = await asked("migrate", url=getattr(shared, who), owner=shared.owner)
    assert "may change the books" in str(answer.exception)


async def test_two_databases_are_refused(shared: Shared, server_url: str) -> None:
    answer = await asked("migrate", url=server_url, owner=shared.owner)
    assert "another database" in str(answer.exception)
