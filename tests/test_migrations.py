"""Migrations: up, down and up again over rows, alone and at once, to exactly the schema of the models."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector

import models
from models.database import APPS, config
from models.migrate import NOTHING, migrate, pending
from tests import catalogue, cluster
from tests.conftest import Create
from tests.rows import one_of_each

FILES = Path(models.__file__).with_name("migrations").glob("[0-9]*.py")
ALL = sorted(file.stem for file in FILES)


async def counted(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """How many rows each table has."""
    tables = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    names = [row["relname"] for row in tables if row["relname"] != catalogue.LIBRARY]
    return {name: len(await connection.fetch("table " + name)) for name in names}


async def test_migrations_go_up_and_down_over_rows_in_every_table(database: str) -> None:
    assert await pending(database) == ALL
    assert await migrate(database) == ALL
    assert await pending(database) == await migrate(database) == []
    async with cluster.connection(database) as connection:
        first = await catalogue.described(connection)
        await one_of_each(connection, tenant=1)
        await one_of_each(connection, tenant=2)
        assert min((await counted(connection)).values()) == 2, "tests/rows.py lacks a row for a new table"

        assert await migrate(database, target=ALL[0]) == ALL[:0:-1]
        assert await pending(database) == ALL[1:]
        old = await counted(connection)
        assert set(old.values()) == {2}
        assert await migrate(database) == ALL[1:]
        assert {name: count for name, count in (await counted(connection)).items() if count} == old
        assert await catalogue.described(connection) == first

        assert await migrate(database, target=NOTHING) == ALL[::-1]
        assert await counted(connection) == {}
        assert await catalogue.described(connection) == ""
        assert await migrate(database) == ALL
        assert set((await counted(connection)).values()) == {0}
        assert await catalogue.described(connection) == first


async def test_two_migrations_at_once_do_the_work_once(database: str) -> None:
    done = await asyncio.gather(migrate(database), migrate(database), migrate(database))
    assert sorted(done) == [[], [], ALL]


async def test_a_migration_that_fails_leaves_nothing_and_can_be_repeated(database: str) -> None:
    await migrate(database, target=ALL[2])
    async with cluster.connection(database) as connection:
        before = await catalogue.described(connection)
        await connection.execute("create view plan_in as select 1")  # the last thing that 0004_views makes
        with pytest.raises(Exception, match="plan_in"):
            await migrate(database)
        assert await pending(database) == ALL[3:]
        await connection.execute("drop view plan_in")
        assert await catalogue.described(connection) == before
        assert await migrate(database) == ALL[3:]


async def test_an_unknown_target_is_refused(database: str) -> None:
    with pytest.raises(ValueError, match="0000_nothing"):
        await migrate(database, target="0000_nothing")


async def test_the_models_need_no_migration_that_is_not_written() -> None:
    """A failure shows the migration that Tortoise would write."""
    async with TortoiseContext() as context:
        await context.init(config("postgresql://localhost/unused"), init_connections=False)
        assert context.apps is not None
        writers = await MigrationAutodetector(context.apps, APPS).changes()
    assert [writer.as_string() for writer in writers] == []


async def test_the_database_is_what_the_snapshot_says(server_url: str, create: Create) -> None:
    """`python -m tests.catalogue` writes the snapshot anew."""
    async with cluster.connection(await create(await cluster.migrated(server_url))) as connection:
        assert await catalogue.described(connection) == catalogue.SNAPSHOT.read_text(encoding="utf-8")


def test_migrations_name_no_code_that_lives_on() -> None:
    for file in Path(models.__file__).with_name("migrations").glob("*.py"):
        imports = [line for line in file.read_text().splitlines() if line.lstrip().startswith(("import ", "from "))]
        assert [line for line in imports if "models" in line] == [], file.name
