"""How the database is reached: URLs, connections made ready, and refusals that tell no password."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import pytest
from tortoise.transactions import in_transaction

import models
from models.database import DatabaseRefused, connected, credentials
from models.migrate import migrate, pending
from tests import cluster
from tests.conftest import Create
from tests.rows import THEN

PASSWORD = "correct-horse"  # noqa: S105  # nobody's
KEY = UUID(int=1)


@pytest.fixture
async def migrated(server_url: str, create: Create) -> str:
    """The URL of a database with every table."""
    return await create(await cluster.migrated(server_url))


async def test_connections_come_ready_for_rows_within_rows(migrated: str) -> None:
    async with connected(migrated) as opened:
        found = await opened.fetch(
            "select array[row(1, 'a')] as rows, current_setting('TimeZone') as zone,"
            " current_setting('application_name') as name",
            record_class=models.Organization.table.row,
        )
    assert isinstance(found[0], models.Organization.table.row)
    assert dict(found[0]) == {"rows": [(1, "a")], "zone": "UTC", "name": "purser"}


async def test_reads_see_what_their_transaction_wrote(migrated: str) -> None:
    async with connected(migrated) as opened:
        async with in_transaction() as transaction:
            await models.Organization.create(id=KEY, slug="acme", name="Acme", created_at=THEN)
            assert [row["id"] for row in await opened.fetch("select id from organization")] == [KEY]
            await transaction.rollback()
        assert not await opened.fetch("select from organization")


async def test_models_find_the_database_from_every_task(migrated: str) -> None:
    async def count() -> int:
        return await models.User.all().count()

    async with connected(migrated):
        assert await asyncio.create_task(count(), context=Context()) == 0


async def test_a_second_database_is_read_beside_the_one_of_the_models(migrated: str, create: Create) -> None:
    async with connected(migrated), connected(await create(), orm=False) as second:
        assert await second.fetch("select to_regclass('user_account') as found") == [(None,)]
        assert await models.User.all().count() == 0


async def test_a_socket_may_be_named_in_place_of_the_host(migrated: str) -> None:
    parts = urlsplit(migrated)
    directory = parse_qs(parts.query)["host"][0]
    url = f"postgresql://{parts.username}:{PASSWORD}@{quote(directory, safe='')}{parts.path}"
    async with connected(f"{url}?statement_cache_size=0") as opened, opened.connection() as connection:
        await connection.fetch("select 1")
        assert not await connection.fetch("select from pg_prepared_statements where statement = 'select 1'")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme",
        f"mysql://u:{PASSWORD}@h/d",
        f"postgresql://u:{PASSWORD}@h:port/d",
        f"postgresql://u:{PASSWORD}@[h/d",
        f"postgresql://u:{PASSWORD}\N{FULLWIDTH SOLIDUS}@h/d",
        f"postgresql://u:{PASSWORD}@h/d#f",
        f"postgresql://u:{PASSWORD}@h/d?statement_cache_size=few",
    ],
)
def test_a_wrong_url_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(ValueError, match="must be") as refused:
        credentials(url)
    assert PASSWORD not in str(refused.value)


def test_the_password_is_in_no_word_about_the_credentials() -> None:
    assert PASSWORD not in repr(credentials(f"postgresql://u:{PASSWORD}@h/d?password={PASSWORD}"))


@pytest.mark.parametrize("use", [migrate, pending])
async def test_a_database_that_is_not_there_is_refused_in_a_sentence(
    database: str, use: Callable[[str], Awaitable[object]]
) -> None:
    for url in (f"postgresql://u:{PASSWORD}@127.0.0.1:1/d", cluster.named(database, "nothing")):
        with pytest.raises(DatabaseRefused, match=r"^Cannot connect to the database: [^\n]+\.$") as refused:
            await use(url)
        assert PASSWORD not in str(refused.value)


async def test_an_old_postgresql_is_refused_in_a_sentence(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cluster.connection(database) as connection:
        runs = connection.get_server_version().major
    monkeypatch.setattr("models.database.OLDEST", runs + 1)
    with pytest.raises(DatabaseRefused, match=f"^PostgreSQL {runs + 1} or newer is needed; the database runs {runs}.$"):
        await migrate(database)
    with pytest.raises(DatabaseRefused):
        async with connected(database):
            pass
